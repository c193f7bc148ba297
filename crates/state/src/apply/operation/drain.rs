//! Nodes that operators drain, look at again or remove.

use std::collections::BTreeMap;

use model::Node;
use model::id::NodeId;
use model::node::{DrainStatus, DrainStrategy, Eligibility, LastDrain, NodeEvent};

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
