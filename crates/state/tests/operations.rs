//! What operators change beside jobs, through the state machine's only door.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

use model::id::{LockId, NodeId};
use model::node::{DrainStatus, Eligibility};
use model::variable::Lock;
use model::{
    DrainStrategy, EvalId, Evaluation, Job, Namespace, Node, NodePool, SchedulerConfiguration, TaskGroup,
    Variable,
};
use state::{Answer, Command, Envelope, Operation, Outcome, Refusal, Seed, State};
use uuid::Uuid;

const SECOND: i64 = 1_000_000_000;

struct Cluster {
    state: State,
    now_ns: i64,
}

impl Cluster {
    fn new() -> Self {
        let mut cluster = Cluster { state: State::new(), now_ns: SECOND };
        cluster.apply(Command::BeginTenure { tenure: 1 });
        cluster
    }

    fn apply(&mut self, command: Command) -> Outcome {
        let envelope = Envelope { trace: String::new(), now_ns: self.now_ns, command };
        let outcome = self.state.apply(envelope).outcome;
        self.state.check().unwrap();
        // What is written has to be read again as it was.
        let again = State::from_rows(self.state.rows()).unwrap();
        assert_eq!(again.rows().collect::<Vec<_>>(), self.state.rows().collect::<Vec<_>>());
        outcome
    }

    fn operate(&mut self, operation: Operation) -> Result<Answer, Refusal> {
        match self.apply(Command::Operate { operation }) {
            Outcome::Operated(answer) => Ok(answer),
            Outcome::Refused(refusal) => Err(refusal),
            other => panic!("an operation had the outcome {other:?}"),
        }
    }

    fn register(&mut self, job: &str, namespace: &str, pool: &str) -> Outcome {
        let group = TaskGroup { name: "g".into(), count: 1, ..TaskGroup::default() };
        let job = Job {
            id: job.into(),
            namespace: namespace.into(),
            node_pool: pool.into(),
            region: "global".into(),
            task_groups: vec![group],
            ..Job::default()
        };
        let eval = Evaluation {
            id: EvalId(Uuid::from_u64_pair(5, self.state.index())),
            namespace: namespace.into(),
            job_id: job.id.clone(),
            ..Evaluation::default()
        };
        self.apply(Command::RegisterJob {
            job: Box::new(job),
            eval: Box::new(eval),
            enforce_index: None,
            preserve_counts: false,
            submission: None,
        })
    }

    fn put(&mut self, variable: Variable, cas: Option<u64>, acquire: bool) -> Answer {
        self.operate(Operation::PutVariable { variable: Box::new(variable), cas, acquire }).unwrap()
    }
}

fn variable(data: &[u8]) -> Variable {
    Variable { namespace: "default".into(), path: "a/b".into(), data: data.into(), ..Variable::default() }
}

fn lock(number: u64) -> Option<Lock> {
    let id = LockId(Uuid::from_u64_pair(3, number));
    Some(Lock { id, ttl_ns: 15 * SECOND, delay_ns: 10 * SECOND })
}

#[test]
fn every_cluster_begins_with_the_same() {
    let cluster = Cluster::new();
    let names = |prefix| cluster.state.namespaces(prefix).map(|one| one.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(""), ["default"]);
    let pools: Vec<_> = cluster.state.node_pools("").map(|pool| pool.name.clone()).collect();
    assert_eq!(pools, ["all", "default"]);
    assert!(cluster.state.scheduler_configuration().preemption.system);
}

