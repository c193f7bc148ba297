//! What a driver is told of a task: everything of the job, interpolated for this node.

use std::sync::Arc;

use model::{Allocation, Task};

use super::{env, interpolate};
use crate::alloc::dir::TaskDirs;
use crate::context::{Context, Listing};
use crate::driver::TaskConfig;

/// A task where it stands.
pub(crate) struct TaskSite {
    pub(crate) alloc: Arc<Allocation>,
    pub(crate) task: Task,
    pub(crate) dirs: TaskDirs,
    /// Number of its start; 0 where that does not matter.
    pub(crate) generation: u64,
    /// When it started, ns since 1970; 0 where that does not matter.
    pub(crate) started_at_ns: i64,
}

/// A task of an allocation; an empty one when the job does not hold it (any more).
pub(crate) fn task_of(alloc: &Allocation, name: &str) -> Task {
    let tasks = alloc.group().map(|group| group.tasks.as_slice()).unwrap_or_default();
    tasks.iter().find(|task| task.name == name).cloned().unwrap_or_default()
}

impl TaskSite {
    /// A running task, for whoever wants to run something beside it.
    pub(crate) fn of(listing: &Listing, task: &str) -> Self {
        let alloc = listing.alloc.borrow().clone();
        TaskSite {
            task: task_of(&alloc, task),
            dirs: TaskDirs::beneath(&listing.root, task),
            alloc,
            generation: 0,
            started_at_ns: 0,
        }
    }
}

/// The cores that a task has to itself.
pub(crate) fn own_cores(alloc: &Allocation, task: &str) -> Vec<u16> {
    alloc.resources.tasks.get(task).map(|resources| resources.cores.clone()).unwrap_or_default()
}

/// The cores that a task is kept on: its own, or what the others leave; empty for all.
pub(crate) fn cores(context: &Context, alloc: &Allocation, task: &str) -> Vec<u16> {
    let own = own_cores(alloc, task);
    if own.is_empty() { context.cores.shared(context.node.now().resources.cpu_cores) } else { own }
}

/// The task's configuration and environment.
pub(crate) fn task_config(context: &Context, site: &TaskSite) -> TaskConfig {
    let TaskSite { alloc, task, dirs, generation, started_at_ns } = site;
    let (node, region) = (&*context.node.now(), context.options.region.as_str());
    let env = env::task_env(&context.host_env, alloc, task, node, region, dirs);
    let variables = interpolate::Variables::new(&env, node, region);
    TaskConfig {
        label: format!("{}/{}", alloc.id, task.name),
        task: task.name.clone(),
        generation: *generation,
        started_at_ns: *started_at_ns,
        config: variables.config(&task.config),
        cores: cores(context, alloc, &task.name),
        user: variables.text(&task.user),
        task_dir: dirs.task.clone(),
        control_dir: dirs.control.clone(),
        log_dir: dirs.logs.clone(),
        log_config: task.log_config.clone(),
        env,
    }
}
