//! The Nodes page.

use std::sync::Arc;

use api::nodes::{Node, NodeStub};
use model::id::NodeId;
use state::Table;

use super::blocking::{self, Found};
use super::error::ApiError;
use super::lookup;
use super::message::{Request, Response};
use super::page::{self, Page, Token};
use super::stored::{self, Stored};
use crate::app::App;

const TABLES: [Table; 1] = [Table::Nodes];

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let (shown, prefix) = (Shown::of(request)?, request.params.get("prefix").unwrap_or_default());
    lookup::prefix(prefix, "node")?;
    blocking::read(app, request, &TABLES, |state, options| {
        let mut nodes: Vec<_> =
            state.nodes().filter(|node| lookup::begins(&node.id.0, &options.prefix)).cloned().collect();
        if options.reverse {
            nodes.reverse();
        }
        let page = page::take(nodes.into_iter(), options, |node| Token::Text(node.id.text()), stored());
        Page::found(page, state.table_index(Table::Nodes), |node| shown.stub(&node))
    })
    .await
}

pub(super) async fn read(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let id = NodeId(lookup::id(id, "node")?);
    blocking::read(app, request, &TABLES, |state, _| match state.node(id) {
        Some(node) => Found::new(Node::from(&**node), node.modify_index),
        None => Found::missing("node not found", state.table_index(Table::Nodes)),
    })
    .await
}

/// What a list shows of its nodes beyond the usual.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    resources: bool,
    os: bool,
}

impl Shown {
    pub(super) fn of(request: &Request) -> Result<Self, ApiError> {
        let flag = |name| {
            let flag = request.params.flag(name);
            flag.map_err(|error| ApiError::BadRequest(format!("Failed to parse node list fields: {error}")))
        };
        Ok(Shown { resources: flag("resources")?, os: flag("os")? })
    }

    pub(super) fn stub(self, node: &model::Node) -> NodeStub {
        NodeStub::new(node, self.resources, self.os)
    }
}

/// Nodes as filters see them.
pub(super) fn stored() -> Stored<Arc<model::Node>> {
    Stored::new("*Node", |node| stored::json(Node::from(&**node)))
}
