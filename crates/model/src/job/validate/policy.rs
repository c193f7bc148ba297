//! Policies of a group: restarts, rescheduling, updates, migration, disconnection, scaling.

use super::Faults;
use crate::cron::{Cron, Zone};
use crate::go_duration::format as go;
use crate::job::canonicalize::SECOND_NS;
use crate::job::{
    Disconnect, MigrateStrategy, PeriodicConfig, ReschedulePolicy, RestartMode, RestartPolicy, ScalingPolicy,
    TaskGroup, UpdateStrategy,
};

const MINIMUM_INTERVAL_NS: i64 = 15_000_000_000;
/// Attempts that are reckoned with: no interval holds more.
const ATTEMPTS_LOOKED_AT: i64 = 100_000;
const MINIMUM_NS: i64 = 5 * SECOND_NS;
const HEALTH_CHECKS: [&str; 3] = ["checks", "task_states", "manual"];

impl RestartPolicy {
    pub(super) fn collect(&self, faults: &mut Faults) {
        if let RestartMode::Other(mode) = &self.mode {
            faults.add(format!("Unsupported restart mode: \"{mode}\""));
            return;
        }
        if self.attempts == 0 {
            if self.mode == RestartMode::Delay {
                faults.add("Restart policy \"delay\" with 0 attempts is ambiguous");
            }
            return;
        }
        if self.interval_ns < MINIMUM_NS {
            faults.add(format!("Interval can not be less than 5s (got {})", go(self.interval_ns)));
        }
        if self.attempts.saturating_mul(self.delay_ns) > self.interval_ns {
            faults.add(format!(
                "Nomad can't restart the TaskGroup {} times in an interval of {} with a delay of {}",
                self.attempts,
                go(self.interval_ns),
                go(self.delay_ns)
            ));
        }
    }
}

impl ReschedulePolicy {
    pub(super) fn collect(&self, faults: &mut Faults) {
        if self.attempts > 0 && self.interval_ns <= 0 {
            faults.add("Interval must be a non zero value if Attempts > 0");
        }
        if self.attempts > 0 && self.unlimited {
            faults.add(format!(
                "Reschedule Policy with Attempts = {}, Interval = {}, and Unlimited = true is ambiguous",
                self.attempts,
                go(self.interval_ns)
            ));
            faults.add("If Attempts >0, Unlimited cannot also be set to true");
        }
        if self.attempts == 0 && !self.unlimited {
            return;
        }
        let delays = faults.lines().len();
        if self.delay_ns < MINIMUM_NS {
            faults.add(format!("Delay cannot be less than 5s (got {})", go(self.delay_ns)));
        }
        let functions = ["constant", "exponential", "fibonacci"];
        if !functions.contains(&self.delay_function.as_str()) {
            faults.add(format!(
                "Invalid delay function \"{}\", must be one of [\"constant\" \"exponential\" \"fibonacci\"]",
                self.delay_function
            ));
        }
        if self.delay_function != "constant" && self.max_delay_ns < self.delay_ns {
            if self.max_delay_ns < MINIMUM_NS {
                faults.add(format!("Max Delay cannot be less than 5s (got {})", go(self.delay_ns)));
            }
            faults.add(format!(
                "Max Delay cannot be less than Delay {} (got {})",
                go(self.delay_ns),
                go(self.max_delay_ns)
            ));
        }
        let sound = faults.lines().len() == delays;
        if sound && !self.unlimited && self.attempts > 0 {
            self.collect_attempts(faults);
        }
    }

