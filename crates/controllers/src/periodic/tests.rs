//! Clocks of one leader, over real commands.

use model::id::EvalId;
use model::{Evaluation, Job, JobType, PeriodicConfig, TaskGroup};
use state::{Command, Envelope, JobOperation, Outcome, Refusal};
use uuid::Uuid;

use super::*;

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;

/// One leader with one job, `p`.
struct Leader {
    state: State,
    clocks: Clocks,
    now_ns: i64,
    tenure: u64,
}

impl Leader {
    fn new() -> Self {
        let mut leader =
            Leader { state: State::new(), clocks: Clocks::default(), now_ns: MINUTE / 2, tenure: 0 };
        leader.succeed();
        leader
    }

    fn apply(&mut self, command: Command) -> Outcome {
        let applied = self.state.apply(Envelope { trace: String::new(), now_ns: self.now_ns, command });
        for event in applied.events {
            if let state::Event::Launched(key) | state::Event::Job(key) = event {
                self.clocks.note(&self.state, &key);
            }
        }
        self.state.check().unwrap();
        applied.outcome
    }

    /// Another leader, which knows what the state says.
    fn succeed(&mut self) {
        self.tenure += 1;
        self.apply(Command::BeginTenure { tenure: self.tenure });
        self.clocks = Clocks::new(&self.state);
    }

    fn register(&mut self, change: impl FnOnce(&mut PeriodicConfig)) {
        let mut periodic = PeriodicConfig { spec: Some("* * * * *".into()), ..PeriodicConfig::default() };
        change(&mut periodic);
        let group = TaskGroup { name: "g".into(), count: 1, ..TaskGroup::default() };
        let job = Job {
            namespace: "default".into(),
            id: "p".into(),
            kind: JobType::Batch,
            periodic: Some(periodic),
            task_groups: vec![group],
            ..Job::default()
        };
        let eval = Box::new(Evaluation::default());
        let (enforce_index, preserve_counts, submission) = (None, false, None);
        let job = Box::new(job);
        self.apply(Command::RegisterJob { job, eval, enforce_index, preserve_counts, submission });
    }

    fn launch(&mut self, tenure: Option<u64>, launch_ns: i64) -> Outcome {
        let eval_id = EvalId(Uuid::from_u64_pair(1, self.state.index()));
        let job = JobKey::new("default", "p");
        let operation = JobOperation::LaunchPeriodic { tenure, job, launch_ns, eval_id };
        self.apply(Command::OperateJob { operation })
    }

    /// Lets the clock run until then, and answers the stamps of what is launched.
    fn run_until(&mut self, now_ns: i64) -> Vec<i64> {
        self.now_ns = now_ns;
        let due = self.clocks.tick(now_ns, 100);
        for launch in &due {
            self.launch(Some(self.tenure), launch.launch_ns);
        }
        due.iter().map(|launch| launch.launch_ns / SECOND).collect()
    }

    fn children(&self) -> Vec<String> {
        self.state.jobs_with_prefix("default", "p/").map(|(job, _)| job.id.clone()).collect()
    }
}

#[test]
fn a_clock_launches_when_it_strikes() {
    let mut leader = Leader::new();
    leader.register(|_| ());
    assert_eq!(leader.clocks.next_tick(), Some(MINUTE));
    assert!(leader.run_until(MINUTE - 1).is_empty());
    assert_eq!(leader.run_until(MINUTE), [60]);
    assert_eq!(leader.run_until(2 * MINUTE - 1), [0; 0]);
    assert_eq!(leader.run_until(2 * MINUTE + 7), [120]);
    assert_eq!(leader.children(), ["p/periodic-120", "p/periodic-60"]);
    let child = leader.state.job(&JobKey::new("default", "p/periodic-60")).unwrap();
    assert_eq!((child.parent_id.as_str(), child.periodic.is_none()), ("p", true));
}

