//! Which nodes are alive: one deadline for each, and only what changes is said (decision 16).

use std::collections::{BTreeMap, BTreeSet};

use model::id::NodeId;

/// How long nodes may be silent, ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeartbeatTimes {
    /// How often a node is told to send.
    pub ttl_ms: u64,
    /// How long beyond that it may be late.
    pub grace_ms: u64,
    /// How long it has after a change of leader.
    pub failover_ms: u64,
}

impl Default for HeartbeatTimes {
    fn default() -> Self {
        HeartbeatTimes { ttl_ms: 1_000, grace_ms: 2_000, failover_ms: 5_000 }
    }
}

/// What a leader does about a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeartbeatEffect {
    /// It was silent for too long.
    Down(NodeId),
    /// It was down and is heard again.
    Back(NodeId),
}

/// The deadlines of all nodes.
#[derive(Debug, Default)]
pub struct Heartbeats {
    times: HeartbeatTimes,
    deadline: BTreeMap<NodeId, u64>,
    by_deadline: BTreeSet<(u64, NodeId)>,
    down: BTreeSet<NodeId>,
}

impl Heartbeats {
    /// Deadlines of a leader that has just taken over: everybody gets the failover time.
    pub fn new(
        times: HeartbeatTimes,
        ready: impl Iterator<Item = NodeId>,
        down: impl Iterator<Item = NodeId>,
        now_ms: u64,
    ) -> Self {
        let mut heartbeats = Heartbeats { times, down: down.collect(), ..Heartbeats::default() };
        for node in ready {
            heartbeats.set(node, now_ms + times.failover_ms);
        }
        heartbeats
    }

    /// A node registered, or its status was written.
    pub fn note(&mut self, node: NodeId, down: bool, now_ms: u64) {
        if down {
            self.clear(node);
            self.down.insert(node);
        } else if self.down.remove(&node) || !self.deadline.contains_key(&node) {
            self.set(node, now_ms + self.times.failover_ms);
        }
    }

    /// A server heard from a node.
    pub fn alive(&mut self, node: NodeId, now_ms: u64) -> Option<HeartbeatEffect> {
        if self.down.contains(&node) {
            return Some(HeartbeatEffect::Back(node));
        }
        if self.deadline.contains_key(&node) {
            self.set(node, now_ms + self.times.ttl_ms + self.times.grace_ms);
        }
        None
    }

    /// A node's stream was reset: that alone declares nothing down, it only shortens the time.
    pub fn reset(&mut self, node: NodeId, now_ms: u64) {
        let soon = now_ms + self.times.grace_ms;
        if self.deadline.get(&node).is_some_and(|&deadline| deadline > soon) {
            self.set(node, soon);
        }
    }

    /// A node was removed.
    pub fn forget(&mut self, node: NodeId) {
        self.clear(node);
        self.down.remove(&node);
    }

    /// Nodes whose time is up. Each is named again until its status has been written.
    pub fn tick(&mut self, now_ms: u64) -> Vec<HeartbeatEffect> {
        let mut due = Vec::new();
        while let Some(&(at, node)) = self.by_deadline.first().filter(|(at, _)| *at <= now_ms) {
            self.by_deadline.remove(&(at, node));
            due.push(node);
        }
        for &node in &due {
            self.set(node, now_ms + self.times.grace_ms);
        }
        due.into_iter().map(HeartbeatEffect::Down).collect()
    }

    /// Gives every node more time: the leader itself was not listening.
    pub fn postpone(&mut self, now_ms: u64) {
        let nodes: Vec<_> = self.deadline.keys().copied().collect();
        for node in nodes {
            self.set(node, now_ms + self.times.failover_ms);
        }
    }

    fn set(&mut self, node: NodeId, at: u64) {
        self.clear(node);
        self.deadline.insert(node, at);
        self.by_deadline.insert((at, node));
    }

    fn clear(&mut self, node: NodeId) {
        if let Some(at) = self.deadline.remove(&node) {
            self.by_deadline.remove(&(at, node));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u64) -> NodeId {
        NodeId(uuid::Uuid::from_u64_pair(0, number))
    }

    #[test]
    fn silence_downs_and_a_sign_of_life_brings_back() {
        let mut beats = Heartbeats::new(HeartbeatTimes::default(), [node(1)].into_iter(), [].into_iter(), 0);
        assert!(beats.tick(4_999).is_empty());
        assert_eq!(beats.alive(node(1), 4_999), None);
        assert!(beats.tick(7_998).is_empty());
        assert_eq!(beats.tick(7_999), [HeartbeatEffect::Down(node(1))]);
        beats.note(node(1), true, 7_999);
        assert!(beats.tick(100_000).is_empty());
        assert_eq!(beats.alive(node(1), 100_000), Some(HeartbeatEffect::Back(node(1))));
    }

    #[test]
    fn a_reset_only_shortens() {
        let mut beats = Heartbeats::new(HeartbeatTimes::default(), [node(1)].into_iter(), [].into_iter(), 0);
        beats.reset(node(1), 100);
        assert!(beats.tick(2_099).is_empty());
        assert_eq!(beats.tick(2_100).len(), 1);
    }
}
