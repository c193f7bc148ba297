//! A disk that forgets what was not synced: for every file what is durable, and the writes since, in order.
//!
//! After a crash of the process everything written is still there; after a power loss each sector of each unsynced
//! write may be there, may be missing, or may be torn in two. Names that were not synced with their directory come
//! back in the order in which they were made, up to some point. A sync that fails leaves on the disk what chance will
//! have it, while everybody goes on to see what was written: a later sync says yes and writes none of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::lock::lock;
use crate::simulation::{Draws, current_process_is_dead, draw, spend_step, spend_sync};

const SECTOR: usize = 512;

/// How a power loss treats what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerLoss {
    /// All of it is lost.
    Everything,
    /// Each sector is kept or lost by itself.
    Sectors,
    /// The same, and some sectors are torn in two.
    Torn,
}

/// What happened on a disk, for whoever counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiskCounts {
    /// Files synced.
    pub syncs: u64,
    /// Unsynced writes that a power loss met.
    pub unsynced_writes: u64,
    /// Sectors that it lost.
    pub lost_sectors: u64,
    /// Sectors that it tore.
    pub torn_sectors: u64,
    /// Writes refused because the disk was full.
    pub full: u64,
    /// Syncs that failed.
    pub failed_syncs: u64,
}

/// A simulated disk. Clones share it; it outlives the processes that write to it.
#[derive(Clone, Default)]
pub struct SimulatedDisk {
    platters: Arc<Mutex<Platters>>,
}

#[derive(Default)]
struct Platters {
    names: BTreeMap<PathBuf, u64>,
    durable_names: BTreeMap<PathBuf, u64>,
    /// Names that changed since, in order: the path, and what it names now.
    pending_names: Vec<(PathBuf, Option<u64>)>,
    contents: BTreeMap<u64, Content>,
    next: u64,
    /// Counts the crashes: files that were opened before the last one are of no use.
    boot: u64,
    full: bool,
    /// The next sync fails.
    sync_fails: bool,
    counts: DiskCounts,
}

#[derive(Default, Clone)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    /// Offset and bytes of each write since the last sync.
    unsynced: Vec<(usize, Vec<u8>)>,
}

/// A file on a simulated disk.
pub(crate) struct SimulatedFile {
    disk: SimulatedDisk,
    id: u64,
    boot: u64,
    at: usize,
}

impl fmt::Debug for SimulatedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedFile").field("id", &self.id).field("at", &self.at).finish_non_exhaustive()
    }
}

fn gone() -> io::Error {
    io::Error::other("the process is dead")
}

fn missing(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{} is not there", path.display()))
}

impl SimulatedDisk {
    /// The disk is full from now on, or has room again.
    pub fn set_full(&self, full: bool) {
        lock(&self.platters).full = full;
    }

    /// The next sync fails, and nobody knows what is on the disk.
    pub fn fail_next_sync(&self) {
        lock(&self.platters).sync_fails = true;
    }

    /// It has room, and no sync is to fail any more. What was damaged stays so.
    pub fn mend(&self) {
        let mut platters = lock(&self.platters);
        (platters.full, platters.sync_fails) = (false, false);
    }

    /// What happened so far.
    pub fn counts(&self) -> DiskCounts {
        lock(&self.platters).counts
    }

    /// The process that used the disk is gone; everything that it wrote is still there.
    pub fn process_ended(&self) {
        lock(&self.platters).boot += 1;
    }

    /// The power went: what was not synced is kept as `loss` and chance will have it.
    pub fn power_lost(&self, loss: PowerLoss, draws: &mut Draws) {
        let mut platters = lock(&self.platters);
        let platters = &mut *platters;
        platters.boot += 1;
        platters.sync_fails = false;
        let names = std::mem::take(&mut platters.pending_names);
        let kept = if loss == PowerLoss::Everything { 0 } else { draws.below(names.len() as u64 + 1) };
        for (path, id) in names.into_iter().take(usize::try_from(kept).unwrap_or(0)) {
            set_name(&mut platters.durable_names, path, id);
        }
        platters.names = platters.durable_names.clone();
        for content in platters.contents.values_mut() {
            content.keep_some(loss, draws, &mut platters.counts);
            content.now = content.durable.clone();
        }
        let named: BTreeSet<u64> = platters.names.values().copied().collect();
        platters.contents.retain(|id, _| named.contains(id));
    }

