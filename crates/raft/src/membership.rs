//! The leader's side of joining and leaving: one change at a time, learners first, names unique.

use std::collections::BTreeSet;
use std::time::Duration;

use openraft::ChangeMembers;
use openraft::error::{ChangeMembershipError, ClientWriteError, RaftError};
use tokio::time::Instant;
use tonic::Status;

use crate::handle::Inner;
use crate::identity::IdentityError;
use crate::leadership::{leadership_of, member_of, members_of};
use crate::member::Member;
use crate::network::client::{Method, call};
use crate::network::frame::{Frame, Greeting, JoinReply};
use crate::proposer::is_leader;

/// How long a learner may take to catch up within one request; it asks again afterwards.
const CATCH_UP: Duration = Duration::from_secs(8);
/// How long one membership change may take.
const CHANGE: Duration = Duration::from_secs(10);
/// A learner this close to the end of the log becomes a voter.
const CLOSE_ENOUGH: u64 = 1_000;
/// How long a server that was removed may take to hear of it.
const TELL: Duration = Duration::from_millis(800);
const POLL: Duration = Duration::from_millis(20);

/// Why a server could not be removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemberError {
    /// Only the leader changes the membership.
    #[error("not the leader")]
    NotLeader,
    /// There is no such member.
    #[error("server {0} is not a member")]
    Unknown(u64),
    /// The last voter stays.
    #[error("the last voter cannot be removed")]
    LastVoter,
    /// Another change is under way.
    #[error("another membership change is under way")]
    Busy,
    /// The change was not committed in time, or the server stops; it may still happen.
    #[error("outcome unknown: {0}")]
    Unfinished(String),
}

type ChangeError = RaftError<u64, ClientWriteError<u64, Member>>;

impl From<ChangeError> for MemberError {
    fn from(error: ChangeError) -> MemberError {
        match error {
            RaftError::APIError(ClientWriteError::ForwardToLeader(_)) => MemberError::NotLeader,
            RaftError::APIError(ClientWriteError::ChangeMembershipError(
                ChangeMembershipError::InProgress(_),
            )) => MemberError::Busy,
            other => MemberError::Unfinished(other.to_string()),
        }
    }
}

/// Takes `member` into the cluster, or notes that it changed.
pub(crate) async fn join(inner: &Inner, member: Member) -> JoinReply {
    let leader = || leadership_of(&inner.core.metrics().borrow(), inner.me.id).leader;
    if !is_leader(&inner.core) {
        return JoinReply::NotLeader { leader: leader() };
    }
    if member.id == 0
        || member.name.is_empty()
        || member.rpc_addr.is_empty()
        || member.region != inner.me.region
    {
        return JoinReply::Refused {
            why: format!("it must have an id, a name, an address and region {}", inner.me.region),
        };
    }
    let Ok(_one_at_a_time) = inner.change.try_lock() else {
        return JoinReply::Busy;
    };
    if let Some(why) = name_taken(inner, &member).await {
        return JoinReply::Refused { why };
    }
    match admit(inner, Member { voter: false, ..member }).await {
        Ok(voter) => JoinReply::Accepted { voter },
        Err(MemberError::NotLeader) => JoinReply::NotLeader { leader: leader() },
        Err(MemberError::Busy) => JoinReply::Busy,
        Err(error) => {
            tracing::warn!(%error, "a server could not be taken into the cluster yet");
            JoinReply::Busy
        }
    }
}

/// A wiped server comes back under its name with a new id; a living one keeps its name.
async fn name_taken(inner: &Inner, member: &Member) -> Option<String> {
    let members = members_of(&inner.core.metrics().borrow());
    for old in members.iter().filter(|old| old.name == member.name && old.id != member.id) {
        if old.id == inner.me.id {
            return Some(format!("the leader itself is named {}", old.name));
        }
        if old.rpc_addr == member.rpc_addr {
            continue;
        }
        let mine = crate::bootstrap::greet::greeting(inner);
        let limit = Duration::from_millis(800);
        let answer: Result<Frame<Greeting>, _> =
            call(&inner.peers, &old.rpc_addr, old.id, Method::Greet, mine, limit).await;
        if answer.is_ok_and(|frame| frame.body.me.id == old.id) {
            return Some(format!("a server named {} is alive at {}", old.name, old.rpc_addr));
        }
    }
    None
}

