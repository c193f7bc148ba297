//! Does what `lifecycle.rs` says comes next for one task: prepares, starts, waits, kills, restarts.
//!
//! Decides nothing. Every step that matters is in the store, flushed, before it is carried out or told.

use std::sync::Arc;
use std::time::Duration;

use model::planted::{self, Bug};
use model::{Allocation, Task, TaskEvent, TaskState};
use nix::sys::signal::Signal;
use tokio::sync::{mpsc, watch};
use tracing::{Instrument, info_span};

use super::config::{TaskSite, cores, own_cores, task_config, task_of};
use super::lifecycle::{KillReason, Phase, Policy, TaskRow};
use super::{event, honour, restart};
use crate::alloc::dir::TaskDirs;
use crate::alloc::order::TaskPlace;
use crate::clock::now_ns;
use crate::context::Context;
use crate::cores::Hold;
use crate::driver::{Driver, ExitResult, Recovered, TaskConfig, TaskHandle};

/// Given to a task between its kill signal and SIGKILL unless the job says otherwise.
const KILL_TIMEOUT_DEFAULT_NS: i64 = 5_000_000_000;
/// Pause before the store is tried again when it refuses a write.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// What the allocation tells one of its tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Control {
    /// Your time has come.
    Start,
    /// End.
    Kill(KillReason),
    /// Take this signal.
    Signal(Signal),
    /// Start anew.
    Restart {
        /// Who asked.
        why: String,
        /// It counts as a failure.
        failure: bool,
        /// Wait for one's turn among the group's tasks, as at the first start; also when one has ended.
        anew: bool,
    },
    /// Write down what the allocation has found out about the task.
    Note(TaskEvent),
}

/// What a task tells its allocation.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) task: String,
    pub(crate) state: TaskState,
}

/// One task on its way through life. Dropped without harm: a process that it started goes on.
pub(crate) struct TaskRunner {
    pub(crate) context: Arc<Context>,
    /// The allocation as the servers last sent it.
    pub(crate) alloc: watch::Receiver<Arc<Allocation>>,
    pub(crate) place: TaskPlace,
    pub(crate) row: TaskRow,
    pub(crate) control: mpsc::Receiver<Control>,
    pub(crate) reports: mpsc::Sender<Report>,
    pub(crate) dirs: TaskDirs,
    pub(crate) handle: Option<Arc<dyn TaskHandle>>,
    /// The cores that it has to itself, from before its start to its end.
    pub(crate) hold: Option<Hold>,
    /// The cores that this agent has started it on.
    pub(crate) started_on: Option<Vec<u16>>,
    /// W3C traceparent of the allocation's span.
    pub(crate) trace: String,
}

/// The allocation does not listen any more: the agent ends, the task does not.
struct Abandoned;

impl TaskRunner {
    /// Runs the task until it is dead or the agent ends.
    pub(crate) async fn run(mut self) {
        // Whoever abandons a task has nothing left to be told.
        let _: Result<(), Abandoned> = self.live().await;
    }

    async fn live(&mut self) -> Result<(), Abandoned> {
        self.restore().await?;
        loop {
            match self.row.phase {
                Phase::Dead => self.dead().await?,
                Phase::Pending => self.pending().await?,
                Phase::Intended => self.launch().await?,
                Phase::Running => self.running().await?,
                Phase::Waiting { until_ns } => self.waiting(until_ns).await?,
            }
        }
    }

    fn task(&self) -> Task {
        task_of(&self.alloc.borrow(), &self.place.name)
    }

    fn driver(&self) -> Option<Arc<dyn Driver>> {
        self.context.drivers.get(&self.task().driver)
    }

    fn kill_timeout_ns(&self) -> i64 {
        let asked = self.task().kill_timeout_ns;
        let wanted = if asked > 0 { asked } else { KILL_TIMEOUT_DEFAULT_NS };
        wanted.min(self.context.options.max_kill_timeout_ns.max(0))
    }

    /// Writes the row down, flushes it and tells the allocation.
    async fn keep(&self) -> Result<(), Abandoned> {
        let id = self.alloc.borrow().id;
        loop {
            let kept = match self.context.store.put_task(id, &self.place.name, &self.row) {
                Ok(()) => self.context.store.flush().await,
                Err(error) => Err(error),
            };
            let Err(error) = kept else { break };
            tracing::error!(alloc = %id, task = self.place.name, %error, "cannot keep the task's state");
            tokio::select! {
                () = tokio::time::sleep(STORE_PAUSE) => {}
                () = self.context.cancel.cancelled() => return Err(Abandoned),
            }
        }
        let report = Report { task: self.place.name.clone(), state: self.row.state.clone() };
        self.reports.send(report).await.map_err(|_| Abandoned)
    }

