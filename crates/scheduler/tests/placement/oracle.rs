//! A brute-force oracle: it looks at every node for every placement, counts everything anew, and has to agree on who is
//! feasible, what fits and what the best score is, on a thousand random small clusters.

use std::collections::BTreeSet;

use model::id::NodeId;
use model::job::{Affinity, Constraint, NetworkAsk, PortAsk, Resources, Spread, SpreadTarget};
use model::node::{NodeNetwork, NodeResources};
use model::operator::SchedulerAlgorithm;
use model::resources::{Given, fit};
use model::{AllocatedResources, Job, Node, Task, TaskGroup};
use scheduler::stack::{Stack, Wish};

use crate::cluster::{Cluster, driver, seed};

/// Numbers that are the same at every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

const RACK: &str = "${meta.rack}";

fn random_node(dice: &mut Dice) -> Node {
    let mut node = Node { datacenter: "dc1".into(), node_pool: "default".into(), ..Node::default() };
    if !dice.once_in(8) {
        node.meta.insert("rack".into(), format!("r{}", dice.below(3)));
    }
    node.drivers.insert("mock_driver".into(), driver());
    let network = NodeNetwork {
        mode: "host".into(),
        ip: "10.0.0.1".into(),
        aliases: vec!["default".into()],
        ..NodeNetwork::default()
    };
    node.resources = NodeResources {
        cpu_shares: 500 + 100 * dice.below(16) as i64,
        cpu_cores: 4,
        memory_mb: 500 + 100 * dice.below(16) as i64,
        disk_mb: 3000,
        networks: vec![network],
        min_dynamic_port: 20_000,
        max_dynamic_port: 20_003,
        ..NodeResources::default()
    };
    node
}

fn sized(name: &str, dice: &mut Dice) -> TaskGroup {
    let resources = Resources {
        cpu: 50 + 50 * dice.below(8) as i64,
        memory_mb: 50 + 50 * dice.below(8) as i64,
        ..Resources::default()
    };
    let task = Task { name: "t".into(), driver: "mock_driver".into(), resources, ..Task::default() };
    let mut group = TaskGroup { name: name.into(), tasks: vec![task], ..TaskGroup::default() };
    group.ephemeral_disk.size_mb = 100 * dice.below(8) as i64;
    group
}

fn random_job(id: &str, dice: &mut Dice) -> Job {
    let mut group = sized("g", dice);
    group.count = 1 + dice.below(6) as i64;
    let condition = |dice: &mut Dice| (RACK.to_owned(), format!("r{}", dice.below(3)));
    let mut constraints = Vec::new();
    if dice.once_in(3) {
        let (l_target, r_target) = condition(dice);
        let operand = if dice.once_in(2) { "=" } else { "!=" };
        constraints.push(Constraint { l_target, operand: operand.into(), r_target });
    }
    if dice.once_in(4) {
        constraints.push(Constraint { operand: "distinct_hosts".into(), ..Constraint::default() });
    }
    if dice.once_in(4) {
        let r_target = (1 + dice.below(3)).to_string();
        constraints.push(Constraint { l_target: RACK.into(), operand: "distinct_property".into(), r_target });
    }
    group.constraints = constraints.into();
    if dice.once_in(3) {
        let (l_target, r_target) = condition(dice);
        let weight = Some(dice.below(201) as i64 - 100).filter(|weight| *weight != 0);
        group.affinities = vec![Affinity { l_target, operand: "=".into(), r_target, weight }].into();
    }
    if dice.once_in(3) {
        let mut targets = Vec::new();
        if dice.once_in(2) {
            targets.push(SpreadTarget { value: "r0".into(), percent: 60 });
        }
        let spread = Spread { attribute: RACK.into(), weight: Some(50), spread_target: targets.into() };
        group.spreads = vec![spread].into();
    }
    if dice.once_in(3) {
        let port = |value| PortAsk { label: format!("p{value}"), value, ..PortAsk::default() };
        let fixed = if dice.once_in(2) { vec![port(80)] } else { Vec::new() };
        group.networks =
            vec![NetworkAsk { reserved_ports: fixed, dynamic_ports: vec![port(0)], ..NetworkAsk::default() }];
    }
    if dice.once_in(4) {
        group.tasks[0].resources.cores = 1 + dice.below(2) as i64;
    }
    let datacenters = vec!["*".into()];
    Job {
        id: id.into(),
        namespace: "default".into(),
        datacenters,
        node_pool: "default".into(),
        priority: 50,
        task_groups: vec![group],
        ..Job::default()
    }
}

