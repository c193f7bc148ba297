//! Applies one command to the state and gathers what changed.
//!
//! [`State::apply`] steps the clients' index by one for every command, refused ones too (decision 4).
//! The helpers here are the only way to write a table: they keep indexes, tallies, summaries, dirty rows
//! and events together.

mod alloc;
mod children;
mod collect;
mod deployment;
mod eval;
mod job;
mod job_operation;
mod node;
mod operation;
mod plan;
mod restore;
mod root_key;
mod service;
mod tenure;

use std::collections::BTreeSet;
use std::sync::Arc;

use model::id::{EvalId, JobKey};
use model::planted::{self, Bug};
use model::{Allocation, Deployment, Evaluation, Job, JobStatus, Node};

use crate::command::{Command, Envelope};
use crate::event::Event;
use crate::outcome::{Outcome, Refusal};
use crate::row::RowKey;
use crate::snapshot::State;
use crate::table::Table;

/// What a command did.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The clients' index of the command.
    pub index: u64,
    /// What its proposer is told.
    pub outcome: Outcome,
    /// What changed, in order.
    pub events: Vec<Event>,
    /// Rows whose newest value differs from before, in order.
    pub dirty: Vec<RowKey>,
    /// A snapshot was restored: every row may differ, and no event tells how.
    pub replaced: bool,
}

impl State {
    /// Applies a command. Deterministic: the same state and command give the same answer on every server.
    pub fn apply(&mut self, envelope: Envelope) -> Applied {
        let Envelope { trace, now_ns, command } = envelope;
        let mut tx = Tx::begin(self, now_ns, &trace);
        let outcome = tx.run(command);
        tx.finish(outcome)
    }

    /// Writes a registration into a copy of the state that nobody else sees, for the plan of a job: also one that would
    /// be refused because a job cannot be changed like that. A job of no namespace is refused all the same.
    pub fn imagine_job(&mut self, job: &Job, eval: &Evaluation, now_ns: i64) -> Result<(), Refusal> {
        if !self.has_namespace(&job.namespace) {
            return Err(Refusal::NoSuchNamespace { job: job.id.clone(), namespace: job.namespace.clone() });
        }
        let existing = self.job(&job.key()).cloned();
        let mut tx = Tx::begin(self, now_ns, "");
        let outcome = tx.registered(job.clone(), eval.clone(), existing.as_deref(), false, None);
        tx.finish(outcome);
        Ok(())
    }

    /// Steps the index for a command whose [`State::apply`] panicked on a copy of this state (decision 8).
    pub fn apply_poisoned(&mut self, now_ns: i64) -> Applied {
        Tx::begin(self, now_ns, "").finish(Outcome::Internal)
    }
}

/// One command under way.
struct Tx<'a> {
    state: &'a mut State,
    /// Index of this command.
    index: u64,
    now_ns: i64,
    trace: &'a str,
    dirty: BTreeSet<RowKey>,
    events: Vec<Event>,
    /// Jobs whose status has to be looked at again before the command ends.
    touched: BTreeSet<JobKey>,
    replaced: bool,
}

impl<'a> Tx<'a> {
    fn begin(state: &'a mut State, now_ns: i64, trace: &'a str) -> Self {
        state.index += 1;
        Tx {
            index: state.index,
            now_ns,
            trace,
            state,
            dirty: BTreeSet::new(),
            events: Vec::new(),
            touched: BTreeSet::new(),
            replaced: false,
        }
    }

