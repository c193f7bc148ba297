//! Random histories: jobs come, change and go, nodes fall silent and come back, allocations run, fail and end. Whatever
//! happened, nothing is over-committed (P3), no name runs twice (P2), what is missing has an evaluation that says why
//! (P2), the same question has the same answer, and a job that has what it wants is left alone.

use std::collections::BTreeMap;

use model::codec::encode;
use model::id::{JobKey, Seed};
use model::{ClientStatus, DeploymentStatus, EvalStatus, JobType};
use proptest::prelude::*;
use scheduler::Context;

use crate::play::Play;

const NODES: usize = 4;
const JOBS: [&str; 4] = [
    "web count=3 max_parallel=1 reschedule=constant:30s",
    "api count=4 max_parallel=2 canary=1 reschedule=constant:30s",
    "work type=batch count=2 reschedule=constant:5s/2",
    "every type=system max_parallel=1",
];

fn command() -> impl Strategy<Value = String> {
    let job = (0..JOBS.len(), 0..3_u32, 1..5_u32)
        .prop_map(|(job, env, cpu)| format!("job {} env={env} cpu={}", JOBS[job], cpu * 40));
    let on_node = |verb: &'static str| (0..NODES).prop_map(move |node| format!("{verb} n{node}"));
    prop_oneof![
        4 => job,
        1 => (0..JOBS.len()).prop_map(|job| format!("stop {}", JOBS[job].split(' ').next().unwrap())),
        3 => Just("run all".to_owned()),
        3 => Just("healthy all".to_owned()),
        2 => Just("stopped".to_owned()),
        2 => on_node("fail"),
        // A service that ends by itself is not looked at: it would begin and end without a pause.
        1 => (0..2_u32).prop_map(|index| format!("complete work.g[{index}]")),
        2 => on_node("down"),
        3 => on_node("up"),
        1 => on_node("ineligible"),
        2 => on_node("eligible"),
        1 => on_node("migrate"),
        3 => (1..100_u32).prop_map(|seconds| format!("after {seconds}s")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_promises_hold(commands in prop::collection::vec(command(), 1..40)) {
        let mut play = Play::default();
        for node in 0..NODES {
            play.command(&format!("node n{node} cpu={}", 200 + node * 50));
        }
        for command in &commands {
            // Jobs that were never registered cannot stop.
            if command.strip_prefix("stop ").is_some_and(|id| !play.knows(id)) {
                continue;
            }
            play.command(command);
            play.check();
            play.answers_twice_the_same();
        }
        play.calm();
        play.check();
        play.nothing_is_missing_without_a_reason();
        play.nothing_more_is_done();
    }
}

impl Play {
    fn knows(&self, id: &str) -> bool {
        self.cluster.state.job(&JobKey::new("default", id)).is_some()
    }

    /// All nodes are back, everything runs and is well, and every delay is over.
    fn calm(&mut self) {
        for node in 0..NODES {
            self.command(&format!("up n{node}"));
            self.command(&format!("eligible n{node}"));
        }
        for _ in 0..20 {
            self.command("stopped");
            self.command("healthy all");
            self.command("after 60s");
            if self.waits_for_promotion("api") {
                self.command("promote api");
            }
        }
    }

    fn waits_for_promotion(&self, id: &str) -> bool {
        let key = JobKey::new("default", id);
        let mut deployments = self.cluster.state.deployments_of_job(&key);
        deployments.any(|deployment| {
            let mut groups = deployment.task_groups.values();
            deployment.status == DeploymentStatus::Running
                && groups.any(|group| {
                    let well = group.healthy_allocs >= group.desired_canaries;
                    group.desired_canaries > 0 && !group.promoted && well
                })
        })
    }

    fn answers_twice_the_same(&self) {
        for eval in self.cluster.state.evals().filter(|eval| eval.status == EvalStatus::Blocked) {
            let context = Context { now_ns: self.cluster.now_ns, seed: Seed(eval.id.0) };
            let once = scheduler::process(&self.cluster.state, eval, &context);
            let again = scheduler::process(&self.cluster.state, eval, &context);
            assert_eq!(encode(&once.plan), encode(&again.plan));
            assert_eq!(encode(&once.eval), encode(&again.eval));
        }
    }

    fn nothing_is_missing_without_a_reason(&self) {
        let state = &self.cluster.state;
        for (key, job, _) in state.jobs().filter(|(_, job, _)| !job.stop) {
            let mut names: BTreeMap<&str, usize> = BTreeMap::new();
            let current = |alloc: &&std::sync::Arc<model::Allocation>| alloc.job_version == job.version;
            let there = |alloc: &&std::sync::Arc<model::Allocation>| {
                let done = job.kind == JobType::Batch && alloc.client_status == ClientStatus::Complete;
                !alloc.terminal() || done || alloc.client_status == ClientStatus::Failed
            };
            for alloc in state.allocs_of_job(key).filter(current).filter(there) {
                *names.entry(alloc.name.as_str()).or_default() += 1;
            }
            let alive = state.allocs_of_job(key).filter(|alloc| !alloc.terminal());
            let mut running: BTreeMap<(&str, model::NodeId), usize> = BTreeMap::new();
            for alloc in alive {
                let node = if job.kind == JobType::System { alloc.node_id } else { Default::default() };
                *running.entry((alloc.name.as_str(), node)).or_default() += 1;
            }
            assert!(running.values().all(|count| *count == 1), "a name runs twice: {running:?}");
            let wanted = if job.kind == JobType::System { 1 } else { job.task_groups[0].count as usize };
            let waits = |eval: &std::sync::Arc<model::Evaluation>| {
                eval.status == EvalStatus::Blocked || eval.status == EvalStatus::Pending
            };
            let held = state.deployments_of_job(key).any(|deployment| {
                deployment.job_version == job.version && deployment.status == DeploymentStatus::Failed
            });
            let explained = held || state.evals_of_job(key).any(waits);
            assert!(names.len() >= wanted || explained, "{key} has {names:?} of {wanted}");
        }
    }

    /// Looking at every job again changes nothing.
    fn nothing_more_is_done(&mut self) {
        let keys: Vec<JobKey> = self.cluster.state.jobs().map(|(key, ..)| key.clone()).collect();
        for key in keys {
            let eval = self.eval_of(&key, model::Trigger::JobRegister);
            let decision = self.cluster.decide(&eval);
            let quiet = decision.plan.placements.is_empty()
                && decision.plan.stops.is_empty()
                && decision.plan.in_place.is_empty();
            assert!(quiet, "{key}: {:?}", decision.plan);
        }
    }
}
