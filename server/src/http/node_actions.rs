//! What operators do with nodes.

use std::sync::Arc;

use api::actions::{NodeChanged, NodeUpdateDrainRequest, NodeUpdateEligibilityRequest, NodeUpdated};
use model::DrainStrategy;
use model::id::{EvalId, NodeId};
use model::node::Eligibility;
use state::{Answer, Command, Operation};

use super::error::ApiError;
use super::lookup;
use super::message::{Request, Response};
use crate::app::App;
use crate::app::operations::{Operated, operated};

pub(super) async fn drain(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: NodeUpdateDrainRequest = api::json::from_slice(&request.body)?;
    let node_id = meant(&body.node_id, id)?;
    let drain = body.drain_spec.map(|spec| DrainStrategy {
        deadline_ns: spec.deadline.0,
        ignore_system_jobs: spec.ignore_system_jobs,
        ..DrainStrategy::default()
    });
    let done = app
        .operate(Operation::DrainNode {
            node_id,
            drain,
            mark_eligible: body.mark_eligible,
            meta: body.meta.unwrap_or_default(),
            accessor_id: String::new(),
            seed: app.seed(),
        })
        .await?;
    Ok(changed(request, &done))
}

pub(super) async fn eligibility(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let body: NodeUpdateEligibilityRequest = api::json::from_slice(&request.body)?;
    let eligibility = match body.eligibility.as_str() {
        "eligible" => Eligibility::Eligible,
        "ineligible" => Eligibility::Ineligible,
        other => return Err(ApiError::Server(format!("invalid scheduling eligibility \"{other}\""))),
    };
    let node_id = meant(&body.node_id, id)?;
    let known = app.state().node(node_id).map(|node| node.eligibility);
    if known == Some(eligibility) {
        // Nothing is written, as in the original, where the index is then 0.
        let unchanged = Operated { index: 0, answer: Answer::Done };
        return Ok(changed(request, &unchanged));
    }
    let command = Command::SetNodeEligibility { node_id, eligibility, seed: app.seed() };
    let committed = app.propose(command).await?;
    Ok(changed(request, &operated(committed.index, committed.outcome)?))
}

pub(super) async fn evaluate(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let node_id = NodeId(lookup::id(id, "node")?);
    let done = app.operate(Operation::EvaluateNode { node_id, seed: app.seed() }).await?;
    Ok(updated(request, &done))
}

pub(super) async fn purge(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let node_id = NodeId(lookup::id(id, "node")?);
    let done = app.operate(Operation::PurgeNode { node_id, seed: app.seed() }).await?;
    Ok(updated(request, &done))
}

/// The node that is meant: the body's, where it names one, as in the original.
fn meant(body: &str, path: &str) -> Result<NodeId, ApiError> {
    lookup::id(if body.is_empty() { path } else { body }, "node").map(NodeId)
}

/// The evaluations that follow, the index at which they were made, and that of the node.
fn told(done: &Operated) -> (Option<Vec<String>>, u64, u64) {
    let Answer::Node { eval_ids, node_modify_index } = &done.answer else { return (None, 0, 0) };
    if eval_ids.is_empty() {
        return (None, 0, *node_modify_index);
    }
    (Some(eval_ids.iter().map(EvalId::text).collect()), done.index, *node_modify_index)
}

fn changed(request: &Request, done: &Operated) -> Response {
    let (eval_ids, eval_create_index, node_modify_index) = told(done);
    let answer = NodeChanged { eval_create_index, eval_ids, index: done.index, node_modify_index };
    Response::json(&answer, request.params.pretty()).with_header("x-nomad-index", done.index)
}

fn updated(request: &Request, done: &Operated) -> Response {
    let (eval_ids, eval_create_index, node_modify_index) = told(done);
    let answer = NodeUpdated {
        eval_create_index,
        eval_ids,
        index: done.index,
        node_modify_index,
        ..NodeUpdated::default()
    };
    Response::json(&answer, request.params.pretty()).with_header("x-nomad-index", done.index)
}
