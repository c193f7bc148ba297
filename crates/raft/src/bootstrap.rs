//! How a server finds its cluster: forms one with its peers, joins one that exists, or continues.
//!
//! A task of its own until the server stops. Afterwards it keeps the membership right: a server whose
//! address or version changed says so to the leader, a learner asks to become a voter.

pub(crate) mod address;
pub(crate) mod formation;
pub(crate) mod greet;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use openraft::error::{InitializeError, RaftError};

use self::formation::Step;
use crate::handle::Inner;
use crate::known::Direct;
use crate::leadership::{leadership_of, member_of};
use crate::member::Member;
use crate::membership;
use crate::network::client::{Method, call};
use crate::network::frame::JoinReply;

/// Between rounds while there is no cluster yet.
const FORMING: Duration = Duration::from_millis(150);
/// The same for a server that forms a cluster alone: it has nobody to wait for.
const ALONE: Duration = Duration::from_millis(5);
/// Between looks at the membership afterwards.
const SETTLED: Duration = Duration::from_millis(500);
const JOIN_LIMIT: Duration = Duration::from_secs(15);
/// Leaders that are asked one after the other when each names another one.
const MAX_REDIRECTS: usize = 4;

/// Runs until it is aborted.
pub(crate) async fn run(inner: Arc<Inner>) {
    loop {
        let settled = step(&inner).await;
        let forming = if inner.options.bootstrap_expect == 1 { ALONE } else { FORMING };
        tokio::time::sleep(if settled { SETTLED } else { forming }).await;
    }
}

/// One look around; true when there is nothing to be done.
async fn step(inner: &Inner) -> bool {
    if inner.identity.has_left() {
        // Coming back by itself would undo the operator's removal.
        inner.core.runtime_config().elect(false);
        if inner.may_complain(inner.me.id) {
            tracing::warn!("this server was removed from its cluster; wipe its data directory to join again");
        }
        return false;
    }
    let (leader, mine, has_log) = {
        let metrics = inner.core.metrics();
        let metrics = metrics.borrow();
        (
            leadership_of(&metrics, inner.me.id).leader,
            member_of(&metrics, inner.me.id),
            metrics.last_log_index.is_some(),
        )
    };
    if let Some(mine) = mine {
        let right = mine.voter && Member { voter: false, ..mine } == inner.me;
        if right && leader.is_some() {
            membership::end_change(inner).await;
            return true;
        }
        greet::round(inner).await;
        if !right {
            join(inner, leader).await;
        } else if let Some(leader) = leader_without(inner) {
            tracing::info!(leader = leader.name, "the cluster went on without this server");
            join(inner, Some(leader)).await;
        }
        return false;
    }
    greet::round(inner).await;
    match inner.identity.cluster_id() {
        None => form_or_adopt(inner).await,
        Some(_) if inner.identity.is_initializer() && !has_log => initialize(inner).await,
        Some(_) => join(inner, None).await,
    }
    false
}

async fn form_or_adopt(inner: &Inner) {
    let clusters: BTreeSet<String> = inner
        .known
        .all()
        .into_iter()
        .filter_map(|peer| peer.direct)
        .filter(Direct::is_fresh)
        .filter_map(|direct| direct.cluster)
        .collect();
    if clusters.len() > 1 {
        if inner.may_complain(inner.me.id) {
            tracing::error!(?clusters, "the seeds are of different clusters; this server joins none");
        }
        return;
    }
    if let Some(cluster) = clusters.first() {
        match inner.identity.adopt(cluster, false) {
            Ok(()) => tracing::info!(cluster, "found the cluster"),
            Err(error) => (inner.options.fatal)(&error.to_string()),
        }
        return;
    }
    let promise = greet::ids(inner);
    let expect = inner.options.bootstrap_expect;
    match formation::decide(inner.me.id, expect, promise.as_deref(), &greet::views(inner)) {
        Step::Wait => {}
        Step::Promise(set) => make_promise(inner, &set),
        Step::Form(set) => {
            let cluster = crate::world::mint().to_string();
            tracing::info!(cluster, servers = set.len(), "all have promised; starting the cluster");
            match inner.identity.adopt(&cluster, true) {
                Ok(()) => initialize(inner).await,
                Err(error) => (inner.options.fatal)(&error.to_string()),
            }
        }
    }
}

