//! The `raw_exec` driver: a command without isolation, run by a supervisor process that outlives the agent.
//!
//! Whether a task was started is decided by its directory, not by the agent's memory: the supervisor's lock and
//! records tell. That is why one start never becomes two, whenever the agent dies.

mod handle;
mod orphan;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use model::node::DriverInfo;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::sync::oneshot;

use super::config::{ConfigError, ConfigReader};
use super::{
    Driver, ExecCommand, HandleError, Recovered, StartFailure, TaskConfig, TaskHandle, healthy_info,
};
use crate::exec::{ExecProcess, ExecSpec};
use crate::supervisor::beneath::Beneath;
use crate::supervisor::files::{self, ExitRecord, StartRecord};
use crate::supervisor::process;
use crate::supervisor::start::find_program;
use crate::supervisor::wire::{LogSpec, Spec};

use handle::Supervised;
pub(crate) use orphan::end_all;

const NAME: &str = "raw_exec";
const OPTIONS: &[&str] = &["command", "args", "work_dir", "denied_envvars", "oom_score_adj", "no_cgroups"];
const NOT_BUILT: &[&str] = &["cgroup_v1_override", "cgroup_v2_override"];
/// How long a supervisor may take to report that it has started its task.
const START_PATIENCE: Duration = Duration::from_secs(20);
/// File in the task's directory that a supervisor's own complaints go to.
const DIAGNOSTICS: &str = "executor.out";
/// Times that a supervisor is sent for before the start counts as failed.
const SPAWNS_MAX: u32 = 5;

/// Runs commands as they are.
pub(crate) struct RawExec {
    supervisor_exe: PathBuf,
}

struct RawExecConfig {
    command: String,
    args: Vec<String>,
    work_dir: String,
    /// Patterns of variables that the task does not get.
    denied_envvars: Vec<String>,
    oom_score_adj: i64,
}

fn read(config: &BTreeMap<String, Value>) -> Result<RawExecConfig, ConfigError> {
    let reader = ConfigReader::open(NAME, config, OPTIONS, NOT_BUILT)?;
    Ok(RawExecConfig {
        command: reader.required_text("command")?,
        args: reader.texts("args")?,
        work_dir: reader.text("work_dir")?,
        denied_envvars: reader.texts("denied_envvars")?,
        oom_score_adj: {
            // Tasks are in no control group of their own, so there is nothing to leave out for `no_cgroups`.
            reader.flag("no_cgroups")?;
            reader.number("oom_score_adj")?
        },
    })
}

/// What a task's directory says of a generation.
enum OnDisk {
    /// A supervisor holds it.
    Held,
    /// It has ended.
    Ended(ExitRecord, Option<StartRecord>),
    /// Its supervisor vanished without a word.
    Vanished(StartRecord),
    /// It was running when the host went down.
    Rebooted,
    /// Nothing was started.
    Nothing,
}

fn look(dir: &Path, generation: u64) -> std::io::Result<OnDisk> {
    if files::held(dir)? {
        return Ok(OnDisk::Held);
    }
    let start = files::read_start(dir)?.filter(|record| record.generation >= generation);
    let exit = files::read_exit(dir)?.filter(|record| record.generation >= generation);
    Ok(match (start, exit) {
        (start, Some(exit)) if start.as_ref().is_none_or(|start| start.generation <= exit.generation) => {
            OnDisk::Ended(exit, start)
        }
        (Some(start), _) if process::boot_id()? == start.boot_id => OnDisk::Vanished(start),
        (Some(_), _) => OnDisk::Rebooted,
        (None, _) => OnDisk::Nothing,
    })
}

impl RawExec {
    pub(crate) fn new(supervisor_exe: PathBuf) -> Self {
        RawExec { supervisor_exe }
    }

