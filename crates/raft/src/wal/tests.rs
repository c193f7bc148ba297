//! The log over real files: what survives a restart, and what is refused.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tempfile::TempDir;

use super::*;

fn options(dir: &TempDir) -> WalOptions {
    WalOptions {
        disk: Disk::Real,
        dir: dir.path().join("wal"),
        segment_bytes: 1 << 20,
        cache_bytes: 64 << 20,
        durable: true,
        sync_gate: None,
        sync_hook: None,
        fatal: Arc::new(|reason| panic!("fatal: {reason}")),
    }
}

fn at(index: u64) -> Position {
    Position { term: 1, node: 7, index }
}

/// Starts an operation and hands back where its end is told.
fn begin(start: impl FnOnce(Done) -> io::Result<()>) -> Receiver<io::Result<()>> {
    let (sender, receiver) = channel();
    start(Box::new(move |result| sender.send(result).unwrap())).unwrap();
    receiver
}

fn finish(receiver: &Receiver<io::Result<()>>) {
    receiver.recv_timeout(Duration::from_secs(20)).unwrap().unwrap();
}

fn append(wal: &Wal, indexes: std::ops::Range<u64>, size: usize) {
    let entries = indexes.map(|index| (at(index), payload(index, size))).collect();
    finish(&begin(|done| wal.append(entries, done)));
}

fn payload(index: u64, size: usize) -> Bytes {
    Bytes::from(vec![u8::try_from(index % 250).unwrap() + 1; size])
}

fn close(wal: &Wal) {
    let (sender, receiver) = channel();
    wal.close(Box::new(move |result| sender.send(result).unwrap()));
    finish(&receiver);
}

fn check(wal: &Wal, indexes: std::ops::Range<u64>, size: usize) {
    let found = wal.read(0, u64::MAX, usize::MAX).unwrap();
    assert_eq!(found.len() as u64, indexes.end - indexes.start);
    for (index, (position, bytes)) in indexes.zip(found) {
        assert_eq!((position, bytes), (at(index), payload(index, size)));
    }
}

/// The newest segment and how far it is written.
fn last_segment(dir: &TempDir) -> (PathBuf, usize) {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir.path().join("wal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "seg"))
        .collect();
    paths.sort();
    let path = paths.pop().unwrap();
    let written = fs::read(&path).unwrap().iter().rposition(|byte| *byte != 0).unwrap() + 1;
    (path, written)
}

#[test]
fn everything_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (wal, _) = Wal::open(options(&dir)).unwrap();
    append(&wal, 0..100, 300);
    let vote = VoteRecord { term: 4, node: 7, committed: true };
    finish(&begin(|done| wal.save_vote(vote, done)));
    wal.set_committed(at(60));
    finish(&begin(|done| wal.truncate(90, done)));
    append(&wal, 90..95, 300);
    finish(&begin(|done| wal.purge(at(9), done)));
    close(&wal);
    let (wal, opened) = Wal::open(options(&dir)).unwrap();
    assert_eq!((opened.vote, opened.torn), (Some(vote), None));
    assert_eq!((wal.committed(), wal.bounds()), (Some(at(60)), (Some(at(9)), Some(at(94)))));
    check(&wal, 10..95, 300);
}

#[test]
fn waiting_operations_share_one_sync_and_end_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let held = Arc::new(AtomicBool::new(true));
    let hook = Arc::clone(&held);
    let mut options = options(&dir);
    options.sync_hook = Some(Arc::new(move || {
        while hook.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }));
    let (wal, _) = Wal::open(options).unwrap();
    let ended = Arc::new(AtomicUsize::new(0));
    let mut waiting = Vec::new();
    for index in 0..50 {
        let ended = Arc::clone(&ended);
        waiting.push(begin(|done| {
            let done: Done = Box::new(move |result| {
                assert_eq!(ended.fetch_add(1, Ordering::AcqRel), usize::try_from(index).unwrap());
                done(result);
            });
            wal.append(vec![(at(index), payload(index, 10))], done)
        }));
    }
    assert!(waiting[0].recv_timeout(Duration::from_millis(50)).is_err(), "told before the sync");
    held.store(false, Ordering::Release);
    waiting.iter().for_each(finish);
    assert!(wal.stats().syncs() <= 3, "{} syncs for 50 entries", wal.stats().syncs());
    close(&wal);
}

