//! Carries the commands of a scenario out and tells what came of them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use controllers::deployment::{DeploymentEffect, Deployments};
use model::alloc::DesiredTransition;
use model::id::{AllocId, DeploymentId, EvalId, JobKey, NodeId, Seed};
use model::node::{Eligibility, NodeEvent, NodeStatus};
use model::operator::SchedulerAlgorithm;
use model::{
    AllocUpdate, Allocation, ClientStatus, DeploymentStatus, DesiredStatus, EvalStatus, Evaluation, JobType,
    Node, TaskState, Trigger,
};
use state::{Command, DeploymentAction, Operation};

use crate::cluster::{Cluster, job, one_node};
use crate::request;

/// What was told of an allocation before.
#[derive(PartialEq)]
struct Told {
    version: u64,
    desired: DesiredStatus,
    status: ClientStatus,
}

/// A scenario under way.
#[derive(Default)]
pub(crate) struct Play {
    pub(crate) cluster: Cluster,
    nodes: BTreeMap<String, NodeId>,
    allocs: BTreeMap<AllocId, Told>,
    deployments: BTreeMap<DeploymentId, (DeploymentStatus, String)>,
    evals: BTreeMap<EvalId, EvalStatus>,
    watched: Deployments,
}

impl Play {
    /// One command; answers what came of it.
    pub(crate) fn command(&mut self, text: &str) -> String {
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        match verb {
            "node" => self.node(rest),
            "job" => drop(self.cluster.register(job(&request::job(rest)).expect("a job that is no job"))),
            "stop" => self.stop(rest),
            "run" => self
                .report(rest, &|alloc| AllocUpdate { client_status: ClientStatus::Running, ..update(alloc) }),
            "healthy" => self.health(rest, true),
            "unhealthy" => self.health(rest, false),
            "fail" => self.end(rest, ClientStatus::Failed),
            "complete" => self.end(rest, ClientStatus::Complete),
            "stopped" => self.stopped(),
            "down" => self.status(rest, NodeStatus::Down),
            "up" => self.status(rest, NodeStatus::Ready),
            "ineligible" => self.eligibility(rest, Eligibility::Ineligible),
            "eligible" => self.eligibility(rest, Eligibility::Eligible),
            "migrate" => self.migrate(rest),
            "reschedule" => self.reschedule(rest),
            "promote" | "fail-deployment" | "pause" | "resume" => self.change_deployment(verb, rest),
            "after" => self.cluster.now_ns += request::ns(rest),
            "preempt" => self.configure(|config| {
                config.preemption.service = true;
                config.preemption.batch = true;
            }),
            "algorithm-spread" => self.configure(|config| config.algorithm = SchedulerAlgorithm::Spread),
            other => panic!("no command: {other}"),
        }
        self.settle();
        self.tell()
    }

    /// P2 and P3 hold whatever was played: the state's own check.
    pub(crate) fn check(&self) {
        self.cluster.state.check().unwrap();
    }

    fn node(&mut self, words: &str) {
        let mut words = words.split_whitespace();
        let name = words.next().unwrap();
        let mut node = Node { name: name.into(), ..one_node() };
        node.meta.insert("rack".into(), name.into());
        for (key, value) in words.filter_map(|word| word.split_once('=')) {
            match key {
                "cpu" => node.resources.cpu_shares = node.reserved.cpu_shares + value.parse::<i64>().unwrap(),
                "memory" => {
                    node.resources.memory_mb = node.reserved.memory_mb + value.parse::<i64>().unwrap()
                }
                "dc" => node.datacenter = value.into(),
                "pool" => node.node_pool = value.into(),
                meta => drop(node.meta.insert(meta.into(), value.into())),
            }
        }
        let id = self.cluster.add_node(node);
        self.nodes.insert(name.to_owned(), id);
    }

    fn stop(&mut self, id: &str) {
        let key = JobKey::new("default", id);
        let eval = self.eval_of(&key, Trigger::JobDeregister);
        self.cluster.apply(Command::DeregisterJob { job: key, purge: false, eval: Box::new(eval) });
    }

    pub(crate) fn eval_of(&mut self, key: &JobKey, triggered_by: Trigger) -> Evaluation {
        let job = self.cluster.state.job(key).unwrap().clone();
        Evaluation {
            id: EvalId(self.cluster.mint()),
            namespace: job.namespace.clone(),
            job_id: job.id.clone(),
            kind: JobType::clone(&job.kind),
            priority: job.priority,
            triggered_by,
            status: EvalStatus::Pending,
            ..Evaluation::default()
        }
    }

    /// The living allocations that are meant: `all`, a node's, or those of a name.
    fn meant(&self, what: &str) -> Vec<Arc<Allocation>> {
        let meant = |alloc: &&Arc<Allocation>| {
            let here = self.nodes.get(what) == Some(&alloc.node_id);
            !alloc.terminal() && (what == "all" || here || alloc.name == what)
        };
        let mut allocs: Vec<_> = self.cluster.state.allocs().filter(meant).cloned().collect();
        allocs.sort_by_key(|alloc| (alloc.name.clone(), alloc.create_index));
        allocs
    }

