//! Hands the leadership to another server (decision 1): the library knows no transfer, so this leader falls silent,
//! waits until its lease is over and has the other one stand before anybody else does.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use crate::handle::Inner;
use crate::leadership::{leadership_of, member_of};
use crate::membership::MemberError;
use crate::network::client::{Method, call};
use crate::proposer::is_leader;

/// How long the other server may take to have everything, and to win.
const LIMIT: Duration = Duration::from_secs(2);
/// Beyond the lease, for messages that were under way when this server fell silent.
const MARGIN: Duration = Duration::from_millis(50);
const POLL: Duration = Duration::from_millis(10);

/// Ends the silence, however the attempt went.
struct Silence<'a>(&'a Inner);

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        self.0.core.runtime_config().heartbeat(true);
        self.0.handing_over.store(false, Ordering::Release);
    }
}

/// Has `to` lead. On an error this server leads on, or whoever was elected meanwhile.
pub(crate) async fn transfer(inner: &Inner, to: u64) -> Result<(), MemberError> {
    if !is_leader(&inner.core) {
        return Err(MemberError::NotLeader);
    }
    let target = member_of(&inner.core.metrics().borrow(), to).filter(|member| member.voter);
    let target = target.ok_or(MemberError::Unknown(to))?;
    if inner.handing_over.swap(true, Ordering::AcqRel) {
        return Err(MemberError::Busy);
    }
    let _silence = Silence(inner);
    // Nothing new is proposed from here on; what is under way has to arrive first.
    if !until(|| inner.proposer.waiting() == 0 && has_all(inner, to)).await {
        return Err(MemberError::Unfinished(format!("{} has not caught up", target.name)));
    }
    inner.core.runtime_config().heartbeat(false);
    tokio::time::sleep(Duration::from_millis(inner.options.election_max_ms) + MARGIN).await;
    tracing::info!(to = target.name, "handing the leadership over");
    let asked: Result<(), _> = call(&inner.peers, &target.rpc_addr, to, Method::Elect, (), LIMIT).await;
    if let Err(status) = asked {
        return Err(MemberError::Unfinished(format!("{}: {}", target.name, status.message())));
    }
    let leads =
        || leadership_of(&inner.core.metrics().borrow(), inner.me.id).leader.is_some_and(|now| now.id == to);
    if until(leads).await {
        return Ok(());
    }
    Err(MemberError::Unfinished(format!("{} has not won in time", target.name)))
}

/// True when the other server has every entry of this one.
fn has_all(inner: &Inner, to: u64) -> bool {
    let metrics = inner.core.metrics();
    let metrics = metrics.borrow();
    let matched = metrics.replication.as_ref().and_then(|all| all.get(&to).copied().flatten());
    matched.map(|matched| matched.index) >= metrics.last_log_index
}

async fn until(condition: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(POLL).await;
    }
    true
}