    /// The files that are there now, with their sizes up to the last byte that is not zero.
    pub fn files(&self) -> Vec<(PathBuf, usize)> {
        let platters = lock(&self.platters);
        let written = |id: &u64| {
            let bytes = &platters.contents[id].now;
            bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
        };
        platters.names.iter().map(|(path, id)| (path.clone(), written(id))).collect()
    }

    /// The number of the file that has this name; another file under the same name has another one.
    pub fn number_of(&self, path: &Path) -> Option<u64> {
        lock(&self.platters).names.get(path).copied()
    }

    /// Turns one bit of a file around, as if it had rotted.
    pub fn flip_bit(&self, path: &Path, offset: usize, bit: u8) {
        let mut platters = lock(&self.platters);
        let Some(id) = platters.names.get(path).copied() else { return };
        if let Some(content) = platters.contents.get_mut(&id) {
            for bytes in [&mut content.now, &mut content.durable] {
                if let Some(byte) = bytes.get_mut(offset) {
                    *byte ^= 1 << (bit % 8);
                }
            }
        }
    }

    /// An operator empties the disk.
    pub fn wipe(&self) {
        let mut platters = lock(&self.platters);
        let (boot, counts) = (platters.boot + 1, platters.counts);
        *platters = Platters { boot, counts, ..Platters::default() };
    }

    fn begin(&self) -> io::Result<()> {
        spend_step();
        if current_process_is_dead() { Err(gone()) } else { Ok(()) }
    }

    pub(super) fn read_dir(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        self.begin()?;
        let platters = lock(&self.platters);
        Ok(platters.names.keys().filter(|path| path.parent() == Some(dir)).cloned().collect())
    }

    pub(super) fn create(&self, path: &Path) -> io::Result<SimulatedFile> {
        self.begin()?;
        let mut platters = lock(&self.platters);
        platters.next += 1;
        let id = platters.next;
        platters.contents.insert(id, Content::default());
        platters.name(path, Some(id));
        Ok(SimulatedFile { disk: self.clone(), id, boot: platters.boot, at: 0 })
    }

    pub(super) fn open(&self, path: &Path) -> io::Result<SimulatedFile> {
        self.begin()?;
        let platters = lock(&self.platters);
        let id = *platters.names.get(path).ok_or_else(|| missing(path))?;
        Ok(SimulatedFile { disk: self.clone(), id, boot: platters.boot, at: 0 })
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.begin()?;
        let mut platters = lock(&self.platters);
        let id = *platters.names.get(from).ok_or_else(|| missing(from))?;
        // One step of the directory: after a power loss the file has the one name or the other, if any.
        platters.name(to, Some(id));
        platters.name(from, None);
        Ok(())
    }

    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        self.begin()?;
        let mut platters = lock(&self.platters);
        if !platters.names.contains_key(path) {
            return Err(missing(path));
        }
        platters.name(path, None);
        Ok(())
    }

    pub(super) fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.begin()?;
        let mut platters = lock(&self.platters);
        let (mine, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut platters.pending_names)
            .into_iter()
            .partition(|(path, _)| path.parent() == Some(dir));
        platters.pending_names = rest;
        for (path, id) in mine {
            set_name(&mut platters.durable_names, path, id);
        }
        Ok(())
    }
}

impl Platters {
    fn name(&mut self, path: &Path, id: Option<u64>) {
        set_name(&mut self.names, path.to_path_buf(), id);
        self.pending_names.push((path.to_path_buf(), id));
    }
}

fn set_name(names: &mut BTreeMap<PathBuf, u64>, path: PathBuf, id: Option<u64>) {
    match id {
        Some(id) => names.insert(path, id),
        None => names.remove(&path),
    };
}

impl Content {
    fn write(&mut self, offset: usize, bytes: &[u8]) {
        put(&mut self.now, offset, bytes);
        self.unsynced.push((offset, bytes.to_vec()));
    }

    fn sync(&mut self) {
        for (offset, bytes) in self.unsynced.drain(..) {
            put(&mut self.durable, offset, &bytes);
        }
    }

