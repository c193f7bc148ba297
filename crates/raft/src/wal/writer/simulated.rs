//! The writer as a task of a simulation: the same groups on a disk that takes its time, and no thread.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::{Group, IDLE, OVERHEAD, Operation, Writer};
use crate::simulation::draw;
use crate::wal::segment;
use crate::wal::spare::Spare;

/// The longest wait for a sync, ms.
const SLOWEST_MS: u64 = 6;
/// Between looks at a full disk.
const RETRY: Duration = Duration::from_millis(200);

/// Runs until the log is closed or fails.
pub(in crate::wal) async fn run(mut writer: Writer, queue: Receiver<Operation>) {
    let mut spare = None;
    loop {
        let mut group = Group::default();
        let queued = tokio::time::timeout(IDLE, writer.shared.queued.notified());
        // Whether anything came or the time was up: the queue says.
        let _ = queued.await;
        tokio::time::sleep(Duration::from_millis(draw().unwrap_or(0) % SLOWEST_MS)).await;
        writer.gather(&mut group, &queue);
        let needed = (group.body.len() + OVERHEAD) as u64;
        if writer.offset + needed > writer.size / 2 && spare.is_none() {
            spare = prepare(&writer, needed);
        }
        while writer.offset + needed > writer.size && spare.is_none() {
            tokio::time::sleep(RETRY).await;
            spare = prepare(&writer, needed);
        }
        writer.spare_at_hand = spare.take();
        let done = writer.finish(group);
        spare = writer.spare_at_hand.take();
        if let ControlFlow::Break(()) = done {
            return;
        }
    }
}

/// A segment for later, if there is room for one.
fn prepare(writer: &Writer, needed: u64) -> Option<Spare> {
    let size = writer.shared.segment_bytes.max(needed + 1024);
    let path = segment::spare_path(&writer.shared.dir);
    let file = segment::create_zeroed(&writer.shared.disk, &path, size, Duration::ZERO);
    let full = file.as_ref().is_err_and(segment::is_full);
    writer.shared.space_low.store(full, Ordering::Release);
    file.ok().map(|file| Spare { path, file, size })
}