    fn report(&mut self, what: &str, make: &dyn Fn(&Allocation) -> AllocUpdate) {
        for alloc in self.meant(what) {
            self.cluster.report(make(&alloc));
        }
    }

    fn health(&mut self, what: &str, healthy: bool) {
        let now_ns = self.cluster.now_ns;
        self.report(what, &|alloc| AllocUpdate {
            client_status: ClientStatus::Running,
            healthy: Some(healthy),
            deployment_id: alloc.deployment_id,
            health_timestamp_ns: now_ns,
            ..update(alloc)
        });
    }

    fn end(&mut self, what: &str, client_status: ClientStatus) {
        let state = TaskState {
            state: model::TaskRunState::Dead,
            failed: client_status == ClientStatus::Failed,
            finished_at_ns: self.cluster.now_ns,
            ..TaskState::default()
        };
        self.report(what, &|alloc| AllocUpdate {
            client_status,
            task_states: [("t".to_owned(), state.clone())].into(),
            ..update(alloc)
        });
    }

    /// Client agents have done what they were told to stop.
    fn stopped(&mut self) {
        let stopping = |alloc: &&Arc<Allocation>| alloc.terminal() && alloc.occupies();
        let stopping: Vec<_> = self.cluster.state.allocs().filter(stopping).cloned().collect();
        for alloc in stopping {
            self.cluster.report(AllocUpdate { client_status: ClientStatus::Complete, ..update(&alloc) });
        }
    }

    fn status(&mut self, node: &str, status: NodeStatus) {
        let (node_id, seed) = (self.nodes[node], Seed(self.cluster.mint()));
        let event = NodeEvent::default();
        self.cluster.apply(Command::SetNodeStatus { tenure: 1, node_id, status, event, seed });
    }

    fn eligibility(&mut self, node: &str, eligibility: Eligibility) {
        let (node_id, seed) = (self.nodes[node], Seed(self.cluster.mint()));
        self.cluster.apply(Command::SetNodeEligibility { node_id, eligibility, seed });
    }

    fn migrate(&mut self, what: &str) {
        self.transition(what, DesiredTransition { migrate: Some(true), ..DesiredTransition::default() });
    }

    fn transition(&mut self, what: &str, transition: DesiredTransition) {
        let allocs = self.meant(what);
        let jobs: BTreeMap<JobKey, ()> = allocs.iter().map(|alloc| (alloc.job_key(), ())).collect();
        let evals = jobs.keys().map(|key| self.eval_of(key, Trigger::NodeDrain)).collect();
        let transitions = allocs.iter().map(|alloc| (alloc.id, transition)).collect();
        self.cluster.apply(Command::TransitionAllocs { transitions, evals });
    }

    /// `job eval -force-reschedule`.
    fn reschedule(&mut self, id: &str) {
        let key = JobKey::new("default", id);
        let failed = |alloc: &&Arc<Allocation>| alloc.client_status == ClientStatus::Failed;
        let transition = DesiredTransition { force_reschedule: Some(true), ..DesiredTransition::default() };
        let failed = self.cluster.state.allocs_of_job(&key).filter(failed);
        let transitions = failed.map(|alloc| (alloc.id, transition)).collect();
        let evals = vec![self.eval_of(&key, Trigger::JobRegister)];
        self.cluster.apply(Command::TransitionAllocs { transitions, evals });
    }

    fn change_deployment(&mut self, verb: &str, id: &str) {
        let key = JobKey::new("default", id);
        let id = self
            .cluster
            .state
            .deployments_of_job(&key)
            .find(|deployment| deployment.status.active())
            .map(|deployment| deployment.id)
            .expect("the job has an active deployment");
        let action = match verb {
            "promote" => DeploymentAction::Promote { all: true, groups: Vec::new() },
            "pause" => DeploymentAction::Pause,
            "resume" => DeploymentAction::Resume,
            _ => DeploymentAction::Fail,
        };
        let eval_id = EvalId(self.cluster.mint());
        self.cluster
            .apply(Command::Operate { operation: Operation::ChangeDeployment { id, action, eval_id } });
    }

    fn configure(&mut self, change: impl FnOnce(&mut model::SchedulerConfiguration)) {
        let mut config = (*self.cluster.state.scheduler_configuration()).clone();
        change(&mut config);
        let operation = Operation::SetSchedulerConfiguration { config: Box::new(config), cas: None };
        self.cluster.apply(Command::Operate { operation });
    }

