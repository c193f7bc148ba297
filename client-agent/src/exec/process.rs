//! A command as a child of the agent, with pipes or with a terminal of its own.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, User};
use pty_process::{OwnedWritePty, Size};
use tokio::io::{AsyncRead, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};

/// What a terminal takes for the end of input.
const END_OF_INPUT: &[u8] = b"\x04";

/// What to run and how.
pub(crate) struct ExecSpec {
    /// The program's path.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) args: Vec<String>,
    /// Its whole environment.
    pub(crate) env: BTreeMap<String, String>,
    /// Its working directory.
    pub(crate) work_dir: PathBuf,
    /// Its user; empty for the agent's.
    pub(crate) user: String,
    /// With a terminal.
    pub(crate) tty: bool,
}

/// A started command.
pub(crate) struct ExecProcess {
    pub(crate) child: ExecChild,
    pub(crate) inlet: Inlet,
    pub(crate) stdout: Box<dyn AsyncRead + Send + Unpin>,
    /// `None` with a terminal, which has one output.
    pub(crate) stderr: Option<Box<dyn AsyncRead + Send + Unpin>>,
}

/// Its process; dropped, it is killed with everything in its group.
pub(crate) struct ExecChild {
    child: Child,
    group: Option<Pid>,
}

impl ExecChild {
    /// Waits for the exit code: 128 + signal for one that a signal ended.
    pub(crate) async fn wait(&mut self) -> i64 {
        use std::os::unix::process::ExitStatusExt;
        match self.child.wait().await {
            Ok(status) => {
                let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
                i64::from(code.unwrap_or(-1))
            }
            Err(_) => -1,
        }
    }

    /// Ends it and its group.
    pub(crate) fn kill(&self) {
        if let Some(group) = self.group {
            // It may have ended already.
            let _ = killpg(group, Signal::SIGKILL);
        }
    }
}

impl Drop for ExecChild {
    fn drop(&mut self) {
        // Only while its number is its own: once it was waited for, the kernel may have given it away.
        if self.child.id().is_some() {
            self.kill();
        }
    }
}

/// Where input goes.
pub(crate) enum Inlet {
    Pipe(Option<ChildStdin>),
    Terminal(OwnedWritePty),
}

impl Inlet {
    pub(crate) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Inlet::Pipe(Some(pipe)) => pipe.write_all(bytes).await,
            Inlet::Pipe(None) => Ok(()),
            Inlet::Terminal(terminal) => terminal.write_all(bytes).await,
        }
    }

    /// Ends the input; the output goes on.
    pub(crate) async fn close(&mut self) {
        match self {
            Inlet::Pipe(pipe) => drop(pipe.take()),
            // A terminal that is gone needs no end of input.
            Inlet::Terminal(terminal) => drop(terminal.write_all(END_OF_INPUT).await),
        }
    }

    pub(crate) fn resize(&self, height: u16, width: u16) {
        if let Inlet::Terminal(terminal) = self {
            // A terminal that refuses its size still works.
            let _ = terminal.resize(Size::new(height, width));
        }
    }
}

/// Starts a command.
pub(crate) fn spawn(spec: ExecSpec) -> Result<ExecProcess, String> {
    let user = match spec.user.as_str() {
        "" => None,
        name => {
            let found = User::from_name(name).ok().flatten();
            Some(found.ok_or_else(|| format!("unknown user {name:?}"))?)
        }
    };
    let started = if spec.tty { with_terminal(&spec, user) } else { with_pipes(&spec, user) };
    // Clients show this to people, in the original's words.
    started.map_err(|error| format!("failed to start command: fork/exec {}: {error}", spec.program.display()))
}

/// The system's reason without its number.
fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => Errno::from_raw(number).desc().to_lowercase(),
        None => error.to_string(),
    }
}

fn group(child: &Child) -> Option<Pid> {
    child.id().and_then(|pid| i32::try_from(pid).ok()).map(Pid::from_raw)
}

fn with_pipes(spec: &ExecSpec, user: Option<User>) -> Result<ExecProcess, String> {
    let mut command = Command::new(&spec.program);
    command.args(&spec.args).env_clear().envs(&spec.env).current_dir(&spec.work_dir);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0).kill_on_drop(true);
    if let Some(user) = user {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    let mut child = command.spawn().map_err(|error| reason(&error))?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("its output cannot be read".to_owned());
    };
    let inlet = Inlet::Pipe(child.stdin.take());
    let group = group(&child);
    Ok(ExecProcess {
        child: ExecChild { child, group },
        inlet,
        stdout: Box::new(stdout),
        stderr: Some(Box::new(stderr)),
    })
}

fn with_terminal(spec: &ExecSpec, user: Option<User>) -> Result<ExecProcess, String> {
    let text = |error: pty_process::Error| match error {
        pty_process::Error::Io(error) => reason(&error),
        other => other.to_string(),
    };
    let (terminal, other_end) = pty_process::open().map_err(text)?;
    let command = pty_process::Command::new(&spec.program);
    let mut command = command.args(&spec.args).env_clear().envs(&spec.env).current_dir(&spec.work_dir);
    command = command.kill_on_drop(true);
    if let Some(user) = user {
        command = command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    let child = command.spawn(other_end).map_err(text)?;
    let group = group(&child);
    let (stdout, input) = terminal.into_split();
    Ok(ExecProcess {
        child: ExecChild { child, group },
        inlet: Inlet::Terminal(input),
        stdout: Box::new(stdout),
        stderr: None,
    })
}