    /// Keeps of what was not synced what a power loss leaves of it.
    fn keep_some(&mut self, loss: PowerLoss, draws: &mut Draws, counts: &mut DiskCounts) {
        // A sector is written as memory has it, all earlier writes to it included: a later one is never there without
        // them.
        let mut behind = BTreeSet::new();
        for (offset, bytes) in std::mem::take(&mut self.unsynced) {
            counts.unsynced_writes += 1;
            self.keep_some_of((offset, &bytes), &mut behind, (loss, draws), counts);
        }
    }

    fn keep_some_of(
        &mut self,
        (offset, bytes): (usize, &[u8]),
        behind: &mut BTreeSet<usize>,
        (loss, draws): (PowerLoss, &mut Draws),
        counts: &mut DiskCounts,
    ) {
        let mut at = 0;
        while at < bytes.len() {
            let end = (at + SECTOR - (offset + at) % SECTOR).min(bytes.len());
            let sector = (offset + at) / SECTOR;
            let possible = loss != PowerLoss::Everything && !behind.contains(&sector);
            let kept = possible && draws.below(2) == 0;
            let torn = possible && loss == PowerLoss::Torn && draws.below(4) == 0;
            if torn || !kept {
                behind.insert(sector);
            }
            if torn {
                let middle = at + usize::try_from(draws.below((end - at) as u64)).unwrap_or(0);
                put(&mut self.durable, offset + at, &bytes[at..middle]);
                counts.torn_sectors += 1;
            } else if kept {
                put(&mut self.durable, offset + at, &bytes[at..end]);
            } else {
                counts.lost_sectors += 1;
            }
            at = end;
        }
    }
}

fn put(to: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if to.len() < end {
        to.resize(end, 0);
    }
    to[offset..end].copy_from_slice(bytes);
}

impl SimulatedFile {
    fn with<T>(&self, change: impl FnOnce(&mut Platters) -> io::Result<T>) -> io::Result<T> {
        self.disk.begin()?;
        let mut platters = lock(&self.disk.platters);
        if platters.boot != self.boot {
            return Err(gone());
        }
        change(&mut platters)
    }

    fn content<T>(&self, change: impl FnOnce(&mut Content) -> T) -> io::Result<T> {
        self.with(|platters| platters.contents.get_mut(&self.id).map(change).ok_or_else(gone))
    }

