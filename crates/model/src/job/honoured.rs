//! Blocks that are documented and valid, but that the cluster cannot honour yet: a job that uses one is refused by
//! name. What a node lacks is no matter of this list: placement says so.

use super::validate::Faults;
use super::{Job, JobType, TaskGroup};

impl Job {
    /// Faults for every block in use that would be ignored.
    pub fn check_honoured(&self) -> Result<(), Faults> {
        let mut lines = Vec::new();
        let system = matches!(self.kind, JobType::System | JobType::Sysbatch);
        for group in &self.task_groups {
            lines.extend(named(&format!("group \"{}\"", group.name), &group_blocks(group, system)));
        }
        if lines.is_empty() { Ok(()) } else { Err(Faults::from_lines(lines)) }
    }
}

fn named(place: &str, blocks: &[(&str, bool)]) -> Vec<String> {
    let used = blocks.iter().filter(|(_, used)| *used);
    used.map(|(name, _)| format!("{place}: the {name} block is not supported yet")).collect()
}

fn group_blocks(group: &TaskGroup, system: bool) -> [(&'static str, bool); 1] {
    let update = group.update.as_ref();
    [
        ("canary of a system job", system && update.is_some_and(|update| update.canary > 0)),
    ]
}
