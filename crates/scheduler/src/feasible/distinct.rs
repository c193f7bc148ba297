//! `distinct_hosts` and `distinct_property`: constraints on where a job's allocations are, not on a single node.

use model::job::{Constraint, Operand};
use model::{Job, TaskGroup};

/// The reason under which nodes with an allocation already are counted.
pub const DISTINCT_HOSTS: &str = "distinct_hosts";

/// Which allocations count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All of the job.
    Job,
    /// Those of the group.
    Group,
}

/// At most so many allocations on nodes with one value of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Property<'a> {
    /// What names the property.
    pub target: &'a str,
    /// How many allocations one value may have.
    pub allowed: u64,
    /// Which allocations count.
    pub scope: Scope,
}

impl Property<'_> {
    /// The reason against nodes with a value that has enough of them.
    pub fn full(&self, value: &str, used: u64) -> String {
        format!("distinct_property: {}={value} used by {used} allocs", self.target)
    }

    /// The reason against nodes without the property.
    pub fn missing(&self) -> String {
        format!("missing property \"{}\"", self.target)
    }
}

/// Whether two allocations may share a node, and which of them must not; the job's word is wider than the group's.
pub fn hosts(job: &Job, group: &TaskGroup) -> Option<Scope> {
    let wanted = |constraints: &[Constraint]| {
        let mut own =
            constraints.iter().filter(|own| Operand::parse(&own.operand) == Some(Operand::DistinctHosts));
        own.any(switched_on)
    };
    if wanted(&job.constraints) {
        return Some(Scope::Job);
    }
    wanted(&group.constraints).then_some(Scope::Group)
}

/// `distinct_hosts = false` is another way of not asking, and so is what is neither true nor false.
fn switched_on(constraint: &Constraint) -> bool {
    matches!(constraint.r_target.as_str(), "" | "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// The properties that a group's allocations must not share.
pub fn properties<'a>(job: &'a Job, group: &'a TaskGroup) -> Vec<Property<'a>> {
    let of = |constraints: &'a [Constraint], scope| {
        let own =
            constraints.iter().filter(|own| Operand::parse(&own.operand) == Some(Operand::DistinctProperty));
        own.map(move |own| Property {
            target: &own.l_target,
            // Registration refuses what is no number.
            allowed: if own.r_target.is_empty() { 1 } else { own.r_target.parse().unwrap_or(0) },
            scope,
        })
    };
    let tasks = group.tasks.iter().flat_map(move |task| of(&task.constraints, Scope::Group));
    of(&job.constraints, Scope::Job).chain(of(&group.constraints, Scope::Group)).chain(tasks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constraint(operand: &str, l_target: &str, r_target: &str) -> Constraint {
        Constraint { l_target: l_target.into(), operand: operand.into(), r_target: r_target.into() }
    }

    #[test]
    fn hosts_are_distinct_unless_that_is_switched_off() {
        let group = |r_target| TaskGroup {
            constraints: vec![constraint("distinct_hosts", "", r_target)].into(),
            ..TaskGroup::default()
        };
        let job = Job::default();
        assert_eq!(hosts(&job, &group("true")), Some(Scope::Group));
        assert_eq!(hosts(&job, &group("")), Some(Scope::Group));
        assert_eq!(hosts(&job, &group("false")), None);
        assert_eq!(hosts(&job, &group("maybe")), None);
        let job = Job { constraints: group("").constraints, ..Job::default() };
        assert_eq!(hosts(&job, &TaskGroup::default()), Some(Scope::Job));
    }

    #[test]
    fn properties_have_a_number() {
        let constraints = vec![
            constraint("distinct_property", "${meta.rack}", ""),
            constraint("distinct_property", "${meta.row}", "3"),
        ];
        let job = Job { constraints: constraints.into(), ..Job::default() };
        let allowed: Vec<_> =
            properties(&job, &TaskGroup::default()).iter().map(|property| property.allowed).collect();
        assert_eq!(allowed, [1, 3]);
    }
}