    pub(super) fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        self.with(|platters| {
            let full = platters.full;
            let content = platters.contents.get_mut(&self.id).ok_or_else(gone)?;
            // What lies within the file has its blocks already.
            if full && offset + bytes.len() > content.now.len() {
                platters.counts.full += 1;
                return Err(io::ErrorKind::StorageFull.into());
            }
            content.write(offset, bytes);
            Ok(())
        })
    }

    pub(super) fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        self.content(|content| {
            let found = content.now.get(offset..offset + bytes.len());
            found.map(|found| bytes.copy_from_slice(found))
        })?
        .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        spend_sync();
        self.with(|platters| {
            platters.counts.syncs += 1;
            if std::mem::take(&mut platters.sync_fails) {
                platters.counts.failed_syncs += 1;
                let mut draws = Draws::new(draw().unwrap_or(0));
                let Platters { contents, counts, .. } = platters;
                let content = contents.get_mut(&self.id).ok_or_else(gone)?;
                content.keep_some(PowerLoss::Sectors, &mut draws, counts);
                return Err(io::Error::other("the disk could not write"));
            }
            platters.contents.get_mut(&self.id).ok_or_else(gone)?.sync();
            Ok(())
        })
    }

    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let at = self.at;
        let read = self.content(|content| {
            let rest = content.now.get(at..).unwrap_or_default();
            let read = rest.len().min(buffer.len());
            buffer[..read].copy_from_slice(&rest[..read]);
            read
        })?;
        self.at += read;
        Ok(read)
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_at(bytes, self.at as u64)?;
        self.at += bytes.len();
        Ok(bytes.len())
    }

    /// Moves to another place.
    pub(crate) fn seek(&mut self, to: io::SeekFrom) -> io::Result<()> {
        let length = self.content(|content| content.now.len())?;
        let from = |base: usize, by: i64| base.checked_add_signed(isize::try_from(by).ok()?);
        let at = match to {
            io::SeekFrom::Start(at) => usize::try_from(at).ok(),
            io::SeekFrom::Current(by) => from(self.at, by),
            io::SeekFrom::End(by) => from(length, by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(())
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> u64 {
        self.at as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_loss_keeps_what_was_synced_and_may_keep_the_rest() {
        let (disk, dir) = (SimulatedDisk::default(), Path::new("/data"));
        let (mut kept, mut lost) = (0, 0);
        let mut draws = Draws::new(3);
        for round in 0..50_u8 {
            let file = disk.create(&dir.join("new")).unwrap();
            file.write_at(&[1; 2048], 0).unwrap();
            file.sync().unwrap();
            disk.rename(&dir.join("new"), &dir.join("kept")).unwrap();
            disk.sync_dir(dir).unwrap();
            file.write_at(&[2; 1024], 512).unwrap();
            disk.create(&dir.join("unsynced")).unwrap();
            disk.power_lost(PowerLoss::Sectors, &mut draws);
            assert!(file.sync().is_err(), "a file that was open before is of no use");
            let mut bytes = [0; 2048];
            disk.open(&dir.join("kept")).unwrap().read_exact_at(&mut bytes, 0).unwrap();
            assert!(bytes[..512].iter().chain(&bytes[1536..]).all(|byte| *byte == 1), "round {round}");
            for sector in bytes[512..1536].chunks(512) {
                assert!(sector.iter().all(|byte| *byte == sector[0]), "a sector is whole");
                kept += u32::from(sector[0] == 2);
                lost += u32::from(sector[0] == 1);
            }
        }
        assert!(kept > 10 && lost > 10, "{kept} kept, {lost} lost");
    }

    #[test]
    fn a_sync_that_failed_is_not_made_good_by_the_next_one() {
        let (disk, dir) = (SimulatedDisk::default(), Path::new("/data"));
        let (whole, mut draws) = (vec![7; 64 * SECTOR], Draws::new(1));
        let file = disk.create(&dir.join("a")).unwrap();
        disk.sync_dir(dir).unwrap();
        file.write_at(&whole, 0).unwrap();
        disk.fail_next_sync();
        assert!(file.sync().is_err() && file.sync().is_ok());
        let mut seen = vec![0; whole.len()];
        file.read_exact_at(&mut seen, 0).unwrap();
        assert_eq!(seen, whole, "memory shows what was written");
        disk.power_lost(PowerLoss::Everything, &mut draws);
        let mut file = disk.open(&dir.join("a")).unwrap();
        let mut left = Vec::new();
        let mut part = [0; 4096];
        while let Ok(read @ 1..) = file.read(&mut part) {
            left.extend_from_slice(&part[..read]);
        }
        assert!(left.contains(&7) && left != whole, "of 64 sectors some were written and some were not");
    }

    #[test]
    fn a_sector_never_holds_a_later_write_without_an_earlier_one() {
        let (disk, dir) = (SimulatedDisk::default(), Path::new("/data"));
        let mut draws = Draws::new(5);
        for round in 0..50 {
            let file = disk.create(&dir.join("a")).unwrap();
            disk.sync_dir(dir).unwrap();
            file.write_at(&[0; SECTOR], 0).unwrap();
            file.sync().unwrap();
            file.write_at(&[1; 100], 0).unwrap();
            file.write_at(&[2; 100], 100).unwrap();
            disk.power_lost(PowerLoss::Sectors, &mut draws);
            let mut left = [0; SECTOR];
            disk.open(&dir.join("a")).unwrap().read_exact_at(&mut left, 0).unwrap();
            assert!(left[0] == 1 || left[100] == 0, "round {round}");
        }
    }

    #[test]
    fn a_full_disk_takes_what_lies_within_a_file() {
        let disk = SimulatedDisk::default();
        let file = disk.create(Path::new("/data/a")).unwrap();
        file.write_at(&[0; 100], 0).unwrap();
        disk.set_full(true);
        assert!(file.write_at(&[1; 50], 20).is_ok());
        assert_eq!(file.write_at(&[1; 50], 80).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
