//! Affinities: what job, group and tasks would rather have, or rather not.

use model::job::Affinity;
use model::{Job, Node, TaskGroup};

use crate::feasible::constraint::Condition;

/// Weight of an affinity that names none.
pub const DEFAULT_WEIGHT: i64 = 50;

/// The affinities of a group, read once.
pub struct Affinities<'a> {
    all: Vec<(Condition<'a>, f64)>,
    weights: f64,
}

impl<'a> Affinities<'a> {
    /// Gathers those of the job, the group and its tasks.
    pub fn of(job: &'a Job, group: &'a TaskGroup) -> Self {
        let tasks = group.tasks.iter().flat_map(|task| &task.affinities);
        let all = job.affinities.iter().chain(&group.affinities).chain(tasks);
        let read = |own: &'a Affinity| {
            let condition = Condition::of(&own.l_target, &own.operand, &own.r_target);
            (condition, own.weight.unwrap_or(DEFAULT_WEIGHT) as f64)
        };
        let all: Vec<_> = all.map(read).collect();
        let weights = all.iter().map(|(_, weight)| weight.abs()).sum();
        Affinities { all, weights }
    }

    /// True when nothing is preferred.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// True when one looks at something that nodes of one class need not share.
    pub fn escape_class(&self) -> bool {
        self.all.iter().any(|(condition, _)| condition.escapes_class())
    }

    /// −1 to 1: the weights of those that a node meets, in proportion to all of them. `None` where that comes to nothing.
    pub fn score(&self, node: &Node) -> Option<f64> {
        let met: f64 =
            self.all.iter().filter(|(condition, _)| condition.holds(node)).map(|(_, weight)| weight).sum();
        (met != 0.0 && self.weights > 0.0).then(|| met / self.weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_in_proportion_and_may_be_negative() {
        let affinity = |r_target: &str, weight| Affinity {
            l_target: "${meta.rack}".into(),
            operand: "=".into(),
            r_target: r_target.into(),
            weight: Some(weight),
        };
        let job = Job { affinities: vec![affinity("r1", 75), affinity("r2", -25)].into(), ..Job::default() };
        let group = TaskGroup::default();
        let affinities = Affinities::of(&job, &group);
        let on = |rack: &str| Node { meta: [("rack".into(), rack.into())].into(), ..Node::default() };
        assert_eq!(affinities.score(&on("r1")), Some(0.75));
        assert_eq!(affinities.score(&on("r2")), Some(-0.25));
        assert_eq!(affinities.score(&on("r3")), None);
    }
}
