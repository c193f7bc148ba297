//! A cluster without processes: a state that commands are applied to, and a scheduler that is asked by hand.

use std::collections::BTreeMap;

use model::id::{EvalId, JobKey, NodeId, Seed};
use model::job::JobType;
use model::node::{DriverInfo, HostVolume, NodeNetwork, NodeResources, ReservedResources};
use model::{AllocUpdate, ClientStatus, EvalStatus, Evaluation, Job, Node, Trigger};
use scheduler::{Context, Decision};
use serde_json::Value;
use state::{Command, Envelope, Outcome, State};
use uuid::Uuid;

/// The state with a clock and a mint of its own.
pub(crate) struct Cluster {
    pub(crate) state: State,
    pub(crate) now_ns: i64,
    minted: u64,
}

/// A job as a client sends it, made canonical; `None` for one that is refused.
pub(crate) fn job(request: &Value) -> Option<Job> {
    let job: api::job::Job = api::json::from_value(request).ok()?;
    let mut job = job.into_model().ok()?;
    job.add_implied_constraints();
    Some(job)
}

fn volume(name: &str, path: &str, read_only: bool) -> (String, HostVolume) {
    (name.to_owned(), HostVolume { path: path.into(), read_only, ..HostVolume::default() })
}

fn network(device: &str, ip: &str, alias: &str) -> NodeNetwork {
    NodeNetwork {
        mode: "host".into(),
        device: device.into(),
        cidr: format!("{ip}/32"),
        ip: ip.into(),
        mbits: 1_000,
        aliases: vec![alias.into()],
    }
}

/// A node like the one that the recordings were made on.
pub(crate) fn one_node() -> Node {
    let pairs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let driver = DriverInfo { detected: true, healthy: true, ..DriverInfo::default() };
    Node {
        name: "one".into(),
        datacenter: "dc1".into(),
        node_class: "big".into(),
        node_pool: "default".into(),
        attributes: pairs(&[
            ("kernel.name", "linux"),
            ("driver.raw_exec", "1"),
            ("nomad.service_discovery", "true"),
            ("nomad.version", "1.11.0"),
            ("os.signals", "SIGINT,SIGTERM,SIGKILL,SIGHUP,SIGUSR1,SIGUSR2,SIGQUIT"),
        ]),
        meta: pairs(&[("rack", "r1"), ("ssd", "true"), ("gen", "7"), ("ver", "1.4.2")]),
        drivers: [("raw_exec".to_owned(), driver)].into(),
        host_volumes: [volume("data", "/tmp", false), volume("fixed", "/usr", true)].into(),
        resources: NodeResources {
            cpu_shares: 8_000,
            memory_mb: 8_192,
            disk_mb: 20_000,
            networks: vec![network("eth0", "10.0.2.15", "default"), network("lan0", "10.213.0.1", "lan")],
            min_dynamic_port: 20_000,
            max_dynamic_port: 32_000,
            ..NodeResources::default()
        },
        reserved: ReservedResources {
            cpu_shares: 500,
            memory_mb: 512,
            disk_mb: 1_000,
            ..ReservedResources::default()
        },
        ..Node::default()
    }
}

impl Default for Cluster {
    fn default() -> Self {
        let mut cluster = Cluster { state: State::default(), now_ns: 1_000_000_000_000, minted: 0 };
        cluster.apply(Command::BeginTenure { tenure: 1 });
        cluster
    }
}

impl Cluster {
    /// One node, like the one that the recordings were made on.
    pub(crate) fn with_one_node() -> Self {
        let mut cluster = Cluster::default();
        cluster.add_node(one_node());
        cluster
    }

    pub(crate) fn mint(&mut self) -> Uuid {
        self.minted += 1;
        Uuid::from_u64_pair(0x0dd0, self.minted)
    }

    pub(crate) fn apply(&mut self, command: Command) -> Outcome {
        self.now_ns += 1_000_000;
        self.state.apply(Envelope { trace: String::new(), now_ns: self.now_ns, command }).outcome
    }

    pub(crate) fn add_node(&mut self, node: Node) -> NodeId {
        let id = NodeId(self.mint());
        let node = Node { id, secret_hash: "hash".into(), ..node };
        let seed = Seed(self.mint());
        self.apply(Command::RegisterNode { node: Box::new(node), seed });
        id
    }