    fn run(&mut self, command: Command) -> Outcome {
        match command {
            Command::BeginTenure { tenure } => self.begin_tenure(tenure),
            Command::RegisterJob { job, eval, enforce_index, preserve_counts, submission } => {
                let submission = submission.as_deref();
                self.register_job(*job, *eval, enforce_index, preserve_counts, submission)
            }
            Command::OperateJob { operation } => self.operate_job(&operation),
            Command::DeregisterJob { job, purge, eval } => self.deregister_job(&job, purge, &eval),
            Command::EvaluateJob { eval } => self.evaluate_job(&eval),
            Command::UpdateEvals { tenure, evals } => self.update_evals(tenure, evals),
            Command::ApplyPlan { tenure, plan, evals } => self.apply_plan(tenure, &plan, evals),
            Command::RegisterNode { node, seed } => self.register_node(&node, seed),
            Command::SetNodeStatus { tenure, node_id, status, event, seed } => {
                self.set_node_status(tenure, node_id, status, &event, seed)
            }
            Command::SetNodeEligibility { node_id, eligibility, seed } => {
                self.set_node_eligibility(node_id, eligibility, seed)
            }
            Command::UpdateAllocs { node_id, updates, seed } => self.update_allocs(node_id, &updates, seed),
            Command::TransitionAllocs { transitions, evals } => self.transition_allocs(&transitions, &evals),
            Command::UpdateDeployment { tenure, update, stable } => {
                self.end_deployment(tenure, &update, stable)
            }
            Command::Collect { tenure, what } => self.collect(tenure, &what),
            Command::PutRootKey { key } => self.put_root_key(&key),
            Command::Operate { operation } => self.operate(&operation),
            Command::Restore { step } => self.restore(&step),
            Command::Noop => Outcome::Done,
        }
    }

    fn finish(mut self, outcome: Outcome) -> Applied {
        for key in std::mem::take(&mut self.touched) {
            self.settle_job_status(&key);
        }
        self.dirty.insert(RowKey::meta());
        let (dirty, replaced) = (self.dirty.into_iter().collect(), self.replaced);
        Applied { index: self.index, outcome, events: self.events, dirty, replaced }
    }

    /// Refuses commands of a leader that leads no more.
    fn holds_tenure(&self, tenure: u64) -> Result<(), Outcome> {
        if tenure == self.state.tenure || planted::is(Bug::OldTenureAccepted) {
            Ok(())
        } else {
            Err(Outcome::Refused(Refusal::StaleTenure))
        }
    }

    fn touch_table(&mut self, table: Table) {
        self.state.table_index[table.number()] = self.index;
    }

    // ----- writing rows -----

    /// Writes the current version of a job, and the same as its version row.
    fn put_job(&mut self, job: Job) {
        let key = job.key();
        let job = Arc::new(job);
        let version = (key.clone(), job.create_index, job.version);
        self.dirty.insert(RowKey::job(&key, job.create_index));
        self.dirty.insert(RowKey::job_version(&version));
        self.state.jobs.put(&key, job);
        self.touch_table(Table::Jobs);
        self.events.push(Event::Job(key));
    }

    /// Changes a job's summary; one that stays the same keeps its index.
    fn change_summary(&mut self, key: &JobKey, change: impl FnOnce(&mut crate::JobSummary)) {
        let Some(entry) = self.state.jobs.current(key) else {
            return;
        };
        let mut summary = (*entry.summary).clone();
        change(&mut summary);
        if summary == *entry.summary {
            return;
        }
        summary.modify_index = self.index;
        self.dirty.insert(RowKey::summary(key, entry.job.create_index));
        self.state.jobs.put_summary(key, Arc::new(summary));
        self.touch_table(Table::JobSummaries);
    }

    /// Answers it as it lies in the table now.
    fn put_eval(&mut self, mut eval: Evaluation) -> Arc<Evaluation> {
        if eval.create_index == 0 {
            eval.create_index = self.index;
            eval.create_time_ns = self.now_ns;
        }
        eval.modify_index = self.index;
        eval.modify_time_ns = self.now_ns;
        let (key, eval) = (eval.job_key(), Arc::new(eval));
        let old = self.state.evals.put(eval.clone());
        self.state.jobs.note_eval(&key, old.as_deref(), Some(&eval));
        if let Some(old) = old.filter(|old| old.create_index != eval.create_index) {
            self.dirty.insert(RowKey::eval(&old));
        }
        self.dirty.insert(RowKey::eval(&eval));
        self.touch_table(Table::Evals);
        self.touched.insert(key);
        self.events.push(Event::Eval(Arc::clone(&eval)));
        eval
    }

