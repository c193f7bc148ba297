//! The life of a task as a pure state machine: what happened goes in, the new row comes out. The clock's time and the
//! jitter are arguments; what the row says next is done by `runner.rs`.
//!
//! The row is what is flushed. A step that starts or ends something is on disk before anybody is told of it.

use model::job::RestartPolicy;
use model::{TaskRunState, TaskState};
use serde::{Deserialize, Serialize};

use super::event;
use super::restart::{Ending, RestartTracker, Verdict};
use crate::driver::{ExitResult, StartFailure};

/// Where a task stands between its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) enum Phase {
    /// Not to be started yet.
    #[default]
    Pending,
    /// To be started under the row's generation; it may have been already.
    Intended,
    /// Started under the row's generation.
    Running,
    /// To be started again at that time, ns since 1970.
    Waiting { until_ns: i64 },
    /// Over.
    Dead,
}

/// Why a task is ended before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KillReason {
    /// The servers want the allocation gone.
    Stopped,
    /// That task of the group has failed.
    SiblingFailed(String),
    /// The group's leader has ended.
    LeaderDead,
    /// All main tasks have ended.
    MainDead,
    /// The group has run for as long as it may.
    Overtime,
    /// The agent ends and takes its tasks along.
    Shutdown,
}

/// Everything that is kept of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(crate) struct TaskRow {
    /// What the servers are told.
    pub(crate) state: TaskState,
    /// Where it stands.
    pub(crate) phase: Phase,
    /// Number of the last start; 0 before the first.
    pub(crate) generation: u64,
    /// When that generation started, ns since 1970; 0 if it is not known to have.
    pub(crate) generation_started_ns: i64,
    /// Restarts used up.
    pub(crate) tracker: RestartTracker,
    /// It has been told to end; how it ends is then no failure.
    pub(crate) killing: bool,
    /// Somebody asked for a restart; how it ends then does not count.
    pub(crate) restart_asked: bool,
    /// After that restart it waits for its turn among the group's tasks.
    pub(crate) restart_anew: bool,
}

/// What of a job decides about restarts.
pub(crate) struct Policy<'a> {
    pub(crate) restart: &'a RestartPolicy,
    pub(crate) on_success: bool,
    /// In 0..1, by which delays are spread.
    pub(crate) jitter: f64,
}

impl TaskRow {
    /// The allocation has arrived.
    pub(crate) fn received(&mut self, now_ns: i64) {
        self.state.push(event::received(now_ns));
    }

    /// The first start is being prepared.
    pub(crate) fn setting_up(&mut self, now_ns: i64) {
        self.state.push(event::task_setup(now_ns, "Building Task Directory"));
    }

    /// A new start is intended. To be flushed before it is carried out.
    pub(crate) fn intend(&mut self) {
        self.generation += 1;
        self.generation_started_ns = 0;
        self.phase = Phase::Intended;
    }

    /// The intended start has happened.
    pub(crate) fn started(&mut self, now_ns: i64) {
        self.phase = Phase::Running;
        self.generation_started_ns = now_ns;
        self.state.state = TaskRunState::Running;
        self.state.started_at_ns = now_ns;
        self.state.push(event::started(now_ns));
    }

    /// The task has ended by itself or because it was told to.
    pub(crate) fn exited(&mut self, exit: &ExitResult, policy: &Policy<'_>, now_ns: i64) {
        self.state.push(event::terminated(now_ns, exit));
        if self.killing {
            self.state.push(event::killed(now_ns));
            return self.die(false, now_ns);
        }
        if std::mem::take(&mut self.restart_asked) {
            self.wait("", 0, now_ns);
            if std::mem::take(&mut self.restart_anew) {
                self.phase = Phase::Pending;
            }
            return;
        }
        let ending = if exit.successful() { Ending::Success } else { Ending::Failure };
        self.follow(ending, policy, now_ns);
    }

    /// The driver could not start it.
    pub(crate) fn start_failed(&mut self, failure: &StartFailure, policy: &Policy<'_>, now_ns: i64) {
        self.state.push(event::driver_failure(now_ns, &failure.message));
        if self.killing {
            return self.die(false, now_ns);
        }
        let ending = if failure.recoverable { Ending::StartRecoverable } else { Ending::StartUnrecoverable };
        self.follow(ending, policy, now_ns);
    }

    fn follow(&mut self, ending: Ending, policy: &Policy<'_>, now_ns: i64) {
        match self.tracker.decide(policy.restart, policy.on_success, ending, now_ns, policy.jitter) {
            Verdict::Done => self.die(false, now_ns),
            Verdict::Restart { reason, delay_ns } => self.wait(&reason, delay_ns, now_ns),
            Verdict::Fail { reason } => {
                self.state.push(event::not_restarting(now_ns, &reason));
                self.die(true, now_ns);
            }
        }
    }

    fn wait(&mut self, reason: &str, delay_ns: i64, now_ns: i64) {
        self.state.push(event::restarting(now_ns, reason, delay_ns));
        self.state.state = TaskRunState::Pending;
        self.state.restarts += 1;
        self.state.last_restart_ns = now_ns;
        self.phase = Phase::Waiting { until_ns: now_ns.saturating_add(delay_ns) };
    }

