//! The state machine through its only door: commands in, state out. Every test checks the invariants after each one.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

use model::id::{JobKey, NodeId};
use model::job::{EphemeralDisk, Resources};
use model::node::NodeResources;
use model::plan::Placement;
use model::{
    AllocId, AllocUpdate, ClientStatus, EvalId, EvalStatus, Evaluation, Job, JobStatus, Node, Plan, Task,
    TaskGroup,
};
use state::{Command, Envelope, Outcome, Refusal, RowError, Seed, State, Table};
use uuid::Uuid;

struct Cluster {
    state: State,
    minted: u64,
}

impl Cluster {
    fn new() -> Self {
        let mut cluster = Cluster { state: State::new(), minted: 0 };
        cluster.apply(Command::BeginTenure { tenure: 1 });
        cluster
    }

    fn apply(&mut self, command: Command) -> Outcome {
        let before = self.state.index();
        let envelope = Envelope { trace: String::new(), now_ns: 1_000 + before as i64, command };
        let outcome = self.state.apply(envelope).outcome;
        assert_eq!(self.state.index(), before + 1, "every command steps the index by one");
        self.state.check().unwrap();
        outcome
    }

    fn mint(&mut self) -> Uuid {
        self.minted += 1;
        Uuid::from_u64_pair(7, self.minted)
    }

    fn eval(&mut self, job: &str) -> Evaluation {
        Evaluation {
            id: EvalId(self.mint()),
            namespace: "default".into(),
            job_id: job.into(),
            priority: 50,
            ..Evaluation::default()
        }
    }

    fn register(&mut self, job: Job, enforce_index: Option<u64>) -> Outcome {
        let eval = Box::new(self.eval(&job.id));
        self.apply(Command::RegisterJob {
            job: Box::new(job),
            eval,
            enforce_index,
            preserve_counts: false,
            submission: None,
        })
    }

    fn node(&mut self) -> NodeId {
        let id = NodeId(self.mint());
        let resources =
            NodeResources { cpu_shares: 1000, memory_mb: 1000, disk_mb: 10_000, ..NodeResources::default() };
        let node = Node { id, secret_hash: "hash".into(), resources, ..Node::default() };
        let seed = Seed(self.mint());
        self.apply(Command::RegisterNode { node: Box::new(node), seed });
        id
    }

    fn place(&mut self, key: &JobKey, nodes: &[NodeId]) -> Outcome {
        let job = self.state.job(key).unwrap().clone();
        let eval_id = self.state.evals_of_job(key).find(|eval| !eval.terminal()).unwrap().id;
        let placements = nodes.iter().enumerate().map(|(index, &node_id)| Placement {
            alloc_id: AllocId(Uuid::from_u64_pair(9, self.state.index() * 100 + index as u64)),
            node_id,
            task_group: "g".into(),
            index: index as u64,
            ..Placement::default()
        });
        let plan = Plan {
            eval_id,
            job: key.clone(),
            job_create_index: job.create_index,
            job_version: job.version,
            snapshot_index: self.state.index(),
            placements: placements.collect(),
            ..Plan::default()
        };
        let done =
            Evaluation { status: EvalStatus::Complete, ..(**self.state.eval(eval_id).unwrap()).clone() };
        self.apply(Command::ApplyPlan { tenure: 1, plan: Box::new(plan), evals: vec![done] })
    }
}

fn job(id: &str) -> Job {
    let resources = Resources { cpu: 400, memory_mb: 100, ..Resources::default() };
    let task = Task { name: "t".into(), driver: "mock_driver".into(), resources, ..Task::default() };
    let ephemeral_disk = EphemeralDisk { size_mb: 300, ..EphemeralDisk::default() };
    let group =
        TaskGroup { name: "g".into(), count: 2, tasks: vec![task], ephemeral_disk, ..TaskGroup::default() };
    Job {
        namespace: "default".into(),
        id: id.into(),
        name: id.into(),
        priority: 50,
        task_groups: vec![group],
        ..Job::default()
    }
}

