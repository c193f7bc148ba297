//! Drains of a small cluster, over real commands.

use model::alloc::task_state::TaskState;
use model::id::EvalId;
use model::job::MigrateStrategy;
use model::node::{DrainStatus, Eligibility, NodeResources};
use model::plan::{Placement, PlannedStop};
use model::{
    AllocUpdate, ClientStatus, DrainStrategy, EvalStatus, Evaluation, Job, NodeStatus, Plan, Task, TaskGroup,
    Trigger,
};
use state::{Command, Envelope, Event, Operation, Outcome, Seed};
use uuid::Uuid;

use super::*;

const SECOND: i64 = 1_000_000_000;

struct Cluster {
    state: State,
    drainer: Drainer,
    now_ns: i64,
    minted: u64,
}

impl Cluster {
    fn new() -> Self {
        let mut cluster =
            Cluster { state: State::new(), drainer: Drainer::default(), now_ns: 1_000 * SECOND, minted: 0 };
        cluster.apply(Command::BeginTenure { tenure: 1 });
        cluster
    }

    fn apply(&mut self, command: Command) -> Outcome {
        let applied = self.state.apply(Envelope { trace: String::new(), now_ns: self.now_ns, command });
        for event in applied.events {
            if let Event::Node(node) = event {
                self.drainer.note(&node);
            }
        }
        self.state.check().unwrap();
        applied.outcome
    }

    fn mint(&mut self) -> Uuid {
        self.minted += 1;
        Uuid::from_u64_pair(7, self.minted)
    }

    fn node(&mut self) -> NodeId {
        let id = NodeId(self.mint());
        let resources = NodeResources { cpu_shares: 1000, memory_mb: 1000, ..NodeResources::default() };
        let node = Box::new(Node { id, resources, ..Node::default() });
        let seed = Seed(self.mint());
        self.apply(Command::RegisterNode { node, seed });
        id
    }

    fn register(&mut self, id: &str, kind: JobType, count: i64, max_parallel: i64) {
        let task = Task { name: "t".into(), driver: "mock_driver".into(), ..Task::default() };
        let migrate =
            MigrateStrategy { max_parallel, min_healthy_time_ns: 10 * SECOND, ..MigrateStrategy::default() };
        let migrate = (kind == JobType::Service).then_some(migrate);
        let group = TaskGroup { name: "g".into(), count, tasks: vec![task], migrate, ..TaskGroup::default() };
        let (namespace, task_groups) = ("default".into(), vec![group]);
        let job = Box::new(Job { namespace, id: id.into(), kind, task_groups, ..Job::default() });
        let eval = Box::new(self.eval(id));
        let (enforce_index, preserve_counts, submission) = (None, false, None);
        self.apply(Command::RegisterJob { job, eval, enforce_index, preserve_counts, submission });
    }

    fn eval(&mut self, job: &str) -> Evaluation {
        let (id, namespace) = (EvalId(self.mint()), "default".into());
        Evaluation { id, namespace, job_id: job.into(), ..Evaluation::default() }
    }

    /// Stops what was asked to leave, and places an allocation on each of these nodes; they run from now on.
    fn place(&mut self, id: &str, nodes: &[NodeId]) -> Vec<AllocId> {
        let key = JobKey::new("default", id);
        let job = self.state.job(&key).unwrap().clone();
        let eval = self.eval(id);
        let leaving =
            self.state.allocs_of_job(&key).filter(|alloc| alloc.desired_transition.should_migrate());
        let stop = |alloc: AllocId| PlannedStop { alloc_id: alloc, ..PlannedStop::default() };
        let stops: Vec<_> = leaving.filter(|alloc| !alloc.terminal()).map(|alloc| stop(alloc.id)).collect();
        let placement = |(index, &node_id): (usize, &NodeId)| Placement {
            alloc_id: AllocId(Uuid::from_u64_pair(9, self.state.index() * 100 + index as u64)),
            node_id,
            task_group: "g".into(),
            index: index as u64,
            ..Placement::default()
        };
        let placements: Vec<_> = nodes.iter().enumerate().map(placement).collect();
        let placed: Vec<_> = placements.iter().map(|placement| placement.alloc_id).collect();
        let plan = Plan {
            eval_id: eval.id,
            job: key,
            job_create_index: job.create_index,
            job_version: job.version,
            snapshot_index: self.state.index(),
            stops: stops.clone(),
            placements,
            ..Plan::default()
        };
        self.apply(Command::EvaluateJob { eval: Box::new(eval.clone()) });
        let done = Evaluation { status: EvalStatus::Complete, ..eval };
        self.apply(Command::ApplyPlan { tenure: 1, plan: Box::new(plan), evals: vec![done] });
        for id in &placed {
            self.report(*id, ClientStatus::Running);
        }
        for stop in stops {
            self.report(stop.alloc_id, ClientStatus::Complete);
        }
        placed
    }

