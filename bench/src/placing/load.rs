//! A cluster that has work already.

use anyhow::ensure;
use model::id::{AllocId, NodeId, Seed};
use model::job::{Constraint, EphemeralDisk, NetworkAsk, PortAsk, Resources};
use model::node::{DriverInfo, NodeNetwork, NodeResources};
use model::plan::Placement;
use model::resources::{AllocatedPort, Given};
use model::{EvalStatus, Evaluation, Job, Node, Plan, Task, TaskGroup};
use state::{Command, Outcome, State};
use uuid::Uuid;

use super::{apply, register};

const CLASSES: usize = 32;
/// Nodes that one job of the load is on.
const NODES_A_JOB: usize = 50;
/// Each allocation of the load takes so much.
const LOAD: (i64, i64) = (10, 16);

/// Nodes of 32 classes, each between a third and two thirds full.
pub(super) fn cluster(nodes: usize, allocs: usize) -> anyhow::Result<State> {
    let mut state = State::new();
    apply(&mut state, Command::BeginTenure { tenure: 1 });
    let each = allocs / nodes;
    let ids: Vec<NodeId> = (0..nodes).map(|number| add(&mut state, number, each)).collect();
    for (number, ids) in ids.chunks(NODES_A_JOB).enumerate() {
        let mut job = job(&format!("load-{number}"), (ids.len() * each) as i64, false);
        let resources = Resources { cpu: LOAD.0, memory_mb: LOAD.1, ..Resources::default() };
        job.task_groups[0].tasks[0].resources = resources;
        let eval = register(&mut state, &job, 1_000_000 + number as u64);
        let stored = state.job(&job.key()).map(|job| (job.create_index, job.version)).unwrap_or_default();
        let placement = |index: usize| Placement {
            alloc_id: AllocId(Uuid::from_u64_pair(mixed(number as u64), index as u64)),
            node_id: ids[index % ids.len()],
            task_group: "g".into(),
            index: index as u64,
            given: given(index, index / ids.len()),
            ..Placement::default()
        };
        let plan = Plan {
            eval_id: eval.id,
            job: job.key(),
            job_create_index: stored.0,
            job_version: stored.1,
            placements: (0..ids.len() * each).map(placement).collect(),
            ..Plan::default()
        };
        let evals = vec![Evaluation { status: EvalStatus::Complete, ..eval }];
        let outcome = apply(&mut state, Command::ApplyPlan { tenure: 1, plan: Box::new(plan), evals });
        let fits = matches!(&outcome, Outcome::Plan(result) if result.trimmed.is_empty());
        ensure!(fits, "the load does not fit");
    }
    Ok(state)
}

/// One in ten holds a port.
fn given(index: usize, turn: usize) -> Given {
    let port = || AllocatedPort {
        label: "http".into(),
        value: 20_000 + u16::try_from(turn).unwrap_or(0),
        host_ip: "10.0.0.1".into(),
        ..AllocatedPort::default()
    };
    Given { ports: index.is_multiple_of(10).then(port).into_iter().collect(), ..Given::default() }
}

/// Ids are as scattered as random ones.
pub(super) fn mixed(number: u64) -> u64 {
    number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn add(state: &mut State, number: usize, each: usize) -> NodeId {
    // What the load takes is a third to two thirds of it; the rest suffices for the largest job measured.
    let share = 1.5 + 1.5 * (mixed(number as u64) >> 11) as f64 / (1u64 << 53) as f64;
    let of = |load: i64, least: i64| ((each as i64 * load) as f64 * share) as i64 + least;
    add_node(state, number, of(LOAD.0, 24_000), of(LOAD.1, 48_000))
}

/// A node of one of the classes, with so much CPU (MHz) and memory (MiB).
pub(super) fn add_node(state: &mut State, number: usize, cpu: i64, memory_mb: i64) -> NodeId {
    let id = NodeId(Uuid::from_u64_pair(mixed(number as u64), 1));
    let class = number % CLASSES;
    let text = |prefix: &str, number: usize| format!("{prefix}{number}");
    let network = NodeNetwork {
        mode: "host".into(),
        ip: "10.0.0.1".into(),
        aliases: vec!["default".into()],
        ..NodeNetwork::default()
    };
    let node = Node {
        id,
        name: text("node-", number),
        datacenter: "dc1".into(),
        node_pool: "default".into(),
        node_class: text("class-", class % 4),
        attributes: [("kernel.name".into(), "linux".into()), ("ver".into(), format!("1.{class}.0"))].into(),
        meta: [("rack".into(), text("r", class)), ("tier".into(), text("t", class % 8))].into(),
        resources: NodeResources {
            cpu_shares: cpu,
            cpu_cores: 32,
            memory_mb,
            disk_mb: 10_000_000,
            networks: vec![network],
            min_dynamic_port: 20_000,
            max_dynamic_port: 32_000,
            ..NodeResources::default()
        },
        drivers: [("exec".into(), DriverInfo { detected: true, healthy: true, ..DriverInfo::default() })]
            .into(),
        ..Node::default()
    };
    apply(
        state,
        Command::RegisterNode { node: Box::new(node), seed: Seed(Uuid::from_u64_pair(2, number as u64)) },
    );
    id
}

/// A job with constraints, and with ports if need be.
pub(super) fn job(id: &str, count: i64, ports: bool) -> Job {
    let constraint = |l_target: &str, operand: &str, r_target: &str| Constraint {
        l_target: l_target.into(),
        operand: operand.into(),
        r_target: r_target.into(),
    };
    let resources = Resources { cpu: 100, memory_mb: 200, ..Resources::default() };
    let task = Task { name: "t".into(), driver: "exec".into(), resources, ..Task::default() };
    let port = PortAsk { label: "http".into(), ..PortAsk::default() };
    let network = NetworkAsk { dynamic_ports: vec![port], ..NetworkAsk::default() };
    let group = TaskGroup {
        name: "g".into(),
        count,
        tasks: vec![task],
        ephemeral_disk: EphemeralDisk { size_mb: 10, ..EphemeralDisk::default() },
        networks: if ports { vec![network] } else { Vec::new() },
        constraints: vec![constraint("${attr.ver}", "version", ">= 1.2")].into(),
        ..TaskGroup::default()
    };
    Job {
        id: id.into(),
        namespace: "default".into(),
        priority: 50,
        datacenters: vec!["dc*".into()],
        node_pool: "default".into(),
        constraints: vec![
            constraint("${attr.kernel.name}", "=", "linux"),
            constraint("${meta.tier}", "!=", "t7"),
        ]
        .into(),
        task_groups: vec![group],
        ..Job::default()
    }
}