    fn remove_eval(&mut self, id: EvalId) {
        let Some(old) = self.state.evals.remove(id) else {
            return;
        };
        self.state.jobs.note_eval(&old.job_key(), Some(&old), None);
        self.dirty.insert(RowKey::eval(&old));
        self.touch_table(Table::Evals);
    }

    /// Writes an allocation; `desired_changed` says that its node has to hear of it.
    fn put_alloc(&mut self, mut alloc: Allocation, desired_changed: bool) {
        let new = alloc.create_index == 0;
        if new {
            alloc.create_index = self.index;
            alloc.create_time_ns = self.now_ns;
        }
        alloc.modify_index = self.index;
        if new || desired_changed {
            alloc.alloc_modify_index = self.index;
        }
        let (key, alloc) = (alloc.job_key(), Arc::new(alloc));
        let old = self.state.store_alloc(alloc.clone());
        self.state.jobs.count_alloc(&key, old.as_deref(), Some(&alloc));
        let from = old.as_ref().map(|old| old.client_status);
        if from != Some(alloc.client_status) {
            let group = alloc.task_group.clone();
            self.change_summary(&key, |summary| {
                if let Some(counts) = summary.groups.get_mut(&group) {
                    counts.shift(from, alloc.client_status);
                }
            });
        }
        let freed = old.is_some_and(|old| old.occupies()) && !alloc.occupies();
        if freed && let Some(class) = self.state.node(alloc.node_id).map(|node| node.computed_class.clone()) {
            self.state.room_freed.insert(class, self.index);
        }
        if alloc.client_status.terminal() {
            self.remove_services_of(alloc.id);
        }
        self.dirty.insert(RowKey::alloc(&alloc));
        self.touch_table(Table::Allocs);
        self.touched.insert(key);
        self.events.push(Event::Alloc { alloc, desired_changed: new || desired_changed, freed });
    }

    fn put_deployment(&mut self, mut deployment: Deployment) {
        if deployment.create_index == 0 {
            deployment.create_index = self.index;
            deployment.create_time_ns = self.now_ns;
        } else {
            deployment.modify_time_ns = self.now_ns;
        }
        deployment.modify_index = self.index;
        let deployment = Arc::new(deployment);
        let old = self.state.deployments.put(deployment.clone());
        let was_active = old.is_some_and(|old| old.status.active());
        let key = deployment.job_key();
        self.state.jobs.count_deployment(&key, was_active, deployment.status.active());
        self.dirty.insert(RowKey::deployment(&deployment));
        self.touch_table(Table::Deployments);
        self.touched.insert(key);
        self.events.push(Event::Deployment(deployment));
    }

    fn put_node(&mut self, mut node: Node) {
        if node.create_index == 0 {
            node.create_index = self.index;
        }
        node.modify_index = self.index;
        if node.ready() {
            self.state.room_freed.insert(node.computed_class.clone(), self.index);
        }
        let node = Arc::new(node);
        self.ensure_node_pool(&node.node_pool);
        self.state.store_node(node.clone());
        self.dirty.insert(RowKey::node(node.id));
        self.touch_table(Table::Nodes);
        self.events.push(Event::Node(node));
    }

    // ----- what follows from rows -----

    /// Sets the status that a job's allocations, deployments and evaluations come to.
    fn settle_job_status(&mut self, key: &JobKey) {
        let Some(job) = self.state.job(key) else { return };
        let tally = self.state.jobs.tally(key);
        let status = if job.launches_children() {
            if job.stop { JobStatus::Dead } else { JobStatus::Running }
        } else if tally.allocs_live > 0 || tally.deployments_active > 0 {
            JobStatus::Running
        } else if tally.evals_live > 0 && !job.stop {
            JobStatus::Pending
        } else if job.stop || tally.evals > 0 || tally.allocs > 0 {
            JobStatus::Dead
        } else {
            JobStatus::Pending
        };
        if status != job.status {
            let (parent, from) = (job.parent_key(), job.status);
            if let Some(parent) = parent {
                self.count_child(&parent, Some(from), Some(status));
            }
            let Some(job) = self.state.job(key) else { return };
            let job = Job { status, modify_index: self.index, ..(**job).clone() };
            self.put_job(job);
        }
    }
}
