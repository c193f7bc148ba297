//! Keeps a task on certain cores of the node.
//!
//! A node numbers its cores from 0; the kernel's numbers may have gaps, where a container leaves the agent only some of
//! them. The supervisor itself is never bound, so what it may run on is all that the node has, in the same order.

use std::collections::BTreeSet;
use std::fs;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Looks at the processes of a task until none has appeared since the last look, or so many times.
const LOOKS_MAX: u32 = 8;

/// The kernel's set for numbers of the node. None of them, or none that there is: all.
fn set_of(cores: &[u16]) -> nix::Result<CpuSet> {
    let all = sched_getaffinity(Pid::from_raw(0))?;
    let mut chosen = CpuSet::new();
    let mut any = false;
    let present = (0..CpuSet::count()).filter(|cpu| all.is_set(*cpu).unwrap_or(false));
    for (number, cpu) in present.enumerate() {
        if cores.iter().any(|core| usize::from(*core) == number) {
            chosen.set(cpu)?;
            any = true;
        }
    }
    Ok(if any { chosen } else { all })
}

/// Binds the calling thread and what it starts from now on.
pub(super) fn bind_thread(cores: &[u16]) -> nix::Result<()> {
    if cores.is_empty() { Ok(()) } else { sched_setaffinity(Pid::from_raw(0), &set_of(cores)?) }
}

/// Binds every process beneath this one, threads included. Best effort: what ends meanwhile needs no core.
pub(super) fn bind_descendants(cores: &[u16]) {
    let Ok(set) = set_of(cores) else { return };
    let mut bound: BTreeSet<i32> = BTreeSet::new();
    for _ in 0..LOOKS_MAX {
        let fresh: Vec<i32> = threads().into_iter().filter(|thread| !bound.contains(thread)).collect();
        if fresh.is_empty() {
            return;
        }
        for thread in fresh {
            // A thread that is gone takes no core, and one of another user that may not be bound stays as it is.
            let _ = sched_setaffinity(Pid::from_raw(thread), &set);
            bound.insert(thread);
        }
    }
}

/// The threads of all processes beneath this one.
fn threads() -> Vec<i32> {
    let mut found = threads_of(nix::unistd::getpid().as_raw());
    let own = found.len();
    // Grows while it is walked: the children of each thread have threads of their own.
    let mut next = 0;
    while let Some(thread) = found.get(next).copied() {
        next += 1;
        let children =
            fs::read_to_string(format!("/proc/{thread}/task/{thread}/children")).unwrap_or_default();
        let pids = children.split_whitespace().filter_map(|pid| pid.parse::<i32>().ok());
        found.extend(pids.flat_map(threads_of));
    }
    found.split_off(own)
}

fn threads_of(pid: i32) -> Vec<i32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks.filter_map(|task| task.file_name().to_str()?.parse().ok()).collect()
}