    async fn launch(&self, task: &TaskConfig) -> Result<Arc<Supervised>, StartFailure> {
        let config = read(&task.config).map_err(|error| StartFailure::fatal(error.to_string()))?;
        let io =
            |error: std::io::Error| StartFailure::recoverable(format!("cannot prepare the task: {error}"));
        let mut why = String::new();
        for _ in 0..SPAWNS_MAX {
            match look(&task.control_dir, task.generation).map_err(io)? {
                OnDisk::Nothing | OnDisk::Rebooted => {}
                OnDisk::Held => match handle::settle(&task.control_dir, task.generation).await {
                    Some(start) => return started(task, start).await,
                    None => continue,
                },
                OnDisk::Ended(exit, _) => return ended(task, &exit),
                OnDisk::Vanished(start) => {
                    orphan::end_session(&start);
                    return Ok(Supervised::vanished(task, start.generation));
                }
            }
            let spec = specification(task, &config);
            let name = format!("supervisor.{}.json", task.generation);
            files::write(&task.control_dir, &name, &spec, false).map_err(io)?;
            why = self.spawn(task, &task.control_dir.join(name)).await?;
        }
        Err(StartFailure::recoverable(format!("no supervisor could take the task{why}")))
    }

    /// Sends for a supervisor and waits until it says that the task has been started, or ends. The text says how it
    /// ended, if it did.
    async fn spawn(&self, task: &TaskConfig, spec: &Path) -> Result<String, StartFailure> {
        let mut command = Command::new(&self.supervisor_exe);
        command.arg("supervisor").arg(spec).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        // Whatever goes wrong inside of a supervisor stands beside its task, as the original's executor leaves it.
        let diagnostics = Beneath::open(&task.task_dir).and_then(|dir| dir.append(DIAGNOSTICS));
        command.stderr(diagnostics.map_or_else(|_| Stdio::null(), Stdio::from));
        let failed = |error| StartFailure::recoverable(format!("cannot run a supervisor: {error}"));
        let mut child = command.spawn().map_err(failed)?;
        let announced = child.stdout.take();
        let (report, status) = oneshot::channel();
        // It is this process's child until one of them ends; somebody has to reap it.
        tokio::spawn(async move {
            // Nobody asks how a supervisor ended that has done its work.
            let _ = report.send(child.wait().await);
        });
        let mut byte = [0; 1];
        let Some(mut announced) = announced else {
            return Ok(String::new());
        };
        match tokio::time::timeout(START_PATIENCE, announced.read(&mut byte)).await {
            Ok(Ok(0)) => Ok(match status.await {
                Ok(Ok(status)) => format!(": it ended with {status}"),
                _ => String::new(),
            }),
            _ => Ok(String::new()),
        }
    }
}

async fn started(task: &TaskConfig, start: StartRecord) -> Result<Arc<Supervised>, StartFailure> {
    let handle = Supervised::attach(task, start);
    // A task that cannot be started says so at once.
    match handle.start_error().await {
        Some(error) => Err(StartFailure::recoverable(error)),
        None => Ok(handle),
    }
}

fn ended(task: &TaskConfig, exit: &ExitRecord) -> Result<Arc<Supervised>, StartFailure> {
    match &exit.start_error {
        Some(error) => Err(StartFailure::recoverable(error.clone())),
        None => Ok(Supervised::ended(task, exit)),
    }
}