/// What is on a node, as the oracle sees it.
struct Seen<'a> {
    cluster: &'a Cluster,
    job: &'a Job,
    placed: Vec<(NodeId, AllocatedResources)>,
}

impl Seen<'_> {
    fn group(&self) -> &TaskGroup {
        &self.job.task_groups[0]
    }

    fn on(&self, node: &Node) -> Vec<&AllocatedResources> {
        let there = self.cluster.state.allocs_of_node(node.id).filter(|alloc| alloc.occupies());
        let here = self.placed.iter().filter(|(id, _)| *id == node.id).map(|(_, resources)| resources);
        there.map(|alloc| &alloc.resources).chain(here).collect()
    }

    fn own_on(&self, keep: impl Fn(&Node) -> bool) -> f64 {
        let node = |id: &NodeId| self.cluster.state.node(*id).unwrap();
        self.placed.iter().filter(|(id, _)| keep(node(id))).count() as f64
    }

    /// What the group would get on the node, if it may go there and all of it fits.
    fn resources(&self, node: &Node) -> Option<AllocatedResources> {
        let rack = node.meta.get("rack");
        for constraint in &self.group().constraints {
            let holds = match constraint.operand.as_str() {
                "=" => rack == Some(&constraint.r_target),
                "!=" => rack != Some(&constraint.r_target),
                "distinct_hosts" => self.own_on(|own| own.id == node.id) == 0.0,
                _ => {
                    let allowed: f64 = constraint.r_target.parse().unwrap();
                    rack.is_some() && self.own_on(|own| own.meta.get("rack") == rack) < allowed
                }
            };
            if !holds {
                return None;
            }
        }
        let there = self.on(node);
        let held =
            |port: u16| there.iter().any(|resources| resources.ports.iter().any(|own| own.value == port));
        let mut given =
            Given { core_mhz: node.resources.cpu_shares / node.resources.cpu_cores, ..Given::default() };
        let port = |value| model::resources::AllocatedPort {
            value,
            host_ip: "10.0.0.1".into(),
            ..Default::default()
        };
        for ask in &self.group().networks {
            for fixed in &ask.reserved_ports {
                given.ports.push(port(fixed.value as u16));
            }
            for _ in &ask.dynamic_ports {
                given.ports.push(port((20_000..20_004).find(|&port| !held(port))?));
            }
        }
        let wanted = self.group().tasks[0].resources.cores as usize;
        let taken =
            |core: &u16| there.iter().any(|own| own.tasks.values().any(|task| task.cores.contains(core)));
        let cores: Vec<u16> = (0..4).filter(|core| !taken(core)).take(wanted).collect();
        if cores.len() < wanted {
            return None;
        }
        if wanted > 0 {
            given.cores.insert("t".into(), cores);
        }
        let resources = AllocatedResources::of_group(self.group(), &given);
        let fits = fit::all_fit(node, there.into_iter().chain([&resources])).is_ok();
        let here = self.placed.iter().filter(|(id, _)| *id == node.id).map(|(_, resources)| resources);
        let takes = self.cluster.state.node_takes(node, &BTreeSet::new(), here.chain([&resources])).is_ok();
        assert_eq!(fits, takes, "what is counted and what is kept disagree");
        fits.then_some(resources)
    }

    fn score(&self, node: &Node, resources: &AllocatedResources, algorithm: SchedulerAlgorithm) -> f64 {
        let all = || self.on(node).into_iter().chain([resources]).flat_map(|own| own.tasks.values());
        let left = |used: i64, all: i64| 10f64.powf(1.0 - used as f64 / all as f64);
        let both = left(all().map(|task| task.cpu_shares).sum(), node.resources.cpu_shares)
            + left(all().map(|task| task.memory_mb).sum(), node.resources.memory_mb);
        let mut parts = vec![match algorithm {
            SchedulerAlgorithm::Binpack => (20.0 - both).clamp(0.0, 18.0) / 18.0,
            SchedulerAlgorithm::Spread => (both - 2.0).clamp(0.0, 18.0) / 18.0,
        }];
        let beside = self.own_on(|own| own.id == node.id);
        if beside > 0.0 {
            parts.push(-(beside + 1.0) / self.group().count as f64);
        }
        let rack = node.meta.get("rack");
        let matched = self.group().affinities.iter().filter(|own| rack == Some(&own.r_target));
        parts.extend(matched.map(|own| f64::signum(own.weight.unwrap_or(50) as f64)));
        for spread in &self.group().spreads {
            parts.extend(Some(self.spread(spread, rack)).filter(|part| *part != 0.0));
        }
        parts.iter().sum::<f64>() / parts.len() as f64
    }

    fn spread(&self, spread: &Spread, rack: Option<&String>) -> f64 {
        let count = |rack: Option<&String>| self.own_on(|own| own.meta.get("rack") == rack);
        let racks = ["r0".to_owned(), "r1".to_owned(), "r2".to_owned()];
        let used: Vec<f64> =
            racks.iter().map(|rack| count(Some(rack))).filter(|count| *count > 0.0).collect();
        let own = count(rack);
        match (rack, spread.spread_target.first()) {
            (None, None) if used.is_empty() => 0.0,
            (None, _) => -1.0,
            (Some(rack), Some(target)) => {
                let share = if *rack == target.value { 0.6 } else { 0.4 };
                let wanted = share * self.group().count as f64;
                (wanted - (own + 1.0)) / wanted
            }
            (Some(_), None) if used.is_empty() => 0.0,
            (Some(_), None) => {
                let fewest = used.iter().copied().fold(f64::MAX, f64::min);
                let most = used.iter().copied().fold(0.0, f64::max);
                match own == fewest {
                    false => (fewest - own) / fewest,
                    true if fewest == most => -1.0,
                    true => (most - fewest) / fewest,
                }
            }
        }
    }
}