#[test]
fn segments_roll_over_and_go_after_a_purge() {
    let dir = tempfile::tempdir().unwrap();
    let (wal, _) = Wal::open(options(&dir)).unwrap();
    let vote = VoteRecord { term: 2, node: 7, committed: false };
    finish(&begin(|done| wal.save_vote(vote, done)));
    for start in (0..400).step_by(10) {
        append(&wal, start..start + 10, 10_000);
    }
    assert!(lock(&wal.shared.segments).len() >= 4);
    finish(&begin(|done| wal.purge(at(399), done)));
    append(&wal, 400..401, 10);
    assert_eq!(lock(&wal.shared.segments).len(), 1, "only the newest segment is needed");
    close(&wal);
    let (wal, opened) = Wal::open(options(&dir)).unwrap();
    assert_eq!(opened.vote, Some(vote), "the vote outlives its segment");
    assert_eq!(wal.bounds(), (Some(at(399)), Some(at(400))));
    // An entry larger than a segment gets one of its own size.
    append(&wal, 401..402, 3 << 20);
    assert_eq!(wal.read(401, 402, usize::MAX).unwrap()[0].1, payload(401, 3 << 20));
    close(&wal);
    assert_eq!(Wal::open(options(&dir)).unwrap().0.bounds().1, Some(at(401)));
}

#[test]
fn payloads_that_left_memory_are_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(&dir);
    options.cache_bytes = 5_000;
    let (wal, _) = Wal::open(options).unwrap();
    for index in 0..50 {
        append(&wal, index..index + 1, 1_000);
    }
    check(&wal, 0..50, 1_000);
    assert_eq!(wal.read(3, 50, 2_500).unwrap().len(), 2, "a limited read stops");
    assert_eq!(wal.read(3, 50, 1).unwrap().len(), 1, "but is never empty");
    assert!(wal.append(vec![(at(60), Bytes::new())], Box::new(|_| {})).is_err(), "no holes");
    close(&wal);
}

#[test]
fn a_torn_tail_is_dropped_and_leadership_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (wal, _) = Wal::open(options(&dir)).unwrap();
    let vote = VoteRecord { term: 4, node: 7, committed: true };
    finish(&begin(|done| wal.save_vote(vote, done)));
    append(&wal, 0..10, 200);
    append(&wal, 10..13, 200);
    close(&wal);
    let (path, written) = last_segment(&dir);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(&[0; 30], written as u64 - 30).unwrap();
    let (wal, opened) = Wal::open(options(&dir)).unwrap();
    let torn = opened.torn.unwrap();
    // The last group goes as a whole: its sync never came back, so nobody was told of any of it.
    assert_eq!((torn.file, torn.offset), (path, written as u64 - 40 - 3 * 240));
    assert_eq!(opened.vote, Some(VoteRecord { committed: false, ..vote }));
    check(&wal, 0..10, 200);
    append(&wal, 10..20, 200);
    close(&wal);
    let (wal, opened) = Wal::open(options(&dir)).unwrap();
    assert_eq!((opened.torn, opened.vote), (None, Some(VoteRecord { committed: false, ..vote })));
    check(&wal, 0..20, 200);
}

#[test]
fn a_file_cut_anywhere_in_its_last_group_opens() {
    let dir = tempfile::tempdir().unwrap();
    let (wal, _) = Wal::open(options(&dir)).unwrap();
    append(&wal, 0..2, 100);
    append(&wal, 2..4, 100);
    close(&wal);
    let (path, written) = last_segment(&dir);
    let whole = fs::read(&path).unwrap();
    for cut in (written - 2 * 140 - 40..=written).rev().step_by(13) {
        fs::write(&path, &whole[..cut]).unwrap();
        let (wal, _) = Wal::open(options(&dir)).unwrap();
        let last = wal.bounds().1.unwrap().index;
        assert!(last == 1 || last == 3 && cut == written, "cut at {cut}");
        append(&wal, last + 1..last + 5, 100);
        close(&wal);
        check(&Wal::open(options(&dir)).unwrap().0, 0..last + 5, 100);
        for entry in fs::read_dir(dir.path().join("wal")).unwrap() {
            let other = entry.unwrap().path();
            if other != path {
                fs::remove_file(other).unwrap();
            }
        }
    }
}

