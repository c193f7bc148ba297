//! Which nodes a group may run on at all, and the reason against each of the others.

pub mod constraint;
pub mod datacenter;
pub mod device;
pub mod distinct;
pub mod driver;
pub mod network;
pub mod pattern;
pub mod quantity;
pub mod target;
pub mod version;
pub mod volume;

use model::job::canonicalize::ALL_NODE_POOL;
use model::job::{Constraint, Operand};
use model::{Allocation, Job, Node, TaskGroup};
use state::State;

use constraint::Condition;

pub use driver::MISSING_DRIVERS;

/// Everything that a group asks of a node, gathered once: constraints are read, patterns compiled.
pub struct Checker<'a> {
    group: &'a TaskGroup,
    /// Of the job.
    first: Vec<Condition<'a>>,
    drivers: driver::Drivers<'a>,
    /// Of the group and its tasks.
    second: Vec<Condition<'a>>,
    devices: device::Devices<'a>,
}

impl<'a> Checker<'a> {
    /// Gathers what job, group and tasks ask.
    pub fn new(job: &'a Job, group: &'a TaskGroup) -> Self {
        let tasks = group.tasks.iter().flat_map(|task| &task.constraints);
        Checker {
            group,
            first: conditions(job.constraints.iter()),
            drivers: driver::Drivers::of(group),
            second: conditions(group.constraints.iter().chain(tasks)),
            devices: device::Devices::of(group),
        }
    }

    /// What the group asks of devices.
    pub fn devices(&self) -> &device::Devices<'a> {
        &self.devices
    }

    /// True when a constraint looks at something that nodes of one class need not share.
    pub fn escapes_class(&self) -> bool {
        self.first.iter().chain(&self.second).any(Condition::escapes_class)
    }

    /// The first reason against a node that holds for its whole class.
    pub fn reason_against_class(&self, node: &Node) -> Option<String> {
        self.reason(node, &|condition| !condition.escapes_class())
    }

    /// The first reason against a node, worded as `ConstraintFiltered` counts it.
    pub fn reason_against(&self, node: &Node) -> Option<String> {
        self.reason(node, &|_| true)
    }

    fn reason(&self, node: &Node, counts: &dyn Fn(&Condition<'a>) -> bool) -> Option<String> {
        let broken = |conditions: &[Condition<'a>]| {
            let broken = conditions.iter().find(|own| counts(own) && !own.holds(node));
            broken.map(Condition::text)
        };
        broken(&self.first)
            .or_else(|| self.drivers.reason_against(node))
            .or_else(|| broken(&self.second))
            .or_else(|| volume::reason_against(self.group, node))
            .or_else(|| self.devices.reason_against(node))
            .or_else(|| network::reason_against(self.group, node))
    }
}

/// True when a node is of the job's pool and datacenters.
pub fn in_reach(job: &Job, node: &Node) -> bool {
    let pool = job.node_pool == ALL_NODE_POOL || job.node_pool == node.node_pool;
    pool && datacenter::matches_any(&job.datacenters, &node.datacenter)
}

/// What a group asks of the nodes that its allocations are on: read once, asked of many. Room is not asked for.
pub struct Suits<'a> {
    state: &'a State,
    job: &'a Job,
    group: &'a TaskGroup,
    checker: Checker<'a>,
    hosts: Option<distinct::Scope>,
}

impl<'a> Suits<'a> {
    /// Reads what a group asks.
    pub fn new(state: &'a State, job: &'a Job, group: &'a TaskGroup) -> Self {
        Suits { state, job, group, checker: Checker::new(job, group), hosts: distinct::hosts(job, group) }
    }

    /// True when a node may hold the group.
    pub fn node(&self, node: &Node) -> bool {
        in_reach(self.job, node) && self.checker.reason_against(node).is_none()
    }

    /// True when an allocation may stay on its node under this version of its job.
    pub fn stays(&self, alloc: &Allocation) -> bool {
        if !self.state.node(alloc.node_id).is_some_and(|node| self.node(node)) {
            return false;
        }
        let Some(scope) = self.hosts else {
            return true;
        };
        let mut others = self.state.allocs_of_node(alloc.node_id).filter(|other| {
            let of_job = other.job_id == self.job.id && other.namespace == self.job.namespace;
            let counts = scope == distinct::Scope::Job || other.task_group == self.group.name;
            of_job && counts && other.id != alloc.id && !other.terminal()
        });
        others.next().is_none()
    }
}

/// The constraints that one node alone decides; the others are about where the job's allocations are.
fn conditions<'a>(constraints: impl Iterator<Item = &'a Constraint>) -> Vec<Condition<'a>> {
    let distinct = |constraint: &&Constraint| {
        let operand = Operand::parse(&constraint.operand);
        matches!(operand, Some(Operand::DistinctHosts | Operand::DistinctProperty))
    };
    constraints.filter(|constraint| !distinct(constraint)).map(Condition::new).collect()
}
