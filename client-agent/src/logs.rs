//! Log files of a task as one stream: from an offset, from either end, once or for as long as the task writes.
//!
//! Files are opened beneath the allocation's directory without following links: the tasks own parts of it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};
use model::TaskRunState;
use proto::fs_request::FsError;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_stream::wrappers::ReceiverStream;

use crate::context::{Context, Listing};
use crate::supervisor::beneath::Beneath;
use crate::supervisor::pump::numbers;

/// Largest piece of a log in one frame, bytes.
const CHUNK_BYTES: usize = 64 << 10;
/// How often a file that has been read to its end is looked at again.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A quiet stream says `{}` this often, so that the reader knows that it lives.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);
/// Frames that wait for the reader.
const FRAMES_MAX: usize = 8;

/// What is asked of a log.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The task.
    pub(crate) task: String,
    /// `stdout` or `stderr`.
    pub(crate) kind: &'static str,
    /// Wait for more while the task runs.
    pub(crate) follow: bool,
    /// The bytes alone, without frames.
    pub(crate) plain: bool,
    /// Bytes from the origin.
    pub(crate) offset: i64,
    /// The origin is the end.
    pub(crate) from_end: bool,
}

/// A log that is about to be read.
pub(crate) struct Log {
    listing: Arc<Listing>,
    task: String,
    stem: String,
    plain: bool,
    follow: bool,
    from_end: bool,
    offset: u64,
}

/// A place in the log files.
struct Place {
    number: u64,
    offset: u64,
    file: Option<File>,
}

impl Log {
    /// Finds the log of a task.
    pub(crate) fn open(listing: Arc<Listing>, wanted: Wanted) -> Result<Self, FsError> {
        let Wanted { task, kind, follow, plain, offset, from_end } = wanted;
        if !listing.tasks.contains(&task) {
            return Err(FsError::new(400, format!("unknown task name {task:?}")));
        }
        let stem = format!("{task}.{kind}");
        let offset = offset.max(0).unsigned_abs();
        let log = Log { listing, task, stem, plain, follow, from_end, offset };
        let started = |task: &model::TaskState| task.started_at_ns != 0;
        let started = log.listing.update.borrow().task_states.get(&log.task).is_some_and(started);
        if !started && log.files().is_empty() {
            let text = format!("task {:?} not started yet. No logs available", log.task);
            return Err(FsError::new(404, text));
        }
        Ok(log)
    }

    fn files(&self) -> Vec<u64> {
        numbers(&self.listing.root.join("alloc/logs"), &self.stem)
    }

    fn path(&self, number: u64) -> String {
        format!("alloc/logs/{}.{number}", self.stem)
    }

    fn task_dead(&self) -> bool {
        let update = self.listing.update.borrow();
        update.task_states.get(&self.task).is_none_or(|task| task.state == TaskRunState::Dead)
    }

    fn open_file(&self, number: u64) -> io::Result<File> {
        Beneath::open(&self.listing.root)?.read(&self.path(number))
    }

    /// Where reading begins. An offset of 0 from the end is the whole log, as recorded.
    fn begin(&self) -> Place {
        let sizes: Vec<(u64, u64)> = self
            .files()
            .into_iter()
            .map(|number| {
                (number, self.open_file(number).and_then(|file| file.metadata()).map_or(0, |m| m.len()))
            })
            .collect();
        let total: u64 = sizes.iter().map(|(_, size)| size).sum();
        let mut skip = match (self.from_end, self.offset) {
            (true, 0) => 0,
            (true, back) => total.saturating_sub(back),
            (false, forward) => forward.min(total),
        };
        for (position, (number, size)) in sizes.iter().enumerate() {
            if skip < *size || position + 1 == sizes.len() {
                return Place { number: *number, offset: skip, file: None };
            }
            skip -= size;
        }
        Place { number: 0, offset: 0, file: None }
    }