    /// Everything that follows at once: evaluations, those that wait for room, and what the leader does about
    /// deployments.
    fn settle(&mut self) {
        let blocked: Vec<Evaluation> = self
            .cluster
            .state
            .evals()
            .filter(|eval| eval.status == EvalStatus::Blocked)
            .map(|eval| Evaluation { status: EvalStatus::Pending, ..(**eval).clone() })
            .collect();
        if !blocked.is_empty() {
            self.cluster.apply(Command::UpdateEvals { tenure: 1, evals: blocked });
        }
        loop {
            self.cluster.work();
            for deployment in self.cluster.state.deployments() {
                self.watched.note(deployment);
            }
            let effects = self.watched.tick(self.cluster.now_ns);
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                let command = match effect {
                    DeploymentEffect::End { update, stable } => {
                        Command::UpdateDeployment { tenure: 1, update, stable }
                    }
                    DeploymentEffect::Promote(id) => {
                        let action = DeploymentAction::Promote { all: true, groups: Vec::new() };
                        let eval_id = EvalId(self.cluster.mint());
                        Command::Operate { operation: Operation::ChangeDeployment { id, action, eval_id } }
                    }
                };
                self.cluster.apply(command);
            }
        }
    }

    fn tell(&mut self) -> String {
        let mut told = String::new();
        self.tell_allocs(&mut told);
        self.tell_deployments(&mut told);
        self.tell_evals(&mut told);
        told
    }

    fn tell_allocs(&mut self, told: &mut String) {
        let mut allocs: Vec<_> = self.cluster.state.allocs().cloned().collect();
        allocs.sort_by_key(|alloc| (alloc.name.clone(), alloc.create_index));
        for alloc in allocs {
            let (version, desired, status) = (alloc.job_version, alloc.desired_status, alloc.client_status);
            let now = Told { version, desired, status };
            let before = self.allocs.insert(alloc.id, now);
            let (name, node) = (&alloc.name, &alloc.node_name);
            let canary = alloc.deployment_status.is_some_and(|status| status.canary);
            let canary = if canary { " canary" } else { "" };
            let Some(before) = before else {
                let again = if alloc.reschedule_events.is_empty() { "" } else { " again" };
                writeln!(told, "+ {name} on {node} v{version}{canary}{again}").unwrap();
                continue;
            };
            if before.desired != desired {
                writeln!(told, "- {name} on {node}: {}", words(&alloc.desired_description)).unwrap();
            } else if before.version != version {
                writeln!(told, "~ {name} on {node} v{version}").unwrap();
            }
            let servers_say = [ClientStatus::Lost, ClientStatus::Unknown].contains(&status);
            if before.status != status && servers_say {
                writeln!(told, "! {name} on {node}: {}", status.as_str()).unwrap();
            }
        }
    }

    fn tell_deployments(&mut self, told: &mut String) {
        let mut deployments: Vec<_> = self.cluster.state.deployments().cloned().collect();
        deployments.sort_by_key(|deployment| (deployment.job_id.clone(), deployment.job_version));
        for deployment in deployments {
            let now = (deployment.status, deployment.status_description.clone());
            if self.deployments.get(&deployment.id) != Some(&now) {
                let (job, version) = (&deployment.job_id, deployment.job_version);
                writeln!(told, "deployment {job} v{version} {}: {}", now.0.as_str(), now.1).unwrap();
                self.deployments.insert(deployment.id, now);
            }
        }
    }

    fn tell_evals(&mut self, told: &mut String) {
        let mut evals: Vec<_> = self.cluster.state.evals().cloned().collect();
        evals.sort_by_key(|eval| (eval.create_index, eval.id));
        for eval in evals {
            let before = self.evals.insert(eval.id, eval.status);
            if before == Some(eval.status) {
                continue;
            }
            match eval.status {
                EvalStatus::Blocked => {
                    for (group, metric) in &eval.failed_tg_allocs {
                        let filtered =
                            metric.constraint_filtered.iter().map(|(why, n)| format!(", {n} {why}"));
                        let exhausted =
                            metric.dimension_exhausted.iter().map(|(why, n)| format!(", {n} {why}"));
                        let why: String = filtered.chain(exhausted).collect();
                        let count = metric.coalesced_failures + 1;
                        writeln!(
                            told,
                            "blocked {}.{group}: {count} of {} nodes{why}",
                            eval.job_id, metric.nodes_in_pool
                        )
                        .unwrap();
                    }
                }
                EvalStatus::Pending => {
                    let wait = (eval.wait_until_ns - self.cluster.now_ns) / 1_000_000_000;
                    writeln!(told, "later {} in {}s: {}", eval.job_id, wait + 1, eval.triggered_by.as_str())
                        .unwrap();
                }
                _ => {}
            }
        }
    }
}

/// A description without the id that another one has in every run.
fn words(description: &str) -> &str {
    description.split(" alloc ID ").next().unwrap_or(description)
}

fn update(alloc: &Allocation) -> AllocUpdate {
    AllocUpdate { id: alloc.id, client_status: alloc.client_status, ..AllocUpdate::default() }
}
