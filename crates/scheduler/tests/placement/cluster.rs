//! A state that is made by applying commands, and plans made of it as the servers make them.

use std::collections::BTreeMap;

use model::id::{NodeId, Seed};
use model::metric::NodeScore;
use model::node::DriverInfo;
use model::{
    AllocMetric, ClientStatus, EvalId, EvalStatus, Evaluation, Job, Node, Plan, SchedulerConfiguration,
};
use scheduler::stack::{Choice, Refused, Stack, Wish};
use scheduler::{Context, Decision};
use state::{Command, Envelope, Operation, Outcome, State};
use uuid::Uuid;

pub(crate) struct Cluster {
    pub(crate) state: State,
    minted: u64,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        let mut cluster = Cluster { state: State::new(), minted: 0 };
        cluster.apply(Command::BeginTenure { tenure: 1 });
        cluster
    }

    pub(crate) fn apply(&mut self, command: Command) -> Outcome {
        let now_ns = 1_000 + self.state.index() as i64;
        let outcome = self.state.apply(Envelope { trace: String::new(), now_ns, command }).outcome;
        self.state.check().unwrap();
        outcome
    }

    fn mint(&mut self) -> Uuid {
        self.minted += 1;
        Uuid::from_u64_pair(7, self.minted)
    }

    pub(crate) fn add(&mut self, node: Node) -> NodeId {
        let id = if node.id.is_nil() { NodeId(self.mint()) } else { node.id };
        let seed = Seed(self.mint());
        let node = Node { id, secret_hash: "hash".into(), ..node };
        self.apply(Command::RegisterNode { node: Box::new(node), seed });
        id
    }

    pub(crate) fn configure(&mut self, change: impl FnOnce(&mut SchedulerConfiguration)) {
        let mut config = (*self.state.scheduler_configuration()).clone();
        change(&mut config);
        let operation = Operation::SetSchedulerConfiguration { config: Box::new(config), cas: None };
        self.apply(Command::Operate { operation });
    }

    /// Registers a job; answers its evaluation.
    pub(crate) fn register(&mut self, job: &Job) -> Evaluation {
        let eval = Evaluation {
            id: EvalId(self.mint()),
            namespace: job.namespace.clone(),
            job_id: job.id.clone(),
            priority: job.priority,
            kind: job.kind.clone(),
            ..Evaluation::default()
        };
        self.apply(Command::RegisterJob {
            job: Box::new(job.clone()),
            eval: Box::new(eval.clone()),
            enforce_index: None,
            preserve_counts: false,
            submission: None,
        });
        eval
    }

    pub(crate) fn decide(&self, eval: &Evaluation) -> Decision {
        let context = Context { now_ns: 1, seed: Seed(Uuid::from_u64_pair(9, eval.id.0.as_u128() as u64)) };
        scheduler::process(&self.state, eval, &context)
    }

    pub(crate) fn run_plan(&mut self, plan: Plan, eval: Evaluation) {
        let command = Command::ApplyPlan { tenure: 1, plan: Box::new(plan), evals: vec![eval] };
        let outcome = self.apply(command);
        assert!(
            matches!(&outcome, Outcome::Plan(result) if result.trimmed.is_empty() && !result.stale),
            "{outcome:?}"
        );
    }

    /// Registers a job and lets all of it run.
    pub(crate) fn run(&mut self, job: &Job) {
        let eval = self.register(job);
        let decision = self.decide(&eval);
        self.run_plan(decision.plan, Evaluation { status: EvalStatus::Complete, ..decision.eval });
        assert!(
            self.state.allocs_of_job(&job.key()).all(|alloc| alloc.client_status == ClientStatus::Pending)
        );
    }

    /// What a plan of the job would say of groups that find no place.
    pub(crate) fn plan(&mut self, job: &Job) -> BTreeMap<String, Box<AllocMetric>> {
        let before = self.state.clone();
        let eval = self.register(job);
        let failed = self.decide(&eval).eval.failed_tg_allocs;
        self.state = before;
        failed
    }

    /// Places so many allocations of the job's first group; the scores are those seen at the first.
    pub(crate) fn place(
        &self,
        job: &Job,
        count: usize,
        wish: &Wish,
    ) -> (Vec<Result<Choice, Refused>>, Vec<NodeScore>) {
        let mut stack = Stack::new(&self.state, job, &[], seed());
        let group = &job.task_groups[0];
        stack.enter_group(group);
        let found = (0..count).map(|_| stack.select(group, wish)).collect();
        let scores = stack.placed().map(|metric| metric.scores).unwrap_or_default();
        (found, scores)
    }
}

pub(crate) fn seed() -> Seed {
    Seed(Uuid::from_u64_pair(3, 5))
}

/// A healthy driver.
pub(crate) fn driver() -> DriverInfo {
    DriverInfo { detected: true, healthy: true, ..DriverInfo::default() }
}
