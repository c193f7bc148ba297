//! Is an allocation healthy in its deployment? Pure: task states, the update block and times come in as arguments.
//!
//! Nothing here remembers a timer. All times are kept with the tasks' states, so that an agent's restart neither
//! starts `min_healthy_time` anew nor lets an allocation be judged twice.

use std::collections::BTreeMap;

use model::job::UpdateStrategy;
use model::{TaskRunState, TaskState, go_duration};

use super::order::{Hook, TaskPlace};
use crate::checks::Standing;

/// What is known now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Well for long enough.
    Healthy,
    /// Failed, or not well in time.
    Unhealthy,
    /// Look again at that time at the latest, ns since 1970.
    Undecided { look_again_ns: i64 },
}

/// Why a task keeps its allocation from being healthy at the deadline, in the original's words; `None` when it does not.
pub(crate) fn blame(
    place: &TaskPlace,
    state: &TaskState,
    update: &UpdateStrategy,
    since_ns: i64,
) -> Option<String> {
    let (deadline, least) =
        (go_duration::format(update.healthy_deadline_ns), go_duration::format(update.min_healthy_time_ns));
    if state.failed {
        return Some("Unhealthy because of failed task".to_owned());
    }
    let too_late = state.started_at_ns.saturating_add(update.min_healthy_time_ns)
        > since_ns.saturating_add(update.healthy_deadline_ns);
    match state.state {
        TaskRunState::Pending if place.hook != Hook::Poststop => {
            Some(format!("Task not running by healthy_deadline of {deadline}"))
        }
        TaskRunState::Dead if !place.ephemeral() => Some("Unhealthy because of dead task".to_owned()),
        TaskRunState::Running if too_late => Some(format!(
            "Task not running for min_healthy_time of {least} by healthy_deadline of {deadline}"
        )),
        _ => None,
    }
}

/// Judges. `since_ns` is when this version of the allocation began on this node.
pub(crate) fn judge(
    places: &[TaskPlace],
    states: &BTreeMap<String, TaskState>,
    update: &UpdateStrategy,
    since_ns: i64,
    checks: Standing,
    now_ns: i64,
) -> Verdict {
    let deadline_ns = since_ns.saturating_add(update.healthy_deadline_ns);
    let mut well_since_ns = Some(since_ns);
    for place in places.iter().filter(|place| place.hook != Hook::Poststop) {
        let Some(state) = states.get(&place.name) else {
            well_since_ns = None;
            continue;
        };
        if state.failed || (state.state == TaskRunState::Dead && !place.ephemeral()) {
            return Verdict::Unhealthy;
        }
        let well = match state.state {
            TaskRunState::Running if !place.ephemeral() => Some(state.started_at_ns),
            TaskRunState::Dead => Some(state.finished_at_ns),
            // A poststart task that is still at work is no obstacle; a prestart task that is leaves others waiting.
            TaskRunState::Running if place.hook == Hook::Poststart => Some(state.started_at_ns),
            _ => None,
        };
        well_since_ns = well_since_ns.zip(well).map(|(all, this)| all.max(this));
    }
    well_since_ns = match checks {
        Standing::WellSince(since) => well_since_ns.map(|all| all.max(since)),
        Standing::NotWell => None,
    };
    let healthy_at_ns = well_since_ns.map(|since| since.saturating_add(update.min_healthy_time_ns));
    match healthy_at_ns {
        Some(at) if now_ns >= at && at <= deadline_ns => Verdict::Healthy,
        _ if now_ns >= deadline_ns => Verdict::Unhealthy,
        Some(at) => Verdict::Undecided { look_again_ns: at.min(deadline_ns) },
        None => Verdict::Undecided { look_again_ns: deadline_ns },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_have_to_be_well_too() {
        let update =
            UpdateStrategy { min_healthy_time_ns: 10, healthy_deadline_ns: 100, ..Default::default() };
        let places = [TaskPlace { name: "main".into(), hook: Hook::Main, sidecar: false, leader: false }];
        let main = TaskState { state: TaskRunState::Running, started_at_ns: 1005, ..TaskState::default() };
        let states = BTreeMap::from([("main".to_owned(), main)]);
        let look = |checks, now| judge(&places, &states, &update, 1000, checks, now);
        assert_eq!(look(Standing::NotWell, 1050), Verdict::Undecided { look_again_ns: 1100 });
        assert_eq!(look(Standing::NotWell, 1100), Verdict::Unhealthy);
        assert_eq!(look(Standing::WellSince(1040), 1049), Verdict::Undecided { look_again_ns: 1050 });
        assert_eq!(look(Standing::WellSince(1040), 1050), Verdict::Healthy);
    }

    #[test]
    fn table() {
        let update =
            UpdateStrategy { min_healthy_time_ns: 10, healthy_deadline_ns: 100, ..Default::default() };
        let places = [
            TaskPlace { name: "pre".into(), hook: Hook::Prestart, sidecar: false, leader: false },
            TaskPlace { name: "main".into(), hook: Hook::Main, sidecar: false, leader: false },
        ];
        let pending = || TaskState::default();
        let running =
            |at| TaskState { state: TaskRunState::Running, started_at_ns: at, ..TaskState::default() };
        let done = |at| TaskState { state: TaskRunState::Dead, finished_at_ns: at, ..TaskState::default() };
        let failed = || TaskState { state: TaskRunState::Dead, failed: true, ..TaskState::default() };
        let later = |look_again_ns| Verdict::Undecided { look_again_ns };
        let cases = [
            (running(1001), pending(), 1002, later(1100)),
            (done(1003), running(1005), 1006, later(1015)),
            (done(1003), running(1005), 1015, Verdict::Healthy),
            (done(1003), running(1005), 5000, Verdict::Healthy),
            (done(1003), pending(), 1100, Verdict::Unhealthy),
            (done(1003), running(1095), 1099, later(1100)),
            (done(1003), running(1095), 1106, Verdict::Unhealthy),
            (done(1003), done(1010), 1011, Verdict::Unhealthy),
            (failed(), pending(), 1011, Verdict::Unhealthy),
        ];
        for (pre, main, now, expected) in cases {
            let states = BTreeMap::from([("pre".to_owned(), pre), ("main".to_owned(), main)]);
            assert_eq!(
                judge(&places, &states, &update, 1000, Standing::WellSince(0), now),
                expected,
                "at {now}"
            );
        }
    }
}