/// True when it votes now.
async fn admit(inner: &Inner, member: Member) -> Result<bool, MemberError> {
    let id = member.id;
    let present = member_of(&inner.core.metrics().borrow(), id);
    match present {
        None => {
            tracing::info!(server = member.name, id, addr = member.rpc_addr, "adding a server as learner");
            within(inner.core.add_learner(id, member.clone(), false)).await?;
        }
        Some(old) if (Member { voter: false, ..old.clone() }) != member => {
            tracing::info!(server = member.name, id, addr = member.rpc_addr, "a server changed");
            let nodes = [(id, member.clone())].into();
            within(inner.core.change_membership(ChangeMembers::SetNodes(nodes), true)).await?;
        }
        Some(_) => {}
    }
    let members = members_of(&inner.core.metrics().borrow());
    let replaced: BTreeSet<u64> =
        members.iter().filter(|old| old.name == member.name && old.id != id).map(|old| old.id).collect();
    let votes = members.iter().any(|member| member.id == id && member.voter);
    if !votes && !caught_up(inner, id).await {
        return Ok(false);
    }
    let voters: BTreeSet<u64> = members.iter().filter(|old| old.voter).map(|old| old.id).collect();
    let mut wanted: BTreeSet<u64> = voters.difference(&replaced).copied().collect();
    wanted.insert(id);
    if wanted != voters {
        tracing::info!(server = member.name, id, ?replaced, "a server becomes a voter");
        within(inner.core.change_membership(wanted, false)).await?;
    }
    let left: BTreeSet<u64> = members_of(&inner.core.metrics().borrow())
        .iter()
        .filter(|old| replaced.contains(&old.id))
        .map(|old| old.id)
        .collect();
    if !left.is_empty() {
        within(inner.core.change_membership(ChangeMembers::RemoveNodes(left), false)).await?;
    }
    Ok(true)
}

/// Ends a change whose leader did not live to end it: openraft leaves the membership between the old voters and the
/// new ones until somebody asks for either, and a dead old voter would be needed for ever.
pub(crate) async fn end_change(inner: &Inner) {
    let goal = {
        let metrics = inner.core.metrics();
        let metrics = metrics.borrow();
        let steps = metrics.membership_config.membership().get_joint_config();
        if steps.len() < 2 { None } else { steps.last().cloned() }
    };
    let Some(goal) = goal.filter(|_| is_leader(&inner.core)) else { return };
    // Whoever holds it is in the middle of a change and will end it.
    let Ok(_one_at_a_time) = inner.change.try_lock() else { return };
    tracing::info!(voters = ?goal, "ending a change of the membership that was left in the middle");
    if let Err(error) = within(inner.core.change_membership(goal, false)).await {
        tracing::warn!(%error, "a change of the membership could not be ended yet");
    }
}

async fn caught_up(inner: &Inner, id: u64) -> bool {
    let deadline = Instant::now() + CATCH_UP;
    while Instant::now() < deadline {
        {
            let metrics = inner.core.metrics();
            let metrics = metrics.borrow();
            let matched = metrics.replication.as_ref().and_then(|all| all.get(&id).copied().flatten());
            let last = metrics.last_log_index.unwrap_or(0);
            if matched.is_some_and(|matched| matched.index + CLOSE_ENOUGH >= last) {
                return true;
            }
        }
        tokio::time::sleep(POLL).await;
    }
    false
}

/// Removes a server for good: it is told, and stays out until its directory is wiped. One that cannot be told comes
/// back when it is started again.
pub(crate) async fn remove(inner: &Inner, id: u64) -> Result<(), MemberError> {
    let member = member_of(&inner.core.metrics().borrow(), id);
    drop_member(inner, id).await?;
    // It hears of it only so: to a server outside of the membership nothing is replicated.
    let told: Result<(), Status> = match member {
        Some(_) if id == inner.me.id => leave(inner).map_err(|error| Status::internal(error.to_string())),
        Some(member) => call(&inner.peers, &member.rpc_addr, id, Method::Leave, (), TELL).await,
        None => Ok(()),
    };
    if let Err(status) = told {
        tracing::info!(id, %status, "a server was removed and could not be told");
    }
    Ok(())
}

/// This server was removed: it notes that, and stands for no election any more.
pub(crate) fn leave(inner: &Inner) -> Result<(), IdentityError> {
    inner.identity.leave()?;
    inner.core.runtime_config().elect(false);
    Ok(())
}

/// Takes a server out of the membership, voter or not. If it lives, it joins again.
pub(crate) async fn drop_member(inner: &Inner, id: u64) -> Result<(), MemberError> {
    if !is_leader(&inner.core) {
        return Err(MemberError::NotLeader);
    }
    // Who joins asks again, who removes does not: it waits until it is its turn.
    let turn = tokio::time::timeout(CHANGE, inner.change.lock()).await;
    let _one_at_a_time = turn.map_err(|_elapsed| MemberError::Busy)?;
    let members = members_of(&inner.core.metrics().borrow());
    let member = members.iter().find(|member| member.id == id).ok_or(MemberError::Unknown(id))?;
    if !member.voter {
        return within(inner.core.change_membership(ChangeMembers::RemoveNodes([id].into()), false)).await;
    }
    let voters: BTreeSet<u64> =
        members.iter().filter(|member| member.voter && member.id != id).map(|member| member.id).collect();
    if voters.is_empty() {
        return Err(MemberError::LastVoter);
    }
    within(inner.core.change_membership(voters, false)).await
}

async fn within<T>(change: impl Future<Output = Result<T, ChangeError>>) -> Result<(), MemberError> {
    match tokio::time::timeout(CHANGE, change).await {
        Ok(result) => result.map(|_done| ()).map_err(MemberError::from),
        Err(_elapsed) => Err(MemberError::Unfinished("not committed in time".into())),
    }
}