    /// It has ended and is to run once more, when its turn comes.
    pub(crate) fn revive(&mut self, event: model::TaskEvent, now_ns: i64) {
        self.state.push(event);
        self.wait("", 0, now_ns);
        self.phase = Phase::Pending;
        self.killing = false;
        self.state.failed = false;
        self.state.finished_at_ns = 0;
        self.state.started_at_ns = 0;
    }

    /// Its directories or configuration are no good: no start, no restart.
    pub(crate) fn unfit(&mut self, event: model::TaskEvent, now_ns: i64) {
        self.state.push(event);
        self.die(true, now_ns);
    }

    /// It has to end. Without a process it is over at once; with one, the driver is asked next.
    pub(crate) fn kill(&mut self, reason: &KillReason, timeout_ns: i64, now_ns: i64) {
        if self.killing || self.phase == Phase::Dead {
            return;
        }
        self.killing = true;
        match reason {
            KillReason::SiblingFailed(sibling) => self.state.push(event::sibling_failed(now_ns, sibling)),
            KillReason::LeaderDead => self.state.push(event::leader_dead(now_ns)),
            KillReason::MainDead => self.state.push(event::main_dead(now_ns)),
            KillReason::Stopped | KillReason::Overtime | KillReason::Shutdown => {}
        }
        match self.phase {
            Phase::Running | Phase::Intended => self.state.push(event::killing(now_ns, timeout_ns)),
            Phase::Pending | Phase::Waiting { .. } => {
                self.state.push(event::killed(now_ns));
                self.die(false, now_ns);
            }
            Phase::Dead => {}
        }
    }

    /// What was recorded as running went down with the host: it starts anew, and no restart is counted for it.
    pub(crate) fn rebooted(&mut self, now_ns: i64) {
        self.phase = Phase::Waiting { until_ns: now_ns };
        self.state.state = TaskRunState::Pending;
    }

    fn die(&mut self, failed: bool, now_ns: i64) {
        self.phase = Phase::Dead;
        self.state.state = TaskRunState::Dead;
        self.state.failed = failed;
        self.state.finished_at_ns = now_ns;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::job::RestartMode;

    fn kinds(row: &TaskRow) -> Vec<&str> {
        row.state.events.iter().map(|event| event.kind.as_str()).collect()
    }

    fn policy(restart: &RestartPolicy) -> Policy<'_> {
        Policy { restart, on_success: false, jitter: 0.0 }
    }

    fn begun() -> TaskRow {
        let mut row = TaskRow::default();
        row.received(1);
        row.setting_up(2);
        row.intend();
        row.started(3);
        row
    }

    #[test]
    fn a_failing_batch_task_as_recorded() {
        let restart = RestartPolicy {
            attempts: 1,
            interval_ns: 60_000_000_000,
            delay_ns: 5,
            mode: RestartMode::Fail,
            ..Default::default()
        };
        let exit = ExitResult { exit_code: 3, ..ExitResult::default() };
        let mut row = begun();
        row.exited(&exit, &policy(&restart), 10);
        assert_eq!(row.phase, Phase::Waiting { until_ns: 15 });
        row.intend();
        row.started(15);
        row.exited(&exit, &policy(&restart), 20);
        let expected = [
            "Received",
            "Task Setup",
            "Started",
            "Terminated",
            "Restarting",
            "Started",
            "Terminated",
            "Not Restarting",
        ];
        assert_eq!(kinds(&row), expected);
        assert!(row.state.failed && row.phase == Phase::Dead && row.generation == 2);
        assert_eq!(row.state.events[3].display_message, "Exit Code: 3");
        assert_eq!(row.state.events[4].display_message, "Task restarting in 5ns");
        assert_eq!((row.state.restarts, row.state.last_restart_ns, row.state.started_at_ns), (1, 10, 15));
    }

    #[test]
    fn a_killed_task_has_not_failed() {
        let restart = RestartPolicy::default();
        let mut row = begun();
        row.kill(&KillReason::Stopped, 5_000_000_000, 4);
        row.kill(&KillReason::Stopped, 5_000_000_000, 5);
        assert_eq!(row.phase, Phase::Running);
        let exit = ExitResult { exit_code: 130, signal: 2, ..ExitResult::default() };
        row.exited(&exit, &policy(&restart), 6);
        assert_eq!(kinds(&row)[3..], ["Killing", "Terminated", "Killed"]);
        assert_eq!(row.state.events[3].display_message, "Sent interrupt. Waiting 5s before force killing");
        assert_eq!(row.state.events[4].display_message, "Exit Code: 130, Signal: 2");
        assert!(!row.state.failed && row.phase == Phase::Dead);
    }

    #[test]
    fn a_task_that_never_ran_dies_at_once() {
        let mut row = TaskRow::default();
        row.kill(&KillReason::SiblingFailed("a".into()), 1, 4);
        assert_eq!(kinds(&row), ["Sibling Task Failed", "Killed"]);
        assert_eq!(row.phase, Phase::Dead);
    }

    #[test]
    fn a_start_that_cannot_succeed_is_not_repeated() {
        let restart = RestartPolicy { attempts: 3, interval_ns: 60, ..Default::default() };
        let mut row = TaskRow::default();
        row.intend();
        row.start_failed(&StartFailure::fatal("no such thing"), &policy(&restart), 9);
        assert_eq!(kinds(&row), ["Driver Failure", "Not Restarting"]);
        assert!(row.state.failed);
    }
}