#[test]
fn namespaces_and_pools_go_only_when_nothing_is_in_them() {
    let mut cluster = Cluster::new();
    assert!(matches!(
        cluster.register("web", "team", "default"),
        Outcome::Refused(Refusal::NoSuchNamespace { .. })
    ));
    let namespace = Box::new(Namespace { name: "team".into(), ..Namespace::default() });
    cluster.operate(Operation::PutNamespace { namespace }).unwrap();
    let pool = Box::new(NodePool { name: "gpu".into(), ..NodePool::default() });
    cluster.operate(Operation::PutNodePool { pool }).unwrap();
    assert!(matches!(cluster.register("web", "team", "gpu"), Outcome::Job { .. }));
    let leave = |cluster: &mut Cluster| {
        let namespace = cluster.operate(Operation::DeleteNamespace { name: "team".into() });
        (namespace, cluster.operate(Operation::DeleteNodePool { name: "gpu".into() }))
    };
    assert!(matches!(
        leave(&mut cluster),
        (Err(Refusal::NamespaceHasJobs { .. }), Err(Refusal::NodePoolHasJobs { .. }))
    ));
    let eval = Evaluation {
        id: EvalId(Uuid::from_u64_pair(6, 1)),
        namespace: "team".into(),
        job_id: "web".into(),
        ..Evaluation::default()
    };
    let job = model::JobKey::new("team", "web");
    cluster.apply(Command::DeregisterJob { job, purge: true, eval: Box::new(eval) });
    assert_eq!(leave(&mut cluster), (Ok(Answer::Done), Ok(Answer::Done)));
    assert_eq!(leave(&mut cluster).0, Err(Refusal::UnknownNamespace));
}

#[test]
fn a_check_and_set_changes_nothing_that_has_changed() {
    let mut cluster = Cluster::new();
    let index = cluster.state.scheduler_configuration().modify_index;
    let config = Box::new(SchedulerConfiguration { pause_eval_broker: true, ..Default::default() });
    let set = |cas| Operation::SetSchedulerConfiguration { config: config.clone(), cas };
    assert_eq!(cluster.operate(set(Some(index + 9))), Ok(Answer::Updated(false)));
    assert!(!cluster.state.scheduler_configuration().pause_eval_broker);
    assert_eq!(cluster.operate(set(Some(index))), Ok(Answer::Updated(true)));
    let now = cluster.state.scheduler_configuration();
    assert!(now.pause_eval_broker && !now.preemption.system && now.create_index == index);
}

#[test]
fn a_drained_node_takes_nothing_until_its_drain_is_over() {
    let mut cluster = Cluster::new();
    let node_id = NodeId(Uuid::from_u64_pair(1, 1));
    let seed = Seed(Uuid::from_u64_pair(2, 2));
    let node = Node { id: node_id, node_pool: "fresh".into(), ..Node::default() };
    cluster.apply(Command::RegisterNode { node: Box::new(node), seed });
    assert!(cluster.state.node_pool("fresh").is_some(), "a pool comes with its first node");
    let drain = |drain, mark_eligible| Operation::DrainNode {
        node_id,
        drain,
        mark_eligible,
        meta: Default::default(),
        accessor_id: String::new(),
        seed,
    };
    let strategy = DrainStrategy { deadline_ns: 60 * SECOND, ..DrainStrategy::default() };
    cluster.operate(drain(Some(strategy), false)).unwrap();
    let node = cluster.state.node(node_id).unwrap().clone();
    assert!(!node.ready() && node.eligibility == Eligibility::Ineligible);
    assert_eq!(node.drain.as_ref().unwrap().force_deadline_ns, 61 * SECOND);
    let eligible = Command::SetNodeEligibility { node_id, eligibility: Eligibility::Eligible, seed };
    assert_eq!(cluster.apply(eligible), Outcome::Refused(Refusal::NodeIsDraining));
    cluster.operate(drain(None, true)).unwrap();
    let node = cluster.state.node(node_id).unwrap().clone();
    assert!(node.ready());
    assert_eq!(node.last_drain.as_ref().unwrap().status, DrainStatus::Canceled);
    cluster.operate(Operation::PurgeNode { node_id, seed }).unwrap();
    assert!(cluster.state.node(node_id).is_none());
}

