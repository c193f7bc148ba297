//! The mock driver: runs nothing, but behaves as it is told. It exists for tests of everything around drivers.
//!
//! A mock task is its start time and its configuration, so it goes on after the agent's restart like a real one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use model::node::DriverInfo;
use serde_json::Value;
use tokio::sync::watch;

use super::config::{ConfigError, ConfigReader};
use super::{Driver, ExitResult, HandleError, Recovered, StartFailure, TaskConfig, TaskHandle, healthy_info};
use crate::clock;

const NAME: &str = "mock_driver";
const OPTIONS: &[&str] = &[
    "run_for",
    "start_error",
    "start_error_recoverable",
    "start_block_for",
    "exit_code",
    "exit_signal",
    "exit_err_msg",
    "signal_error",
    "kill_after",
    "stdout_string",
    "stdout_repeat",
    "stdout_repeat_duration",
];
/// Most repetitions of `stdout_string`: output of a mock is held to a bounded file.
const REPEAT_MAX: i64 = 10_000;

/// Runs nothing.
pub(crate) struct MockDriver;

#[derive(Debug, Clone, Default)]
struct MockConfig {
    run_for_ns: i64,
    start_error: String,
    start_error_recoverable: bool,
    start_block_for_ns: i64,
    exit: ExitResult,
    signal_error: String,
    kill_after_ns: i64,
    stdout_string: String,
    stdout_repeat: i64,
    stdout_repeat_duration_ns: i64,
}

fn read(config: &BTreeMap<String, Value>) -> Result<MockConfig, ConfigError> {
    let reader = ConfigReader::open(NAME, config, OPTIONS, &[])?;
    Ok(MockConfig {
        run_for_ns: reader.duration_ns("run_for")?,
        start_error: reader.text("start_error")?,
        start_error_recoverable: reader.flag("start_error_recoverable")?,
        start_block_for_ns: reader.duration_ns("start_block_for")?,
        exit: ExitResult {
            exit_code: reader.number("exit_code")?,
            signal: reader.number("exit_signal")?,
            oom_killed: false,
            message: reader.text("exit_err_msg")?,
        },
        signal_error: reader.text("signal_error")?,
        kill_after_ns: reader.duration_ns("kill_after")?,
        stdout_string: reader.text("stdout_string")?,
        stdout_repeat: reader.number("stdout_repeat")?.clamp(0, REPEAT_MAX),
        stdout_repeat_duration_ns: reader.duration_ns("stdout_repeat_duration")?,
    })
}

impl Driver for MockDriver {
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
        async move {
            let config = read(&task.config).map_err(|error| StartFailure::fatal(error.to_string()))?;
            tokio::time::sleep(nanos(config.start_block_for_ns)).await;
            if !config.start_error.is_empty() {
                let recoverable = config.start_error_recoverable;
                return Err(StartFailure { message: config.start_error, recoverable });
            }
            let output = task.log_dir.join(format!("{}.stdout.0", task.task));
            tokio::spawn(print(config.clone(), output));
            Ok(MockHandle::begin(config, clock::now_ns()) as Arc<dyn TaskHandle>)
        }
        .boxed()
    }

    fn recover(&self, task: TaskConfig) -> BoxFuture<'_, Recovered> {
        async move {
            // A start that was intended but not recorded may be repeated: a mock has no effects to repeat.
            if task.generation == 0 || task.started_at_ns == 0 {
                return Recovered::NotStarted;
            }
            match read(&task.config) {
                Ok(config) => Recovered::Attached {
                    handle: MockHandle::begin(config, task.started_at_ns),
                    generation: task.generation,
                    started_at_ns: task.started_at_ns,
                },
                Err(_) => Recovered::NotStarted,
            }
        }
        .boxed()
    }
}

fn nanos(ns: i64) -> Duration {
    Duration::from_nanos(ns.max(0).unsigned_abs())
}

async fn print(config: MockConfig, path: PathBuf) {
    if config.stdout_string.is_empty() {
        return;
    }
    let mut text = String::new();
    for round in 0..=config.stdout_repeat {
        if round > 0 {
            tokio::time::sleep(nanos(config.stdout_repeat_duration_ns)).await;
        }
        text.push_str(&config.stdout_string);
        // Written whole each time: a mock's output is small, and nobody appends to it but this task.
        if tokio::fs::write(&path, &text).await.is_err() {
            return;
        }
    }
}