#[test]
fn a_flipped_bit_is_refused_with_file_and_offset() {
    let dir = tempfile::tempdir().unwrap();
    let (wal, _) = Wal::open(options(&dir)).unwrap();
    append(&wal, 0..10, 200);
    append(&wal, 10..20, 200);
    close(&wal);
    let (path, written) = last_segment(&dir);
    let whole = fs::read(&path).unwrap();
    for offset in (0..written).step_by(97) {
        let mut damaged = whole.clone();
        damaged[offset] ^= 0x10;
        fs::write(&path, damaged).unwrap();
        let Err(WalError::Corrupt { path: named, offset: found, .. }) = Wal::open(options(&dir)) else {
            panic!("a flipped bit at {offset} was not refused");
        };
        assert_eq!(named, path);
        assert!(found <= offset as u64 && found + 300 > offset as u64, "{found} names {offset}");
    }
    fs::write(&path, whole).unwrap();
    Wal::open(options(&dir)).unwrap();
}

#[test]
fn a_missing_segment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (wal, _) = Wal::open(options(&dir)).unwrap();
    for start in (0..400).step_by(10) {
        append(&wal, start..start + 10, 10_000);
    }
    close(&wal);
    fs::remove_file(dir.path().join("wal").join(segment::file_name(2))).unwrap();
    assert!(matches!(Wal::open(options(&dir)), Err(WalError::MissingSegment { missing: 2, .. })));
    fs::remove_file(dir.path().join("wal").join(segment::file_name(1))).unwrap();
    assert!(matches!(Wal::open(options(&dir)), Err(WalError::MissingEntries { .. })));
}

#[test]
fn a_failed_write_is_fatal_and_never_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let reasons = Arc::new(Mutex::new(Vec::<String>::new()));
    let seen = Arc::clone(&reasons);
    let mut options = options(&dir);
    options.fatal = Arc::new(move |reason| lock(&seen).push(reason.to_owned()));
    let (wal, _) = Wal::open(options).unwrap();
    append(&wal, 0..1, 10);
    // Without its directory the log cannot roll over.
    fs::remove_dir_all(dir.path().join("wal")).unwrap();
    let (sender, results) = channel();
    let mut index = 1;
    let deadline = Instant::now() + Duration::from_secs(20);
    let failed = loop {
        assert!(Instant::now() < deadline, "the log never failed");
        let sender = sender.clone();
        let entries = vec![(at(index), payload(index, 400_000))];
        let done: Done = Box::new(move |result| sender.send(result.is_ok()).unwrap());
        if wal.append(entries, done).is_err() || !results.recv().unwrap() {
            break index;
        }
        index += 1;
    };
    assert!(failed > 1);
    assert!(wal.append(vec![(at(failed + 1), Bytes::new())], Box::new(|_| {})).is_err());
    while lock(&reasons).is_empty() {
        assert!(Instant::now() < deadline, "nobody was told");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn syncs_wait_while_the_gate_stands() {
    let dir = tempfile::tempdir().unwrap();
    let gate = dir.path().join("gate");
    let mut options = options(&dir);
    options.sync_gate = Some(gate.clone());
    let (wal, _) = Wal::open(options).unwrap();
    append(&wal, 0..1, 10);
    fs::write(&gate, b"").unwrap();
    let waiting = begin(|done| wal.append(vec![(at(1), payload(1, 10))], done));
    assert!(waiting.recv_timeout(Duration::from_millis(100)).is_err());
    fs::remove_file(&gate).unwrap();
    finish(&waiting);
    close(&wal);
}