fn random_cluster(dice: &mut Dice) -> Cluster {
    let mut cluster = Cluster::new();
    for _ in 0..=dice.below(6) {
        cluster.add(random_node(dice));
    }
    if dice.once_in(3) {
        cluster.configure(|config| config.algorithm = SchedulerAlgorithm::Spread);
    }
    for filler in 0..dice.below(4) {
        let job = random_job(&format!("filler-{filler}"), dice);
        let eval = cluster.register(&job);
        let decision = cluster.decide(&eval);
        cluster.run_plan(decision.plan, decision.eval);
    }
    cluster
}

#[test]
fn a_thousand_random_clusters() {
    let mut dice = Dice(42);
    let (mut placed, mut refused) = (0, 0);
    for round in 0..1000 {
        let mut cluster = random_cluster(&mut dice);
        let job = random_job("job", &mut dice);
        cluster.register(&job);
        let job = cluster.state.job(&job.key()).unwrap();
        let algorithm = cluster.state.scheduler_configuration().algorithm;
        let mut seen = Seen { cluster: &cluster, job, placed: Vec::new() };
        let mut stack = Stack::new(&cluster.state, job, &[], seed());
        stack.enter_group(seen.group());
        for _ in 0..job.task_groups[0].count {
            let places = cluster.state.nodes().filter_map(|node| Some((node, seen.resources(node)?)));
            let scores: Vec<(NodeId, f64)> =
                places.map(|(node, resources)| (node.id, seen.score(node, &resources, algorithm))).collect();
            match stack.select(seen.group(), &Wish::default()) {
                Err(_) => {
                    assert!(scores.is_empty(), "round {round}: {scores:?} would do");
                    refused += 1;
                }
                Ok(choice) => {
                    let best = scores.iter().map(|(_, score)| *score).fold(f64::MIN, f64::max);
                    let own = scores.iter().find(|(id, _)| *id == choice.node_id);
                    let (_, own) = own.unwrap_or_else(|| panic!("round {round}: {choice:?} does not fit"));
                    assert!(best - own < 1e-9, "round {round}: {own} is not the best of {scores:?}");
                    let resources = AllocatedResources::of_group(seen.group(), &choice.given);
                    let node = cluster.state.node(choice.node_id).unwrap();
                    let all = seen.on(node).into_iter().chain([&resources]);
                    fit::all_fit(node, all).unwrap();
                    seen.placed.push((choice.node_id, resources));
                    placed += 1;
                }
            }
        }
    }
    assert!(placed > 1000 && refused > 200, "{placed} placed, {refused} refused: too much alike");
}
