//! Nodes that operators drain, look at again or remove.

use std::collections::{BTreeMap, BTreeSet};

use model::alloc::DesiredTransition;
use model::id::{AllocId, NodeId};
use model::node::{DrainStatus, DrainStrategy, Eligibility, LastDrain, NodeEvent};
use model::{EvalStatus, Evaluation, Node, Trigger};

use crate::apply::Tx;
use crate::command::Seed;
use crate::event::Event;
use crate::outcome::Refusal;
use crate::outcome::answer::Answer;
use crate::row::RowKey;
use crate::table::Table;

/// A drain as an operator asks for it.
pub(super) struct Asked<'a> {
    pub(super) drain: Option<&'a DrainStrategy>,
    pub(super) mark_eligible: bool,
    pub(super) meta: &'a BTreeMap<String, String>,
    pub(super) accessor_id: &'a str,
}

impl Tx<'_> {
    pub(super) fn drain_node(
        &mut self,
        id: NodeId,
        asked: &Asked<'_>,
        seed: Seed,
    ) -> Result<Answer, Refusal> {
        let Some(old) = self.state.node(id).cloned() else {
            return Err(Refusal::UnknownNode);
        };
        let message = match (&old.drain, asked.drain) {
            (None, Some(_)) => "Node drain strategy set",
            (Some(_), Some(_)) => "Node drain strategy updated",
            (_, None) => "Node drain disabled",
        };
        let mut node = Node { drain: self.strategy(&old, asked.drain), ..(*old).clone() };
        let back = asked.drain.is_none() && asked.mark_eligible;
        if asked.drain.is_some() {
            node.eligibility = Eligibility::Ineligible;
        } else if back {
            node.eligibility = Eligibility::Eligible;
        }
        self.note_drain(&mut node, &old, asked);
        let subsystem = "Drain".to_owned();
        let event = NodeEvent { message: message.to_owned(), subsystem, ..NodeEvent::default() };
        self.note_node_event(&mut node, event);
        self.put_node(node);
        let awake = back && old.eligibility == Eligibility::Ineligible;
        // Whoever moves allocations off the node is woken by the change of the node itself.
        let eval_ids = if awake { self.evaluate_node(id, seed) } else { Vec::new() };
        Ok(Answer::Node { eval_ids, node_modify_index: self.index })
    }

    fn strategy(&self, old: &Node, asked: Option<&DrainStrategy>) -> Option<DrainStrategy> {
        let started_at_ns = old.drain.as_ref().map_or(self.now_ns, |old| old.started_at_ns);
        asked.map(|asked| {
            let deadline = (asked.deadline_ns > 0).then(|| self.now_ns.saturating_add(asked.deadline_ns));
            DrainStrategy { started_at_ns, force_deadline_ns: deadline.unwrap_or(0), ..asked.clone() }
        })
    }

    fn note_drain(&self, node: &mut Node, old: &Node, asked: &Asked<'_>) {
        let mut last = match (&old.drain, &old.last_drain) {
            (Some(_), Some(last)) => last.clone(),
            _ if asked.drain.is_some() => LastDrain { started_at_ns: self.now_ns, ..LastDrain::default() },
            _ => return,
        };
        last.updated_at_ns = self.now_ns;
        last.status = if asked.drain.is_some() { DrainStatus::Draining } else { DrainStatus::Canceled };
        asked.accessor_id.clone_into(&mut last.accessor_id);
        if !asked.meta.is_empty() || asked.drain.is_some() {
            last.meta.clone_from(asked.meta);
        }
        node.last_drain = Some(last);
    }

    /// An operator may have ended a drain since the leader looked: then nothing of it happens.
    pub(super) fn advance_drains(&mut self, allocs: &[AllocId], nodes: &[NodeId], seed: Seed) {
        let mut jobs = BTreeSet::new();
        for id in allocs {
            let Some(old) = self.state.alloc(*id).filter(|alloc| !alloc.terminal()).cloned() else {
                continue;
            };
            if self.state.node(old.node_id).is_none_or(|node| node.drain.is_none()) {
                continue;
            }
            let mut alloc = (*old).clone();
            alloc.desired_transition.merge(&DesiredTransition { migrate: Some(true), ..Default::default() });
            alloc.modify_time_ns = self.now_ns;
            jobs.insert(alloc.job_key());
            self.put_alloc(alloc, true);
        }
        for (number, key) in jobs.into_iter().enumerate() {
            let Some(job) = self.state.job(&key) else { continue };
            let eval = Evaluation {
                id: seed.eval_id(number as u64),
                namespace: job.namespace.clone(),
                priority: job.priority,
                kind: job.kind.clone(),
                triggered_by: Trigger::NodeDrain,
                job_id: job.id.clone(),
                job_modify_index: job.job_modify_index,
                status: EvalStatus::Pending,
                trace: self.trace.to_owned(),
                ..Evaluation::default()
            };
            self.put_eval(eval);
        }
        for id in nodes {
            self.complete_drain(*id);
        }
    }

    /// The node stays ineligible: whoever drained it says when it may take work again.
    fn complete_drain(&mut self, id: NodeId) {
        let Some(old) = self.state.node(id).cloned() else { return };
        let Some(drain) = &old.drain else { return };
        let forced = drain.forced(self.now_ns);
        if !forced && self.state.left_on(&old).next().is_some() {
            return;
        }
        let mut node = Node { drain: None, ..(*old).clone() };
        if let Some(last) = &mut node.last_drain {
            last.updated_at_ns = self.now_ns;
            last.status = DrainStatus::Complete;
        }
        let mut details = BTreeMap::new();
        if forced {
            details.insert("deadline_reached".to_owned(), "true".to_owned());
        }
        let (message, subsystem) = ("Node drain complete".to_owned(), "Drain".to_owned());
        self.note_node_event(&mut node, NodeEvent { message, subsystem, details, ..NodeEvent::default() });
        self.put_node(node);
    }

    pub(super) fn evaluate_node_now(&mut self, id: NodeId, seed: Seed) -> Result<Answer, Refusal> {
        let Some(node_modify_index) = self.state.node(id).map(|node| node.modify_index) else {
            return Err(Refusal::UnknownNode);
        };
        let eval_ids = self.evaluate_node(id, seed);
        Ok(Answer::Node { eval_ids, node_modify_index })
    }

    pub(super) fn purge_node(&mut self, id: NodeId, seed: Seed) -> Result<Answer, Refusal> {
        if self.state.node(id).is_none() {
            return Err(Refusal::UnknownNode);
        }
        let eval_ids = self.evaluate_node(id, seed);
        if let Some(node) = self.state.drop_node(id) {
            self.events.push(Event::NodeRemoved(node));
        }
        self.dirty.insert(RowKey::node(id));
        self.touch_table(Table::Nodes);
        Ok(Answer::Node { eval_ids, node_modify_index: self.index })
    }
}