    fn report(&mut self, id: AllocId, client_status: ClientStatus) {
        let node_id = self.state.alloc(id).unwrap().node_id;
        let task = TaskState { started_at_ns: self.now_ns, ..TaskState::default() };
        let task_states = [("t".to_owned(), task)].into();
        let update = AllocUpdate { id, client_status, task_states, ..AllocUpdate::default() };
        let seed = Seed(self.mint());
        self.apply(Command::UpdateAllocs { node_id, updates: vec![update], seed });
    }

    fn drain(&mut self, node_id: NodeId, drain: Option<DrainStrategy>) {
        let seed = Seed(self.mint());
        let (meta, accessor_id) = (std::collections::BTreeMap::new(), String::new());
        let mark_eligible = false;
        let operation = Operation::DrainNode { node_id, drain, mark_eligible, meta, accessor_id, seed };
        self.apply(Command::Operate { operation });
    }

    /// Lets time pass, decides and writes it; answers how many leave and how many nodes are done.
    fn advance(&mut self, seconds: i64) -> (usize, usize) {
        self.now_ns += seconds * SECOND;
        let Drains { allocs, nodes } = self.drainer.decide(&self.state, self.now_ns, 100);
        let counts = (allocs.len(), nodes.len());
        let seed = Seed(self.mint());
        self.apply(Command::Operate {
            operation: Operation::AdvanceDrains { tenure: 1, allocs, nodes, seed },
        });
        counts
    }

    fn status(&self, node: NodeId) -> DrainStatus {
        self.state.node(node).unwrap().last_drain.as_ref().unwrap().status
    }
}

fn within(seconds: i64) -> Option<DrainStrategy> {
    Some(DrainStrategy { deadline_ns: seconds * SECOND, ..DrainStrategy::default() })
}

#[test]
fn an_empty_node_is_done_at_once() {
    let mut cluster = Cluster::new();
    let node = cluster.node();
    cluster.drain(node, within(0));
    assert_eq!(cluster.advance(0), (0, 1));
    assert_eq!((cluster.advance(0), cluster.drainer.count()), ((0, 0), 0));
    let after = cluster.state.node(node).unwrap();
    assert_eq!((after.drain.is_none(), after.eligibility), (true, Eligibility::Ineligible));
    let last = after.events.last().unwrap();
    assert_eq!((last.message.as_str(), last.subsystem.as_str()), ("Node drain complete", "Drain"));
    assert_eq!(cluster.status(node), DrainStatus::Complete);
}

#[test]
fn services_leave_as_their_group_allows() {
    let mut cluster = Cluster::new();
    let (old, new) = (cluster.node(), cluster.node());
    cluster.register("web", JobType::Service, 3, 1);
    cluster.place("web", &[old, old, new]);
    cluster.drain(old, within(3_600));
    assert_eq!(cluster.advance(5), (0, 0), "nothing has run for long enough to count as healthy");
    assert_eq!(cluster.advance(5), (1, 0));
    let eval = cluster.state.evals().find(|eval| eval.triggered_by == Trigger::NodeDrain).unwrap();
    assert_eq!((eval.job_id.as_str(), eval.node_id), ("web", NodeId::default()));
    assert_eq!(cluster.advance(60), (0, 0), "one at a time");
    cluster.place("web", &[new]);
    assert_eq!(cluster.advance(9), (0, 0), "its replacement is not healthy yet");
    assert_eq!(cluster.advance(1), (1, 0));
    cluster.place("web", &[new]);
    assert_eq!(cluster.advance(0), (0, 1));
}

