//! Nodes come, fall silent, come back and change.

use std::collections::BTreeSet;

use model::id::{EvalId, JobKey, NodeId};
use model::node::class::computed_class;
use model::node::{Eligibility, NODE_EVENTS_MAX, NodeEvent};
use model::{Allocation, ClientStatus, EvalStatus, Evaluation, Node, NodeStatus, Trigger};

use super::Tx;
use crate::command::Seed;
use crate::outcome::answer::Answer;
use crate::outcome::{Outcome, Refusal};

impl Tx<'_> {
    pub(super) fn register_node(&mut self, node: &Node, seed: Seed) -> Outcome {
        let old = self.state.node(node.id).cloned();
        if old.as_ref().is_some_and(|old| old.secret_hash != node.secret_hash) {
            return Outcome::Refused(Refusal::WrongNodeSecret);
        }
        let mut fresh = Node {
            status: NodeStatus::Ready,
            status_description: String::new(),
            status_updated_at: self.now_ns / 1_000_000_000,
            computed_class: computed_class(node),
            eligibility: Eligibility::Eligible,
            events: Vec::new(),
            create_index: 0,
            ..node.clone()
        };
        let message = match &old {
            Some(old) => {
                fresh.eligibility = old.eligibility;
                fresh.drain.clone_from(&old.drain);
                fresh.last_drain.clone_from(&old.last_drain);
                fresh.last_missed_heartbeat_index = old.last_missed_heartbeat_index;
                fresh.last_alloc_update_index = old.last_alloc_update_index;
                fresh.events.clone_from(&old.events);
                fresh.create_index = old.create_index;
                if unchanged(old, &fresh) {
                    return Outcome::Done;
                }
                if old.status == NodeStatus::Ready { None } else { Some("Node reregistered by heartbeat") }
            }
            None => Some("Node registered"),
        };
        if let Some(message) = message {
            self.note_node_event(
                &mut fresh,
                NodeEvent { message: message.into(), subsystem: "Cluster".into(), ..NodeEvent::default() },
            );
        }
        let id = fresh.id;
        self.put_node(fresh);
        // A node that was down may have been given up by allocations that it still runs, and jobs that run
        // everywhere want to run on a new one.
        self.evaluate_node(id, seed);
        Outcome::Done
    }

    pub(super) fn set_node_status(
        &mut self,
        tenure: u64,
        id: NodeId,
        status: NodeStatus,
        event: &NodeEvent,
        seed: Seed,
    ) -> Outcome {
        if let Err(refused) = self.holds_tenure(tenure) {
            return refused;
        }
        let Some(node) = self.state.node(id) else {
            return Outcome::Refused(Refusal::UnknownNode);
        };
        let status = if status == NodeStatus::Down { self.how_silent(node) } else { status };
        if node.status == status {
            return Outcome::Done;
        }
        let mut node = Node { status, status_updated_at: self.now_ns / 1_000_000_000, ..(**node).clone() };
        if node.silent() {
            node.last_missed_heartbeat_index = self.index;
        }
        self.note_node_event(&mut node, event.clone());
        self.put_node(node);
        self.evaluate_node(id, seed);
        Outcome::Done
    }

    /// A silent node is down, unless something on it may wait for it.
    fn how_silent(&self, node: &Node) -> NodeStatus {
        let waits = |alloc: &Allocation| {
            let alive = matches!(alloc.client_status, ClientStatus::Running | ClientStatus::Unknown);
            alive && !alloc.terminal() && alloc.group().is_some_and(|group| group.lost_after_ns().is_some())
        };
        let mut allocs = self.state.allocs_of_node(node.id);
        if allocs.any(|alloc| waits(alloc)) { NodeStatus::Disconnected } else { NodeStatus::Down }
    }

    pub(super) fn set_node_eligibility(
        &mut self,
        id: NodeId,
        eligibility: Eligibility,
        seed: Seed,
    ) -> Outcome {
        let Some(node) = self.state.node(id) else {
            return Outcome::Refused(Refusal::UnknownNode);
        };
        if node.drain.is_some() && eligibility == Eligibility::Eligible {
            return Outcome::Refused(Refusal::NodeIsDraining);
        }
        if node.eligibility == eligibility {
            return Outcome::Operated(Answer::Node { eval_ids: Vec::new(), node_modify_index: 0 });
        }
        let mut node = Node { eligibility, ..(**node).clone() };
        let verb = if eligibility == Eligibility::Eligible { "eligible" } else { "ineligible" };
        let message = format!("Node marked as {verb} for scheduling");
        self.note_node_event(
            &mut node,
            NodeEvent { message, subsystem: "Cluster".into(), ..NodeEvent::default() },
        );
        self.put_node(node);
        // A node that takes nothing new changes nothing for what it has.
        let eval_ids = match eligibility {
            Eligibility::Eligible => self.evaluate_node(id, seed),
            Eligibility::Ineligible => Vec::new(),
        };
        Outcome::Operated(Answer::Node { eval_ids, node_modify_index: 0 })
    }

    pub(super) fn note_node_event(&self, node: &mut Node, event: NodeEvent) {
        node.events.push(NodeEvent { time_ns: self.now_ns, create_index: self.index, ..event });
        let excess = node.events.len().saturating_sub(NODE_EVENTS_MAX);
        node.events.drain(..excess);
    }

    /// One evaluation for each job with something on the node that is not over: made from the state at apply, so
    /// that no allocation placed a moment before is missed.
    pub(super) fn evaluate_node(&mut self, id: NodeId, seed: Seed) -> Vec<EvalId> {
        let open = |status: ClientStatus| !status.terminal();
        let allocs = self.state.allocs_of_node(id).filter(|alloc| open(alloc.client_status));
        let mut jobs: BTreeSet<JobKey> = allocs.map(|alloc| alloc.job_key()).collect();
        if self.state.node(id).is_some_and(|node| node.ready()) {
            jobs.extend(self.state.jobs.on_every_node.iter().cloned());
        }
        let node_modify_index = self.state.node(id).map_or(self.index, |node| node.modify_index);
        let mut ids = Vec::new();
        for (number, key) in jobs.into_iter().enumerate() {
            let Some(job) = self.state.job(&key) else { continue };
            if job.stop || job.launches_children() {
                continue;
            }
            let eval = Evaluation {
                id: seed.eval_id(number as u64),
                namespace: job.namespace.clone(),
                priority: job.priority,
                kind: job.kind.clone(),
                triggered_by: Trigger::NodeUpdate,
                job_id: job.id.clone(),
                job_modify_index: job.job_modify_index,
                node_id: id,
                node_modify_index,
                status: EvalStatus::Pending,
                trace: self.trace.to_owned(),
                ..Evaluation::default()
            };
            ids.push(eval.id);
            self.put_eval(eval);
        }
        ids
    }
}

/// A node that registers again without news changes no row.
fn unchanged(old: &Node, fresh: &Node) -> bool {
    let plain = |node: &Node| Node {
        status_updated_at: 0,
        modify_index: 0,
        drivers: node
            .drivers
            .iter()
            .map(|(name, info)| (name.clone(), model::node::DriverInfo { update_time_ns: 0, ..info.clone() }))
            .collect(),
        ..node.clone()
    };
    plain(old) == plain(fresh)
}
