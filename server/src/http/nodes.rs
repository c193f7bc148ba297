//! The Nodes page.

use std::sync::Arc;

use api::nodes::{Node, NodeStub};
use model::id::NodeId;
use state::Table;

use super::allocations::check_prefix;
use super::blocking::{self, Found};
use super::error::ApiError;
use super::message::{Request, Response};
use super::page::{self, Token};
use crate::app::App;

const TABLES: [Table; 1] = [Table::Nodes];

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let prefix = request.params.get("prefix").unwrap_or_default();
    check_prefix(prefix).map_err(lookup_failed)?;
    blocking::read(app, request, &TABLES, |state, options| {
        let mut nodes: Vec<_> =
            state.nodes().filter(|node| node.id.text().starts_with(&options.prefix)).cloned().collect();
        if options.reverse {
            nodes.reverse();
        }
        let (nodes, next_token) = page::take(nodes.into_iter(), options, |node| Token::Text(node.id.text()));
        let stubs: Vec<_> = nodes.iter().map(|node| NodeStub::from(&**node)).collect();
        Found { next_token, ..Found::new(stubs, state.table_index(Table::Nodes)) }
    })
    .await
}

pub(super) async fn read(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    if id.len() != 36 {
        return Err(lookup_failed(ApiError::Server("UUID must be 36 characters".into())));
    }
    let id: NodeId = id.parse().map_err(|_| ApiError::NotFound("node not found".into()))?;
    blocking::read(app, request, &TABLES, |state, _| match state.node(id) {
        Some(node) => Found::new(Node::from(&**node), node.modify_index),
        None => Found::missing("node not found", state.table_index(Table::Nodes)),
    })
    .await
}

/// As the original words a look-up of a node that cannot be made.
fn lookup_failed(error: ApiError) -> ApiError {
    match error {
        ApiError::Server(text) => ApiError::Server(format!("node lookup failed: index error: {text}")),
        other => other,
    }
}