fn make_promise(inner: &Inner, set: &[u64]) {
    let known: BTreeMap<u64, Member> = inner
        .known
        .members()
        .into_iter()
        .chain([inner.me.clone()])
        .map(|member| (member.id, member))
        .collect();
    let members: Option<Vec<Member>> = set.iter().map(|id| known.get(id).cloned()).collect();
    let Some(members) = members else { return };
    match inner.identity.make_promise(&members) {
        Ok(true) => tracing::info!(?set, "promised the first members of the cluster"),
        Ok(false) => tracing::error!(?set, "other members were promised before"),
        Err(error) => (inner.options.fatal)(&error.to_string()),
    }
}

async fn initialize(inner: &Inner) {
    let Some(promise) = inner.identity.promise() else {
        return;
    };
    let members: BTreeMap<u64, Member> = promise.into_iter().map(|member| (member.id, member)).collect();
    match inner.core.initialize(members).await {
        // Not allowed means that a log or a vote is there: the cluster began before a restart.
        Ok(()) | Err(RaftError::APIError(InitializeError::NotAllowed(_))) => {}
        Err(error) => tracing::error!(%error, "the cluster could not be initialized"),
    }
}

/// Asks the leader to take this server as it is now. Tried again by the caller until it is so.
async fn join(inner: &Inner, leader: Option<Member>) {
    let mut next = leader.or_else(|| leader_by_hearsay(inner));
    for _redirect in 0..MAX_REDIRECTS {
        let Some(leader) = next.take() else { return };
        let reply = if leader.id == inner.me.id {
            Ok(membership::join(inner, inner.me.clone()).await)
        } else {
            let me = inner.me.clone();
            call(&inner.peers, &leader.rpc_addr, leader.id, Method::Join, me, JOIN_LIMIT).await
        };
        match reply {
            Ok(JoinReply::Accepted { voter }) => {
                tracing::info!(leader = leader.name, voter, "the leader accepted this server");
            }
            Ok(JoinReply::NotLeader { leader: Some(other) }) if other.id != leader.id => next = Some(other),
            Ok(JoinReply::NotLeader { .. } | JoinReply::Busy) => {}
            Ok(JoinReply::Refused { why }) => {
                if inner.may_complain(leader.id) {
                    tracing::error!(leader = leader.name, why, "the leader refuses this server");
                }
            }
            Err(status) => tracing::debug!(leader = leader.name, %status, "the leader did not answer a join"),
        }
    }
}

/// A leader of this cluster that has no such member any more: this server was away, and was given up meanwhile.
fn leader_without(inner: &Inner) -> Option<Member> {
    let cluster = inner.identity.cluster_id()?;
    let direct = inner.known.all().into_iter().filter_map(|peer| peer.direct);
    let mut leaders = direct.filter(|direct| {
        let says = &direct.greeting;
        let leads = says.leader.as_ref().is_some_and(|leader| leader.id == says.me.id);
        direct.is_fresh() && direct.cluster.as_ref() == Some(&cluster) && leads
    });
    let leader = leaders.next().filter(|direct| !direct.greeting.members.contains(&inner.me.id))?;
    Some(leader.greeting.me)
}

/// The leader that others of this cluster named last.
fn leader_by_hearsay(inner: &Inner) -> Option<Member> {
    let cluster = inner.identity.cluster_id()?;
    let direct = inner.known.all().into_iter().filter_map(|peer| peer.direct);
    let ours = direct.filter(|direct| direct.is_fresh() && direct.cluster.as_ref() == Some(&cluster));
    ours.filter_map(|direct| direct.greeting.leader).next()
}
