//! Clocks of periodic jobs: who launches a child, and when.
//!
//! How far a clock has come is in the state. After a pause, of this leader or between two, what was missed is launched
//! once: for the last time that it was due. Whether children may overlap is decided where the launch is applied.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use model::PeriodicSchedule;
use model::id::JobKey;
use state::State;

/// How long a launch may take before it is asked for again, ns.
pub const LAUNCH_AGAIN_NS: i64 = 5_000_000_000;

/// The clocks that run.
#[derive(Debug, Default)]
pub struct Clocks {
    clocks: BTreeMap<JobKey, Clock>,
    due: BTreeSet<(i64, JobKey)>,
}

#[derive(Debug)]
struct Clock {
    schedule: PeriodicSchedule,
    /// What was due until then has been launched, ns.
    last_ns: i64,
    /// When it is looked at next, ns.
    due_ns: i64,
}

/// A child to be launched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The parent.
    pub job: JobKey,
    /// When it was due, ns since 1970.
    pub launch_ns: i64,
}

impl Clocks {
    /// Every clock of a state.
    pub fn new(state: &State) -> Self {
        let mut clocks = Clocks::default();
        for (key, _, _) in state.jobs().filter(|(_, job, _)| job.is_clocked()) {
            clocks.note(state, key);
        }
        clocks
    }

    /// Takes note of a job as the state has it now: it may have no clock any more.
    pub fn note(&mut self, state: &State, key: &JobKey) {
        if let Some(old) = self.clocks.remove(key) {
            self.due.remove(&(old.due_ns, key.clone()));
        }
        let Some(last_ns) = state.periodic_launch(key) else {
            return;
        };
        let schedule = state.job(key).and_then(|job| job.periodic.as_ref()?.schedule());
        let Some(schedule) = schedule else { return };
        // A clock that never strikes again need not be looked at.
        if let Some(due_ns) = schedule.next(last_ns) {
            self.due.insert((due_ns, key.clone()));
            self.clocks.insert(key.clone(), Clock { schedule, last_ns, due_ns });
        }
    }

    /// At most `max` launches that are due. Each comes again after a while, until the state says that it happened.
    pub fn tick(&mut self, now_ns: i64, max: usize) -> Vec<Launch> {
        let mut launches = Vec::new();
        while launches.len() < max {
            let Some((_, job)) = self.due.first().filter(|(at, _)| *at <= now_ns).cloned() else {
                break;
            };
            let Some(clock) = self.clocks.get_mut(&job) else {
                self.due.pop_first();
                continue;
            };
            self.due.remove(&(clock.due_ns, job.clone()));
            clock.due_ns = now_ns.saturating_add(LAUNCH_AGAIN_NS);
            self.due.insert((clock.due_ns, job.clone()));
            if let Some(launch_ns) = clock.schedule.last(clock.last_ns, now_ns) {
                launches.push(Launch { job, launch_ns });
            }
        }
        launches
    }

    /// When [`Clocks::tick`] has something to do next, ns since 1970.
    pub fn next_tick(&self) -> Option<i64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// How many clocks run.
    pub fn count(&self) -> usize {
        self.clocks.len()
    }
}