struct MockHandle {
    config: MockConfig,
    exit: watch::Sender<Option<ExitResult>>,
}

impl MockHandle {
    fn begin(config: MockConfig, started_at_ns: i64) -> Arc<Self> {
        let handle = Arc::new(MockHandle { config, exit: watch::Sender::new(None) });
        let running = Arc::downgrade(&handle);
        let elapsed = clock::now_ns().saturating_sub(started_at_ns);
        let rest = nanos(handle.config.run_for_ns.saturating_sub(elapsed));
        tokio::spawn(async move {
            tokio::time::sleep(rest).await;
            if let Some(handle) = running.upgrade() {
                handle.end(handle.config.exit.clone());
            }
        });
        handle
    }

    fn end(&self, exit: ExitResult) {
        self.exit.send_if_modified(|current| {
            let first = current.is_none();
            if first {
                *current = Some(exit);
            }
            first
        });
    }
}

impl TaskHandle for MockHandle {
    fn wait(&self) -> BoxFuture<'_, ExitResult> {
        let mut exit = self.exit.subscribe();
        async move {
            let ended = exit.wait_for(Option::is_some).await.map(|exit| exit.clone());
            ended.ok().flatten().unwrap_or_default()
        }
        .boxed()
    }

    fn signal(&self, _signal: i32) -> BoxFuture<'_, Result<(), HandleError>> {
        let error = self.config.signal_error.clone();
        async move { if error.is_empty() { Ok(()) } else { Err(HandleError(error)) } }.boxed()
    }

    fn stop(&self, signal: i32, timeout_ms: u64) -> BoxFuture<'_, Result<(), HandleError>> {
        async move {
            let timeout = Duration::from_millis(timeout_ms);
            let after = nanos(self.config.kill_after_ns).min(timeout);
            let exit = self.exit.clone();
            let obeyed = nanos(self.config.kill_after_ns) <= timeout;
            let signal = i64::from(if obeyed { signal } else { 9 });
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                exit.send_if_modified(|current| {
                    let first = current.is_none();
                    if first {
                        *current =
                            Some(ExitResult { exit_code: 128 + signal, signal, ..ExitResult::default() });
                    }
                    first
                });
            });
            Ok(())
        }
        .boxed()
    }

    fn acknowledge(&self) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }

    fn pid(&self) -> Option<i32> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn task(config: Value) -> TaskConfig {
        let config = serde_json::from_value(config).unwrap();
        TaskConfig {
            label: "a/t".into(),
            task: "t".into(),
            generation: 1,
            started_at_ns: 0,
            config,
            env: BTreeMap::new(),
            user: String::new(),
            cores: Vec::new(),
            task_dir: "/nonexistent".into(),
            control_dir: "/nonexistent".into(),
            log_dir: "/nonexistent".into(),
            log_config: Default::default(),
        }
    }

    #[tokio::test]
    async fn it_exits_as_told() {
        let handle = MockDriver.start(task(json!({"run_for": "5ms", "exit_code": 3}))).await.ok().unwrap();
        assert_eq!(handle.wait().await.exit_code, 3);
        let failure =
            MockDriver.start(task(json!({"start_error": "no", "start_error_recoverable": true}))).await;
        assert!(failure.err().unwrap().recoverable);
    }

    #[tokio::test]
    async fn it_stops_when_asked_and_goes_on_after_a_restart() {
        let handle = MockDriver.start(task(json!({"run_for": "1h"}))).await.ok().unwrap();
        handle.stop(2, 1000).await.unwrap();
        assert_eq!(handle.wait().await.signal, 2);
        let mut before = task(json!({"run_for": "1s", "exit_code": 4}));
        before.started_at_ns = clock::now_ns() - 2_000_000_000;
        let Recovered::Attached { handle, .. } = MockDriver.recover(before).await else {
            panic!("not attached")
        };
        assert_eq!(handle.wait().await.exit_code, 4);
    }

    #[test]
    fn an_unknown_option_is_named() {
        let error = MockDriver.validate(&task(json!({"runfor": "1s"})).config).unwrap_err();
        assert_eq!(error.to_string(), "mock_driver: unknown option \"runfor\"");
    }
}
