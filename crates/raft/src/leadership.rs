//! Who leads, as the rest of the server is told; and the watch over the core's life.
//!
//! This server is announced as the leader only after it has applied an entry of its own term: before
//! that its state may lack what the leader before it acknowledged.

use std::sync::Arc;
use std::time::Duration;

use openraft::{RaftMetrics, ServerState};
use tokio::sync::watch;

use crate::contact::Contact;
use crate::member::Member;
use crate::options::FatalHook;
use crate::store::publish::Progress;
use crate::type_config::RaftCore;

/// Metrics change with every entry; more often than this nobody needs to know.
const PAUSE: Duration = Duration::from_millis(5);

/// Who leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leadership {
    /// The current raft term.
    pub term: u64,
    /// The leader, if one is known.
    pub leader: Option<Member>,
    /// This server leads and has caught up with everything acknowledged before.
    pub is_leader: bool,
}

type Metrics = RaftMetrics<u64, Member>;

/// The leadership that `metrics` of server `me` describe.
pub(crate) fn leadership_of(metrics: &Metrics, me: u64) -> Leadership {
    let leads = metrics.state == ServerState::Leader && metrics.current_leader == Some(me);
    let caught_up = metrics.last_applied.is_some_and(|applied| {
        metrics.vote.committed
            && applied.leader_id == metrics.vote.leader_id
            && metrics.vote.leader_id.node_id == me
    });
    let alive = metrics.running_state.is_ok() && metrics.state != ServerState::Shutdown;
    Leadership {
        term: metrics.current_term,
        leader: metrics.current_leader.filter(|_| alive).and_then(|id| member_of(metrics, id)),
        is_leader: alive && leads && caught_up,
    }
}

/// Server `id` in the membership.
pub(crate) fn member_of(metrics: &Metrics, id: u64) -> Option<Member> {
    let membership = metrics.membership_config.membership();
    let node = membership.get_node(&id)?;
    Some(Member { id, voter: membership.voter_ids().any(|voter| voter == id), ..node.clone() })
}

/// Every server in the membership, by id.
pub(crate) fn members_of(metrics: &Metrics) -> Vec<Member> {
    let ids = metrics.membership_config.membership().nodes().map(|(id, _)| *id);
    ids.filter_map(|id| member_of(metrics, id)).collect()
}

/// Keeps `announce` true until the core ends; ends the process when that was not asked for.
pub(crate) async fn watch_core(
    core: RaftCore,
    me: u64,
    mut progress: watch::Receiver<Progress>,
    (announce, contact): (watch::Sender<Leadership>, Arc<Contact>),
    stopping: impl Fn() -> bool,
    fatal: FatalHook,
) {
    let mut metrics = core.metrics();
    loop {
        let (leadership, problem) = {
            let metrics = metrics.borrow_and_update();
            if let Some(ago_ms) = metrics.millis_since_quorum_ack {
                contact.heard_before(Duration::from_millis(ago_ms));
            }
            let mut leadership = leadership_of(&metrics, me);
            // openraft counts an entry as applied a moment after the state is published; never before.
            let visible = progress.borrow_and_update().applied;
            leadership.is_leader &= visible >= metrics.last_applied.map(|applied| applied.index);
            (leadership, metrics.running_state.as_ref().err().map(ToString::to_string))
        };
        announce.send_if_modified(|current| {
            let changed = *current != leadership;
            *current = leadership;
            changed
        });
        if let Some(problem) = problem {
            return end(&problem, &stopping, &fatal);
        }
        if metrics.changed().await.is_err() {
            announce.send_modify(|leadership| {
                *leadership = Leadership { term: leadership.term, ..Leadership::default() }
            });
            return end("the raft core panicked", &stopping, &fatal);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn end(problem: &str, stopping: &impl Fn() -> bool, fatal: &FatalHook) {
    if !stopping() {
        fatal(&format!("the raft core ended: {problem}"));
    }
}
