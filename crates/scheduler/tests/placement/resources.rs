//! What an allocation is given: cores, devices, memory beyond what it reserves; and which node is preferred.

use model::id::NodeId;
use model::job::{RequestedDevice, Resources, Spread};
use model::node::{DeviceInstance, NodeDevice, NodeNetwork, NodeResources};
use model::node_pool::PoolScheduler;
use model::operator::SchedulerAlgorithm;
use model::{AllocatedResources, Job, Node, NodePool, Task, TaskGroup};
use scheduler::stack::{Choice, Refused, Wish};
use state::{Command, Operation};

use crate::cluster::{Cluster, driver};

pub(crate) fn node(cpu_shares: i64, memory_mb: i64) -> Node {
    let network = NodeNetwork {
        mode: "host".into(),
        ip: "10.0.0.1".into(),
        aliases: vec!["default".into()],
        ..NodeNetwork::default()
    };
    let resources = NodeResources {
        cpu_shares,
        cpu_cores: 4,
        memory_mb,
        disk_mb: 10_000,
        networks: vec![network],
        ..NodeResources::default()
    };
    Node {
        datacenter: "dc1".into(),
        node_pool: "default".into(),
        drivers: [("mock_driver".into(), driver())].into(),
        resources,
        ..Node::default()
    }
}

pub(crate) fn job(id: &str, count: i64, cpu: i64, memory_mb: i64) -> Job {
    let resources = Resources { cpu, memory_mb, ..Resources::default() };
    let task = Task { name: "t".into(), driver: "mock_driver".into(), resources, ..Task::default() };
    let group = TaskGroup { name: "g".into(), count, tasks: vec![task], ..TaskGroup::default() };
    Job {
        id: id.into(),
        namespace: "default".into(),
        datacenters: vec!["dc1".into()],
        node_pool: "default".into(),
        priority: 50,
        task_groups: vec![group],
        ..Job::default()
    }
}

fn place(cluster: &mut Cluster, job: &Job, wish: &Wish) -> Vec<Result<Choice, Refused>> {
    cluster.register(job);
    let job = cluster.state.job(&job.key()).unwrap();
    cluster.place(job, job.task_groups[0].count as usize, wish).0
}

fn nodes(found: &[Result<Choice, Refused>]) -> Vec<NodeId> {
    found.iter().map(|choice| choice.as_ref().unwrap().node_id).collect()
}

#[test]
fn cores_are_chosen_and_count_as_cpu() {
    let mut cluster = Cluster::new();
    cluster.add(node(4000, 4000));
    let mut job = job("pinned", 3, 0, 10);
    job.task_groups[0].tasks[0].resources.cores = 2;
    let found = place(&mut cluster, &job, &Wish::default());
    let cores: Vec<_> =
        found.iter().filter_map(|choice| Some(choice.as_ref().ok()?.given.cores["t"].clone())).collect();
    assert_eq!(cores, [[0, 1], [2, 3]]);
    assert_eq!(found[2], Err(Refused::Exhausted));
    let given = &found[0].as_ref().unwrap().given;
    assert_eq!(AllocatedResources::of_group(&job.task_groups[0], given).tasks["t"].cpu_shares, 2000);
}

#[test]
fn devices_are_given_by_their_ids() {
    let mut node = node(4000, 4000);
    let instances = ["x", "y"].map(|id| DeviceInstance { id: id.into(), healthy: true }).into();
    node.resources.devices = vec![NodeDevice { kind: "gpu".into(), instances, ..NodeDevice::default() }];
    let mut cluster = Cluster::new();
    cluster.add(node);
    let mut job = job("render", 3, 10, 10);
    let ask = RequestedDevice { name: "gpu".into(), count: Some(1), ..RequestedDevice::default() };
    job.task_groups[0].tasks[0].resources.devices = vec![ask].into();
    let eval = cluster.register(&job);
    let decision = cluster.decide(&eval);
    let metric = &decision.eval.failed_tg_allocs["g"];
    assert_eq!(metric.dimension_exhausted["devices: no devices match request"], 1);
    let mut ids: Vec<_> =
        decision.plan.placements.iter().map(|own| own.given.devices["t"][0].device_ids[0].clone()).collect();
    ids.sort();
    assert_eq!(ids, ["x", "y"]);
    cluster.run_plan(decision.plan, decision.eval);
}

