//! Which cores of a node a group's tasks have to themselves.

use std::collections::BTreeMap;

use super::fit::Dimension;
use super::used::Used;
use crate::job::TaskGroup;
use crate::node::Node;

/// Chooses cores for each task that asks for some: the lowest free ones, so that neighbours stay together.
pub fn assign(node: &Node, used: &Used, group: &TaskGroup) -> Result<BTreeMap<String, Vec<u16>>, Dimension> {
    let mut free = node.reservable_cores().filter(|core| used.cores.binary_search(core).is_err());
    let mut chosen = BTreeMap::new();
    for task in group.tasks.iter().filter(|task| task.resources.cores > 0) {
        let wanted = usize::try_from(task.resources.cores).unwrap_or(usize::MAX);
        let cores: Vec<u16> = free.by_ref().take(wanted).collect();
        if cores.len() < wanted {
            return Err(Dimension::Cores);
        }
        chosen.insert(task.name.clone(), cores);
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Resources, Task};
    use crate::node::{NodeResources, ReservedResources};

    fn group(cores: i64) -> TaskGroup {
        let resources = Resources { cores, ..Resources::default() };
        TaskGroup {
            tasks: vec![Task { name: "main".into(), resources, ..Task::default() }],
            ..TaskGroup::default()
        }
    }

    #[test]
    fn a_core_is_given_once_and_never_a_reserved_one() {
        let node = Node {
            resources: NodeResources { cpu_cores: 4, cpu_shares: 8000, ..NodeResources::default() },
            reserved: ReservedResources { cores: [0].into(), ..ReservedResources::default() },
            ..Node::default()
        };
        let used = Used { cores: vec![2], ..Used::default() };
        assert_eq!(assign(&node, &used, &group(2)).unwrap()["main"], [1, 3]);
        assert_eq!(assign(&node, &used, &group(3)), Err(Dimension::Cores));
        assert_eq!(node.core_mhz(), 2000);
    }
}
