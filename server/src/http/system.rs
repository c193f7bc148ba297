//! The System page, and the members of the consensus.

use std::sync::Arc;

use api::agent::{RaftPeer, Transferred};
use controllers::gc::{Thresholds, candidates};
use http::StatusCode;
use state::{Collect, Command, Operation};

use super::error::ApiError;
use super::message::{Request, Response};
use crate::app::App;

/// Rounds of a forced collection: each frees what the next one removes.
const ROUNDS_MAX: usize = 64;

/// Collects at once whatever has ended.
pub(super) async fn gc(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let _ = request;
    let mut before = Collect::default();
    for _ in 0..ROUNDS_MAX {
        let (state, now_ns) = (app.state(), app.clock.now_ns());
        let tenure = state.tenure();
        let walk = tokio::task::spawn_blocking(move || candidates(&state, now_ns, &Thresholds::now()));
        let what = walk.await.map_err(|error| ApiError::Internal(error.to_string()))?;
        // What apply refused once it would refuse again.
        if what.is_empty() || what == before {
            break;
        }
        before.clone_from(&what);
        app.propose(Command::Collect { tenure, what }).await?;
    }
    Ok(Response::empty(StatusCode::OK))
}

/// Counts the allocations of every job anew.
pub(super) async fn reconcile(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let _ = request;
    app.operate(Operation::ReconcileSummaries).await?;
    Ok(Response::empty(StatusCode::OK))
}

/// Takes a server out of the consensus.
pub(super) async fn remove_peer(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let text = |name| request.params.get(name).unwrap_or_default();
    if !text("address").is_empty() {
        let fault = "Removing a peer by address is not supported in the current raft protocol version";
        return Err(ApiError::BadRequest(fault.into()));
    }
    if text("id").is_empty() {
        return Err(ApiError::BadRequest("Must specify the peer's ID to remove".into()));
    }
    let id = member_with(app, text("id")).map_err(ApiError::Server)?;
    remove(app, id).await?;
    Ok(Response::empty(StatusCode::OK))
}

/// Has another server lead.
pub(super) async fn transfer(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let text = |name| request.params.get(name).unwrap_or_default();
    let target = match (text("id"), text("address")) {
        ("", "") => return Err(ApiError::BadRequest("must specify id or address".into())),
        (id, "") => member_with(app, id).map_err(ApiError::BadRequest)?,
        ("", address) => {
            let members = app.raft.members();
            let found = members.iter().find(|member| member.rpc_addr == address);
            let fault = || format!("address \"{address}\" was not found in the Raft configuration");
            found.map(|member| member.id).ok_or_else(|| ApiError::BadRequest(fault()))?
        }
        _ => return Err(ApiError::BadRequest("must specify either id or address".into())),
    };
    let me = app.raft.server_id();
    if target != me {
        app.raft.transfer_leadership(target).await.map_err(member_error)?;
    }
    let members = app.raft.members();
    let named = |id: u64| {
        let member = members.iter().find(|member| member.id == id);
        RaftPeer { address: member.map(|member| member.rpc_addr.clone()), id: id.to_string() }
    };
    let answer = Transferred { error: None, from: named(me), noop: target == me, to: named(target) };
    Ok(Response::json(&answer, request.params.pretty()))
}

/// The member that an id names.
fn member_with(app: &App, id: &str) -> Result<u64, String> {
    let members = app.raft.members();
    let found = members.iter().find(|member| member.id.to_string() == id);
    found
        .map(|member| member.id)
        .ok_or_else(|| format!("id \"{id}\" was not found in the Raft configuration"))
}

/// Removes a member, in the words of an operator's error.
pub(super) async fn remove(app: &App, id: u64) -> Result<(), ApiError> {
    app.raft.remove_member(id).await.map_err(member_error)
}

fn member_error(error: raft::MemberError) -> ApiError {
    match error {
        raft::MemberError::NotLeader => ApiError::NotLeader,
        raft::MemberError::Unfinished(why) => ApiError::OutcomeUnknown(why),
        refused => ApiError::Server(refused.to_string()),
    }
}
