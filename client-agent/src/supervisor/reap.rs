//! Waiting for the task's main process, and taking every other process of the task down after it.

use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;

use super::files::ExitRecord;
use super::process;
use super::serve::Shared;
use crate::driver::ExitResult;

/// How long descendants are hunted; a fork bomb must not keep the exit from being told.
const HUNT_PATIENCE: Duration = Duration::from_secs(10);

/// Reaps children until the main process has ended.
pub(super) fn wait_for(pid: i32, shared: &Shared) -> ExitRecord {
    loop {
        // Look first, reap under the lock: see `Shared::reap`.
        let ended = match waitid(Id::All, WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) {
            Ok(WaitStatus::Exited(ended, _) | WaitStatus::Signaled(ended, _, _)) => ended,
            Ok(_) | Err(Errno::EINTR) => continue,
            Err(error) => return lost(&format!("cannot wait for the task: {error}")),
        };
        if ended.as_raw() != pid {
            // A descendant whose own parent has ended.
            let _ = waitpid(ended, None);
            continue;
        }
        let status = shared.reap(|| waitpid(ended, None));
        return match status {
            Ok(WaitStatus::Exited(_, code)) => exit(i64::from(code), 0),
            Ok(WaitStatus::Signaled(_, signal, _)) => exit(128 + signal as i64, signal as i64),
            other => lost(&format!("the task ended in an unknown way: {other:?}")),
        };
    }
}

fn exit(exit_code: i64, signal: i64) -> ExitRecord {
    let result = ExitResult { exit_code, signal, ..ExitResult::default() };
    ExitRecord { result, ..ExitRecord::default() }
}

fn lost(message: &str) -> ExitRecord {
    let result = ExitResult { exit_code: 1, message: message.to_owned(), ..ExitResult::default() };
    ExitRecord { result, ..ExitRecord::default() }
}

/// Ends whatever the task left running. Orphans become this process's children, so killing children until there are
/// none ends the whole tree, however it has dispersed over groups and sessions.
pub(super) fn end_descendants() {
    let this = nix::unistd::getpid().as_raw();
    let deadline = Instant::now() + HUNT_PATIENCE;
    loop {
        match waitpid(Pid::from_raw(-1), Some(WaitPidFlag::WNOHANG)) {
            Err(Errno::ECHILD) => return,
            Ok(WaitStatus::StillAlive) => {
                for child in process::find(|stat| stat.parent == this && !stat.zombie) {
                    let _ = kill(Pid::from_raw(child.pid), Signal::SIGKILL);
                }
                if Instant::now() >= deadline {
                    return;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            Ok(_) | Err(_) => {}
        }
    }
}