    /// Reads on; `None` at the end of what there is.
    fn read(&self, place: &mut Place) -> Option<(Vec<u8>, u64)> {
        loop {
            if place.file.is_none() {
                let mut file = self.open_file(place.number).ok();
                if let Some(opened) = &mut file
                    && opened.seek(SeekFrom::Start(place.offset)).is_err()
                {
                    file = None;
                }
                place.file = file;
            }
            if let Some(file) = &mut place.file {
                let mut bytes = Vec::new();
                if file.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut bytes).is_ok() && !bytes.is_empty()
                {
                    place.offset += bytes.len() as u64;
                    return Some((bytes, place.number));
                }
            }
            // Only a file that has a successor is finished.
            let next = self.files().into_iter().find(|number| *number > place.number)?;
            *place = Place { number: next, offset: 0, file: None };
        }
    }

    /// The log as chunks of an answer's body.
    pub(crate) fn follow(self, context: &Context) -> BoxStream<'static, Bytes> {
        let (sender, frames) = mpsc::channel(FRAMES_MAX);
        let cancel = context.cancel.clone();
        tokio::spawn(async move {
            // Either way nobody reads on.
            let _ = cancel.run_until_cancelled(self.pump(sender)).await;
        });
        ReceiverStream::new(frames).boxed()
    }

    async fn pump(self, frames: mpsc::Sender<Bytes>) {
        let mut place = self.begin();
        let mut beat = Instant::now() + HEARTBEAT_EVERY;
        loop {
            // Asked before reading: what a dead task wrote is then all there.
            let dead = self.task_dead();
            while let Some((bytes, number)) = self.read(&mut place) {
                if frames.send(self.frame(bytes, number, place.offset)).await.is_err() {
                    return;
                }
                beat = Instant::now() + HEARTBEAT_EVERY;
            }
            if !self.follow || dead || frames.is_closed() {
                return;
            }
            if !self.plain && Instant::now() >= beat {
                if frames.send(Bytes::from_static(b"{}")).await.is_err() {
                    return;
                }
                beat = Instant::now() + HEARTBEAT_EVERY;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    fn frame(&self, bytes: Vec<u8>, number: u64, offset: u64) -> Bytes {
        if self.plain {
            return Bytes::from(bytes);
        }
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        let frame = json!({"Data": data, "File": self.path(number), "Offset": offset});
        Bytes::from(frame.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::AllocUpdate;
    use std::path::Path;

    fn log(root: &Path, from_end: bool, offset: u64, plain: bool) -> Log {
        let listing = Listing {
            root: root.to_owned(),
            tasks: vec!["t".into()],
            alloc: tokio::sync::watch::channel(Arc::default()).1,
            update: tokio::sync::watch::channel(AllocUpdate::default()).1,
            checks: Arc::default(),
            commands: mpsc::channel(1).0,
        };
        Log {
            listing: Arc::new(listing),
            task: "t".into(),
            stem: "t.stdout".into(),
            plain,
            follow: false,
            from_end,
            offset,
        }
    }

    async fn read(log: Log) -> String {
        let (sender, mut frames) = mpsc::channel(64);
        log.pump(sender).await;
        let mut text = String::new();
        while let Some(bytes) = frames.recv().await {
            text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
        text
    }

    #[tokio::test]
    async fn files_are_one_stream() {
        let dir = tempfile::tempdir().unwrap();
        let logs = dir.path().join("alloc/logs");
        std::fs::create_dir_all(&logs).unwrap();
        std::fs::write(logs.join("t.stdout.3"), "abc").unwrap();
        std::fs::write(logs.join("t.stdout.4"), "defg").unwrap();
        std::fs::write(logs.join("t.stderr.0"), "no").unwrap();
        let cases = [
            (false, 0, "abcdefg"),
            (false, 4, "efg"),
            (true, 2, "fg"),
            (true, 5, "cdefg"),
            (true, 0, "abcdefg"),
        ];
        for (from_end, offset, expected) in cases {
            assert_eq!(read(log(dir.path(), from_end, offset, true)).await, expected, "{from_end} {offset}");
        }
        let frame = read(log(dir.path(), false, 3, false)).await;
        assert_eq!(frame, "{\"Data\":\"ZGVmZw==\",\"File\":\"alloc/logs/t.stdout.4\",\"Offset\":4}");
    }
}
