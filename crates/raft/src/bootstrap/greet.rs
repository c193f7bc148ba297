//! Exchanging greetings: what this server says, whom it says it to, and what it makes of the answers.

use std::collections::BTreeSet;
use std::time::Duration;

use super::formation::{self, View};
use super::{Inner, address};
use crate::leadership::{leadership_of, members_of};
use crate::network::client::{Method, call};
use crate::network::frame::{Frame, Greeting};

const GREET_LIMIT: Duration = Duration::from_millis(800);
/// The peers named in one greeting.
const MAX_NAMED: usize = 64;

/// This server's own words.
pub(crate) fn greeting(inner: &Inner) -> Greeting {
    let metrics = inner.core.metrics();
    let metrics = metrics.borrow();
    let mut known = inner.known.members();
    known.truncate(MAX_NAMED);
    let promise = ids(inner);
    Greeting {
        me: inner.me.clone(),
        bootstrap_expect: inner.options.bootstrap_expect,
        proposal: formation::proposal(
            inner.me.id,
            inner.options.bootstrap_expect,
            promise.as_deref(),
            &views(inner),
        ),
        promise,
        known,
        members: members_of(&metrics).iter().map(|member| member.id).collect(),
        leader: leadership_of(&metrics, inner.me.id).leader,
    }
}

/// Ids of the promised set.
pub(crate) fn ids(inner: &Inner) -> Option<Vec<u64>> {
    inner.identity.promise().map(|set| set.iter().map(|member| member.id).collect())
}

/// Everybody who spoke lately.
pub(crate) fn views(inner: &Inner) -> Vec<View> {
    let direct = inner.known.all().into_iter().filter_map(|peer| peer.direct);
    direct
        .filter(super::Direct::is_fresh)
        .map(|direct| View {
            id: direct.greeting.me.id,
            expect: direct.greeting.bootstrap_expect,
            proposal: direct.greeting.proposal,
            promise: direct.greeting.promise,
            in_cluster: direct.cluster.is_some(),
        })
        .collect()
}

/// Greets every seed and every known server once, all at the same time.
pub(crate) async fn round(inner: &Inner) {
    let mut addresses = address::resolve(&inner.options.retry_join).await;
    addresses.extend(inner.known.members().into_iter().map(|member| member.rpc_addr));
    addresses.remove(&inner.me.rpc_addr);
    greet_all(inner, addresses).await;
}

async fn greet_all(inner: &Inner, addresses: BTreeSet<String>) {
    let mine = greeting(inner);
    let calls = addresses.into_iter().map(|addr| {
        let mine = mine.clone();
        async move {
            let answer: Result<Frame<Greeting>, _> =
                call(&inner.peers, &addr, 0, Method::Greet, mine, GREET_LIMIT).await;
            match answer {
                Ok(frame) => note(inner, frame),
                Err(status) => tracing::debug!(addr, %status, "a server did not answer a greeting"),
            }
        }
    });
    futures::future::join_all(calls).await;
}

/// Remembers a greeting and says so when its sender cannot be a member of the same cluster.
pub(crate) fn note(inner: &Inner, frame: Frame<Greeting>) {
    let theirs = &frame.body;
    if theirs.me.id == inner.me.id {
        return;
    }
    let mine = inner.options.bootstrap_expect;
    let (other, cluster) = (theirs.bootstrap_expect, inner.identity.cluster_id());
    let problem = match (&cluster, &frame.cluster) {
        (None, None) if mine != other && mine != 0 && other != 0 => {
            Some(format!("bootstrap_expect is {mine} here and {other} there"))
        }
        (Some(a), Some(b)) if a != b => Some(format!("it is of cluster {b}, this one of {a}")),
        _ if theirs.me.region != inner.me.region => Some(format!("its region is {}", theirs.me.region)),
        _ => None,
    };
    if let Some(problem) = &problem
        && inner.may_complain(theirs.me.id)
    {
        tracing::error!(
            peer = theirs.me.name,
            addr = theirs.me.rpc_addr,
            problem,
            "a server cannot be a member"
        );
    }
    if cluster.is_some() && cluster == frame.cluster {
        inner.peers.heard_at(theirs.me.id, &theirs.me.rpc_addr);
    }
    // One of another region is no member, but one of another expectation is kept: it may be corrected.
    if theirs.me.region == inner.me.region {
        inner.known.heard(inner.me.id, frame.body, frame.cluster);
    }
}
