//! Reads one segment's bytes and judges where its records end.
//!
//! Three verdicts: clean, torn (the last group never was synced, so nobody was told of it) and
//! corrupt (something that was synced cannot be read). A torn group is only believed when later
//! bytes prove nothing to the contrary; in doubt the verdict is corrupt, and the log refuses to open.
//!
//! A torn group is mended by zeros from its beginning on, and that write may be torn as well: of its sectors some
//! arrive and some do not. So whatever proves that a group is torn must still be there, or be replaced by another
//! proof, when any of its sectors have become zeros.

use super::record::{self, Found, Kind, OVERHEAD};
use super::segment::{self, SEGMENT_HEAD};

const SECTOR: usize = 512;
/// The length of a group record, which is zero.
const HEAD_ZEROS: usize = 4;

/// How a segment ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Only zeros follow the last record.
    Clean,
    /// The group that begins at `group` is incomplete.
    Torn { group: usize },
    /// A record that was synced is damaged at this offset.
    Corrupt { at: usize, why: &'static str },
}

/// The readable records of a segment.
#[derive(Debug)]
pub(crate) struct Scan {
    /// Offset and record, groups left out.
    pub(crate) records: Vec<(usize, Found)>,
    /// Where the readable records end.
    pub(crate) end: usize,
    /// Where the last group begins, if there is any: the one that may not be durable yet.
    pub(crate) group: Option<usize>,
    /// One past the last byte that is not zero.
    pub(crate) written: usize,
    pub(crate) verdict: Verdict,
}

/// Judges segment `sequence`, whose whole file is `bytes`.
pub(crate) fn scan(bytes: &[u8], sequence: u64) -> Scan {
    let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let (end, verdict) = (SEGMENT_HEAD, Verdict::Clean);
    let mut scan = Scan { records: Vec::new(), end, group: None, written, verdict };
    if bytes.get(..SEGMENT_HEAD) != Some(&segment::head(sequence)[..]) {
        scan.verdict = Verdict::Corrupt { at: 0, why: "segment head" };
        return scan;
    }
    let mut group = SEGMENT_HEAD;
    let mut group_end = SEGMENT_HEAD;
    loop {
        let at = scan.end;
        if at >= written {
            if at < group_end {
                scan.verdict = Verdict::Torn { group };
            }
            return scan;
        }
        let problem = match record::parse(bytes, at) {
            // A group has no payload of its own: one that claims to would be mended into something else.
            Ok(found) if found.kind == Kind::Group && found.payload.is_empty() && at >= group_end => {
                group = at;
                scan.group = Some(at);
                scan.end += found.size();
                group_end = scan.end.saturating_add(usize::try_from(found.at.index).unwrap_or(usize::MAX));
                continue;
            }
            Ok(found) if found.kind != Kind::Group && at + found.size() <= group_end => {
                scan.end += found.size();
                scan.records.push((at, found));
                continue;
            }
            Ok(_) => "record outside its group",
            Err(why) => why,
        };
        scan.verdict = if is_torn(bytes, at, group_end, written) {
            Verdict::Torn { group: if at < group_end { group } else { at } }
        } else {
            Verdict::Corrupt { at, why: problem }
        };
        return scan;
    }
}

fn is_torn(bytes: &[u8], at: usize, group_end: usize, written: usize) -> bool {
    if at < group_end {
        is_torn_inside(bytes, at, group_end, written)
    } else {
        is_torn_before(bytes, at, written)
    }
}

/// A bad record inside a group whose own head is intact.
fn is_torn_inside(bytes: &[u8], at: usize, group_end: usize, written: usize) -> bool {
    if written > group_end {
        // Another group was begun after this one, so this one had been synced.
        return false;
    }
    // A group ends in the seal of its last record, whose last byte is not zero and does not become so by a flipped bit:
    // here the end never arrived, or zeros have taken its place. What any record says of its own length proves less:
    // it may be gone already while the bytes behind it are still there.
    written < group_end || has_lost_sector(bytes, at, group_end.min(bytes.len()))
}

/// A bad group head: its sector or its end never reached the disk.
fn is_torn_before(bytes: &[u8], at: usize, written: usize) -> bool {
    if written < at + OVERHEAD {
        return true;
    }
    let sector_end = (at / SECTOR + 1) * SECTOR;
    // A group's head begins with zeros: a sector that holds no more of it than those proves nothing by them.
    let first_lost = sector_end - at > HEAD_ZEROS && is_zero(bytes, at, sector_end);
    let second_lost = at + OVERHEAD > sector_end && is_zero(bytes, sector_end, sector_end + SECTOR);
    (first_lost || second_lost) && !(at + 1..written).any(|offset| is_group(bytes, offset))
}

fn is_group(bytes: &[u8], offset: usize) -> bool {
    // The length of a group record is zero and its kind one: eight fixed bytes to look for first.
    bytes.get(offset..offset + 8) == Some(&[0, 0, 0, 0, 1, 0, 0, 0])
        && record::parse(bytes, offset).is_ok_and(|found| found.kind == Kind::Group)
}

/// Whether a whole sector between `from` and `to` still holds the zeros it was created with.
fn has_lost_sector(bytes: &[u8], from: usize, to: usize) -> bool {
    let mut sector = from / SECTOR * SECTOR;
    while sector < to {
        let start = sector.max(from);
        let end = (sector + SECTOR).min(to);
        // A few bytes at either edge may be zero by chance; only a full sector proves something.
        if end - start == SECTOR && is_zero(bytes, start, end) {
            return true;
        }
        sector += SECTOR;
    }
    false
}