fn key(id: &str) -> JobKey {
    JobKey::new("default", id)
}

#[test]
fn check_and_set_is_decided_command_by_command() {
    let mut cluster = Cluster::new();
    assert_eq!(cluster.register(job("a"), Some(42)), Outcome::Refused(Refusal::JobMissing { wanted: 42 }));
    let Outcome::Job { job_modify_index, .. } = cluster.register(job("a"), Some(0)) else {
        panic!("not registered")
    };
    assert_eq!(job_modify_index, cluster.state.index());
    assert_eq!(cluster.register(job("a"), Some(0)), Outcome::Refused(Refusal::JobExists));
    let changed = Job { priority: 51, ..job("a") };
    let Outcome::Job { job_modify_index: second, .. } =
        cluster.register(changed.clone(), Some(job_modify_index))
    else {
        panic!("not changed")
    };
    // Two commands of one log entry: the second sees what the first has done.
    let refused = Refusal::JobChanged { wanted: job_modify_index, actual: second };
    assert_eq!(
        cluster.register(Job { priority: 52, ..changed }, Some(job_modify_index)),
        Outcome::Refused(refused)
    );
}

#[test]
fn an_unchanged_job_makes_no_new_version() {
    let mut cluster = Cluster::new();
    cluster.register(job("a"), None);
    let first = cluster.state.job(&key("a")).unwrap().clone();
    cluster.register(job("a"), None);
    let again = cluster.state.job(&key("a")).unwrap();
    assert_eq!((again.version, again.job_modify_index), (0, first.job_modify_index));
    assert_eq!(cluster.state.evals_of_job(&key("a")).count(), 2, "but it is looked at again");
}

#[test]
fn old_versions_are_forgotten_unless_they_run() {
    let mut cluster = Cluster::new();
    let node = cluster.node();
    cluster.register(job("a"), None);
    cluster.place(&key("a"), &[node]);
    for priority in 1..=9 {
        cluster.register(Job { priority, ..job("a") }, None);
    }
    let shown: Vec<_> = cluster.state.job_versions(&key("a")).iter().map(|job| job.version).collect();
    assert_eq!(shown, [9, 8, 7, 6, 5, 4]);
    let created = cluster.state.job(&key("a")).unwrap().create_index;
    assert!(cluster.state.job_version(&key("a"), created, 0).is_some(), "an allocation still runs version 0");
    assert!(cluster.state.job_version(&key("a"), created, 1).is_none());
}

#[test]
fn a_plan_is_trimmed_node_by_node() {
    let mut cluster = Cluster::new();
    let (full, free) = (cluster.node(), cluster.node());
    cluster.register(job("a"), None);
    // Three of 400 MHz on a node of 1000: the node as a whole is left out, the other is not.
    let Outcome::Plan(result) = cluster.place(&key("a"), &[full, full, full, free]) else {
        panic!("no plan")
    };
    assert_eq!((result.trimmed, result.placed, result.stale), (vec![full], 1, false));
    assert_eq!(cluster.state.allocs_of_node(free).count(), 1);
    let eval = cluster.state.evals_of_job(&key("a")).next().unwrap();
    assert_eq!(eval.status, EvalStatus::Pending, "the evaluation is not done with a trimmed plan");
}

#[test]
fn commands_of_another_tenure_are_refused() {
    let mut cluster = Cluster::new();
    cluster.apply(Command::BeginTenure { tenure: 5 });
    let outcome = cluster.apply(Command::UpdateEvals { tenure: 4, evals: Vec::new() });
    assert_eq!(outcome, Outcome::Refused(Refusal::StaleTenure));
    assert_eq!(cluster.apply(Command::BeginTenure { tenure: 5 }), Outcome::Refused(Refusal::StaleTenure));
}

