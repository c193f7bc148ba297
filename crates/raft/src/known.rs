//! Servers this one has heard of: directly, or from others. Bounded, in memory only.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::lock::lock;
use crate::member::Member;
use crate::network::frame::Greeting;

/// More servers than any cluster has.
const MAX_KNOWN: usize = 64;
/// A server that was silent this long is not counted on.
const FRESH: Duration = Duration::from_secs(3);

/// One server.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) member: Member,
    /// Its last own words, and the cluster it named.
    pub(crate) direct: Option<Direct>,
}

/// What a server said itself.
#[derive(Debug, Clone)]
pub(crate) struct Direct {
    pub(crate) greeting: Greeting,
    pub(crate) cluster: Option<String>,
    pub(crate) heard: Instant,
}

impl Direct {
    pub(crate) fn is_fresh(&self) -> bool {
        self.heard.elapsed() < FRESH
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Known {
    peers: Mutex<BTreeMap<u64, Peer>>,
}

impl Known {
    /// Notes what a server said, and whom it knows. `me` is left out.
    pub(crate) fn heard(&self, me: u64, greeting: Greeting, cluster: Option<String>) {
        let mut peers = lock(&self.peers);
        for member in &greeting.known {
            let taken = peers.values().any(|peer| peer.member.rpc_addr == member.rpc_addr);
            if member.id != me && !taken && peers.len() < MAX_KNOWN {
                peers.entry(member.id).or_insert(Peer { member: member.clone(), direct: None });
            }
        }
        let member = greeting.me.clone();
        if member.id == me {
            return;
        }
        // Whoever answered at this address before was wiped: ids are never used again.
        peers.retain(|id, peer| *id == member.id || peer.member.rpc_addr != member.rpc_addr);
        if peers.len() < MAX_KNOWN || peers.contains_key(&member.id) {
            let direct = Some(Direct { greeting, cluster, heard: Instant::now() });
            peers.insert(member.id, Peer { member, direct });
        }
    }

    pub(crate) fn all(&self) -> Vec<Peer> {
        lock(&self.peers).values().cloned().collect()
    }

    pub(crate) fn members(&self) -> Vec<Member> {
        lock(&self.peers).values().map(|peer| peer.member.clone()).collect()
    }
}