    fn eval(&mut self, job: &Job) -> Evaluation {
        Evaluation {
            id: EvalId(self.mint()),
            namespace: job.namespace.clone(),
            job_id: job.id.clone(),
            kind: JobType::clone(&job.kind),
            priority: job.priority,
            triggered_by: Trigger::JobRegister,
            status: EvalStatus::Pending,
            ..Evaluation::default()
        }
    }

    /// Registers a job and lets everything follow that follows at once.
    pub(crate) fn register(&mut self, job: Job) -> JobKey {
        let key = job.key();
        let eval = Box::new(self.eval(&job));
        let (enforce_index, submission) = (None, None);
        let job = Box::new(job);
        self.apply(Command::RegisterJob { job, eval, enforce_index, preserve_counts: false, submission });
        self.work();
        key
    }

    pub(crate) fn decide(&mut self, eval: &Evaluation) -> Decision {
        let seed = Seed(self.mint());
        scheduler::process(&self.state, eval, &Context { now_ns: self.now_ns, seed })
    }

    /// Processes evaluations that are due until none is left.
    pub(crate) fn work(&mut self) {
        for _ in 0..1_000 {
            let due =
                |eval: &Evaluation| eval.status == EvalStatus::Pending && eval.wait_until_ns <= self.now_ns;
            let Some(eval) = self.state.evals().find(|eval| due(eval)).cloned() else {
                return;
            };
            let decision = self.decide(&eval);
            let mut evals: Vec<Evaluation> =
                decision.blocked.into_iter().chain(decision.follow_ups).collect();
            evals.push(decision.eval);
            let plan = Box::new(decision.plan);
            self.apply(Command::ApplyPlan { tenure: 1, plan, evals });
        }
        panic!("evaluations beget evaluations without end");
    }

    /// Everything that was placed runs now.
    pub(crate) fn settle(&mut self) {
        for _ in 0..100 {
            let starting: Vec<_> = self
                .state
                .allocs()
                .filter(|alloc| alloc.client_status == ClientStatus::Pending)
                .cloned()
                .collect();
            if starting.is_empty() {
                return;
            }
            for alloc in starting {
                let status = if alloc.terminal() { ClientStatus::Complete } else { ClientStatus::Running };
                self.report(AllocUpdate { id: alloc.id, client_status: status, ..AllocUpdate::default() });
            }
        }
    }

    /// A client agent reports.
    pub(crate) fn report(&mut self, update: AllocUpdate) {
        let node_id = self.state.alloc(update.id).map(|alloc| alloc.node_id).unwrap_or_default();
        let (updates, seed) = (vec![update], Seed(self.mint()));
        self.apply(Command::UpdateAllocs { node_id, updates, seed });
        self.work();
    }

    /// What registering a job would do, as annotations count it; what is 0 is left out.
    pub(crate) fn plan(&mut self, job: Job) -> BTreeMap<String, BTreeMap<String, u64>> {
        let before = self.state.clone();
        let eval = self.eval(&job);
        let (enforce_index, submission) = (None, None);
        let command = Command::RegisterJob {
            job: Box::new(job),
            eval: Box::new(eval.clone()),
            enforce_index,
            preserve_counts: false,
            submission,
        };
        self.apply(command);
        // A job that is a template of others has no evaluation, but is planned like any other.
        let eval = self.state.eval(eval.id).map_or(eval, |eval| (**eval).clone());
        let decision = self.decide(&eval);
        self.state = before;
        let annotations = decision.eval.plan_annotations.unwrap_or_default();
        let shown = api::evaluations::Annotations::from(&annotations);
        let shown = serde_json::to_value(&shown.desired_tg_updates).expect("counts are JSON");
        let counts = |updates: &Value| {
            let updates = updates.as_object().into_iter().flatten();
            let counts = updates.map(|(name, count)| (name.clone(), count.as_u64().unwrap_or(0)));
            counts.filter(|(_, count)| *count > 0).collect()
        };
        shown
            .as_object()
            .into_iter()
            .flatten()
            .map(|(group, updates)| (group.clone(), counts(updates)))
            .collect()
    }
}