#[test]
fn what_was_missed_is_launched_once() {
    let mut leader = Leader::new();
    leader.register(|_| ());
    leader.succeed();
    assert_eq!(leader.run_until(10 * MINUTE + 5), [600]);
    // A leader that did not hear of its own launch asks again, in vain.
    let again = leader.launch(Some(leader.tenure), 10 * MINUTE);
    assert_eq!(again, Outcome::Done);
    leader.succeed();
    assert_eq!(leader.run_until(10 * MINUTE + 30 * SECOND), [0; 0]);
    assert_eq!(leader.children(), ["p/periodic-600"]);
    let stale = leader.launch(Some(1), 11 * MINUTE);
    assert_eq!(stale, Outcome::Refused(Refusal::StaleTenure));
}

#[test]
fn a_launch_that_got_lost_is_repeated() {
    let mut leader = Leader::new();
    leader.register(|_| ());
    assert_eq!(leader.clocks.tick(MINUTE, 100).len(), 1);
    assert!(leader.clocks.tick(MINUTE + 1, 100).is_empty());
    assert_eq!(leader.clocks.tick(MINUTE + LAUNCH_AGAIN_NS, 100)[0].launch_ns, MINUTE);
}

#[test]
fn children_do_not_overlap_where_they_must_not() {
    let mut leader = Leader::new();
    leader.register(|periodic| periodic.prohibit_overlap = Some(true));
    leader.run_until(MINUTE);
    leader.run_until(2 * MINUTE);
    assert_eq!(leader.children(), ["p/periodic-60"]);
    // It was skipped, not missed.
    leader.succeed();
    assert_eq!(leader.run_until(2 * MINUTE + 30 * SECOND), [0; 0]);
    // Whoever asks for it gets it.
    leader.launch(None, leader.now_ns);
    assert_eq!(leader.children(), ["p/periodic-150", "p/periodic-60"]);
    for child in leader.children() {
        let (namespace, id) = ("default".into(), EvalId(Uuid::from_u64_pair(2, leader.state.index())));
        let eval = Box::new(Evaluation { id, namespace, job_id: child.clone(), ..Evaluation::default() });
        leader.apply(Command::DeregisterJob { job: JobKey::new("default", &child), purge: true, eval });
    }
    leader.run_until(3 * MINUTE);
    assert_eq!(leader.children(), ["p/periodic-180"]);
}

#[test]
fn a_clock_stops_with_its_job() {
    let mut leader = Leader::new();
    leader.register(|_| ());
    leader.register(|periodic| periodic.enabled = Some(false));
    assert_eq!((leader.clocks.count(), leader.run_until(MINUTE).len()), (0, 0));
    // What was due while it was switched off was not missed.
    leader.now_ns += SECOND;
    leader.register(|_| ());
    leader.succeed();
    assert_eq!(leader.run_until(MINUTE + 59 * SECOND), [0; 0]);
    let (job, eval) = (JobKey::new("default", "p"), Box::new(Evaluation::default()));
    leader.apply(Command::DeregisterJob { job: job.clone(), purge: false, eval: eval.clone() });
    assert_eq!((leader.clocks.count(), leader.state.periodic_launch(&job)), (0, None));
    leader.register(|_| ());
    assert_eq!(leader.run_until(2 * MINUTE), [120]);
    leader.apply(Command::DeregisterJob { job, purge: true, eval });
    assert_eq!(leader.clocks.count(), 0);
}

#[test]
fn several_texts_and_a_zone() {
    let mut leader = Leader::new();
    leader.register(|periodic| {
        periodic.spec = None;
        periodic.specs = vec!["0 1 * * *".to_owned(), "30 1 * * *".to_owned()].into();
        periodic.time_zone = Some("Asia/Tokyo".into());
    });
    // 01:00 in Tokyo is 16:00 of the day before.
    assert_eq!(leader.clocks.next_tick(), Some(16 * 60 * MINUTE));
    assert_eq!(leader.run_until(17 * 60 * MINUTE), [(16 * 60 + 30) * 60]);
}
