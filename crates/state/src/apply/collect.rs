//! Removes what nobody needs any more. The leader names candidates; each is looked at again here.

use std::collections::BTreeSet;

use model::JobStatus;

use super::Tx;
use crate::command::Collect;
use crate::event::Event;
use crate::outcome::Outcome;
use crate::row::RowKey;
use crate::table::Table;

impl Tx<'_> {
    pub(super) fn collect(&mut self, tenure: u64, what: &Collect) -> Outcome {
        if let Err(refused) = self.holds_tenure(tenure) {
            return refused;
        }
        self.collect_allocs(what);
        for &id in &what.evals {
            let done = self.state.eval(id).is_some_and(|eval| eval.terminal());
            if done && self.state.allocs_of_eval(id).next().is_none() {
                self.remove_eval(id);
            }
        }
        for &id in &what.deployments {
            let ended = self.state.deployment(id).filter(|deployment| !deployment.status.active());
            if let Some(key) = ended.map(|deployment| RowKey::deployment(deployment)) {
                self.state.deployments.remove(id);
                self.dirty.insert(key);
                self.touch_table(Table::Deployments);
            }
        }
        for key in &what.jobs {
            let tally = self.state.jobs.tally(key);
            let dead = self.state.job(key).filter(|job| job.status == JobStatus::Dead);
            if let Some(incarnation) = dead.map(|job| job.create_index)
                && (tally.allocs, tally.evals) == (0, 0)
            {
                self.purge_job(key, incarnation);
            }
        }
        for &id in &what.nodes {
            if self.state.node(id).is_some_and(|node| node.gone())
                && self.state.allocs_of_node(id).next().is_none()
            {
                if let Some(node) = self.state.drop_node(id) {
                    self.events.push(Event::NodeRemoved(node));
                }
                self.dirty.insert(RowKey::node(id));
                self.touch_table(Table::Nodes);
            }
        }
        Outcome::Done
    }

    fn collect_allocs(&mut self, what: &Collect) {
        let mut versions = BTreeSet::new();
        for &id in &what.allocs {
            let Some(alloc) = self.state.alloc(id).filter(|alloc| alloc.client_status.terminal()).cloned()
            else {
                continue;
            };
            self.state.drop_alloc(id);
            self.state.jobs.count_alloc(&alloc.job_key(), Some(&alloc), None);
            self.dirty.insert(RowKey::alloc(&alloc));
            self.touch_table(Table::Allocs);
            self.events.push(Event::AllocRemoved(alloc.node_id));
            versions.insert((alloc.job_key(), alloc.job_create_index, alloc.job_version));
        }
        for (key, incarnation, version) in versions {
            match self.state.job(&key) {
                Some(job) if job.create_index == incarnation => self.forget_old_versions(&key),
                _ => self.forget_version(&key, incarnation, version),
            }
        }
    }
}
