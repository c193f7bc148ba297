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
use model::{AllocId, TaskRunState};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_stream::wrappers::ReceiverStream;

use crate::context::{Context, Listing};
use crate::http::query::Query;
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

/// A log that cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LogError {
    #[error("must provide a valid alloc id")]
    NoAlloc,
    #[error("Unknown allocation {0:?}")]
    UnknownAlloc(String),
    #[error("must provide task name")]
    NoTask,
    #[error("must provide log type (stdout/stderr)")]
    NoType,
    #[error("origin must be start or end")]
    Origin,
    #[error("failed to parse {field} field to boolean: strconv.ParseBool: parsing {value:?}: invalid syntax")]
    Bool { field: &'static str, value: String },
    #[error("error parsing offset: strconv.ParseInt: parsing {0:?}: invalid syntax")]
    Offset(String),
    #[error("unknown task name {0:?}")]
    UnknownTask(String),
    #[error("task {0:?} not started yet. No logs available")]
    NotStarted(String),
}

impl LogError {
    /// HTTP status.
    pub(crate) fn status(&self) -> u16 {
        match self {
            LogError::UnknownAlloc(_) | LogError::NotStarted(_) => 404,
            _ => 400,
        }
    }
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

fn flag(query: &Query, field: &'static str) -> Result<bool, LogError> {
    match query.get(field) {
        "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        value => Err(LogError::Bool { field, value: value.to_owned() }),
    }
}

/// Reads the question.
pub(crate) fn open(context: &Context, alloc: &str, query: &Query) -> Result<Log, LogError> {
    if alloc.is_empty() {
        return Err(LogError::NoAlloc);
    }
    let task = query.get("task").to_owned();
    if task.is_empty() {
        return Err(LogError::NoTask);
    }
    let follow = flag(query, "follow")?;
    let plain = flag(query, "plain")?;
    let kind = match query.get("type") {
        kind @ ("stdout" | "stderr") => kind,
        _ => return Err(LogError::NoType),
    };
    let offset = match query.get("offset") {
        "" => 0,
        text => text.parse::<i64>().map_err(|_| LogError::Offset(text.to_owned()))?.max(0).unsigned_abs(),
    };
    let from_end = match query.get("origin") {
        "" | "start" => false,
        "end" => true,
        _ => return Err(LogError::Origin),
    };
    let unknown = || LogError::UnknownAlloc(alloc.to_owned());
    let id = alloc.parse::<AllocId>().map_err(|_| unknown())?;
    let listing = context.directory.get(id).ok_or_else(unknown)?;
    if !listing.tasks.contains(&task) {
        return Err(LogError::UnknownTask(task));
    }
    let stem = format!("{task}.{kind}");
    let log = Log { listing, task, stem, plain, follow, from_end, offset };
    let started =
        log.listing.update.borrow().task_states.get(&log.task).is_some_and(|task| task.started_at_ns != 0);
    if !started && log.files().is_empty() {
        return Err(LogError::NotStarted(log.task));
    }
    Ok(log)
}

/// A place in the log files.
struct Place {
    number: u64,
    offset: u64,
    file: Option<File>,
}

impl Log {
    /// The bytes alone, without frames.
    pub(crate) fn plain(&self) -> bool {
        self.plain
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
            update: tokio::sync::watch::channel(AllocUpdate::default()).1,
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