#[test]
fn variables_are_written_only_at_their_index() {
    let mut cluster = Cluster::new();
    assert!(matches!(cluster.put(variable(b"1"), Some(7), false), Answer::Conflict(_)));
    let Answer::Variable(first) = cluster.put(variable(b"1"), Some(0), false) else { panic!("not written") };
    let Answer::Conflict(there) = cluster.put(variable(b"2"), Some(0), false) else { panic!("written") };
    assert_eq!(there.data, b"1");
    let Answer::Variable(second) = cluster.put(variable(b"2"), Some(first.modify_index), false) else {
        panic!("not written")
    };
    assert_eq!((second.create_index, second.data.as_slice()), (first.create_index, &b"2"[..]));
    let delete = |cas| Operation::DeleteVariable { namespace: "default".into(), path: "a/b".into(), cas };
    assert!(matches!(cluster.operate(delete(Some(1))), Ok(Answer::Conflict(_))));
    assert_eq!(cluster.operate(delete(None)), Ok(Answer::Done));
    assert!(cluster.state.variable("default", "a/b").is_none());
}

#[test]
fn only_the_holder_of_a_lock_writes_and_one_that_ended_by_itself_is_free_later() {
    let mut cluster = Cluster::new();
    cluster.put(Variable { lock: lock(1), ..variable(b"1") }, None, true);
    assert_eq!(cluster.state.locked_variables().count(), 1);
    let Answer::Conflict(hidden) = cluster.put(variable(b"2"), None, false) else { panic!("written") };
    assert!(hidden.data.is_empty() && hidden.modify_index == 0, "others learn nothing");
    assert!(matches!(
        cluster.put(Variable { lock: lock(2), ..variable(b"") }, None, true),
        Answer::Conflict(_)
    ));
    let held = Variable { lock: lock(1), ..variable(b"3") };
    assert!(matches!(cluster.put(held, None, false), Answer::Variable(_)));
    let expire =
        |id: LockId| Operation::ExpireLock { tenure: 1, namespace: "default".into(), path: "a/b".into(), id };
    assert_eq!(cluster.operate(expire(lock(2).unwrap().id)), Err(Refusal::NotLocked));
    cluster.operate(expire(lock(1).unwrap().id)).unwrap();
    assert_eq!(cluster.state.locked_variables().count(), 0);
    // The delay of ten seconds runs from the end of the lock.
    let again = |cluster: &mut Cluster| cluster.put(Variable { lock: lock(2), ..variable(b"") }, None, true);
    assert!(matches!(again(&mut cluster), Answer::Conflict(_)));
    cluster.now_ns += 11 * SECOND;
    let Answer::Variable(taken) = again(&mut cluster) else { panic!("not taken") };
    assert_eq!(taken.data, b"3", "taking a lock keeps what is there");
    let (namespace, path) = ("default".to_owned(), "a/b".to_owned());
    let release = Operation::ReleaseLock { namespace, path, id: lock(2).unwrap().id };
    assert!(matches!(cluster.operate(release.clone()), Ok(Answer::Variable(_))));
    assert_eq!(cluster.operate(release), Err(Refusal::NotLocked));
}

#[test]
fn evaluations_are_removed_only_while_none_is_processed() {
    let mut cluster = Cluster::new();
    cluster.register("web", "default", "default");
    let ids: Vec<EvalId> = cluster.state.evals().map(|eval| eval.id).collect();
    let delete = Operation::DeleteEvals { ids };
    assert_eq!(cluster.operate(delete.clone()), Err(Refusal::EvalBrokerEnabled));
    let config = Box::new(SchedulerConfiguration { pause_eval_broker: true, ..Default::default() });
    cluster.operate(Operation::SetSchedulerConfiguration { config, cas: None }).unwrap();
    assert_eq!(cluster.operate(delete.clone()), Ok(Answer::Deleted(1)));
    assert_eq!(cluster.operate(delete), Err(Refusal::UnknownEval));
}
