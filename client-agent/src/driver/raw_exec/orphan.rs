//! Tasks without a supervisor, and supervisors without an allocation. Both are ended; neither is ever guessed at.

use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::handle::{Supervised, settle};
use crate::alloc::dir::CONTROL;
use crate::driver::{TaskConfig, TaskHandle};
use crate::supervisor::files::{self, StartRecord};
use crate::supervisor::process;

/// Rounds of killing: processes may fork while they are looked for.
const ROUNDS_MAX: u32 = 50;

/// Ends what a vanished supervisor left of its session.
///
/// The session carries the supervisor's number, which the kernel gives to nobody else while the session has
/// members. A living process with that number and another start time therefore means that the session is not ours.
pub(super) fn end_session(start: &StartRecord) {
    if process::boot_id().is_ok_and(|boot| boot != start.boot_id) {
        return;
    }
    let leader = start.supervisor;
    if process::stat(leader.pid).is_ok_and(|stat| stat.start_ticks != leader.start_ticks) {
        return;
    }
    for _ in 0..ROUNDS_MAX {
        let members = process::find(|stat| {
            stat.session == leader.pid && !stat.zombie && stat.start_ticks >= leader.start_ticks
        });
        if members.is_empty() {
            return;
        }
        for member in members.into_iter().filter(|member| *member != leader && member.runs()) {
            let _ = kill(Pid::from_raw(member.pid), Signal::SIGKILL);
        }
    }
}

/// Ends every task beneath an allocation's directory that a supervisor still holds, and waits for it.
pub(crate) async fn end_all(alloc_dir: &Path) {
    let Ok(entries) = std::fs::read_dir(alloc_dir.join(CONTROL)) else {
        return;
    };
    for entry in entries.flatten() {
        let control_dir = entry.path();
        if !files::held(&control_dir).unwrap_or(false) {
            continue;
        }
        let Some(start) = settle(&control_dir, 0).await else {
            continue;
        };
        let task = TaskConfig {
            label: control_dir.display().to_string(),
            task: entry.file_name().to_string_lossy().into_owned(),
            generation: start.generation,
            started_at_ns: start.started_at_ns,
            config: Default::default(),
            env: Default::default(),
            user: String::new(),
            cores: Vec::new(),
            task_dir: control_dir.clone(),
            log_dir: control_dir.clone(),
            control_dir,
            log_config: Default::default(),
        };
        let handle = Supervised::attach(&task, start);
        let _ = handle.stop(0, 0).await;
        handle.wait().await;
        handle.acknowledge().await;
    }
}
