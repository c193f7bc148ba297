//! Every URL in one table: what a method and path ask for, who can answer it, and the right that it asks for.
//!
//! A path is matched after percent-decoding. `:name` is one segment; `*name` takes slashes too, because ids of
//! jobs and paths of variables may hold them, and is told from what follows by its suffix. The first row whose
//! path fits decides, so suffixes stand before the bare noun.

#[cfg(test)]
mod contract_tests;
mod pattern;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures::future::BoxFuture;
use http::Method;

use super::error::ApiError;
use super::message::{Request, Response};
use crate::app::App;
pub(super) use pattern::Args;

/// Who can answer a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Only the leader.
    Write,
    /// Every server, after a read barrier unless `stale` is asked for.
    Read,
    /// The server that was asked.
    Local,
    /// The server that holds the session of the node in question.
    Session,
}

/// The method of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    /// PUT and POST mean the same everywhere.
    Put,
    Delete,
    /// Whatever the rows of the same path do not name; such a row stands last of them.
    Other,
}

/// Answers a request.
pub(super) type Handler =
    for<'a> fn(&'a Arc<App>, &'a Request, &'a Args) -> BoxFuture<'a, Result<Response, ApiError>>;

/// One line of the table.
pub(super) struct Row {
    pub(super) verb: Verb,
    pub(super) path: &'static str,
    pub(super) access: Access,
    /// Any one of these, separated by `|`; empty for everybody.
    #[expect(dead_code, reason = "the column is complete before tokens, which will ask for it, are known")]
    pub(super) rights: &'static str,
    pub(super) handler: Handler,
}

/// The row of a request, with what its path names.
pub(super) struct Route {
    pub(super) row: &'static Row,
    pub(super) args: Args,
}

/// Methods and paths that are served, for the document that describes them.
pub(super) fn served() -> impl Iterator<Item = (&'static str, &'static str)> {
    table::ROWS.iter().filter_map(|row| match row.verb {
        Verb::Get => Some(("get", row.path)),
        Verb::Put => Some(("put", row.path)),
        Verb::Delete => Some(("delete", row.path)),
        Verb::Other => None,
    })
}

impl Verb {
    fn of(method: &Method) -> Option<Verb> {
        match *method {
            Method::GET => Some(Verb::Get),
            Method::PUT | Method::POST => Some(Verb::Put),
            Method::DELETE => Some(Verb::Delete),
            _ => None,
        }
    }
}

impl Route {
    /// Finds the route of a request.
    pub(super) fn find(method: &Method, path: &str) -> Result<Route, ApiError> {
        let path = api::query::percent_decode(path, false);
        let mut fitting = None;
        for row in table::ROWS {
            // Rows of one path stand together: the first that fits fixes the path, its neighbours the method.
            if fitting.is_some_and(|path| path != row.path) {
                continue;
            }
            let Some(args) = pattern::fit(row.path, &path) else { continue };
            fitting = Some(row.path);
            if row.verb == Verb::Other || Verb::of(method) == Some(row.verb) {
                return Ok(Route { row, args });
            }
        }
        if fitting.is_some() {
            return Err(ApiError::MethodNotAllowed);
        }
        match table::LATER.iter().any(|later| pattern::fit(later, &path).is_some()) {
            true => Err(ApiError::NotBuilt(path)),
            false => Err(ApiError::NoRoute),
        }
    }

    /// Calls the handler.
    pub(super) async fn answer(&self, app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
        (self.row.handler)(app, request, &self.args).await
    }
}
