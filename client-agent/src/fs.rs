//! `/v1/client/fs/…`: the files of an allocation, listed, described, read and followed. Access is decided before.

pub(crate) mod content_type;
mod mode;
mod read;
mod tree;

use std::sync::Arc;

use model::AllocId;
use proto::fs_request::{FsError, FsRequest};
use serde_json::Value;

use crate::context::{Context, Listing};
use crate::http::HttpAnswer;
use crate::http::query::Query;
use crate::logs;
use tree::Tree;

/// Answers a request for files. Errors carry their own status; what clients are told of those of `cat` and `readat` is
/// the affair of whoever speaks HTTP with them.
pub(crate) async fn answer(context: &Arc<Context>, what: &str, alloc: &str, query: &Query) -> HttpAnswer {
    let answered = match FsRequest::read(what, alloc, |name| query.get(name)) {
        Ok(request) => carry_out(context, alloc, request).await,
        Err(error) => Err(error),
    };
    answered.unwrap_or_else(|error| HttpAnswer::text(error.status, error.text))
}

/// The allocation that a request names, if it is here.
pub(crate) fn find(context: &Context, alloc: &str) -> Result<Arc<Listing>, FsError> {
    let unknown = || FsError::new(404, format!("Unknown allocation {alloc:?}"));
    let id = alloc.parse::<AllocId>().map_err(|_| unknown())?;
    context.directory.get(id).ok_or_else(unknown)
}

async fn carry_out(context: &Arc<Context>, alloc: &str, request: FsRequest) -> Result<HttpAnswer, FsError> {
    let listing = find(context, alloc)?;
    match request {
        FsRequest::List { path } => {
            let tree = Tree::of(&listing);
            let names = blocking(move || tree.list(&path)).await?;
            Ok(HttpAnswer::json(&Value::Array(names.iter().map(tree::Entry::json).collect())))
        }
        FsRequest::Stat { path } => {
            let tree = Tree::of(&listing);
            let entry = blocking(move || tree.stat(&path)).await?;
            Ok(HttpAnswer::json(&entry.json()))
        }
        FsRequest::Cat { path } => read::plain(&listing, path, 0, 0).await,
        FsRequest::ReadAt { path, offset, limit } => read::plain(&listing, path, offset, limit).await,
        FsRequest::Stream { path, offset, from_end, follow } => {
            read::frames(context, &listing, path, offset, from_end, follow).await
        }
        FsRequest::Logs { task, kind, follow, plain, offset, from_end } => {
            let wanted = logs::Wanted { task, kind, follow, plain, offset, from_end };
            let log = logs::Log::open(listing, wanted)?;
            Ok(HttpAnswer::stream(!plain, log.follow(context)))
        }
    }
}

/// Touches the disk where that holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FsError> + Send + 'static,
) -> Result<T, FsError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(FsError::new(500, error.to_string())))
}