#[test]
fn batch_work_may_finish_until_the_deadline() {
    let mut cluster = Cluster::new();
    let node = cluster.node();
    cluster.register("work", JobType::Batch, 2, 0);
    let placed = cluster.place("work", &[node, node]);
    cluster.drain(node, within(60));
    assert_eq!(cluster.advance(59), (0, 0));
    cluster.report(placed[0], ClientStatus::Complete);
    assert_eq!(cluster.advance(0), (0, 0));
    assert_eq!(cluster.advance(1), (1, 1));
    let last = cluster.state.node(node).unwrap().events.last().unwrap().clone();
    assert_eq!(last.details["deadline_reached"], "true");
    assert!(cluster.state.alloc(placed[1]).unwrap().desired_transition.should_migrate());
}

#[test]
fn system_jobs_leave_last_or_stay() {
    for ignore_system_jobs in [false, true] {
        let mut cluster = Cluster::new();
        let node = cluster.node();
        cluster.register("everywhere", JobType::System, 1, 0);
        cluster.register("work", JobType::Batch, 1, 0);
        cluster.place("everywhere", &[node]);
        let work = cluster.place("work", &[node]);
        cluster.drain(node, Some(DrainStrategy { ignore_system_jobs, ..DrainStrategy::default() }));
        assert_eq!(cluster.advance(100_000), (0, 0));
        cluster.report(work[0], ClientStatus::Complete);
        if !ignore_system_jobs {
            assert_eq!(cluster.advance(0), (1, 0));
            cluster.place("everywhere", &[]);
        }
        assert_eq!(cluster.advance(0), (0, 1));
    }
}

#[test]
fn a_forced_drain_does_not_wait() {
    let mut cluster = Cluster::new();
    let (node, other) = (cluster.node(), cluster.node());
    cluster.register("web", JobType::Service, 3, 1);
    cluster.register("everywhere", JobType::System, 1, 0);
    cluster.place("web", &[node, node, other]);
    cluster.place("everywhere", &[node]);
    cluster.drain(node, within(-1));
    assert_eq!(cluster.advance(0), (3, 1));
}

#[test]
fn what_the_leader_decided_too_late_does_not_happen() {
    let mut cluster = Cluster::new();
    let node = cluster.node();
    cluster.register("web", JobType::Service, 1, 1);
    let placed = cluster.place("web", &[node]);
    cluster.drain(node, within(-1));
    let Drains { allocs, nodes } = cluster.drainer.decide(&cluster.state, cluster.now_ns, 100);
    assert_eq!((allocs.len(), nodes.len()), (1, 1));
    cluster.drain(node, None);
    let seed = Seed(cluster.mint());
    let operation = Operation::AdvanceDrains { tenure: 1, allocs, nodes, seed };
    cluster.apply(Command::Operate { operation });
    assert!(!cluster.state.alloc(placed[0]).unwrap().desired_transition.should_migrate());
    assert_eq!((cluster.status(node), cluster.drainer.count()), (DrainStatus::Canceled, 0));
}

#[test]
fn a_node_that_goes_down_is_done_when_its_allocations_are_lost() {
    let mut cluster = Cluster::new();
    let node = cluster.node();
    cluster.register("work", JobType::Batch, 1, 0);
    let placed = cluster.place("work", &[node]);
    cluster.drain(node, within(0));
    let (status, event, seed) = (NodeStatus::Down, Default::default(), Seed(cluster.mint()));
    cluster.apply(Command::SetNodeStatus { tenure: 1, node_id: node, status, event, seed });
    assert_eq!(cluster.advance(0), (0, 0));
    cluster.report(placed[0], ClientStatus::Lost);
    assert_eq!(cluster.advance(0), (0, 1));
}
