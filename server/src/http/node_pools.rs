//! The Node Pools page.

use std::sync::Arc;

use api::jobs::JobStub;
use api::node_pools::NodePool;
use model::job::validate::Faults;
use model::node_pool;
use state::{Operation, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::jobs;
use super::message::{Request, Response};
use super::nodes::{self, Shown};
use super::page::{self, Page, Token};
use super::stored::{self, Stored};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

const TABLES: [Table; 1] = [Table::NodePools];

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    blocking::read(app, request, &TABLES, |state, options| {
        let mut pools: Vec<_> = state.node_pools(&options.prefix).cloned().collect();
        if options.reverse {
            pools.reverse();
        }
        let stored =
            Stored::new("*NodePool", |pool: &Arc<model::NodePool>| stored::json(NodePool::from(&**pool)));
        let token = |pool: &Arc<model::NodePool>| Token::Text(pool.name.clone());
        let page = page::take(pools.into_iter(), options, token, stored);
        Page::found(page, state.table_index(Table::NodePools), |pool| NodePool::from(&*pool))
    })
    .await
}

pub(super) async fn read(app: &Arc<App>, request: &Request, name: &str) -> Result<Response, ApiError> {
    named(name)?;
    blocking::read(app, request, &TABLES, |state, _| match state.node_pool(name) {
        Some(pool) => Found::new(NodePool::from(&**pool), pool.modify_index),
        None => Found::missing("node pool not found", state.table_index(Table::NodePools)),
    })
    .await
}

/// Makes or replaces the pool in the body.
pub(super) async fn put(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    put_named(app, request, None).await
}

/// Makes or replaces the pool in the path, which the body's has to equal.
pub(super) async fn put_at(app: &Arc<App>, request: &Request, name: &str) -> Result<Response, ApiError> {
    named(name)?;
    put_named(app, request, Some(name)).await
}

async fn put_named(app: &Arc<App>, request: &Request, path: Option<&str>) -> Result<Response, ApiError> {
    let body: NodePool = api::json::from_slice(&request.body)?;
    if path.is_some_and(|path| path != body.name) {
        return Err(ApiError::BadRequest("Node pool name does not match request path".into()));
    }
    let governed = body.scheduler_configuration.is_some();
    let pool = model::NodePool::from(body);
    let faults = pool.faults();
    if !faults.is_empty() {
        let faults = Faults::from_lines(faults);
        return Err(ApiError::BadRequest(format!("invalid node pool \"{}\": {faults}", pool.name)));
    }
    if model::NodePool::is_built_in(&pool.name) {
        return Err(ApiError::BadRequest(format!("modifying node pool \"{}\" is not allowed", pool.name)));
    }
    if governed {
        return Err(ApiError::Server("Feature \"Node Pools Governance\" is unlicensed".into()));
    }
    let written = app.operate(Operation::PutNodePool { pool: Box::new(pool) }).await?;
    Ok(Response::written(written.index))
}

pub(super) async fn delete(app: &Arc<App>, request: &Request, name: &str) -> Result<Response, ApiError> {
    let _ = request;
    named(name)?;
    let written = app.operate(Operation::DeleteNodePool { name: name.to_owned() }).await?;
    Ok(Response::written(written.index))
}

/// Nodes of a pool. A pool that nobody knows has none, at index 0.
pub(super) async fn nodes(app: &Arc<App>, request: &Request, name: &str) -> Result<Response, ApiError> {
    let shown = Shown::of(request)?;
    blocking::read(app, request, &[Table::Nodes, Table::NodePools], |state, options| {
        let index = match state.node_pool(name) {
            Some(pool) => state.table_index(Table::Nodes).max(pool.create_index),
            None => 0,
        };
        let inside = |node: &&Arc<model::Node>| name == node_pool::ALL || node.node_pool == name;
        let mut found: Vec<_> = state.nodes().filter(inside).cloned().collect();
        if options.reverse {
            found.reverse();
        }
        let token = |node: &Arc<model::Node>| Token::Text(node.id.text());
        let page = page::take(found.into_iter(), options, token, nodes::stored());
        Page::found(page, index, |node| shown.stub(&node))
    })
    .await
}

/// Jobs of a pool. A pool that nobody knows has none, at index 0.
pub(super) async fn jobs(app: &Arc<App>, request: &Request, name: &str) -> Result<Response, ApiError> {
    let meta = request.params.flag("meta")?;
    let tables = [Table::Jobs, Table::JobSummaries];
    blocking::read(app, request, &tables, |state, options| {
        let index = if state.has_node_pool(name) { state.last_index(&tables) } else { 0 };
        let namespace = namespace_or_default(options.namespace.as_deref());
        let inside = |job: &model::Job| {
            (namespace == "*" || job.namespace == namespace)
                && (name == node_pool::ALL || job.node_pool == name)
        };
        let found = state.jobs().filter(|(_, job, _)| inside(job)).map(|(_, job, summary)| (job, summary));
        let mut found: Vec<_> = found.collect();
        if options.reverse {
            found.reverse();
        }
        let page = page::take(found.into_iter(), options, jobs::token, jobs::stored());
        Page::found(page, index, |(job, summary)| JobStub::new(job, jobs::summary_of(job, summary), meta))
    })
    .await
}

fn named(name: &str) -> Result<(), ApiError> {
    match name {
        "" => Err(ApiError::BadRequest("missing node pool name".into())),
        _ => Ok(()),
    }
}
