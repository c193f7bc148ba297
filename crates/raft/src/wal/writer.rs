//! The one thread that writes the log: it drains its queue, writes one group, syncs once, and then
//! tells everybody in the order they came.
//!
//! Nothing is ever acknowledged before its sync. A failed write or sync is fatal at once: after a
//! failed fsync nobody knows what is on disk, and asking again would only pretend.

#[cfg(feature = "simulation")]
pub(super) mod simulated;

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use model::planted::{self, Bug};

use super::index::Place;
use super::record::{self, Kind, OVERHEAD, Position};
use super::recovery::{Segment, VoteRecord};
use super::segment::{self, SEGMENT_HEAD};
use super::spare::{self, Spare};
use super::{Done, Shared};
use crate::disk::{Disk, File};
use crate::lock::lock;

/// A group takes no more operations once it is this large.
const GROUP_BYTES: usize = 4 << 20;
/// What the page cache holds, or reads, as a whole.
const PAGE: usize = 4 << 10;
/// A segment that has to be made while the log waits.
const URGENT_BYTES: u64 = 4 << 20;
/// A commit position that nobody else carries to disk is written after this long.
const IDLE: Duration = Duration::from_secs(1);

/// What the writer is asked to do, in order.
pub(crate) enum Operation {
    Append { entries: Vec<(Position, Bytes)>, done: Done },
    Vote { vote: VoteRecord, done: Done },
    Truncate { since: u64, done: Done },
    Purge { upto: Position, done: Done },
    Close { done: Done },
}

pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    /// Zeroed segments; `None` until the log has grown enough to need any.
    pub(crate) spares: Option<Receiver<Spare>>,
    /// The same in a simulation, which has no thread that prepares them.
    #[cfg(feature = "simulation")]
    pub(crate) spare_at_hand: Option<Spare>,
    pub(crate) file: Arc<File>,
    pub(crate) segment: u64,
    pub(crate) offset: u64,
    pub(crate) size: u64,
    /// Repeated at the start of each segment, so that older ones can go.
    pub(crate) vote: Option<VoteRecord>,
    pub(crate) committed: Option<Position>,
    pub(crate) purged: Option<Position>,
}

/// A group being put together.
#[derive(Default)]
struct Group {
    body: Vec<u8>,
    /// Entry, offset in the body, size of the record.
    entries: Vec<(Position, usize, usize)>,
    done: Vec<Done>,
    purge: Option<Position>,
    close: bool,
}

impl Writer {
    /// Runs until it is closed or fails.
    pub(crate) fn run(mut self, queue: &Receiver<Operation>) {
        loop {
            let mut group = Group::default();
            match queue.recv_timeout(IDLE) {
                Ok(operation) => self.add(&mut group, operation),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => group.close = true,
            }
            self.gather(&mut group, queue);
            if self.finish(group).is_break() {
                return;
            }
        }
    }

    /// Adds what waits, and the commit position.
    fn gather(&mut self, group: &mut Group, queue: &Receiver<Operation>) {
        while !group.close && group.body.len() < GROUP_BYTES {
            let Ok(operation) = queue.try_recv() else { break };
            self.add(group, operation);
        }
        self.add_committed(group);
    }

