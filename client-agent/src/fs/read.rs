//! Reading a file for somebody: as it is, or in frames for as long as it grows.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use bytes::Bytes;
use futures::stream::StreamExt;
use proto::fs_request::FsError;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_stream::wrappers::ReceiverStream;

use super::tree::Tree;
use super::{blocking, content_type};
use crate::context::{Context, Listing};
use crate::http::HttpAnswer;

/// Largest piece of a file at a time, bytes.
const CHUNK_BYTES: usize = 64 << 10;
/// Pieces that wait for the reader.
const CHUNKS_MAX: usize = 8;
/// How often a file that has been read to its end is looked at again.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A quiet stream says `{}` this often, so that the reader knows that it lives.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);
const FRAMES: &str = "text/plain; charset=utf-8";

fn failed(path: &str, error: &std::io::Error) -> FsError {
    FsError::new(500, format!("read {path}: {error}"))
}

/// The next piece, at most `most` bytes; empty at the end.
fn piece(file: &mut File, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most.min(CHUNK_BYTES as u64)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn seek(file: &mut File, path: &str, offset: i64) -> Result<u64, FsError> {
    let from =
        u64::try_from(offset).map_err(|_| FsError::new(500, format!("seek {path}: invalid argument")))?;
    file.seek(SeekFrom::Start(from)).map_err(|error| failed(path, &error))
}

/// A file as it is, from `offset`, `limit` bytes unless that is 0 or less.
pub(super) async fn plain(
    listing: &Listing,
    path: String,
    offset: i64,
    limit: i64,
) -> Result<HttpAnswer, FsError> {
    let tree = Tree::of(listing);
    let mut left = u64::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(u64::MAX);
    let begin = blocking(move || {
        let mut file = tree.read(&path)?;
        seek(&mut file, &path, offset)?;
        let first = piece(&mut file, left).map_err(|error| failed(&path, &error))?;
        Ok((file, first))
    });
    let (mut file, first) = begin.await?;
    // An empty answer has no type, as Go sends it.
    let kind = if first.is_empty() { "" } else { content_type::detect(&first) };
    let (sender, chunks) = mpsc::channel(CHUNKS_MAX);
    tokio::task::spawn_blocking(move || {
        let mut next = first;
        while !next.is_empty() {
            left = left.saturating_sub(next.len() as u64);
            if sender.blocking_send(Bytes::from(next)).is_err() {
                return;
            }
            // The answer has begun: it can only end early.
            next = piece(&mut file, left).unwrap_or_default();
        }
    });
    let body = ReceiverStream::new(chunks).boxed();
    Ok(HttpAnswer { status: 200, content_type: kind.to_owned(), body })
}

/// A file in frames.
pub(super) async fn frames(
    context: &Arc<Context>,
    listing: &Listing,
    path: String,
    offset: i64,
    from_end: bool,
    follow: bool,
) -> Result<HttpAnswer, FsError> {
    let tree = Tree::of(listing);
    let begin = {
        let (tree, path) = (tree.clone(), path.clone());
        blocking(move || {
            // A name that leads nowhere is the asker's fault; what goes wrong later is not.
            let entry = tree.stat(&path).map_err(|error| FsError { status: 400, ..error })?;
            if entry.is_dir() {
                return Err(FsError::new(400, format!("file {path:?} is a directory")));
            }
            let mut file = tree.read(&path)?;
            let size = file.metadata().map_err(|error| failed(&path, &error))?.len();
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            let from = if from_end { size.saturating_sub(offset).max(0) } else { offset };
            let offset = seek(&mut file, &path, from)?;
            Ok((file, offset))
        })
    };
    let (file, offset) = begin.await?;
    let (sender, chunks) = mpsc::channel(CHUNKS_MAX);
    let reader = FrameReader { tree, path, file, offset, follow, frames: sender };
    let cancel = context.cancel.clone();
    tokio::spawn(async move {
        // Either way nobody reads on.
        let _ = cancel.run_until_cancelled(reader.run()).await;
    });
    let body = ReceiverStream::new(chunks).boxed();
    Ok(HttpAnswer { status: 200, content_type: FRAMES.to_owned(), body })
}

struct FrameReader {
    tree: Tree,
    path: String,
    file: File,
    offset: u64,
    follow: bool,
    frames: mpsc::Sender<Bytes>,
}

impl FrameReader {
    async fn send(&self, frame: Value) -> bool {
        self.frames.send(Bytes::from(frame.to_string())).await.is_ok()
    }

    fn frame(&self, bytes: &[u8]) -> Value {
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        json!({"Data": data, "File": self.path, "Offset": self.offset})
    }

    fn event(&self, event: &str) -> Value {
        json!({"File": self.path, "FileEvent": event, "Offset": self.offset})
    }

    async fn run(mut self) {
        let mut beat = Instant::now() + HEARTBEAT_EVERY;
        loop {
            match piece(&mut self.file, u64::MAX) {
                Ok(bytes) if !bytes.is_empty() => {
                    self.offset += bytes.len() as u64;
                    let frame = self.frame(&bytes);
                    if !self.send(frame).await {
                        return;
                    }
                    beat = Instant::now() + HEARTBEAT_EVERY;
                    continue;
                }
                Ok(_) if self.follow && !self.frames.is_closed() => {}
                _ => return,
            }
            if self.file.metadata().is_ok_and(|metadata| metadata.len() < self.offset) {
                self.offset = 0;
                let truncated = self.event("file truncated");
                if self.file.rewind().is_err() || !self.send(truncated).await {
                    return;
                }
                continue;
            }
            if self.tree.stat(&self.path).is_err() {
                self.send(self.event("file deleted")).await;
                return;
            }
            if Instant::now() >= beat {
                if !self.send(json!({})).await {
                    return;
                }
                beat = Instant::now() + HEARTBEAT_EVERY;
            }
            sleep(LOOK_EVERY).await;
        }
    }
}