    /// The attempts of an interval have to fit into it.
    fn collect_attempts(&self, faults: &mut Faults) {
        if self.interval_ns < MINIMUM_INTERVAL_NS {
            faults.add(format!("Interval cannot be less than 15s (got {})", go(self.interval_ns)));
        }
        let (possible, needed_ns) = self.possible_attempts();
        if possible >= self.attempts {
            return;
        }
        let ceiling = match self.delay_function.as_str() {
            "constant" => String::new(),
            _ => format!(", and delay ceiling {}", go(self.max_delay_ns)),
        };
        faults.add(format!(
            "Nomad can only make {possible} attempts in {} with initial delay {}, delay function \"{}\"{ceiling}",
            go(self.interval_ns),
            go(self.delay_ns),
            self.delay_function
        ));
        faults.add(format!(
            "Set the interval to at least {} to accommodate {} attempts",
            go(needed_ns - needed_ns % SECOND_NS),
            self.attempts
        ));
    }

    /// How many attempts fit into the interval, and how long one has to be for all of them. The original reckons with
    /// the last delay alone until the ceiling is reached, and with the sum from there on.
    fn possible_attempts(&self) -> (i64, i64) {
        if self.delay_function == "constant" {
            let needed = self.attempts.saturating_mul(self.delay_ns);
            let possible =
                if self.interval_ns < needed { self.interval_ns / self.delay_ns } else { self.attempts };
            return (possible, needed);
        }
        if self.delay_function == "exponential" {
            return self.possible_doublings();
        }
        let (mut possible, mut before, mut last, mut capped) = (0, 0_i64, 0_i64, false);
        for number in 0..self.attempts.min(ATTEMPTS_LOOKED_AT) {
            let next = match (number, capped) {
                (0 | 1, _) => self.delay_ns,
                (_, true) => last.saturating_add(self.max_delay_ns),
                (_, false) => last.saturating_add(before),
            };
            let over = !capped && next > self.max_delay_ns;
            capped |= over;
            (before, last) = (last, if over { self.max_delay_ns } else { next });
            possible += i64::from(self.interval_ns >= last);
        }
        (possible, last)
    }

    /// The same where every delay is twice the one before. The original lets the nanoseconds overflow, and clients see
    /// the intervals that follow from that.
    fn possible_doublings(&self) -> (i64, i64) {
        let (mut possible, mut needed) = (0, 0_i64);
        for number in 0..self.attempts.min(ATTEMPTS_LOOKED_AT) {
            let factor = if number < 63 { 1_i64 << number } else { i64::MIN };
            let delay = factor.wrapping_mul(self.delay_ns);
            needed = if delay > self.max_delay_ns { needed.wrapping_add(self.max_delay_ns) } else { delay };
            possible += i64::from(self.interval_ns > needed);
        }
        (possible, needed)
    }
}

impl UpdateStrategy {
    pub(super) fn collect(&self, faults: &mut Faults) {
        if !HEALTH_CHECKS.contains(&self.health_check.as_str()) {
            faults.add(format!("Invalid health check given: \"{}\"", self.health_check));
        }
        if self.max_parallel < 0 {
            faults.add(format!("Max parallel can not be less than zero: {} < 0", self.max_parallel));
        }
        if self.canary < 0 {
            faults.add(format!("Canary count can not be less than zero: {} < 0", self.canary));
        }
        if self.canary == 0 && self.auto_promote {
            faults.add("Auto Promote requires a Canary count greater than zero");
        }
        let (least, healthy) = (self.min_healthy_time_ns, self.healthy_deadline_ns);
        let progress = self.progress_deadline_ns;
        if least < 0 {
            faults.add(format!("Minimum healthy time may not be less than zero: {}", go(least)));
        }
        if healthy <= 0 {
            faults.add(format!("Healthy deadline must be greater than zero: {}", go(healthy)));
        }
        if progress < 0 {
            faults.add(format!("Progress deadline must be zero or greater: {}", go(progress)));
        }
        if least >= healthy {
            let (least, healthy) = (go(least), go(healthy));
            faults
                .add(format!("Minimum healthy time must be less than healthy deadline: {least} > {healthy}"));
        }
        if progress != 0 && healthy >= progress {
            let (healthy, progress) = (go(healthy), go(progress));
            faults
                .add(format!("Healthy deadline must be less than progress deadline: {healthy} > {progress}"));
        }
        if self.stagger_ns <= 0 {
            faults.add(format!("Stagger must be greater than zero: {}", go(self.stagger_ns)));
        }
    }
}