    /// Puts a group on disk and tells everybody. It breaks when nothing is to be written any more.
    fn finish(&mut self, group: Group) -> ControlFlow<()> {
        if !group.body.is_empty()
            && let Err(error) = self.commit(&group)
        {
            self.fail(group, &error);
            return ControlFlow::Break(());
        }
        for done in group.done {
            done(Ok(()));
        }
        if let Some(upto) = group.purge
            && let Err(error) = self.delete_segments(upto)
        {
            self.fail(Group::default(), &error);
            return ControlFlow::Break(());
        }
        if group.close { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Saves a vote before anybody else asks for anything.
    pub(crate) fn save_first(&mut self, vote: VoteRecord) -> io::Result<()> {
        let mut group = Group::default();
        self.add(&mut group, Operation::Vote { vote, done: Box::new(|_result| {}) });
        self.commit(&group)
    }

    fn add(&mut self, group: &mut Group, operation: Operation) {
        match operation {
            Operation::Append { entries, done } => {
                for (at, payload) in entries {
                    let offset = group.body.len();
                    let size = record::push(&mut group.body, Kind::Entry, at, &payload);
                    group.entries.push((at, offset, size));
                }
                group.done.push(done);
            }
            Operation::Vote { vote, done } => {
                push_vote(&mut group.body, vote);
                self.vote = Some(vote);
                group.done.push(done);
            }
            Operation::Truncate { since, done } => {
                let at = Position { index: since, ..Position::default() };
                record::push(&mut group.body, Kind::Truncate, at, b"");
                group.done.push(done);
            }
            Operation::Purge { upto, done } => {
                record::push(&mut group.body, Kind::Purged, upto, b"");
                self.purged = self.purged.max(Some(upto));
                group.purge = group.purge.max(Some(upto));
                group.done.push(done);
            }
            Operation::Close { done } => {
                group.close = true;
                group.done.push(done);
            }
        }
    }

    /// The commit position rides along with whatever is written anyway.
    fn add_committed(&mut self, group: &mut Group) {
        let committed = *lock(&self.shared.committed);
        if committed > self.committed
            && let Some(at) = committed
        {
            record::push(&mut group.body, Kind::Committed, at, b"");
            self.committed = committed;
        }
    }

    /// One write, one sync.
    fn commit(&mut self, group: &Group) -> io::Result<()> {
        let span =
            tracing::debug_span!("raft.append", entries = group.entries.len(), bytes = group.body.len());
        let _entered = span.enter();
        let needed = (group.body.len() + OVERHEAD) as u64;
        if self.offset + needed > self.size {
            self.roll(needed)?;
        }
        let mut buffer = Vec::with_capacity(group.body.len() + OVERHEAD + PAGE);
        push_group(&mut buffer, &group.body);
        fill_page(&mut buffer, self.offset, self.size);
        if planted::is(Bug::AcknowledgeBeforeSync) {
            self.shared.sync(&self.file)?;
        }
        self.file.write_all_at(&buffer, self.offset)?;
        let started = Instant::now();
        if !planted::is(Bug::AcknowledgeBeforeSync) {
            self.shared.sync(&self.file)?;
        }
        self.shared.stats.synced(started.elapsed(), group.entries.len());
        self.remember(group);
        self.offset += needed;
        self.prepare_spares()
    }

    /// Spares are zeroed from the moment that the end of the first segment is in sight, so that an idle
    /// server takes 1 MiB for its log and not three segments.
    fn prepare_spares(&mut self) -> io::Result<()> {
        if self.spares.is_none()
            && !self.shared.disk.is_simulated()
            && (self.offset > self.size / 4 || self.segment > 1)
        {
            let shared = &self.shared;
            let low = Arc::clone(&shared.space_low);
            let closing = Arc::clone(&shared.closing);
            let sizes = (segment::size_after(self.size, shared.segment_bytes), shared.segment_bytes);
            self.spares = Some(spare::start((shared.disk.clone(), shared.dir.clone()), sizes, low, closing)?);
        }
        Ok(())
    }

    fn remember(&self, group: &Group) {
        let body = self.offset + OVERHEAD as u64;
        let mut index = lock(&self.shared.index);
        for (at, offset, size) in &group.entries {
            index.written(*at, Place { segment: self.segment, offset: body + *offset as u64, size: *size });
        }
        drop(index);
        let highest = group.entries.iter().map(|(at, _, _)| at.index).max();
        if let Some(segment) = lock(&self.shared.segments).get_mut(&self.segment) {
            segment.last_index = segment.last_index.max(highest);
        }
    }

    /// Goes on in a new segment that begins with everything older segments would be kept for.
    fn roll(&mut self, needed: u64) -> io::Result<()> {
        let sequence = self.segment + 1;
        let mut first = segment::head(sequence).to_vec();
        let body = self.standing();
        push_group(&mut first, &body);
        let offset = first.len() as u64;
        let spare = self.take_spare(offset + needed)?;
        fill_page(&mut first, 0, spare.size);
        spare.file.write_all_at(&first, 0)?;
        self.shared.sync(&spare.file)?;
        let path = self.shared.dir.join(segment::file_name(sequence));
        self.shared.disk.rename(&spare.path, &path)?;
        self.shared.disk.sync_dir(&self.shared.dir)?;
        self.file = Arc::new(spare.file);
        self.segment = sequence;
        self.offset = offset;
        self.size = spare.size;
        let opened = Segment { path, file: Arc::clone(&self.file), last_index: None };
        lock(&self.shared.segments).insert(sequence, opened);
        Ok(())
    }

    fn standing(&self) -> Vec<u8> {
        let mut body = Vec::new();
        if let Some(vote) = self.vote {
            push_vote(&mut body, vote);
        }
        if let Some(purged) = self.purged {
            record::push(&mut body, Kind::Purged, purged, b"");
        }
        if let Some(committed) = self.committed {
            record::push(&mut body, Kind::Committed, committed, b"");
        }
        body
    }

    /// A zeroed file of at least `wanted` bytes: the spare, or one that is as short as it may be, because everybody waits
    /// for it. With a full disk it waits: the log stops taking entries, nothing is lost, and it goes on when there is
    /// space.
    fn take_spare(&mut self, wanted: u64) -> io::Result<Spare> {
        #[cfg(feature = "simulation")]
        if let Some(spare) = self.spare_at_hand.take_if(|spare| spare.size >= wanted) {
            return Ok(spare);
        }
        if let Some(Ok(spare)) = self.spares.as_ref().map(Receiver::try_recv) {
            if spare.size >= wanted {
                return Ok(spare);
            }
            self.shared.disk.remove_file(&spare.path)?;
        }
        let size = wanted.max(URGENT_BYTES.min(self.shared.segment_bytes));
        let path = segment::spare_path(&self.shared.dir);
        loop {
            match segment::create_zeroed(&self.shared.disk, &path, size, Duration::ZERO) {
                Ok(file) => {
                    return Ok(Spare { path, file, size });
                }
                Err(error) if segment::is_full(&error) && !self.shared.is_closing() => {
                    if !self.shared.space_low.swap(true, Ordering::AcqRel) {
                        tracing::error!(%error, "the disk is full; the log waits for space");
                    }
                    std::thread::sleep(Duration::from_millis(200));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Deletes segments that hold nothing newer than `upto`, which is durable by now.
    fn delete_segments(&self, upto: Position) -> io::Result<()> {
        let mut segments = lock(&self.shared.segments);
        let gone: Vec<u64> = segments
            .iter()
            .take_while(|(sequence, segment)| {
                **sequence != self.segment && segment.last_index.is_none_or(|last| last <= upto.index)
            })
            .map(|(sequence, _)| *sequence)
            .collect();
        for sequence in &gone {
            if let Some(segment) = segments.remove(sequence) {
                self.shared.disk.remove_file(&segment.path)?;
            }
        }
        drop(segments);
        if gone.is_empty() { Ok(()) } else { self.shared.disk.sync_dir(&self.shared.dir) }
    }

    fn fail(&self, group: Group, error: &io::Error) {
        let message = format!("log {}: segment {}: {error}", self.shared.dir.display(), self.segment);
        tracing::error!(%error, dir = %self.shared.dir.display(), "the log cannot be written");
        self.shared.failed.store(true, Ordering::Release);
        for done in group.done {
            done(Err(io::Error::new(error.kind(), message.clone())));
        }
        if !self.shared.is_closing() {
            (self.shared.fatal)(&message);
        }
    }
}

/// Writes the first segment of an empty log.
pub(crate) fn create_first(disk: &Disk, dir: &Path, size: u64) -> io::Result<Segment> {
    let path = dir.join(segment::file_name(1));
    let spare = segment::spare_path(dir);
    let file = segment::create_zeroed(disk, &spare, size, Duration::ZERO)?;
    file.write_all_at(&segment::head(1), 0)?;
    file.sync_all()?;
    disk.rename(&spare, &path)?;
    disk.sync_dir(dir)?;
    debug_assert!(size > SEGMENT_HEAD as u64, "a segment has room behind its head");
    Ok(Segment { path, file: Arc::new(file), last_index: None })
}

/// Goes on with zeros, which are there already, up to the end of the page: a page of which only a part is written has to
/// be read from disk first when it is not in memory, and a sync that took a tenth of a millisecond takes two.
fn fill_page(buffer: &mut Vec<u8>, offset: u64, size: u64) {
    let end = offset + buffer.len() as u64;
    let filled = end.next_multiple_of(PAGE as u64).min(size.max(end));
    buffer.resize(buffer.len() + usize::try_from(filled - end).expect("less than a page"), 0);
}

fn push_group(buffer: &mut Vec<u8>, body: &[u8]) {
    let at = Position { index: body.len() as u64, ..Position::default() };
    record::push(buffer, Kind::Group, at, b"");
    buffer.extend_from_slice(body);
}

fn push_vote(buffer: &mut Vec<u8>, vote: VoteRecord) {
    let at = Position { term: vote.term, node: vote.node, index: u64::from(vote.committed) };
    record::push(buffer, Kind::Vote, at, b"");
}
