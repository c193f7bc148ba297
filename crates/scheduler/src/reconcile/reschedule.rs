//! When a failed allocation is placed anew: `reschedule` of the job file.

use model::Allocation;
use model::job::ReschedulePolicy;

/// A failed allocation whose time is this close is placed anew at once, ns.
const SOON_NS: i64 = 1_000_000_000;

/// What becomes of a failed allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It stays as it is: there is no policy, or its attempts are used up.
    Never,
    /// It is placed anew now, after this delay, ns.
    Now(i64),
    /// It is placed anew at this time, ns since 1970, after this delay, ns.
    At(i64, i64),
}

/// Decides about a failed allocation by the policy of the version that it runs.
pub fn decide(alloc: &Allocation, now_ns: i64) -> Again {
    let Some(policy) = alloc.group().and_then(|group| group.reschedule_policy.as_ref()) else {
        return Again::Never;
    };
    let failed_ns = failed_at(alloc);
    if !policy.unlimited && attempts_used(alloc, policy, failed_ns) >= policy.attempts.max(0) as usize {
        return Again::Never;
    }
    let delay_ns = next_delay(alloc, policy, failed_ns);
    let at_ns = failed_ns.saturating_add(delay_ns);
    if at_ns <= now_ns.saturating_add(SOON_NS) { Again::Now(delay_ns) } else { Again::At(at_ns, delay_ns) }
}

/// The end of its last task, or its last change where no task says.
fn failed_at(alloc: &Allocation) -> i64 {
    let ends = alloc.task_states.values().map(|state| state.finished_at_ns);
    ends.max().filter(|&end| end > 0).unwrap_or(alloc.modify_time_ns)
}

fn attempts_used(alloc: &Allocation, policy: &ReschedulePolicy, failed_ns: i64) -> usize {
    let since = failed_ns.saturating_sub(policy.interval_ns);
    alloc.reschedule_events.iter().filter(|event| event.time_ns > since).count()
}

/// The delay that is due after the failures so far. Once it has reached its limit, an allocation that ran for longer
/// than that starts from the first delay again.
pub fn next_delay(alloc: &Allocation, policy: &ReschedulePolicy, failed_ns: i64) -> i64 {
    let events = &alloc.reschedule_events;
    let Some(last) = events.last() else {
        return policy.delay_ns;
    };
    let delay = match policy.delay_function.as_str() {
        "exponential" => last.delay_ns.saturating_mul(2),
        "fibonacci" => match events.len() {
            1 => last.delay_ns,
            count => last.delay_ns.saturating_add(events[count - 2].delay_ns),
        },
        _ => policy.delay_ns,
    };
    if policy.max_delay_ns <= 0 || delay < policy.max_delay_ns {
        return delay;
    }
    let ran_ns = failed_ns.saturating_sub(last.time_ns);
    if ran_ns > policy.max_delay_ns { policy.delay_ns } else { policy.max_delay_ns }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::alloc::RescheduleEvent;
    use model::{Job, TaskGroup};

    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn failed(policy: ReschedulePolicy, delays: &[i64]) -> Allocation {
        let group = TaskGroup { name: "g".into(), reschedule_policy: Some(policy), ..TaskGroup::default() };
        let events = delays.iter().map(|delay| RescheduleEvent {
            time_ns: 99 * SECOND,
            delay_ns: delay * SECOND,
            ..RescheduleEvent::default()
        });
        Allocation {
            job: Arc::new(Job { task_groups: vec![group], ..Job::default() }),
            task_group: "g".into(),
            modify_time_ns: 100 * SECOND,
            reschedule_events: events.collect(),
            ..Allocation::default()
        }
    }

    fn unlimited(function: &str) -> ReschedulePolicy {
        ReschedulePolicy {
            delay_ns: 30 * SECOND,
            delay_function: function.into(),
            max_delay_ns: 3_600 * SECOND,
            unlimited: true,
            ..ReschedulePolicy::default()
        }
    }

    #[test]
    fn delays_grow_by_their_function() {
        let at = |function: &str, delays: &[i64]| decide(&failed(unlimited(function), delays), 100 * SECOND);
        assert_eq!(at("constant", &[30, 30]), Again::At(130 * SECOND, 30 * SECOND));
        assert_eq!(at("exponential", &[30, 60]), Again::At(220 * SECOND, 120 * SECOND));
        assert_eq!(at("fibonacci", &[30, 30, 60]), Again::At(190 * SECOND, 90 * SECOND));
        assert_eq!(at("exponential", &[3_600]), Again::At(3_700 * SECOND, 3_600 * SECOND));
    }

    #[test]
    fn attempts_of_an_interval_are_counted() {
        let policy = ReschedulePolicy {
            attempts: 1,
            interval_ns: 3_600 * SECOND,
            delay_ns: 5 * SECOND,
            delay_function: "constant".into(),
            ..ReschedulePolicy::default()
        };
        assert_eq!(decide(&failed(policy.clone(), &[]), 105 * SECOND), Again::Now(5 * SECOND));
        assert_eq!(decide(&failed(policy, &[5]), 105 * SECOND), Again::Never);
    }
}