#[test]
fn status_and_summary_follow_the_allocations() {
    let mut cluster = Cluster::new();
    let node = cluster.node();
    cluster.register(job("a"), None);
    assert_eq!(cluster.state.job(&key("a")).unwrap().status, JobStatus::Pending);
    cluster.place(&key("a"), &[node, node]);
    assert_eq!(cluster.state.job(&key("a")).unwrap().status, JobStatus::Running);
    let ids: Vec<_> = cluster.state.allocs_of_job(&key("a")).map(|alloc| alloc.id).collect();
    for status in [ClientStatus::Running, ClientStatus::Complete] {
        let update = |&id: &AllocId| AllocUpdate { id, client_status: status, ..AllocUpdate::default() };
        let updates = ids.iter().map(update).collect();
        let seed = Seed(cluster.mint());
        cluster.apply(Command::UpdateAllocs { node_id: node, updates, seed });
    }
    assert_eq!(cluster.state.job(&key("a")).unwrap().status, JobStatus::Dead);
    let summary = cluster.state.job_summary(&key("a")).unwrap().groups["g"];
    assert_eq!((summary.complete, summary.running, summary.starting), (2, 0, 0));
}

#[test]
fn services_stand_as_long_as_their_allocation() {
    let mut cluster = Cluster::new();
    let node = cluster.node();
    cluster.register(job("a"), None);
    cluster.place(&key("a"), &[node, node]);
    let ids: Vec<AllocId> = cluster.state.allocs().map(|alloc| alloc.id).collect();
    let names = |cluster: &Cluster| -> Vec<(String, AllocId)> {
        let found = cluster.state.services_named("default", "web");
        found.map(|service| (service.id.clone(), service.alloc_id)).collect()
    };
    let report = |cluster: &mut Cluster, id, client_status, services: Option<&[&str]>| {
        let service = |id: &&str| model::ServiceRegistration {
            id: (*id).to_owned(),
            service_name: "web".into(),
            // What an agent says of others is not believed.
            namespace: "other".into(),
            ..model::ServiceRegistration::default()
        };
        let services = services.map(|ids| ids.iter().map(service).collect());
        let update = AllocUpdate { id, client_status, services, ..AllocUpdate::default() };
        let seed = Seed(cluster.mint());
        cluster.apply(Command::UpdateAllocs { node_id: node, updates: vec![update], seed });
    };
    report(&mut cluster, ids[0], ClientStatus::Running, Some(&["x", "y"]));
    report(&mut cluster, ids[1], ClientStatus::Running, Some(&["z"]));
    assert_eq!(names(&cluster), [("x".into(), ids[0]), ("y".into(), ids[0]), ("z".into(), ids[1])]);
    let index = cluster.state.table_index(Table::Services);
    report(&mut cluster, ids[0], ClientStatus::Running, None);
    assert_eq!(cluster.state.table_index(Table::Services), index, "nothing was said of services");
    report(&mut cluster, ids[0], ClientStatus::Running, Some(&["y"]));
    report(&mut cluster, ids[1], ClientStatus::Failed, Some(&["z"]));
    assert_eq!(names(&cluster), [("y".into(), ids[0])]);
    let copy = State::from_rows(cluster.state.rows()).unwrap();
    assert_eq!(copy.services_of_alloc(ids[0]).count(), 1);
}

#[test]
fn a_state_comes_back_from_its_rows() {
    let mut cluster = Cluster::new();
    let node = cluster.node();
    for id in ["a", "b/with/slashes", "字"] {
        cluster.register(job(id), None);
        cluster.place(&key(id), &[node]);
    }
    let rows: Vec<_> = cluster.state.rows().collect();
    let back = State::from_rows(rows.clone().into_iter()).unwrap();
    back.check().unwrap();
    assert_eq!(back.rows().collect::<Vec<_>>(), rows);
    assert_eq!(back.index(), cluster.state.index());
    assert_eq!(back.table_index(Table::Jobs), cluster.state.table_index(Table::Jobs));
    assert_eq!(back.job(&key("字")), cluster.state.job(&key("字")));
}

