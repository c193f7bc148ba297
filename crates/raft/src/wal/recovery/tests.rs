//! Starts over a disk that forgets: whatever a start shows is there after a power loss, and a start that is stopped in
//! the middle leaves nothing that the next one refuses.
#![cfg(feature = "simulation")]

use std::time::Duration;

use super::*;
use crate::disk::simulated::{PowerLoss, SimulatedDisk};
use crate::simulation::Draws;
use crate::wal::record;

const DIR: &str = "/data/wal";

fn path() -> PathBuf {
    Path::new(DIR).join(segment::file_name(1))
}

/// A log with an empty segment.
fn begin() -> SimulatedDisk {
    let disk = SimulatedDisk::default();
    let on = Disk::Simulated(disk.clone());
    let file = segment::create_zeroed(&on, &path(), 16 << 10, Duration::ZERO).unwrap();
    file.write_all_at(&segment::head(1), 0).unwrap();
    file.sync_all().unwrap();
    on.sync_dir(Path::new(DIR)).unwrap();
    disk
}

/// A group of entries with payloads of `size` bytes.
fn group(indexes: std::ops::Range<u64>, size: usize) -> Vec<u8> {
    let mut body = Vec::new();
    for index in indexes {
        record::push(&mut body, Kind::Entry, Position { term: 1, node: 1, index }, &vec![9; size]);
    }
    let mut bytes = Vec::new();
    let head = Position { index: body.len() as u64, ..Position::default() };
    record::push(&mut bytes, Kind::Group, head, b"");
    bytes.extend(body);
    bytes
}

/// What a start does, and what it found: the last entry and where to go on.
fn start(disk: &SimulatedDisk) -> Result<(Option<u64>, u64), WalError> {
    let (on, dir) = (Disk::Simulated(disk.clone()), Path::new(DIR));
    let recovered = recover(&on, dir, 1 << 20)?;
    recovered.make_durable(&on, dir)?;
    Ok((recovered.index.last().map(|last| last.index), recovered.tail.unwrap().1))
}

fn write(disk: &SimulatedDisk, bytes: &[u8], at: u64) -> File {
    let file = Disk::Simulated(disk.clone()).open(&path()).unwrap();
    file.write_all_at(bytes, at).unwrap();
    file
}

#[test]
fn what_a_start_has_read_survives_the_next_power_loss() {
    for seed in 0..200 {
        let (disk, mut draws) = (begin(), Draws::new(seed));
        let size = 100 + usize::try_from(draws.below(900)).unwrap();
        let (_, at) = start(&disk).unwrap();
        // A process ends between the write and its sync, or because that failed.
        let file = write(&disk, &group(0..3, size), at);
        if seed % 2 == 0 {
            disk.fail_next_sync();
            assert!(file.sync_data().is_err());
        }
        disk.process_ended();
        let (last, at) = start(&disk).unwrap();
        assert_eq!(last, Some(2));
        // Whoever read it may have said so. Then the power goes, in the middle of what comes next.
        write(&disk, &group(3..5, size), at);
        disk.power_lost(PowerLoss::Sectors, &mut draws);
        let (last, _) = start(&disk).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert!(last == Some(2) || last == Some(4), "seed {seed}: {last:?}");
    }
}

#[test]
fn a_repair_that_is_stopped_is_taken_up_again() {
    let mut torn = 0;
    for seed in 0..400 {
        let (disk, mut draws) = (begin(), Draws::new(seed));
        let size = 100 + usize::try_from(draws.below(900)).unwrap();
        let (_, at) = start(&disk).unwrap();
        write(&disk, &group(0..2, size), at).sync_data().unwrap();
        write(&disk, &group(2..5, size), at + group(0..2, size).len() as u64);
        disk.power_lost(PowerLoss::Sectors, &mut draws);
        for attempt in 0..3 {
            // Its sync fails, and with the power goes the truth about it.
            disk.fail_next_sync();
            match start(&disk) {
                Err(WalError::Io { .. }) => torn += 1,
                other => panic!("seed {seed}, {attempt}: {other:?}"),
            }
            match draws.below(2) {
                0 => disk.process_ended(),
                _ => disk.power_lost(PowerLoss::Sectors, &mut draws),
            }
        }
        let (last, at) = start(&disk).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert!(last == Some(1) || last == Some(4), "seed {seed}: {last:?}");
        // What is written behind it is not followed by anything that was there before.
        let next = last.unwrap() + 1;
        write(&disk, &group(next..next + 1, 10), at).sync_data().unwrap();
        disk.power_lost(PowerLoss::Everything, &mut draws);
        let (last, _) = start(&disk).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_eq!(last, Some(next), "seed {seed}");
    }
    assert_eq!(torn, 1_200);
}