    fn config(&self) -> TaskConfig {
        let site = TaskSite {
            alloc: self.alloc.borrow().clone(),
            task: self.task(),
            dirs: self.dirs.clone(),
            generation: self.row.generation,
            started_at_ns: self.row.generation_started_ns,
        };
        task_config(&self.context, &site)
    }

    /// Finds out what became of the task while no agent ran.
    async fn restore(&mut self) -> Result<(), Abandoned> {
        let Some(driver) = self.driver() else {
            return Ok(());
        };
        if planted::is(Bug::DoubleStart) && self.row.phase == Phase::Running {
            // What the last agent's supervisor has left is not looked at.
            let _ = std::fs::remove_dir_all(&self.dirs.control);
            let _ = std::fs::create_dir(&self.dirs.control);
            self.row.rebooted(now_ns());
            return self.keep().await;
        }
        match self.row.phase {
            // It has ended and the store knows how, but its supervisor may still wait for word of that.
            Phase::Dead | Phase::Waiting { .. } => {
                if let Recovered::Attached { handle, generation, .. } = driver.recover(self.config()).await
                    && generation == self.row.generation
                {
                    handle.acknowledge().await;
                }
                return Ok(());
            }
            // Also for a task that the store has never seen started: the store may be younger than the task.
            Phase::Pending | Phase::Intended | Phase::Running => {}
        }
        match driver.recover(self.config()).await {
            Recovered::Attached { handle, generation, started_at_ns } => {
                tracing::info!(task = self.place.name, generation, pid = handle.pid(), "task found again");
                self.handle = Some(handle);
                self.row.generation = generation;
                if self.row.phase != Phase::Running {
                    self.row.started(started_at_ns);
                    self.keep().await?;
                }
            }
            Recovered::NotStarted if self.row.phase == Phase::Running => {
                // It was seen running and left nothing: its directory is gone or its driver forgets.
                let gone =
                    ExitResult { exit_code: 1, message: "the task was lost".into(), ..ExitResult::default() };
                self.ended(&gone).await?;
            }
            Recovered::NotStarted => {}
            Recovered::Rebooted => {
                self.row.rebooted(now_ns());
                self.keep().await?;
            }
        }
        Ok(())
    }

    async fn pending(&mut self) -> Result<(), Abandoned> {
        match self.control.recv().await.ok_or(Abandoned)? {
            Control::Start => self.set_up().await,
            Control::Kill(reason) => self.killed_early(&reason).await,
            Control::Note(event) => self.note(event).await,
            Control::Signal(_) | Control::Restart { .. } => Ok(()),
        }
    }

    /// Nothing more happens to it by itself.
    async fn dead(&mut self) -> Result<(), Abandoned> {
        match self.control.recv().await.ok_or(Abandoned)? {
            Control::Note(event) => self.note(event).await,
            Control::Restart { why, anew: true, .. } => {
                self.row.revive(event::restart_signaled(now_ns(), &why), now_ns());
                self.keep().await
            }
            Control::Start | Control::Kill(_) | Control::Signal(_) | Control::Restart { .. } => Ok(()),
        }
    }

    async fn note(&mut self, event: TaskEvent) -> Result<(), Abandoned> {
        self.row.state.push(event);
        self.keep().await
    }

    async fn killed_early(&mut self, reason: &KillReason) -> Result<(), Abandoned> {
        self.row.kill(reason, self.kill_timeout_ns(), now_ns());
        self.keep().await
    }

    /// Prepares the first start.
    async fn set_up(&mut self) -> Result<(), Abandoned> {
        if self.row.generation == 0 {
            self.row.setting_up(now_ns());
        }
        let task = self.task();
        if let Err(error) = self.dirs.make(&task.user) {
            let text = format!("failed to build task directory: {error}");
            self.row.unfit(event::setup_failure(now_ns(), &text), now_ns());
            return self.keep().await;
        }
        if let Err(error) = self.write_payload(&task) {
            let text = format!("failed to write the dispatch payload: {error}");
            self.row.unfit(event::setup_failure(now_ns(), &text), now_ns());
            return self.keep().await;
        }
        let problem = match self.driver() {
            _ if honour::refusal(&task).is_some() => honour::refusal(&task),
            None => Some(format!("driver {:?} is not available on this node", task.driver)),
            Some(driver) => driver.validate(&self.config().config).err().map(|error| error.to_string()),
        };
        if let Some(problem) = problem {
            self.row.unfit(event::failed_validation(now_ns(), &problem), now_ns());
            return self.keep().await;
        }
        self.intend().await
    }

