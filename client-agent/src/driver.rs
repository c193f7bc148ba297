//! Drivers: what runs a task. A driver decides nothing about restarts; it starts, reports and kills.

pub(crate) mod config;
pub(crate) mod mock;
pub(crate) mod raw_exec;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use model::job::LogConfig;
use model::node::DriverInfo;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use config::ConfigError;

use crate::exec::ExecProcess;
use crate::options::Options;

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub(crate) struct ExitResult {
    /// Exit code; 128 + signal for a task that a signal ended.
    pub(crate) exit_code: i64,
    /// Signal that ended it; 0 for none.
    pub(crate) signal: i64,
    /// The kernel ended it for want of memory.
    pub(crate) oom_killed: bool,
    /// What else is known; usually empty.
    pub(crate) message: String,
}

impl ExitResult {
    /// True when nothing went wrong.
    pub(crate) fn successful(&self) -> bool {
        self.exit_code == 0 && self.signal == 0 && self.message.is_empty()
    }
}

/// Everything that a driver needs to run one task once.
#[derive(Debug, Clone)]
pub(crate) struct TaskConfig {
    /// `<alloc id>/<task>`, for logs.
    pub(crate) label: String,
    /// Name of the task.
    pub(crate) task: String,
    /// Which start of the task this is, from 1. Two starts with one number are one start.
    pub(crate) generation: u64,
    /// When this generation started, as far as is known; ns since 1970, 0 if it has not.
    pub(crate) started_at_ns: i64,
    /// The driver's own configuration, interpolated.
    pub(crate) config: BTreeMap<String, Value>,
    /// The environment, complete and interpolated.
    pub(crate) env: BTreeMap<String, String>,
    /// User to run as; empty for the agent's.
    pub(crate) user: String,
    /// Cores of the node that it is kept on; all of them when empty.
    pub(crate) cores: Vec<u16>,
    /// Directory of the task.
    pub(crate) task_dir: PathBuf,
    /// Directory of its supervisor's records.
    pub(crate) control_dir: PathBuf,
    /// Directory of its log files.
    pub(crate) log_dir: PathBuf,
    /// Log files and their rotation.
    pub(crate) log_config: LogConfig,
}

/// A task that could not be started.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub(crate) struct StartFailure {
    /// Why.
    pub(crate) message: String,
    /// True when the next attempt may succeed.
    pub(crate) recoverable: bool,
}

impl StartFailure {
    pub(crate) fn recoverable(message: impl Into<String>) -> Self {
        StartFailure { message: message.into(), recoverable: true }
    }

    pub(crate) fn fatal(message: impl Into<String>) -> Self {
        StartFailure { message: message.into(), recoverable: false }
    }
}

/// A request to a running task that could not be carried out.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct HandleError(pub(crate) String);

/// What became of a task while no agent was looking.
pub(crate) enum Recovered {
    /// It runs, or has ended and says so through its handle.
    Attached {
        /// The task.
        handle: Arc<dyn TaskHandle>,
        /// Its generation, which the store may have lost.
        generation: u64,
        /// When it started, ns since 1970.
        started_at_ns: i64,
    },
    /// This generation never started: it may be started now.
    NotStarted,
    /// It ran before the host was started again, and ended with it.
    Rebooted,
}

/// A started task. Cheap to share; every method may be called again after an agent's restart.
pub(crate) trait TaskHandle: Send + Sync {
    /// Waits until the task has ended and says how. May be dropped and called again.
    fn wait(&self) -> BoxFuture<'_, ExitResult>;
    /// Sends a signal to the task's main process.
    fn signal(&self, signal: i32) -> BoxFuture<'_, Result<(), HandleError>>;
    /// Asks the task to end with `signal` and ends it and all of its descendants after `timeout_ms`. Returns at
    /// once; [`TaskHandle::wait`] tells when it is over.
    fn stop(&self, signal: i32, timeout_ms: u64) -> BoxFuture<'_, Result<(), HandleError>>;
    /// Keeps the task on those cores of the node, or on all of them when there are none. Where a driver cannot do
    /// that, nothing happens.
    fn bind(&self, cores: Vec<u16>) -> BoxFuture<'_, Result<(), HandleError>> {
        drop(cores);
        async { Ok(()) }.boxed()
    }
    /// The exit is on disk here: whoever kept it may forget it.
    fn acknowledge(&self) -> BoxFuture<'_, ()>;
    /// The task's main process, for people; `None` where there is none.
    fn pid(&self) -> Option<i32>;
}

/// A command to run beside a running task.
#[derive(Debug, Clone)]
pub(crate) struct ExecCommand {
    /// Program and arguments.
    pub(crate) command: Vec<String>,
    /// With a terminal.
    pub(crate) tty: bool,
}

/// Something that runs tasks.
pub(crate) trait Driver: Send + Sync {
    /// Its name in job files.
    fn name(&self) -> &'static str;
    /// What it says of itself.
    fn fingerprint(&self, now_ns: i64) -> DriverInfo;
    /// Refuses a configuration that it would not honour to the letter.
    fn validate(&self, config: &BTreeMap<String, Value>) -> Result<(), ConfigError>;
    /// Starts a task. Its intent is on disk already; starting the same generation twice starts it once.
    fn start(&self, task: TaskConfig) -> BoxFuture<'_, Result<Arc<dyn TaskHandle>, StartFailure>>;
    /// Runs a command beside a running task, in its directory and environment.
    fn exec(&self, task: TaskConfig, exec: ExecCommand) -> BoxFuture<'_, Result<ExecProcess, HandleError>> {
        drop((task, exec));
        let error = HandleError(format!("driver {:?} does not support exec", self.name()));
        async move { Err(error) }.boxed()
    }
    /// Finds out what became of a task. Generation 0 means that the store knows nothing of it.
    fn recover(&self, task: TaskConfig) -> BoxFuture<'_, Recovered>;
}

/// The drivers that this agent offers, by name.
#[derive(Clone)]
pub(crate) struct Drivers(BTreeMap<&'static str, Arc<dyn Driver>>);

impl Drivers {
    /// Those that the operator allows.
    pub(crate) fn of_options(options: &Options) -> Self {
        let mut drivers: BTreeMap<&'static str, Arc<dyn Driver>> = BTreeMap::new();
        let mut add = |driver: Arc<dyn Driver>| drivers.insert(driver.name(), driver);
        if options.raw_exec_enabled {
            add(Arc::new(raw_exec::RawExec::new(options.supervisor_exe.clone())));
        }
        if options.mock_driver_enabled {
            add(Arc::new(mock::MockDriver));
        }
        Drivers(drivers)
    }

    /// The driver of that name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<dyn Driver>> {
        self.0.get(name).cloned()
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<dyn Driver>> {
        self.0.values()
    }
}

/// What a driver without peculiarities says of itself.
pub(crate) fn healthy_info(name: &str, now_ns: i64) -> DriverInfo {
    DriverInfo {
        detected: true,
        healthy: true,
        health_description: "Healthy".to_owned(),
        attributes: BTreeMap::from([(format!("driver.{name}"), "true".to_owned())]),
        update_time_ns: now_ns,
    }
}
