//! When a task that ended is started again in place. Pure: the clock's time and the jitter come in as arguments.

use model::go_duration;
use model::job::{JobType, RestartMode, RestartPolicy};
use serde::{Deserialize, Serialize};

/// Reason of an ordinary restart.
pub(crate) const WITHIN_POLICY: &str = "Restart within policy";
const DELAYED: &str = "Exceeded allowed attempts, applying a delay";
const NONE_ALLOWED: &str = "Policy allows no restarts";
const UNRECOVERABLE: &str = "Error was unrecoverable";

/// Share of the delay by which restarts are spread, in parts of the delay.
const JITTER: f64 = 0.25;

/// Restarts used up in the current interval; kept across restarts of the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(crate) struct RestartTracker {
    /// Restarts in the interval so far.
    pub(crate) count: i64,
    /// Start of the interval, ns since 1970; 0 before the first end of the task.
    pub(crate) interval_start_ns: i64,
}

/// How a task ended, as far as restarts care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It exited with code 0.
    Success,
    /// It exited otherwise.
    Failure,
    /// It could not be started, but may be the next time.
    StartRecoverable,
    /// It could not be started and never will be.
    StartUnrecoverable,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is done, and well.
    Done,
    /// It starts again after the delay.
    Restart {
        /// Why.
        reason: String,
        /// Pause, ns.
        delay_ns: i64,
    },
    /// It has failed.
    Fail {
        /// Why.
        reason: String,
    },
}

/// True when a task of such a job starts again even after success.
pub(crate) fn restarts_on_success(job_type: &JobType, ephemeral_hook: bool) -> bool {
    !ephemeral_hook && !matches!(job_type, JobType::Batch | JobType::Sysbatch)
}

impl RestartTracker {
    /// Decides what follows an ending. `jitter` is in 0..1.
    pub(crate) fn decide(
        &mut self,
        policy: &RestartPolicy,
        on_success: bool,
        ending: Ending,
        now_ns: i64,
        jitter: f64,
    ) -> Verdict {
        match ending {
            Ending::Success if !on_success => return Verdict::Done,
            Ending::StartUnrecoverable => {
                return Verdict::Fail { reason: UNRECOVERABLE.into() };
            }
            _ => {}
        }
        let fails = policy.mode != RestartMode::Delay;
        if policy.attempts <= 0 && fails {
            // A service whose task succeeds without restarts is done, not failed.
            return match ending {
                Ending::Success => Verdict::Done,
                _ => Verdict::Fail { reason: NONE_ALLOWED.into() },
            };
        }
        let interval_end = self.interval_start_ns.saturating_add(policy.interval_ns);
        if self.interval_start_ns == 0 || now_ns >= interval_end {
            *self = RestartTracker { count: 0, interval_start_ns: now_ns };
        }
        self.count += 1;
        if self.count <= policy.attempts {
            let spread = (policy.delay_ns as f64 * JITTER * jitter.clamp(0.0, 1.0)) as i64;
            let delay_ns = policy.delay_ns.saturating_add(spread);
            return Verdict::Restart { reason: WITHIN_POLICY.into(), delay_ns };
        }
        if fails {
            let interval = go_duration::format(policy.interval_ns);
            let reason = format!(
                "Exceeded allowed attempts {} in interval {interval} and mode is \"fail\"",
                policy.attempts
            );
            return Verdict::Fail { reason };
        }
        let rest = self.interval_start_ns.saturating_add(policy.interval_ns).saturating_sub(now_ns);
        Verdict::Restart { reason: DELAYED.into(), delay_ns: rest.max(0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn policy(attempts: i64, mode: RestartMode) -> RestartPolicy {
        RestartPolicy {
            attempts,
            interval_ns: 60 * SECOND,
            delay_ns: 4 * SECOND,
            mode,
            ..RestartPolicy::default()
        }
    }

    #[test]
    fn attempts_are_counted_within_the_interval() {
        let mut tracker = RestartTracker::default();
        let policy = policy(1, RestartMode::Fail);
        let mut decide = |now, ending| tracker.decide(&policy, true, ending, now, 0.0);
        let restart = Verdict::Restart { reason: WITHIN_POLICY.into(), delay_ns: 4 * SECOND };
        assert_eq!(decide(SECOND, Ending::Failure), restart);
        let reason = "Exceeded allowed attempts 1 in interval 1m0s and mode is \"fail\"".to_owned();
        assert_eq!(decide(2 * SECOND, Ending::Failure), Verdict::Fail { reason });
        assert_eq!(decide(100 * SECOND, Ending::Success), restart);
    }

    #[test]
    fn endings() {
        let cases = [
            (0, RestartMode::Fail, false, Ending::Success, "done"),
            (0, RestartMode::Fail, true, Ending::Success, "done"),
            (0, RestartMode::Fail, true, Ending::Failure, "fail Policy allows no restarts"),
            (3, RestartMode::Fail, true, Ending::Success, "restart 5000000000"),
            (3, RestartMode::Fail, true, Ending::StartUnrecoverable, "fail Error was unrecoverable"),
            (3, RestartMode::Fail, false, Ending::StartRecoverable, "restart 5000000000"),
            (0, RestartMode::Delay, false, Ending::Failure, "restart 60000000000"),
        ];
        for (attempts, mode, on_success, ending, expected) in cases {
            let mut tracker = RestartTracker::default();
            let verdict = tracker.decide(&policy(attempts, mode), on_success, ending, 7 * SECOND, 1.0);
            let shown = match verdict {
                Verdict::Done => "done".to_owned(),
                Verdict::Restart { delay_ns, .. } => format!("restart {delay_ns}"),
                Verdict::Fail { reason } => format!("fail {reason}"),
            };
            assert_eq!(shown, expected, "{ending:?}");
        }
    }
}
