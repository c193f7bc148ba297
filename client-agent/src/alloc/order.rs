//! In which order an allocation's tasks start and end: lifecycle hooks, leader, siblings. Pure.

use std::collections::BTreeMap;

use model::job::Task;
use model::{TaskRunState, TaskState};

use crate::task::lifecycle::KillReason;

/// When a task runs relative to the main tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    Prestart,
    Main,
    Poststart,
    Poststop,
}

/// A task as far as order goes.
#[derive(Debug, Clone)]
pub(crate) struct TaskPlace {
    pub(crate) name: String,
    pub(crate) hook: Hook,
    pub(crate) sidecar: bool,
    pub(crate) leader: bool,
}

impl TaskPlace {
    pub(crate) fn of(task: &Task) -> Self {
        let hook = task.lifecycle.as_ref().map_or("", |lifecycle| lifecycle.hook.as_str());
        TaskPlace {
            name: task.name.clone(),
            hook: match hook {
                "prestart" => Hook::Prestart,
                "poststart" => Hook::Poststart,
                "poststop" => Hook::Poststop,
                _ => Hook::Main,
            },
            sidecar: task.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.sidecar),
            leader: task.leader,
        }
    }

    /// Runs to its end beside, before or after the main tasks.
    pub(crate) fn ephemeral(&self) -> bool {
        self.hook != Hook::Main && !self.sidecar
    }
}

/// What to tell a task. Telling it again is harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Order {
    Start,
    Kill(KillReason),
}

/// Looks at all tasks and says what each is to be told now. `ending`: why all have to end, whatever they do.
pub(crate) fn decide(
    places: &[TaskPlace],
    states: &BTreeMap<String, TaskState>,
    ending: Option<KillReason>,
) -> Vec<(String, Order)> {
    let view = View { places, states };
    if let Some(reason) = view.kill_reason(ending) {
        let orders = view.kills(&reason);
        if !orders.is_empty() {
            return orders;
        }
        return match reason {
            // Its time is over: there is none for tidying up.
            KillReason::Overtime => view.kill_alive(&reason, |place| place.hook == Hook::Poststop),
            _ => view.starts(Hook::Poststop),
        };
    }
    let mut orders = view.starts(Hook::Prestart);
    if view.prestarted() {
        orders.extend(view.starts(Hook::Main));
        if view.all(|place| place.hook == Hook::Main, |state| state.started_at_ns != 0) {
            orders.extend(view.starts(Hook::Poststart));
        }
    }
    orders
}

struct View<'a> {
    places: &'a [TaskPlace],
    states: &'a BTreeMap<String, TaskState>,
}

