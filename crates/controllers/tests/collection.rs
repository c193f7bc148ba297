//! A week of registrations does not fill the memory: what has ended is collected, and what repeats is capped.

use controllers::gc::{Thresholds, candidates};
use model::id::{EvalId, JobKey};
use model::{EvalStatus, Evaluation, Job, TaskGroup};
use state::{Command, Envelope, Outcome, State};
use uuid::Uuid;

const HOUR_NS: i64 = 3_600_000_000_000;

struct Leader {
    state: State,
    now_ns: i64,
    minted: u64,
}

impl Leader {
    fn new() -> Self {
        let mut leader = Leader { state: State::new(), now_ns: 1, minted: 0 };
        leader.apply(Command::BeginTenure { tenure: 1 });
        leader
    }

    fn apply(&mut self, command: Command) -> Outcome {
        let envelope = Envelope { trace: String::new(), now_ns: self.now_ns, command };
        self.state.apply(envelope).outcome
    }

    fn eval(&mut self, job: &str) -> Evaluation {
        self.minted += 1;
        let id = EvalId(Uuid::from_u64_pair(1, self.minted));
        Evaluation { id, namespace: "default".into(), job_id: job.into(), ..Evaluation::default() }
    }

    /// Registers a job and completes its evaluation without placing anything.
    fn register(&mut self, id: &str, priority: i64) {
        let group = TaskGroup { name: "g".into(), ..TaskGroup::default() };
        let job = Job {
            namespace: "default".into(),
            id: id.into(),
            priority,
            task_groups: vec![group],
            ..Job::default()
        };
        let eval = self.eval(id);
        let done = Evaluation { status: EvalStatus::Complete, ..eval.clone() };
        let (job, eval) = (Box::new(job), Box::new(eval));
        self.apply(Command::RegisterJob {
            job,
            eval,
            enforce_index: None,
            preserve_counts: false,
            submission: None,
        });
        self.apply(Command::UpdateEvals { tenure: 1, evals: vec![done] });
    }

    fn collect(&mut self) -> usize {
        let mut removed = 0;
        loop {
            let what = candidates(&self.state, self.now_ns, &Thresholds::default());
            if what.is_empty() {
                return removed;
            }
            removed += what.len();
            self.apply(Command::Collect { tenure: 1, what });
        }
    }
}

#[test]
fn one_job_registered_over_and_over_stays_small() {
    let mut leader = Leader::new();
    for priority in 0..2_000 {
        leader.register("again", 1 + priority % 100);
    }
    let key = JobKey::new("default", "again");
    assert!(leader.state.evals_of_job(&key).count() <= 65);
    assert!(leader.state.job_versions(&key).len() <= 7);
    assert_eq!(leader.state.check(), Ok(()));
}

#[test]
fn dead_jobs_are_collected_once_they_are_old_enough() {
    let mut leader = Leader::new();
    for number in 0..1_000 {
        leader.register(&format!("job-{number}"), 50);
    }
    assert_eq!(leader.collect(), 0, "nothing is old enough");
    leader.now_ns += 5 * HOUR_NS;
    leader.register("fresh", 50);
    // A thousand evaluations first, then the thousand jobs that nothing refers to any more.
    assert_eq!(leader.collect(), 2_000);
    assert_eq!(leader.state.job_count(), 1);
    assert_eq!(leader.state.check(), Ok(()));
}
