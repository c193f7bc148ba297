//! Drivers: each of a group's tasks needs its own, detected and healthy.

use model::{Node, TaskGroup};

/// The reason under which nodes without a driver are counted.
pub const MISSING_DRIVERS: &str = "missing drivers";

/// Drivers of a group's tasks.
pub struct Drivers<'a>(Vec<&'a str>);

impl<'a> Drivers<'a> {
    /// Each once.
    pub fn of(group: &'a TaskGroup) -> Self {
        let mut drivers: Vec<&str> = group.tasks.iter().map(|task| task.driver.as_str()).collect();
        drivers.sort_unstable();
        drivers.dedup();
        Drivers(drivers)
    }

    /// The reason against a node that lacks one.
    pub fn reason_against(&self, node: &Node) -> Option<String> {
        let missing = self.0.iter().any(|driver| !node.driver_healthy(driver));
        missing.then(|| MISSING_DRIVERS.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Task;
    use model::node::DriverInfo;

    #[test]
    fn a_driver_has_to_be_there_and_well() {
        let task = |driver: &str| Task { driver: driver.into(), ..Task::default() };
        let group = TaskGroup { tasks: vec![task("exec"), task("docker")], ..TaskGroup::default() };
        let mut node = Node::default();
        let info = |healthy| DriverInfo { detected: true, healthy, ..DriverInfo::default() };
        node.drivers = [("exec".into(), info(true)), ("docker".into(), info(false))].into();
        assert_eq!(Drivers::of(&group).reason_against(&node).as_deref(), Some(MISSING_DRIVERS));
        node.drivers.insert("docker".into(), info(true));
        assert_eq!(Drivers::of(&group).reason_against(&node), None);
    }
}
