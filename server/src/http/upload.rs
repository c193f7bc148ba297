//! Bodies that are too large for memory: they wait in a file without a name, which is gone with its last reader.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::Method;
use tokio::io::AsyncWriteExt;

use super::error::ApiError;

/// The path that takes such a body.
pub(super) const SNAPSHOT: &str = "/v1/operator/snapshot";
/// Largest such body, bytes.
const UPLOAD_BYTES: u64 = 4 << 30;
/// How long one may take.
const UPLOAD_LIMIT: Duration = Duration::from_secs(600);
/// How long the next part of one may take.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);
/// Size of the parts in which it is passed on.
const PART: usize = 1 << 20;

/// A body in a file.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    file: Arc<File>,
    size: u64,
}

/// True for a request whose body goes into a file.
pub(crate) fn wanted(method: &Method, path: &str) -> bool {
    (method == Method::PUT || method == Method::POST) && path == SNAPSHOT
}

impl Upload {
    /// Reads a body into a file on the disk of `dir`, within limits of its own.
    pub(crate) async fn receive<E>(
        body: impl Stream<Item = Result<Bytes, E>>,
        dir: &Path,
    ) -> Result<Upload, ApiError> {
        let kept = tokio::time::timeout(UPLOAD_LIMIT, keep(body, dir, UPLOAD_BYTES)).await;
        kept.unwrap_or_else(|_elapsed| Err(late()))
    }

    /// Its size, bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The file; who reads it keeps a place of their own.
    pub(crate) fn file(&self) -> Arc<File> {
        self.file.clone()
    }

    /// Its parts, in order.
    pub(crate) fn parts(&self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let upload = self.clone();
        futures::stream::try_unfold(0, move |at| {
            let (file, size) = (upload.file.clone(), upload.size);
            async move {
                let length = usize::try_from(size - at).unwrap_or(usize::MAX).min(PART);
                if length == 0 {
                    return Ok(None);
                }
                let read = tokio::task::spawn_blocking(move || {
                    let mut part = vec![0; length];
                    file.read_exact_at(&mut part, at).map(|()| part)
                });
                let part = read.await.map_err(io::Error::other)??;
                Ok(Some((Bytes::from(part), at + length as u64)))
            }
        })
    }
}

async fn keep<E>(
    body: impl Stream<Item = Result<Bytes, E>>,
    dir: &Path,
    limit: u64,
) -> Result<Upload, ApiError> {
    let failed = |error: io::Error| ApiError::Internal(format!("the body could not be kept: {error}"));
    let file = tempfile::tempfile_in(dir).map_err(failed)?;
    let mut writer = tokio::fs::File::from_std(file.try_clone().map_err(failed)?);
    let mut body = std::pin::pin!(body);
    let mut size = 0;
    loop {
        let next = tokio::time::timeout(SILENCE_LIMIT, body.next()).await.map_err(|_elapsed| late())?;
        let Some(part) = next else { break };
        let part =
            part.map_err(|_broken| ApiError::BadRequest("the request body was cut short".to_owned()))?;
        size += part.len() as u64;
        if size > limit {
            return Err(ApiError::TooLarge);
        }
        writer.write_all(&part).await.map_err(failed)?;
    }
    writer.flush().await.map_err(failed)?;
    Ok(Upload { file: Arc::new(file), size })
}

fn late() -> ApiError {
    ApiError::BadRequest("the request body did not arrive in time".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::TryStreamExt;

    #[tokio::test]
    async fn a_body_is_kept_whole_and_read_again_as_often_as_one_likes() {
        let part = |byte: u8| Ok::<_, io::Error>(Bytes::from(vec![byte; 700_000]));
        let body = || futures::stream::iter([part(1), part(2), part(3)]);
        let upload = Upload::receive(body(), &std::env::temp_dir()).await.unwrap();
        for _ in 0..2 {
            let parts: Vec<Bytes> = upload.parts().try_collect().await.unwrap();
            assert_eq!(parts.concat(), [vec![1; 700_000], vec![2; 700_000], vec![3; 700_000]].concat());
            assert!(parts.iter().all(|part| part.len() <= PART));
        }
        let refused = keep(body(), &std::env::temp_dir(), 1_000_000).await.unwrap_err();
        assert_eq!(refused, ApiError::TooLarge);
        let broken = futures::stream::iter([part(1), Err(io::Error::other("reset"))]);
        assert!(matches!(keep(broken, &std::env::temp_dir(), 1 << 20).await, Err(ApiError::BadRequest(_))));
    }
}
