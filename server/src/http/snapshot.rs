//! The snapshots of operators: all that the servers hold, as one file.

use std::io;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::StreamExt;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use tokio_util::io::ReaderStream;

use super::blocking::{barrier, indexed};
use super::error::ApiError;
use super::message::{Body, Request, Response};
use crate::app::App;

/// Size of the parts in which a file goes out.
const PART: usize = 256 << 10;

/// Saves the newest state: everything that was acknowledged before, unless `stale` is asked for.
pub(super) async fn save(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let stale = request.params.read_options()?.stale;
    if !stale {
        barrier(app).await?;
    }
    let saved = app.raft.save_snapshot().await;
    let saved =
        saved.map_err(|error| ApiError::Internal(format!("the snapshot was not written: {error}")))?;
    let parts = ReaderStream::with_capacity(tokio::fs::File::from_std(saved.file), PART);
    let mut response = Response::typed(StatusCode::OK, "application/octet-stream", Bytes::new())
        .with_header(CONTENT_LENGTH.as_str(), saved.size)
        .with_header("digest", format!("sha-256={}", STANDARD.encode(saved.sha256)));
    response.body = Body::Stream(parts.map(|part: io::Result<Bytes>| part).boxed());
    Ok(indexed(app, response, saved.index, stale))
}

/// Puts a saved state in place of this one.
pub(super) async fn restore(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let Some(upload) = &request.upload else {
        return Err(ApiError::BadRequest("a snapshot is restored from the body of the request".to_owned()));
    };
    let index = app.restore(upload.file()).await?;
    Ok(Response::written(index))
}