    /// Puts what the job was dispatched with where its task looks for it.
    fn write_payload(&self, task: &Task) -> std::io::Result<()> {
        let alloc = self.alloc.borrow().clone();
        let Some(payload) = &task.dispatch_payload else { return Ok(()) };
        // Once it has run, the directory is the task's: nothing is written through what it may have left there.
        if alloc.job.payload.0.is_empty() || payload.file.is_empty() || self.row.generation > 0 {
            return Ok(());
        }
        self.dirs.write_local(&payload.file, &alloc.job.payload.0)
    }

    async fn intend(&mut self) -> Result<(), Abandoned> {
        self.row.intend();
        self.keep().await
    }

    /// Carries out the intended start. The intent is on disk.
    ///
    /// Also when the task has been told to end meanwhile: a supervisor that an earlier agent sent for may yet take the
    /// task, and only whoever holds it can be told to end it.
    async fn launch(&mut self) -> Result<(), Abandoned> {
        let span = info_span!("client.task.start", task = self.place.name, generation = self.row.generation);
        let Some(driver) = self.driver() else {
            let gone = crate::driver::StartFailure::fatal("the task's driver is gone");
            return self.start_failed(&gone).await;
        };
        runtime::trace::set_parent(&span, &self.trace);
        self.hold_cores();
        let driver_span = info_span!(parent: &span, "driver.start", driver = driver.name());
        let config = self.config();
        self.started_on = Some(config.cores.clone());
        let started = driver.start(config).instrument(driver_span).await;
        match started {
            Ok(handle) => {
                tracing::info!(parent: &span, pid = handle.pid(), "task started");
                self.handle = Some(handle);
                self.row.started(now_ns());
                self.keep().instrument(span).await
            }
            Err(failure) => {
                tracing::warn!(parent: &span, error = %failure, "task not started");
                self.start_failed(&failure).await
            }
        }
    }

    fn cores(&self) -> Vec<u16> {
        cores(&self.context, &self.alloc.borrow(), &self.place.name)
    }

    fn hold_cores(&mut self) {
        let own = own_cores(&self.alloc.borrow(), &self.place.name);
        if self.hold.is_none() && !own.is_empty() {
            self.hold = Some(self.context.cores.hold(self.alloc.borrow().id, &self.place.name, &own));
        }
    }

    async fn start_failed(&mut self, failure: &crate::driver::StartFailure) -> Result<(), Abandoned> {
        self.hold = None;
        let task = self.task();
        let policy = self.policy(&task);
        self.row.start_failed(failure, &policy, now_ns());
        self.keep().await
    }

