//! The supervisor: a small process of its own for every started task, so that a task outlives the agent.
//!
//! It is the task's parent. It starts the task at most once, owns its output and the rotation of its log files,
//! signals it without ever hitting a foreign process (a parent's child keeps its number until it is reaped), takes
//! every descendant down with it, and keeps the exit on disk until the agent has it.
//! It knows no job, no restart policy and no server, and runs no async runtime.

pub(crate) mod beneath;
mod cores;
pub(crate) mod files;
mod output;
pub(crate) mod process;
pub(crate) mod pump;
mod reap;
mod serve;
pub(crate) mod start;
pub(crate) mod wire;

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, Signal};

use files::{ExitRecord, StartRecord, read_exit, read_start, write_durably};
use process::ProcessName;
use serve::Shared;
use wire::Spec;

/// Exit status: the task was started and its end was acknowledged, or nobody asked for a day.
pub(crate) const EXIT_DONE: i32 = 0;
/// Exit status: the arguments or the specification make no sense.
pub(crate) const EXIT_USAGE: i32 = 64;
/// Exit status: the file system or the kernel says no.
pub(crate) const EXIT_SYSTEM: i32 = 71;
/// Exit status: another supervisor holds this task.
pub(crate) const EXIT_HELD: i32 = 75;
/// Exit status: this generation was started before.
pub(crate) const EXIT_ALREADY: i32 = 76;

/// How long a supervisor waits for the lock: an agent that probes it holds it for an instant.
const LOCK_PATIENCE: Duration = Duration::from_millis(300);
/// How long an exit waits for its acknowledgement.
const ACKNOWLEDGE_PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);
/// How often whoever waits for an acknowledgement looks around.
const ACKNOWLEDGE_LOOK: Duration = Duration::from_secs(5);
/// How long output may trickle in after every process of the task is gone.
const OUTPUT_PATIENCE: Duration = Duration::from_secs(2);

/// Runs a supervisor: `args` are `<spec.json>`, with or without a leading `supervisor`. Returns the exit status.
/// To be called before any thread and any async runtime exists.
pub fn supervisor_main(args: Vec<OsString>) -> i32 {
    let mut rest: Vec<OsString> = args;
    if rest.first().is_some_and(|first| first == "supervisor") {
        rest.remove(0);
    }
    let [path] = rest.as_slice() else {
        return EXIT_USAGE;
    };
    match supervise(Path::new(path)) {
        Ok(()) => EXIT_DONE,
        Err(status) => status,
    }
}

fn supervise(spec_path: &Path) -> Result<(), i32> {
    leave_agent()?;
    let spec_path = spec_path.canonicalize().map_err(|_| EXIT_SYSTEM)?;
    let dir: PathBuf = spec_path.parent().ok_or(EXIT_USAGE)?.to_owned();
    // Relative paths keep the socket's name within its 108 bytes.
    std::env::set_current_dir(&dir).map_err(|_| EXIT_SYSTEM)?;
    let _lock = take_lock(&dir)?;
    let spec: Spec = files::read_json(&spec_path).ok().flatten().ok_or(EXIT_SYSTEM)?;
    if read_start(&dir).ok().flatten().is_some_and(|record| record.generation >= spec.generation) {
        return Err(EXIT_ALREADY);
    }
    if read_exit(&dir).ok().flatten().is_some_and(|record| record.generation >= spec.generation) {
        return Err(EXIT_ALREADY);
    }
    // The specification holds the task's environment, secrets included: it is read once.
    let _ = std::fs::remove_file(&spec_path);
    let mut record = StartRecord {
        generation: spec.generation,
        boot_id: process::boot_id().map_err(|_| EXIT_SYSTEM)?,
        supervisor: ProcessName::of_self().map_err(|_| EXIT_SYSTEM)?,
        task: None,
        started_at_ns: crate::clock::now_ns(),
    };
    write_durably(&dir, files::START, &record).map_err(|_| EXIT_SYSTEM)?;
    run(&dir, &spec, &mut record)
}

/// Signals meant for the agent or its terminal are not meant for tasks.
fn leave_agent() -> Result<(), i32> {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGTSTP] {
        signals.add(signal);
    }
    signals.thread_block().map_err(|_| EXIT_SYSTEM)?;
    // Fails only for the leader of a process group, which a freshly spawned child is not; then there is nothing
    // to leave.
    let _ = nix::unistd::setsid();
    nix::sys::prctl::set_child_subreaper(true).map_err(|_| EXIT_SYSTEM)
}

fn take_lock(dir: &Path) -> Result<File, i32> {
    let file = files::open_lock(dir).map_err(|_| EXIT_SYSTEM)?;
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(std::fs::TryLockError::WouldBlock) => return Err(EXIT_HELD),
            Err(std::fs::TryLockError::Error(_)) => return Err(EXIT_SYSTEM),
        }
    }
}

fn run(dir: &Path, spec: &Spec, record: &mut StartRecord) -> Result<(), i32> {
    let shared = Arc::new(Shared::new(record.clone()));
    // Before the task: one that runs but cannot be talked to could never be stopped.
    let listener = serve::bind().map_err(|_| EXIT_SYSTEM)?;
    let started = start::start(spec);
    let exit = match started {
        Err(message) => {
            serve::serve(listener, &shared).map_err(|_| EXIT_SYSTEM)?;
            ExitRecord { generation: spec.generation, start_error: Some(message), ..ExitRecord::default() }
        }
        Ok(child) => {
            record.task = ProcessName::of_pid(child.pid).ok();
            // Not flushed: it has to outlive processes, not the host, and after a reboot it says nothing.
            let _ = files::write(dir, files::START, record, false);
            shared.started(record.clone(), child.pid);
            // Without a thread for the socket the task still runs to its end, and how it ended is written down.
            let _ = serve::serve(listener, &shared);
            announce();
            let exit = reap::wait_for(child.pid, &shared);
            reap::end_descendants();
            child.pumps.into_iter().for_each(|pump| pump.finish(OUTPUT_PATIENCE));
            ExitRecord { generation: spec.generation, ..exit }
        }
    };
    let exit = ExitRecord { finished_at_ns: crate::clock::now_ns(), ..exit };
    let mut written = write_durably(dir, files::EXIT, &exit).is_ok();
    shared.exited(exit.clone());
    announce();
    let deadline = Instant::now() + ACKNOWLEDGE_PATIENCE;
    while Instant::now() < deadline && !shared.wait_acknowledged(ACKNOWLEDGE_LOOK) {
        if !dir.is_dir() {
            // Somebody has removed the allocation: nobody will ever ask.
            break;
        }
        if !written {
            // The disk refused the exit record: it is told over the socket meanwhile, and tried again.
            written = write_durably(dir, files::EXIT, &exit).is_ok();
        }
    }
    Ok(())
}

/// Tells the agent, if it still listens, that the socket is there: it holds the other end of standard output.
fn announce() {
    use std::io::Write;
    let _ = std::io::stdout().write_all(b".").and_then(|()| std::io::stdout().flush());
}

/// A started task as its supervisor holds it.
struct Child {
    pid: i32,
    pumps: Vec<pump::Pump>,
}

/// Opens a directory for looking up names beneath it.
pub(crate) fn open_dir(path: &Path) -> nix::Result<OwnedFd> {
    use nix::fcntl::OFlag;
    nix::fcntl::open(
        path,
        OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC,
        nix::sys::stat::Mode::empty(),
    )
}