impl MigrateStrategy {
    pub(super) fn collect(&self, faults: &mut Faults) {
        if self.max_parallel < 0 {
            faults.add(format!("MaxParallel must be >= 0 but found {}", self.max_parallel));
        }
        match self.health_check.as_str() {
            "checks" | "task_states" => {}
            "" => faults.add("Missing HealthCheck"),
            check => faults.add(format!("Invalid HealthCheck: \"{check}\"")),
        }
        let (least, deadline) = (self.min_healthy_time_ns, self.healthy_deadline_ns);
        if least < 0 {
            faults.add(format!("MinHealthyTime is {} and must be >= 0", go(least)));
        }
        if deadline < 0 {
            faults.add(format!("HealthyDeadline is {} and must be >= 0", go(deadline)));
        }
        if least > deadline {
            faults.add("MinHealthyTime must be less than HealthyDeadline");
        }
    }
}

impl PeriodicConfig {
    /// What is switched off may say anything.
    pub(super) fn collect(&self, faults: &mut Faults) {
        if !self.is_enabled() {
            return;
        }
        let one = self.spec.as_ref().is_some_and(|text| !text.is_empty());
        match (one, self.specs.is_empty()) {
            (false, true) => faults.add("Must specify a spec"),
            (true, false) => faults.add("Only cron or crons may be used"),
            _ => {}
        }
        let zone = self.time_zone.as_deref().unwrap_or_default();
        if let Err(unknown) = Zone::named(zone) {
            faults.add(format!("Invalid time zone \"{zone}\": {unknown}"));
        }
        let kind = self.spec_type.as_deref().unwrap_or_default();
        if kind != "cron" {
            faults.add(format!("Unknown periodic specification type \"{kind}\""));
            return;
        }
        for text in self.texts() {
            if let Err(error) = text.parse::<Cron>() {
                faults.add(format!("Invalid cron spec \"{text}\": {error}"));
            }
        }
    }
}

impl Disconnect {
    pub(super) fn collect(&self, faults: &mut Faults) {
        let lost = self.lost_after.unwrap_or_default().0;
        if lost < 0 {
            faults.add("lost_after cannot be a negative duration");
        }
        if self.stop_on_client_after.is_some_and(|stop| stop.0 < 0) {
            faults.add("stop_after cannot be a negative duration");
        }
        if lost > 0 && self.stop_on_client_after.is_some() {
            faults.add("Disconnect cannot be configured with both lost_after and stop_after");
        }
        let known = ["", "keep_original", "keep_replacement", "best_score", "longest_running"];
        if let Some(reconcile) = self.reconcile.as_ref().filter(|given| !known.contains(&given.as_str())) {
            faults.add(format!("reconcile option is invalid: {reconcile}"));
        }
    }
}

impl ScalingPolicy {
    /// What is wrong with a group's policy.
    pub(super) fn faults_for(&self, group: &TaskGroup) -> Faults {
        let mut faults = Faults::default();
        let mut add = |text: String| faults.add(format!("Scaling policy invalid: {text}"));
        if self.kind != "horizontal" {
            add(format!("scaling policy type \"{}\" is not valid", self.kind));
            return faults;
        }
        let (min, max) = (self.min.unwrap_or(group.count), self.max.unwrap_or(-1));
        if max < 0 {
            add("maximum count must be specified and non-negative".to_owned());
        } else if max < min {
            add("maximum count must not be less than minimum count".to_owned());
        }
        if min < 0 {
            add("minimum count must be specified and non-negative".to_owned());
        }
        if group.count < min {
            add("task group count must not be less than minimum count in scaling policy".to_owned());
        }
        if group.count > max {
            add("task group count must not be greater than maximum count in scaling policy".to_owned());
        }
        faults
    }
}