    fn policy<'a>(&self, task: &'a Task) -> Policy<'a> {
        let on_success = restart::restarts_on_success(&self.alloc.borrow().job.kind, self.place.ephemeral());
        Policy { restart: &task.restart_policy, on_success, jitter: self.context.jitter() }
    }

    async fn running(&mut self) -> Result<(), Abandoned> {
        let Some(handle) = self.handle.clone() else {
            return self
                .ended(&ExitResult {
                    exit_code: 1,
                    message: "the task was lost".into(),
                    ..Default::default()
                })
                .await;
        };
        if self.row.killing {
            self.stop(handle.as_ref()).await;
        }
        self.hold_cores();
        let mut held = self.context.cores.changes();
        // Also after an agent's restart: nobody has kept it off other tasks' cores meanwhile.
        held.mark_changed();
        let mut kept_on = self.started_on.take();
        loop {
            tokio::select! {
                exit = handle.wait() => {
                    self.hold = None;
                    self.ended(&exit).await?;
                    handle.acknowledge().await;
                    self.handle = None;
                    return Ok(());
                }
                Ok(()) = held.changed(), if self.hold.is_none() => {
                    let cores = self.cores();
                    if kept_on.as_ref() == Some(&cores) {
                        continue;
                    }
                    kept_on = Some(cores.clone());
                    if let Err(error) = handle.bind(cores).await {
                        tracing::warn!(task = self.place.name, %error, "cannot keep the task off other tasks' cores");
                    }
                }
                control = self.control.recv() => match control.ok_or(Abandoned)? {
                    Control::Start => {}
                    Control::Kill(_) if self.row.killing => {}
                    Control::Kill(reason) => {
                        self.row.kill(&reason, self.kill_timeout_ns(), now_ns());
                        self.shutdown_delay(&reason, handle.as_ref()).await?;
                        self.stop(handle.as_ref()).await;
                    }
                    Control::Signal(signal) => {
                        self.row.state.push(event::signaling(now_ns()));
                        if let Err(error) = handle.signal(signal as i32).await {
                            tracing::warn!(task = self.place.name, %error, "cannot signal the task");
                        }
                        self.keep().await?;
                    }
                    Control::Note(event) => self.note(event).await?,
                    Control::Restart { why, failure, anew } => {
                        self.row.state.push(event::restart_signaled(now_ns(), &why));
                        self.row.restart_asked = !failure;
                        self.row.restart_anew = anew;
                        self.keep().await?;
                        self.stop(handle.as_ref()).await;
                    }
                }
            }
        }
    }

    /// The job's pause before a task is killed; one that ends by itself ends it. Writes the kill down first.
    async fn shutdown_delay(
        &mut self,
        reason: &KillReason,
        handle: &dyn TaskHandle,
    ) -> Result<(), Abandoned> {
        let (group_ns, skip) = {
            let alloc = self.alloc.borrow();
            let group = alloc.group().and_then(|group| group.shutdown_delay_ns).unwrap_or(0);
            (group.max(0), alloc.desired_transition.skips_shutdown_delay())
        };
        // The group's is a pause for whoever still sends it work; when the group ends by itself there is nobody.
        let from_outside = matches!(reason, KillReason::Stopped | KillReason::Overtime);
        let group_ns = if from_outside { group_ns } else { 0 };
        let own_ns = if *reason == KillReason::Shutdown { 0 } else { self.task().shutdown_delay_ns.max(0) };
        if own_ns > 0 {
            self.row.state.push(event::shutdown_delay(now_ns(), own_ns, skip));
        }
        self.keep().await?;
        let delay_ns = own_ns.saturating_add(group_ns);
        if delay_ns > 0 && !skip {
            let mut alloc = self.alloc.clone();
            let skipped = alloc.wait_for(|alloc| alloc.desired_transition.skips_shutdown_delay());
            tokio::select! {
                // Running out of time is the point of the delay.
                () = tokio::time::sleep(Duration::from_nanos(delay_ns.unsigned_abs())) => {}
                _ = handle.wait() => {}
                Ok(_) = skipped => {}
            }
        }
        Ok(())
    }

    async fn stop(&self, handle: &dyn TaskHandle) {
        let asked = self.task().kill_signal;
        let signal = parse_signal(&asked).unwrap_or(Signal::SIGINT);
        let timeout_ms = u64::try_from(self.kill_timeout_ns() / 1_000_000).unwrap_or(0);
        if let Err(error) = handle.stop(signal as i32, timeout_ms).await {
            tracing::error!(task = self.place.name, %error, "cannot stop the task");
        }
    }

    async fn ended(&mut self, exit: &ExitResult) -> Result<(), Abandoned> {
        let task = self.task();
        let policy = self.policy(&task);
        self.row.exited(exit, &policy, now_ns());
        tracing::info!(
            task = self.place.name,
            exit_code = exit.exit_code,
            signal = exit.signal,
            "task ended"
        );
        self.keep().await
    }

    async fn waiting(&mut self, until_ns: i64) -> Result<(), Abandoned> {
        let pause = Duration::from_nanos(until_ns.saturating_sub(now_ns()).max(0).unsigned_abs());
        tokio::select! {
            () = tokio::time::sleep(pause) => self.intend().await,
            control = self.control.recv() => match control.ok_or(Abandoned)? {
                Control::Kill(reason) => self.killed_early(&reason).await,
                Control::Note(event) => self.note(event).await,
                Control::Restart { .. } => self.intend().await,
                Control::Start | Control::Signal(_) => Ok(()),
            },
        }
    }
}

/// Reads a signal's name, with or without `SIG`.
pub(crate) fn parse_signal(name: &str) -> Option<Signal> {
    let upper = name.trim().to_ascii_uppercase();
    let full = if upper.starts_with("SIG") { upper } else { format!("SIG{upper}") };
    full.parse().ok()
}