impl View<'_> {
    fn all(&self, which: impl Fn(&TaskPlace) -> bool, holds: impl Fn(&TaskState) -> bool) -> bool {
        self.places
            .iter()
            .filter(|place| which(place))
            .all(|place| self.states.get(&place.name).is_some_and(&holds))
    }

    fn dead(&self, which: impl Fn(&TaskPlace) -> bool) -> bool {
        self.all(which, |state| state.state == TaskRunState::Dead)
    }

    fn prestarted(&self) -> bool {
        self.all(|place| place.hook == Hook::Prestart && !place.sidecar, TaskState::successful)
            && self
                .all(|place| place.hook == Hook::Prestart && place.sidecar, |state| state.started_at_ns != 0)
    }

    /// Why the tasks other than `poststop` have to end, if they have to.
    fn kill_reason(&self, ending: Option<KillReason>) -> Option<KillReason> {
        if ending.is_some() {
            return ending;
        }
        let ended = |place: &&TaskPlace| {
            let dead = self.states.get(&place.name).is_some_and(|state| state.state == TaskRunState::Dead);
            dead && place.hook != Hook::Poststop
        };
        if self.places.iter().filter(ended).any(|place| place.leader) {
            return Some(KillReason::LeaderDead);
        }
        let failed = |place: &&TaskPlace| self.states.get(&place.name).is_some_and(|state| state.failed);
        if let Some(place) = self.places.iter().filter(ended).find(failed) {
            return Some(KillReason::SiblingFailed(place.name.clone()));
        }
        self.dead(|place| place.hook == Hook::Main).then_some(KillReason::MainDead)
    }

    /// Kills tier by tier: the leader, then ordinary tasks, then sidecars, which the others may need to the last.
    fn kills(&self, reason: &KillReason) -> Vec<(String, Order)> {
        let tier = |place: &TaskPlace| match place {
            TaskPlace { leader: true, .. } => 0,
            TaskPlace { sidecar: false, .. } => 1,
            TaskPlace { sidecar: true, .. } => 2,
        };
        let tiers = (0..3).map(|number| {
            self.kill_alive(reason, |place| place.hook != Hook::Poststop && tier(place) == number)
        });
        tiers.into_iter().find(|orders| !orders.is_empty()).unwrap_or_default()
    }

    fn kill_alive(&self, reason: &KillReason, which: impl Fn(&TaskPlace) -> bool) -> Vec<(String, Order)> {
        let alive = |place: &&TaskPlace| {
            self.states.get(&place.name).is_none_or(|state| state.state != TaskRunState::Dead)
        };
        let places = self.places.iter().filter(|place| which(place)).filter(alive);
        places.map(|place| (place.name.clone(), Order::Kill(reason.clone()))).collect()
    }

    fn starts(&self, hook: Hook) -> Vec<(String, Order)> {
        let waiting = |place: &&TaskPlace| {
            let state = self.states.get(&place.name);
            place.hook == hook && state.is_none_or(|state| state.state == TaskRunState::Pending)
        };
        self.places.iter().filter(waiting).map(|place| (place.name.clone(), Order::Start)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str, hook: Hook, sidecar: bool, leader: bool) -> TaskPlace {
        TaskPlace { name: name.into(), hook, sidecar, leader }
    }

    /// `name=state`, with state `p`ending, `r`unning, `d`one, `f`ailed.
    fn show(places: &[TaskPlace], states: &str, ending: Option<KillReason>) -> String {
        let states = states.split_whitespace().map(|pair| {
            let (name, letter) = pair.split_once('=').unwrap();
            let state = match letter {
                "p" => TaskRunState::Pending,
                "r" => TaskRunState::Running,
                _ => TaskRunState::Dead,
            };
            let started_at_ns = i64::from(letter != "p");
            (
                name.to_owned(),
                TaskState { state, failed: letter == "f", started_at_ns, ..TaskState::default() },
            )
        });
        let orders = decide(places, &states.collect(), ending);
        let shown = orders.iter().map(|(name, order)| match order {
            Order::Start => format!("start {name}"),
            Order::Kill(KillReason::SiblingFailed(sibling)) => format!("kill {name} for {sibling}"),
            Order::Kill(reason) => format!("kill {name} {reason:?}"),
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn hooks() {
        let places = [
            place("pre", Hook::Prestart, false, false),
            place("side", Hook::Prestart, true, false),
            place("main", Hook::Main, false, false),
            place("post", Hook::Poststart, false, false),
            place("stop", Hook::Poststop, false, false),
        ];
        let cases = [
            ("pre=p side=p main=p post=p stop=p", false, "start pre, start side"),
            ("pre=r side=r main=p post=p stop=p", false, ""),
            ("pre=d side=p main=p post=p stop=p", false, "start side"),
            ("pre=d side=r main=p post=p stop=p", false, "start main"),
            ("pre=d side=r main=r post=p stop=p", false, "start post"),
            ("pre=d side=r main=r post=d stop=p", false, ""),
            ("pre=d side=r main=d post=d stop=p", false, "kill side MainDead"),
            ("pre=d side=d main=d post=d stop=p", false, "start stop"),
            ("pre=d side=d main=d post=d stop=d", false, ""),
            ("pre=f side=r main=p post=p stop=p", false, "kill main for pre, kill post for pre"),
            ("pre=d side=r main=r post=d stop=p", true, "kill main Stopped"),
            ("pre=d side=r main=d post=d stop=p", true, "kill side Stopped"),
            ("pre=d side=d main=d post=d stop=p", true, "start stop"),
        ];
        for (states, stopping, expected) in cases {
            let ending = stopping.then_some(KillReason::Stopped);
            assert_eq!(show(&places, states, ending), expected, "{states} {stopping}");
        }
    }

    #[test]
    fn a_group_that_has_had_its_time_does_not_tidy_up() {
        let places = [place("main", Hook::Main, false, false), place("stop", Hook::Poststop, false, false)];
        let overtime = |states| show(&places, states, Some(KillReason::Overtime));
        assert_eq!(overtime("main=r stop=p"), "kill main Overtime");
        assert_eq!(overtime("main=d stop=p"), "kill stop Overtime");
        assert_eq!(overtime("main=d stop=d"), "");
    }

    #[test]
    fn leader_and_siblings() {
        let places = [place("lead", Hook::Main, false, true), place("log", Hook::Main, false, false)];
        let cases = [
            ("lead=p log=p", false, "start lead, start log"),
            ("lead=d log=r", false, "kill log LeaderDead"),
            ("lead=r log=f", false, "kill lead for log"),
            ("lead=r log=d", false, ""),
            ("lead=r log=r", true, "kill lead Stopped"),
            ("lead=d log=r", true, "kill log Stopped"),
        ];
        for (states, stopping, expected) in cases {
            let ending = stopping.then_some(KillReason::Stopped);
            assert_eq!(show(&places, states, ending), expected, "{states} {stopping}");
        }
    }
}
