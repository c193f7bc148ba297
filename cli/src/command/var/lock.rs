//! `var lock`: a command that runs only while a variable's lock is held.
//!
//! The lock is waited for, then renewed while the command runs. When it is lost, the command is ended, because somebody
//! else may hold the lock by then; when the command ends, the lock is given back.

use super::spec::{self, is_reference};
use super::{one_namespace, path_of, trimmed, usage};
use crate::args::VarLock;
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, HttpError};
use api::time::GoDuration;
use api::variables::{VariableDecrypted, VariableLock};
use model::go_duration;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::ExitStatus;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

/// How long a lock lasts, and rests after it was lost, unless flags say otherwise.
const DEFAULT: &str = "15s";
/// Pause before a lock that another holds is asked for again.
const PAUSE: Duration = Duration::from_secs(1);
/// Time that a command has between being asked to end and being ended.
const GRACE: Duration = Duration::from_secs(5);
/// Failed renewals before the lock counts as lost.
const RETRIES: u32 = 5;

pub(super) async fn run(args: &VarLock, console: Console) -> Result<u8, Failure> {
    let duration = |flag: &Option<String>| {
        let text = flag.as_deref().filter(|text| !text.is_empty()).unwrap_or(DEFAULT);
        go_duration::parse(text)
            .map_err(|error| Failure::new(format!("Error parsing duration {text:?}: {error}")))
    };
    let lock = VariableLock {
        ttl: GoDuration(duration(&args.ttl)?),
        lock_delay: GoDuration(duration(&args.delay)?),
        ..VariableLock::default()
    };
    let (mut variable, words) = wanted(&args.arguments, args.input.as_deref()).map_err(Failure::new)?;
    if words.is_empty() {
        let count = args.arguments.len();
        return Err(usage(&format!("Not enough arguments (expected >2, got {count})"), "lock"));
    }
    let client = client(&args.general)?;
    one_namespace(&client)?;
    variable.lock = Some(lock);
    let say = |text: &str| {
        if args.verbose {
            console.error(text);
        }
    };
    say(&format!("Attempting to acquire lock on {:?}", variable.path));
    let held = acquired(&client, &variable).await?;
    say("Lock acquired, starting the command");
    let mut child = child(words, args.shell.unwrap_or(true))?;
    let ended = guarded(&client, &held, &mut child, args.max_retry.unwrap_or(RETRIES)).await;
    if ended.is_ok() {
        say("Releasing the lock");
        // One that was lost in this moment is given back already.
        let released =
            client.put::<_, serde_json::Value>(&path_of(&held.path), &[("lock-release", "")], &held).await;
        if let Err(error) = released {
            console.error(format!("Error releasing the lock: {error}"));
        }
    }
    Ok(exit(ended?))
}

/// The variable whose lock is wanted, and the words of the command.
fn wanted<'a>(
    arguments: &'a [String],
    input: Option<&str>,
) -> Result<(VariableDecrypted, &'a [String]), String> {
    match arguments {
        [first, rest @ ..] if is_reference(first) => Ok((spec::read(first, input)?, rest)),
        [path, reference, rest @ ..] if is_reference(reference) => {
            let read = spec::read(reference, input)?;
            Ok((VariableDecrypted { path: trimmed(path).to_owned(), ..read }, rest))
        }
        [path, rest @ ..] => {
            Ok((VariableDecrypted { path: trimmed(path).to_owned(), ..VariableDecrypted::default() }, rest))
        }
        [] => Ok((VariableDecrypted::default(), &[])),
    }
}

/// Wait until the lock is ours. Gives what renewing and releasing need.
async fn acquired(client: &ApiClient, variable: &VariableDecrypted) -> Result<VariableDecrypted, Failure> {
    let path = path_of(&variable.path);
    loop {
        let asked = client.put::<_, serde_json::Value>(&path, &[("lock-acquire", "")], variable);
        match asked.await {
            Ok((answer, _)) => {
                let got: VariableDecrypted = super::super::decode("Error acquiring the lock", &answer)?;
                return Ok(VariableDecrypted { items: None, ..got });
            }
            Err(HttpError::Status { code: 409, .. }) => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(Failure::because("Error acquiring the lock", &error)),
        }
    }
}

/// The command, through a shell or as it is.
fn child(words: &[String], shell: bool) -> Result<Child, Failure> {
    let mut command = if shell {
        let shell = crate::console::environment("SHELL").filter(|shell| !shell.is_empty());
        let mut command = Command::new(shell.unwrap_or_else(|| "/bin/sh".to_owned()));
        command.arg("-c").arg(words.join(" "));
        command
    } else {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    };
    command.kill_on_drop(true);
    command.spawn().map_err(|error| Failure::new(format!("Error starting {:?}: {error}", words[0])))
}

/// Wait for the command's end and renew the lock meanwhile. Signals to this process are handed on.
async fn guarded(
    client: &ApiClient,
    held: &VariableDecrypted,
    child: &mut Child,
    retries: u32,
) -> Result<ExitStatus, Failure> {
    let listen =
        |kind| signal(kind).map_err(|error| Failure::new(format!("Error listening to signals: {error}")));
    let (mut interrupted, mut terminated) =
        (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    let ttl_ns = held.lock.as_ref().map_or(0, |lock| lock.ttl.0);
    let every = Duration::from_nanos(u64::try_from(ttl_ns / 3).unwrap_or(0).max(1));
    let mut renewal = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
    let path = path_of(&held.path);
    let mut failed = 0;
    loop {
        tokio::select! {
            ended = child.wait() => {
                return ended.map_err(|error| Failure::new(format!("Error waiting for the command: {error}")));
            }
            // A terminal interrupts the command as well as this process.
            _ = interrupted.recv() => {}
            _ = terminated.recv() => send(child, Signal::SIGTERM),
            _ = renewal.tick() => {
                let asked = client.put::<_, serde_json::Value>(&path, &[("lock-renew", "")], held);
                match asked.await {
                    Ok(_) => failed = 0,
                    Err(HttpError::Status { code: 500.., .. } | HttpError::Request { .. }) if failed < retries => {
                        failed += 1;
                    }
                    Err(error) => {
                        end(child).await;
                        return Err(Failure::because("The lock was lost, and the command ended", &error));
                    }
                }
            }
        }
    }
}

fn send(child: &Child, signal: Signal) {
    if let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()) {
        // One that has ended needs no signal.
        let _gone = kill(Pid::from_raw(id), signal);
    }
}

async fn end(child: &mut Child) {
    send(child, Signal::SIGTERM);
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        let _gone = child.kill().await;
    }
}

/// The exit status of the command as a shell shows it.
fn exit(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn the_command_stands_behind_the_variable() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.hcl");
        std::fs::write(&file, "path = \"in/file\"\nitems {\n  k = \"v\"\n}\n").unwrap();
        let reference = format!("@{}", file.display());
        for (words, path, command) in [
            (vec!["a/b", "sleep", "1"], "a/b", vec!["sleep", "1"]),
            (vec![&reference, "sleep", "1"], "in/file", vec!["sleep", "1"]),
            (vec!["a/b", &reference, "sleep"], "a/b", vec!["sleep"]),
            (vec!["a/b"], "a/b", vec![]),
        ] {
            let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
            let (variable, rest) = wanted(&words, None).unwrap();
            assert_eq!(
                (variable.path.as_str(), rest),
                (path, command.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>().as_slice())
            );
        }
    }
}
