//! Small blocks that jobs, groups and tasks share.

use model::job::{MigrateStrategy, ReschedulePolicy, RestartMode, RestartPolicy, UpdateStrategy};

use crate::shape::shape;
use crate::time::Ns;

shape! {
    /// An update block.
    Update {
        "AutoPromote" auto_promote: Option<bool>,
        "AutoRevert" auto_revert: Option<bool>,
        "Canary" canary: Option<i64>,
        "HealthCheck" health_check: Option<String>,
        "HealthyDeadline" healthy_deadline: Option<Ns>,
        "MaxParallel" max_parallel: Option<i64>,
        "MinHealthyTime" min_healthy_time: Option<Ns>,
        "ProgressDeadline" progress_deadline: Option<Ns>,
        "Stagger" stagger: Option<Ns>,
    }
    /// A migrate block.
    Migrate {
        "HealthCheck" health_check: Option<String>,
        "HealthyDeadline" healthy_deadline: Option<Ns>,
        "MaxParallel" max_parallel: Option<i64>,
        "MinHealthyTime" min_healthy_time: Option<Ns>,
    }
    /// A restart block.
    Restart {
        "Attempts" attempts: Option<i64>,
        "Delay" delay: Option<Ns>,
        "Interval" interval: Option<Ns>,
        "Mode" mode: Option<String>,
        "RenderTemplates" render_templates: Option<bool>,
    }
    /// A reschedule block.
    Reschedule {
        "Attempts" attempts: Option<i64>,
        "Delay" delay: Option<Ns>,
        "DelayFunction" delay_function: Option<String>,
        "Interval" interval: Option<Ns>,
        "MaxDelay" max_delay: Option<Ns>,
        "Unlimited" unlimited: Option<bool>,
    }
}

impl Update {
    /// True when nothing is asked for: jobs that do not roll are answered with such a block, and sent back with it.
    pub(super) fn is_empty(&self) -> bool {
        let zero = |ns: Option<Ns>| ns.is_none_or(|ns| ns.0 == 0);
        let times = [self.healthy_deadline, self.min_healthy_time, self.progress_deadline, self.stagger];
        times.into_iter().all(zero)
            && [self.canary, self.max_parallel].into_iter().all(|count| count.is_none_or(|count| count == 0))
            && ![self.auto_promote, self.auto_revert].contains(&Some(true))
            && self.health_check.as_deref().is_none_or(str::is_empty)
    }

    /// A group's strategy: its own words, then the job's, then the defaults.
    pub(super) fn into_model(self, job_level: &Update) -> UpdateStrategy {
        let default = UpdateStrategy::default_group();
        let ns = |own: Option<Ns>, job: Option<Ns>, default: i64| own.or(job).map_or(default, |ns| ns.0);
        UpdateStrategy {
            stagger_ns: ns(self.stagger, job_level.stagger, default.stagger_ns),
            max_parallel: self.max_parallel.or(job_level.max_parallel).unwrap_or(default.max_parallel),
            health_check: self
                .health_check
                .or_else(|| job_level.health_check.clone())
                .unwrap_or(default.health_check),
            min_healthy_time_ns: ns(
                self.min_healthy_time,
                job_level.min_healthy_time,
                default.min_healthy_time_ns,
            ),
            healthy_deadline_ns: ns(
                self.healthy_deadline,
                job_level.healthy_deadline,
                default.healthy_deadline_ns,
            ),
            progress_deadline_ns: ns(
                self.progress_deadline,
                job_level.progress_deadline,
                default.progress_deadline_ns,
            ),
            auto_revert: self.auto_revert.or(job_level.auto_revert).unwrap_or(false),
            auto_promote: self.auto_promote.or(job_level.auto_promote).unwrap_or(false),
            canary: self.canary.or(job_level.canary).unwrap_or(0),
        }
    }
}

impl From<&UpdateStrategy> for Update {
    fn from(update: &UpdateStrategy) -> Self {
        Update {
            stagger: Some(Ns(update.stagger_ns)),
            max_parallel: Some(update.max_parallel),
            health_check: Some(update.health_check.clone()),
            min_healthy_time: Some(Ns(update.min_healthy_time_ns)),
            healthy_deadline: Some(Ns(update.healthy_deadline_ns)),
            progress_deadline: Some(Ns(update.progress_deadline_ns)),
            auto_revert: Some(update.auto_revert),
            auto_promote: Some(update.auto_promote),
            canary: Some(update.canary),
        }
    }
}

impl Migrate {
    pub(super) fn into_model(self) -> MigrateStrategy {
        let default = MigrateStrategy::default_service();
        MigrateStrategy {
            max_parallel: self.max_parallel.unwrap_or(default.max_parallel),
            health_check: self.health_check.unwrap_or(default.health_check),
            min_healthy_time_ns: self.min_healthy_time.map_or(default.min_healthy_time_ns, |ns| ns.0),
            healthy_deadline_ns: self.healthy_deadline.map_or(default.healthy_deadline_ns, |ns| ns.0),
        }
    }
}

impl From<&MigrateStrategy> for Migrate {
    fn from(migrate: &MigrateStrategy) -> Self {
        Migrate {
            max_parallel: Some(migrate.max_parallel),
            health_check: Some(migrate.health_check.clone()),
            min_healthy_time: Some(Ns(migrate.min_healthy_time_ns)),
            healthy_deadline: Some(Ns(migrate.healthy_deadline_ns)),
        }
    }
}

impl Restart {
    /// Fills what was left out from another policy.
    pub(super) fn into_model(self, default: &RestartPolicy) -> RestartPolicy {
        RestartPolicy {
            attempts: self.attempts.unwrap_or(default.attempts),
            interval_ns: self.interval.map_or(default.interval_ns, |ns| ns.0),
            delay_ns: self.delay.map_or(default.delay_ns, |ns| ns.0),
            mode: self.mode.map_or(default.mode.clone(), |mode| RestartMode::from(&*mode)),
            render_templates: self.render_templates.unwrap_or(default.render_templates),
        }
    }
}

impl From<&RestartPolicy> for Restart {
    fn from(policy: &RestartPolicy) -> Self {
        Restart {
            attempts: Some(policy.attempts),
            interval: Some(Ns(policy.interval_ns)),
            delay: Some(Ns(policy.delay_ns)),
            mode: Some(policy.mode.as_str().to_owned()),
            render_templates: Some(policy.render_templates),
        }
    }
}

impl Reschedule {
    pub(super) fn into_model(self, default: ReschedulePolicy) -> ReschedulePolicy {
        ReschedulePolicy {
            attempts: self.attempts.unwrap_or(default.attempts),
            interval_ns: self.interval.map_or(default.interval_ns, |ns| ns.0),
            delay_ns: self.delay.map_or(default.delay_ns, |ns| ns.0),
            delay_function: self.delay_function.unwrap_or(default.delay_function),
            max_delay_ns: self.max_delay.map_or(default.max_delay_ns, |ns| ns.0),
            unlimited: self.unlimited.unwrap_or(default.unlimited),
        }
    }
}

impl From<&ReschedulePolicy> for Reschedule {
    fn from(policy: &ReschedulePolicy) -> Self {
        Reschedule {
            attempts: Some(policy.attempts),
            interval: Some(Ns(policy.interval_ns)),
            delay: Some(Ns(policy.delay_ns)),
            delay_function: Some(policy.delay_function.clone()),
            max_delay: Some(Ns(policy.max_delay_ns)),
            unlimited: Some(policy.unlimited),
        }
    }
}