#[test]
fn memory_beyond_the_reserved_only_where_operators_allow_it() {
    let mut greedy = job("greedy", 1, 10, 100);
    greedy.task_groups[0].tasks[0].resources.memory_max_mb = 1000;
    let max = |cluster: &mut Cluster| {
        let found = place(cluster, &greedy, &Wish::default());
        AllocatedResources::of_group(&greedy.task_groups[0], &found[0].as_ref().unwrap().given).tasks["t"]
            .memory_max_mb
    };
    let mut cluster = Cluster::new();
    cluster.add(node(1000, 500));
    assert_eq!(max(&mut cluster), 0);
    cluster.configure(|config| config.memory_oversubscription = true);
    assert_eq!(max(&mut cluster), 1000);
}

#[test]
fn the_algorithm_of_the_pool_before_that_of_the_cluster() {
    let mut cluster = Cluster::new();
    for _ in 0..2 {
        cluster.add(Node { node_pool: "own".into(), ..node(1000, 1000) });
    }
    let filler = Job { node_pool: "own".into(), ..job("filler", 1, 500, 500) };
    cluster.run(&filler);
    let full = cluster.state.allocs().next().unwrap().node_id;
    let probe = Job { node_pool: "own".into(), ..job("probe", 1, 100, 100) };
    assert_eq!(nodes(&place(&mut cluster, &probe, &Wish::default())), [full]);
    let scheduler = PoolScheduler { algorithm: Some(SchedulerAlgorithm::Spread), ..PoolScheduler::default() };
    let pool = NodePool { scheduler: Some(scheduler), ..NodePool::of_nodes("own") };
    cluster.apply(Command::Operate { operation: Operation::PutNodePool { pool: Box::new(pool) } });
    assert_ne!(nodes(&place(&mut cluster, &probe, &Wish::default())), [full]);
}

#[test]
fn wishes_for_nodes() {
    let mut cluster = Cluster::new();
    let (big, small) = (cluster.add(node(4000, 4000)), cluster.add(node(1000, 1000)));
    let probe = job("probe", 1, 500, 500);
    // Binpack fills the small one.
    assert_eq!(nodes(&place(&mut cluster, &probe, &Wish::default())), [small]);
    let wish = Wish { prefer: Some(big), ..Wish::default() };
    assert_eq!(nodes(&place(&mut cluster, &probe, &wish)), [big]);
    let wish = Wish { avoid: vec![small], ..Wish::default() };
    assert_eq!(nodes(&place(&mut cluster, &probe, &wish)), [big]);
    let wish = Wish { avoid: vec![big, small], ..Wish::default() };
    assert_eq!(nodes(&place(&mut cluster, &probe, &wish)), [small], "somewhere it has to run");
    let wish = Wish { only: Some(big), ..Wish::default() };
    assert_eq!(nodes(&place(&mut cluster, &probe, &wish)), [big]);
}

#[test]
fn the_best_five_are_told_with_their_parts() {
    let mut cluster = Cluster::new();
    for rack in 0..8 {
        let mut node = node(1000 + 100 * rack, 4000);
        node.meta.insert("rack".into(), format!("r{rack}"));
        cluster.add(node);
    }
    let mut probe = job("probe", 4, 100, 100);
    probe.spreads = vec![Spread { attribute: "${meta.rack}".into(), ..Spread::default() }].into();
    cluster.register(&probe);
    let probe = cluster.state.job(&probe.key()).unwrap();
    let (found, scores) = cluster.place(probe, 4, &Wish::default());
    assert_eq!(scores.len(), 5);
    assert!(scores.is_sorted_by(|one, other| one.norm_score >= other.norm_score));
    let parts: Vec<&str> = scores[0].scores.keys().map(String::as_str).collect();
    let names =
        ["allocation-spread", "binpack", "job-anti-affinity", "node-affinity", "node-reschedule-penalty"];
    assert_eq!(parts, names);
    let mut racks = nodes(&found);
    racks.sort();
    racks.dedup();
    assert_eq!(racks.len(), 4, "each on a rack of its own");
}