#[test]
fn what_comes_back_is_the_same_down_to_every_index_in_whatever_order() {
    let mut cluster = Cluster::new();
    let nodes = [cluster.node(), cluster.node()];
    for number in 0..40 {
        let id = format!("job-{}", number * 7 % 40);
        cluster.register(job(&id), None);
        cluster.place(&key(&id), &nodes[..number % 3]);
        if number % 4 == 0 {
            // A second version, with allocations of the first one.
            cluster.register(Job { priority: 70, ..job(&id) }, None);
        }
        if number % 5 == 0 {
            // Evaluations and allocations of a job that is gone.
            let eval = Box::new(cluster.eval(&id));
            cluster.apply(Command::DeregisterJob { job: key(&id), purge: true, eval });
        }
    }
    // Everything but the allocations themselves: theirs is the job as it was when they were placed, until a restart.
    let indexes = |state: &State| {
        let all = format!("{state:?}");
        let (before, rest) = all.split_once("allocs: Allocs { by_id: ").unwrap();
        format!("{before}{}", rest.split_once(", by_job: {(JobKey").unwrap().1)
    };
    let mut rows: Vec<_> = cluster.state.rows().collect();
    let back = State::from_rows(rows.clone().into_iter()).unwrap();
    assert!(indexes(&back) == indexes(&cluster.state), "an index differs");
    assert!(back.rows().eq(rows.clone()), "a row differs");
    rows.reverse();
    let reversed = State::from_rows(rows.into_iter()).unwrap();
    assert!(format!("{reversed:?}") == format!("{back:?}"), "the order of rows makes a difference");
    back.check().unwrap();
}

#[test]
fn a_row_that_refers_to_nothing_is_refused() {
    let mut cluster = Cluster::new();
    let node = cluster.node();
    cluster.register(job("a"), None);
    cluster.place(&key("a"), &[node]);
    let rows: Vec<_> = cluster.state.rows().collect();
    // Tags 1, 2 and 7: versions, jobs, allocations.
    let without = |tag| State::from_rows(rows.clone().into_iter().filter(move |(key, _)| key.tag() != tag));
    assert!(matches!(without(1), Err(RowError::Dangling(key)) if key.tag() == 2));
    assert!(matches!(without(2), Err(RowError::Dangling(key)) if key.tag() == 3));
    assert!(without(7).is_ok());
    let allocs_only = rows.iter().filter(|(key, _)| key.tag() == 7).cloned();
    assert!(matches!(State::from_rows(allocs_only), Err(RowError::Dangling(key)) if key.tag() == 7));
}

#[test]
fn dirty_rows_are_all_that_changed() {
    let mut cluster = Cluster::new();
    let node = cluster.node();
    let before: std::collections::BTreeMap<_, _> = cluster.state.rows().collect();
    let mut state = cluster.state.clone();
    let eval = Box::new(cluster.eval("a"));
    let job = Box::new(job("a"));
    let command =
        Command::RegisterJob { job, eval, enforce_index: None, preserve_counts: false, submission: None };
    let applied = state.apply(Envelope { trace: String::new(), now_ns: 5, command });
    let mut patched = before;
    for key in applied.dirty {
        match state.row(&key) {
            Some(value) => patched.insert(key, value),
            None => patched.remove(&key),
        };
    }
    assert_eq!(patched, state.rows().collect());
    assert!(state.node(node).is_some());
}

#[test]
fn a_foreign_secret_registers_nothing() {
    let mut cluster = Cluster::new();
    let id = cluster.node();
    let node = Node { id, secret_hash: "another".into(), ..Node::default() };
    let seed = Seed(cluster.mint());
    let outcome = cluster.apply(Command::RegisterNode { node: Box::new(node), seed });
    assert_eq!(outcome, Outcome::Refused(Refusal::WrongNodeSecret));
}
