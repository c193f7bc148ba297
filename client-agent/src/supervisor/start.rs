//! Starting the task's main process: command lookup, user, process group, output.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use nix::sys::signal::SigSet;

use super::Child;
use super::pump::Pump;
use super::wire::Spec;
use super::{cores, output};

/// Starts the task, or says why it cannot be started.
pub(super) fn start(spec: &Spec) -> Result<Child, String> {
    let program = find_program(&spec.command, &spec.work_dir, &spec.env)?;
    let mut command = Command::new(program);
    command.args(&spec.args).env_clear().envs(&spec.env).current_dir(&spec.work_dir);
    command.stdin(Stdio::null()).process_group(0);
    let mut pumps = Vec::new();
    match &spec.logs {
        Some(logs) => {
            let cannot = |error: std::io::Error| format!("cannot make the task's output: {error}");
            let stdout = output::make(&logs.dir, &format!("{}.stdout", spec.task)).map_err(cannot)?;
            let stderr = output::make(&logs.dir, &format!("{}.stderr", spec.task)).map_err(cannot)?;
            command.stdout(stdout.task_end).stderr(stderr.task_end);
            pumps.push((stdout.our_end, format!("{}.stdout", spec.task), logs));
            pumps.push((stderr.our_end, format!("{}.stderr", spec.task), logs));
        }
        None => {
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
    }
    if !spec.user.is_empty() {
        let user = nix::unistd::User::from_name(&spec.user);
        let user = user.ok().flatten().ok_or_else(|| format!("unknown user {:?}", spec.user))?;
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    let child = spawn(command, spec.cores.clone())
        .map_err(|error| format!("cannot run {:?}: {error}", spec.command))?;
    let pid = i32::try_from(child.id()).map_err(|_| "the task has no usable process number".to_owned())?;
    if spec.oom_score_adj != 0 {
        // It takes effect when memory is short; a task that is over already needs it no more.
        let _ = std::fs::write(format!("/proc/{pid}/oom_score_adj"), spec.oom_score_adj.to_string());
    }
    let pumps = pumps.into_iter().map(|(source, stem, logs)| Pump::begin(source, logs, &stem)).collect();
    Ok(Child { pid, pumps })
}

/// A child inherits signal mask and cores of the thread that makes it; the supervisor's own mask blocks what the task
/// needs.
fn spawn(mut command: Command, on: Vec<u16>) -> std::io::Result<std::process::Child> {
    let spawner = thread::spawn(move || {
        SigSet::empty().thread_set_mask()?;
        cores::bind_thread(&on)?;
        command.spawn()
    });
    spawner.join().unwrap_or_else(|_| Err(std::io::Error::other("the spawning thread panicked")))
}

/// A path as it is; a name from the task's `local` directory, the task's directory, then its `PATH`.
pub(crate) fn find_program(
    name: &str,
    work_dir: &Path,
    env: &BTreeMap<String, String>,
) -> Result<PathBuf, String> {
    if name.starts_with('/') {
        return Ok(PathBuf::from(name));
    }
    let task_dirs = ["local", ""].map(|dir| work_dir.join(dir));
    let search = env.get("PATH").map(String::as_str).unwrap_or("/usr/local/bin:/usr/bin:/bin");
    let path_dirs = std::env::split_paths(search).filter(|_| !name.contains('/'));
    let found =
        task_dirs.into_iter().chain(path_dirs).map(|dir| dir.join(name)).find(|path| executable(path));
    found.ok_or_else(|| format!("executable file {name:?} not found in the task's directory or $PATH"))
}

fn executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
