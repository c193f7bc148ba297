//! What must hold of every state, whatever commands led to it. Tests call it after each command.

use std::collections::BTreeMap;

use model::Evaluation;
use model::id::{EvalId, JobKey};
use model::resources::fit;

use crate::snapshot::State;
use crate::table::capacity::Capacity;
use crate::table::jobs::Tally;

impl State {
    /// Looks at everything; the error says what is broken.
    pub fn check(&self) -> Result<(), String> {
        self.check_rows()?;
        self.check_capacity()?;
        self.check_references()?;
        self.check_records()?;
        self.check_tallies()
    }

    /// Looks at what rows that were read back may still break. The rest holds by the way in which a state is built from
    /// them: tallies are counted, and a row that refers to none is refused.
    pub fn check_rows(&self) -> Result<(), String> {
        self.check_room()?;
        self.check_services()
    }

    /// P3: what is wanted on a node fits it. What is told to stop takes up room until its agent says that it has
    /// ended; what replaces it was placed knowing that.
    fn check_room(&self) -> Result<(), String> {
        for node in self.nodes() {
            let wanted = self.allocs_of_node(node.id).filter(|alloc| !alloc.terminal());
            let fits = fit::all_fit(node, wanted.map(|alloc| &alloc.resources));
            fits.map_err(|dimension| format!("node {} is over-committed: {dimension}", node.id))?;
        }
        Ok(())
    }

    /// What is kept of the room on nodes is what a count comes to.
    fn check_capacity(&self) -> Result<(), String> {
        let nodes = self.nodes().map(|node| &**node);
        let counted = Capacity::of(nodes, self.allocs().map(|alloc| &**alloc));
        if counted == self.capacity {
            Ok(())
        } else {
            Err(format!("room differs: counted {counted:?}, kept {:?}", self.capacity))
        }
    }

    fn check_references(&self) -> Result<(), String> {
        for alloc in self.allocs() {
            let key = alloc.job_key();
            if self.job_version(&key, alloc.job_create_index, alloc.job_version).is_none() {
                return Err(format!("allocation {} refers to a version of {key} that is gone", alloc.id));
            }
        }
        let clocked = |key: &JobKey| self.job(key).is_some_and(|job| job.is_clocked());
        if let Some(key) = self.jobs.launches.keys().find(|key| !clocked(key)) {
            return Err(format!("the clock of {key} runs, but it has none"));
        }
        for (key, job, _) in self.jobs() {
            if job.is_clocked() && self.periodic_launch(key).is_none() {
                return Err(format!("the clock of {key} does not run"));
            }
            if self.job_version(key, job.create_index, job.version).is_none() {
                return Err(format!("job {key} has no row for its version {}", job.version));
            }
        }
        Ok(())
    }

    fn check_services(&self) -> Result<(), String> {
        for service in self.services() {
            if self.alloc(service.alloc_id).is_none_or(|alloc| alloc.client_status.terminal()) {
                return Err(format!("service {} stands for an allocation that has ended", service.id));
            }
        }
        Ok(())
    }

    /// A record names the evaluations of its job, all of them, and there are as many current jobs as are counted.
    fn check_records(&self) -> Result<(), String> {
        for (key, record) in &self.jobs.records {
            let other = |eval: &Evaluation| eval.job_key() != *key;
            let missing =
                |(id, created): (&EvalId, &u64)| self.evals.at(*created, *id).is_none_or(|eval| other(eval));
            if let Some((id, _)) = record.evals.iter().find(|named| missing(*named)) {
                return Err(format!("the record of {key} names evaluation {id}, which is none of its own"));
            }
        }
        let named: usize = self.jobs.records.values().map(|record| record.evals.len()).sum();
        let (evals, by_id) = (self.evals().count(), self.evals_by_id().count());
        if (named, by_id) != (evals, evals) {
            return Err(format!("{evals} evaluations, {by_id} by id, {named} named by records"));
        }
        let jobs = self.jobs().count();
        if jobs == self.job_count() {
            Ok(())
        } else {
            Err(format!("{jobs} jobs, counted {}", self.job_count()))
        }
    }

    fn check_tallies(&self) -> Result<(), String> {
        let mut counted: BTreeMap<_, Tally> = BTreeMap::new();
        for alloc in self.allocs() {
            let tally = counted.entry(alloc.job_key()).or_default();
            tally.allocs += 1;
            tally.allocs_live += u64::from(!alloc.terminal());
        }
        for eval in self.evals() {
            let tally = counted.entry(eval.job_key()).or_default();
            tally.evals += 1;
            tally.evals_live += u64::from(!eval.terminal());
        }
        for deployment in self.deployments() {
            counted.entry(deployment.job_key()).or_default().deployments_active +=
                u64::from(deployment.status.active());
        }
        counted.retain(|_, tally| *tally != Tally::default());
        let mut kept: BTreeMap<_, _> =
            self.jobs.records.iter().map(|(key, record)| (key.clone(), record.tally)).collect();
        kept.retain(|_, tally| *tally != Tally::default());
        if counted == kept {
            Ok(())
        } else {
            Err(format!("tallies differ: counted {counted:?}, kept {kept:?}"))
        }
    }
}