fn is_zero(bytes: &[u8], from: usize, to: usize) -> bool {
    bytes.get(from..to.min(bytes.len())).is_some_and(|range| range.iter().all(|byte| *byte == 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wal::record::{Position, push};

    /// A segment of two groups: one entry, then two; returns it with the offsets of all five records.
    fn segment_bytes(payload: usize) -> (Vec<u8>, Vec<usize>) {
        groups(&[&[payload], &[payload, payload]])
    }

    /// A segment of groups with payloads of these sizes, and the offsets of all records.
    fn groups(sizes: &[&[usize]]) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = segment::head(1).to_vec();
        let mut offsets = Vec::new();
        let mut index = 0;
        for group in sizes {
            let mut body = Vec::new();
            let mut inner = Vec::new();
            for payload in *group {
                inner.push(body.len());
                push(&mut body, Kind::Entry, Position { term: 1, node: 1, index }, &vec![7; *payload]);
                index += 1;
            }
            offsets.push(bytes.len());
            push(&mut bytes, Kind::Group, Position { index: body.len() as u64, ..Position::default() }, b"");
            offsets.extend(inner.iter().map(|offset| offset + bytes.len()));
            bytes.extend_from_slice(&body);
        }
        bytes.resize(bytes.len() + 8192, 0);
        (bytes, offsets)
    }

    #[test]
    fn whole_groups_are_clean() {
        let (bytes, _) = segment_bytes(100);
        let scan = scan(&bytes, 1);
        assert_eq!((scan.verdict, scan.records.len()), (Verdict::Clean, 3));
    }

    #[test]
    fn every_cut_of_the_last_group_is_torn_or_clean() {
        let (bytes, offsets) = segment_bytes(700);
        let end = scan(&bytes, 1).written;
        for cut in offsets[2]..end {
            let mut torn = bytes.clone();
            torn[cut..].fill(0);
            let scan = scan(&torn, 1);
            // The first four bytes of a group's head are zero anyway.
            let expected =
                if cut <= offsets[2] + 4 { Verdict::Clean } else { Verdict::Torn { group: offsets[2] } };
            assert_eq!(scan.verdict, expected, "cut at {cut}");
        }
    }

    #[test]
    fn every_flipped_byte_is_corrupt() {
        // The last group's head across the edge of a sector, too.
        for payload in [300, 370, 380, 396, 397, 398, 399, 400] {
            let (bytes, _) = segment_bytes(payload);
            let end = scan(&bytes, 1).written;
            for offset in 0..end {
                let mut damaged = bytes.clone();
                damaged[offset] ^= 0x40;
                let verdict = scan(&damaged, 1).verdict;
                assert!(matches!(verdict, Verdict::Corrupt { .. }), "{payload}, byte {offset}: {verdict:?}");
            }
        }
    }

    /// What a disk may hold after power is lost while zeros are written from `from` to `to`.
    fn zero_some(bytes: &mut [u8], (from, to): (usize, usize), mut chosen: u64) {
        let mut start = from;
        while start < to {
            let end = (start / SECTOR * SECTOR + SECTOR).min(to);
            if chosen & 1 == 1 {
                bytes[start..end].fill(0);
            }
            chosen >>= 1;
            start = end;
        }
    }

    #[test]
    fn a_group_of_which_any_sectors_were_lost_is_torn_and_stays_so_while_it_is_mended() {
        let (mut torn, mut mended) = (0, 0);
        // Heads and ends of groups, and of the records in them, at many places of a sector.
        for (first, second) in (0..60).map(|step| (380 + step * 17, 1 + step * 29 % 700)) {
            let (whole, offsets) = groups(&[&[first], &[second, 3, 650]]);
            let group = offsets[2];
            let end = scan(&whole, 1).written;
            for lost in 1..32 {
                let mut bytes = whole.clone();
                zero_some(&mut bytes, (group, end), lost);
                let found = scan(&bytes, 1);
                if found.verdict == Verdict::Clean {
                    // All of it was lost, or nothing but zeros that stand there anyway.
                    assert!([1, 4].contains(&found.records.len()), "{first} {second} {lost}");
                    continue;
                }
                assert_eq!(found.verdict, Verdict::Torn { group }, "{first} {second} lost {lost}");
                torn += 1;
                for arrived in 1..32 {
                    let mut bytes = bytes.clone();
                    zero_some(&mut bytes, (group, found.written), arrived);
                    let again = scan(&bytes, 1);
                    let goes_on = matches!(again.verdict, Verdict::Torn { group: found } if found == group);
                    let over = again.verdict == Verdict::Clean && again.records.len() == 1;
                    assert!(
                        goes_on || over,
                        "{first} {second} lost {lost}, zeroed {arrived}: {:?}",
                        again.verdict
                    );
                    mended += u32::from(over);
                }
            }
        }
        assert!(torn > 500 && mended > 500, "{torn} torn, {mended} mended");
    }

    #[test]
    fn a_sector_that_never_arrived_is_torn_only_in_the_last_group() {
        let (bytes, offsets) = segment_bytes(2000);
        let lose = |offset: usize| {
            let mut lost = bytes.clone();
            let sector = offset / SECTOR * SECTOR + SECTOR;
            lost[sector..sector + SECTOR].fill(0);
            scan(&lost, 1).verdict
        };
        assert_eq!(lose(offsets[3]), Verdict::Torn { group: offsets[2] });
        assert!(matches!(lose(offsets[1]), Verdict::Corrupt { .. }));
    }
}