/// The environment without what the job denies: names, or patterns that begin or end with `*`.
fn allowed(env: &BTreeMap<String, String>, denied: &[String]) -> BTreeMap<String, String> {
    let fits = |name: &str, pattern: &str| match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        _ if pattern == "*" => true,
        (Some(end), None) => name.ends_with(end),
        (None, Some(start)) => name.starts_with(start),
        (Some(_), Some(_)) => name.contains(pattern.trim_matches('*')),
        (None, None) => name == pattern,
    };
    let allowed = |name: &str| !denied.iter().any(|pattern| fits(name, pattern));
    env.iter().filter(|(name, _)| allowed(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn work_dir(task: &TaskConfig, config: &RawExecConfig) -> PathBuf {
    if config.work_dir.is_empty() { task.task_dir.clone() } else { PathBuf::from(&config.work_dir) }
}

fn specification(task: &TaskConfig, config: &RawExecConfig) -> Spec {
    let logs = &task.log_config;
    let work_dir = work_dir(task, config);
    Spec {
        generation: task.generation,
        task: task.task.clone(),
        command: config.command.clone(),
        args: config.args.clone(),
        env: allowed(&task.env, &config.denied_envvars),
        oom_score_adj: config.oom_score_adj,
        cores: task.cores.clone(),
        work_dir,
        user: task.user.clone(),
        logs: (!logs.disabled).then(|| LogSpec {
            dir: task.log_dir.clone(),
            max_files: logs.max_files.max(1).unsigned_abs(),
            max_bytes: logs.max_file_size_mb.clamp(1, 1 << 20).unsigned_abs() << 20,
        }),
    }
}

impl Driver for RawExec {
    fn name(&self) -> &'static str {
        NAME
    }

    fn fingerprint(&self, now_ns: i64) -> DriverInfo {
        healthy_info(NAME, now_ns)
    }

    fn validate(&self, config: &BTreeMap<String, Value>) -> Result<(), ConfigError> {
        read(config).map(drop)
    }

    fn start(&self, task: TaskConfig) -> BoxFuture<'_, Result<Arc<dyn TaskHandle>, StartFailure>> {
        async move { self.launch(&task).await.map(|handle| handle as Arc<dyn TaskHandle>) }.boxed()
    }

    fn exec(&self, task: TaskConfig, exec: ExecCommand) -> BoxFuture<'_, Result<ExecProcess, HandleError>> {
        async move {
            let config = read(&task.config).map_err(|error| HandleError(error.to_string()))?;
            let (name, args) = exec.command.split_first().ok_or(HandleError("no command".to_owned()))?;
            let work_dir = work_dir(&task, &config);
            let program = find_program(name, &work_dir, &task.env)
                .map_err(|error| HandleError(format!("failed to start command: {error}")))?;
            let spec = ExecSpec {
                program,
                args: args.to_vec(),
                env: allowed(&task.env, &config.denied_envvars),
                work_dir,
                user: task.user,
                tty: exec.tty,
            };
            crate::exec::spawn(spec).map_err(HandleError)
        }
        .boxed()
    }

    fn recover(&self, task: TaskConfig) -> BoxFuture<'_, Recovered> {
        async move {
            let attached = |handle: Arc<Supervised>, generation, started_at_ns| Recovered::Attached {
                handle: handle as Arc<dyn TaskHandle>,
                generation,
                started_at_ns,
            };
            for _ in 0..SPAWNS_MAX {
                match look(&task.control_dir, task.generation) {
                    Ok(OnDisk::Held) => {
                        if let Some(start) = handle::settle(&task.control_dir, task.generation).await {
                            let (generation, since) = (start.generation, start.started_at_ns);
                            return attached(Supervised::attach(&task, start), generation, since);
                        }
                    }
                    Ok(OnDisk::Ended(exit, start)) => {
                        let since = start.map_or(exit.finished_at_ns, |start| start.started_at_ns);
                        return attached(Supervised::ended(&task, &exit), exit.generation, since);
                    }
                    Ok(OnDisk::Vanished(start)) => {
                        orphan::end_session(&start);
                        let handle = Supervised::vanished(&task, start.generation);
                        return attached(handle, start.generation, start.started_at_ns);
                    }
                    Ok(OnDisk::Rebooted) => return Recovered::Rebooted,
                    Ok(OnDisk::Nothing) => return Recovered::NotStarted,
                    Err(error) => {
                        tracing::warn!(task = task.label, %error, "cannot read what the supervisor left");
                        return Recovered::NotStarted;
                    }
                }
            }
            Recovered::NotStarted
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn validate(config: Value) -> Result<(), String> {
        let config: BTreeMap<String, Value> = serde_json::from_value(config).unwrap();
        RawExec::new("/bin/false".into()).validate(&config).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_checked_by_name() {
        assert_eq!(validate(json!({"command": "/bin/true", "args": ["a", 1]})), Ok(()));
        assert_eq!(validate(json!({})).unwrap_err(), "raw_exec: option \"command\" is required");
        assert_eq!(
            validate(json!({"command": "x", "image": "y"})).unwrap_err(),
            "raw_exec: unknown option \"image\""
        );
        let error = validate(json!({"command": "x", "cgroup_v2_override": "y"})).unwrap_err();
        assert_eq!(error, "raw_exec: option \"cgroup_v2_override\" is not built yet");
        let env = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), String::new())).collect();
        let denied = ["A*".to_owned(), "*_KEY".to_owned(), "EXACT".to_owned()];
        let left = allowed(&env(&["AWS", "X_KEY", "EXACT", "EXACTLY", "B"]), &denied);
        assert_eq!(left.into_keys().collect::<Vec<_>>(), ["B", "EXACTLY"]);
        assert!(validate(json!({"command": "x", "args": "y"})).is_err());
    }
}
