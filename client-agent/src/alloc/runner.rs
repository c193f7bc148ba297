//! One allocation from its arrival to its removal: runs its tasks in order, judges its health, reports its status.
//!
//! Reports nothing that is not flushed, and removes nothing that the servers still list.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::{
    AllocId, AllocUpdate, Allocation, ClientStatus, DesiredStatus, ServiceRegistration, TaskRunState,
    TaskState,
};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::TaskTracker;
use tracing::{Span, info_span};

use super::order::{Order, TaskPlace, decide};
use super::turn::Turn;
use super::{dir, health, overtime, rollup};
use crate::checks::{Checks, Standing};
use crate::clock::now_ns;
use crate::context::{Context, Listing};
use crate::driver::raw_exec;
use crate::store::rows::{AllocRow, HealthRow};
use crate::task::lifecycle::{KillReason, TaskRow};
use crate::task::runner::{Control, Report, TaskRunner};

/// Commands and reports that wait for an allocation.
const QUEUE_MAX: usize = 64;
/// Pause before the store is tried again when it refuses a write.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Longest sleep between looks at an allocation's health.
pub(super) const LOOK_MAX: Duration = Duration::from_secs(3600);

/// What an allocation is told.
pub(crate) enum AllocCommand {
    /// The servers have changed it.
    Update(Arc<Allocation>),
    /// Stop its tasks.
    Stop { no_shutdown_delay: bool },
    /// Stop its tasks, then remove every trace of it.
    Forget,
    /// Send a signal to one task, or to all; the error is for people.
    Signal {
        task: Option<String>,
        signal: nix::sys::signal::Signal,
        reply: oneshot::Sender<Result<(), String>>,
    },
    /// Restart one task, or those that run; the error is for people.
    Restart {
        task: Option<String>,
        why: String,
        /// It counts as a failure of the task.
        failure: bool,
        reply: oneshot::Sender<Result<(), String>>,
    },
    /// Restart all tasks in their order, those that have ended too; the error is for people.
    RestartAll { why: String, reply: oneshot::Sender<Result<(), String>> },
    /// Remove its directory, if it has ended; the error is for people.
    Collect(oneshot::Sender<Result<(), String>>),
    /// The agent ends and takes the tasks along. Answered once none runs.
    Shutdown(oneshot::Sender<()>),
}

/// Who is told when an allocation is gone for good.
pub(crate) type Gone = mpsc::Sender<AllocId>;

/// One allocation at work.
pub(crate) struct AllocRunner {
    pub(super) context: Arc<Context>,
    pub(super) row: AllocRow,
    pub(super) root: PathBuf,
    pub(super) alloc: watch::Sender<Arc<Allocation>>,
    pub(super) places: Vec<TaskPlace>,
    pub(super) states: BTreeMap<String, TaskState>,
    pub(super) controls: BTreeMap<String, mpsc::Sender<Control>>,
    pub(super) told: BTreeMap<String, Order>,
    pub(super) checks: Checks,
    /// Its tasks have been told that they are why it is not healthy.
    pub(super) blamed: bool,
    turn: Turn,
    pub(super) contact: watch::Receiver<Option<i64>>,
    reports: mpsc::Receiver<Report>,
    commands: mpsc::Receiver<AllocCommand>,
    published: watch::Sender<AllocUpdate>,
    last: Option<AllocUpdate>,
    gone: Gone,
    pub(super) shutdown: Option<oneshot::Sender<()>>,
    trace: String,
    /// Open until the allocation runs or has ended.
    span: Option<Span>,
}

/// What a restart knows of an allocation; empty for a new one.
#[derive(Default)]
pub(crate) struct Past {
    /// The allocation in it counts for nothing.
    pub(crate) row: AllocRow,
    pub(crate) tasks: BTreeMap<String, TaskRow>,
    pub(crate) acknowledged: Option<AllocUpdate>,
}

/// Starts to run an allocation whose job is attached. The answer takes commands for it.
pub(crate) fn begin(
    context: &Arc<Context>,
    tracker: &TaskTracker,
    alloc: Allocation,
    past: Past,
    gone: Gone,
) -> mpsc::Sender<AllocCommand> {
    let (command_sender, commands) = mpsc::channel(QUEUE_MAX);
    let (report_sender, reports) = mpsc::channel(QUEUE_MAX);
    let root = dir::alloc_root(context.alloc_dir(), alloc.id);
    let span = info_span!("client.alloc", alloc = %alloc.id, job = alloc.job_id, group = alloc.task_group);
    runtime::trace::set_parent(&span, &alloc.trace);
    let trace = span.in_scope(runtime::trace::current_traceparent);
    let alloc = Arc::new(alloc);
    let published = watch::Sender::new(AllocUpdate { id: alloc.id, ..AllocUpdate::default() });
    let mut runner = AllocRunner {
        context: Arc::clone(context),
        row: AllocRow { alloc: (*alloc).clone(), ..past.row },
        root,
        places: Vec::new(),
        states: BTreeMap::new(),
        controls: BTreeMap::new(),
        told: BTreeMap::new(),
        checks: Checks::new(&command_sender),
        blamed: false,
        turn: Turn::of(&alloc, &context.directory),
        contact: context.contact.subscribe(),
        alloc: watch::Sender::new(Arc::clone(&alloc)),
        reports,
        commands,
        published,
        last: past.acknowledged,
        gone,
        shutdown: None,
        trace,
        span: Some(span),
    };
    if runner.row.began_ns == 0 {
        runner.row.began_ns = now_ns();
    }
    // Before any task's row: a restart must never find a task without its allocation.
    if let Err(error) = context.store.put_alloc(&runner.row) {
        tracing::error!(alloc = %alloc.id, %error, "cannot keep the allocation");
    }
    runner.add_tasks(tracker, past.tasks, &report_sender);
    let listing = Listing {
        root: runner.root.clone(),
        tasks: runner.places.iter().map(|place| place.name.clone()).collect(),
        alloc: runner.alloc.subscribe(),
        update: runner.published.subscribe(),
        checks: runner.checks.results(),
        commands: command_sender.clone(),
    };
    if !runner.row.collected {
        context.directory.put(alloc.id, listing);
    }
    tracker.spawn(runner.run());
    command_sender
}

impl AllocRunner {
    fn add_tasks(
        &mut self,
        tracker: &TaskTracker,
        mut past: BTreeMap<String, TaskRow>,
        reports: &mpsc::Sender<Report>,
    ) {
        let alloc = self.alloc.borrow().clone();
        if !self.row.collected
            && let Err(error) = dir::make_shared(&self.root)
        {
            // The tasks' own directories fail next, and that is what they report.
            tracing::warn!(alloc = %alloc.id, %error, "cannot make the allocation's directory");
        }
        let tasks = alloc.group().map(|group| group.tasks.as_slice()).unwrap_or_default();
        for task in tasks.iter().filter(|task| dir::valid_task_name(&task.name)) {
            let place = TaskPlace::of(task);
            let row = past.remove(&task.name).unwrap_or_else(|| {
                let mut fresh = TaskRow::default();
                fresh.received(now_ns());
                fresh
            });
            let (sender, control) = mpsc::channel(QUEUE_MAX);
            self.states.insert(task.name.clone(), row.state.clone());
            self.controls.insert(task.name.clone(), sender);
            self.places.push(place.clone());
            let runner = TaskRunner {
                context: Arc::clone(&self.context),
                alloc: self.alloc.subscribe(),
                place,
                row,
                control,
                reports: reports.clone(),
                dirs: dir::TaskDirs::beneath(&self.root, &task.name),
                handle: None,
                hold: None,
                started_on: None,
                trace: if self.trace.is_empty() { alloc.trace.clone() } else { self.trace.clone() },
            };
            tracker.spawn(runner.run());
        }
    }

    async fn run(mut self) {
        self.keep_row().await;
        let checks = self.checks.results();
        loop {
            let look_again = self.step().await;
            if self.finished().await {
                return;
            }
            tokio::select! {
                () = self.context.cancel.cancelled() => return,
                command = self.commands.recv() => match command {
                    Some(command) => self.handle(command).await,
                    None => return,
                },
                report = self.reports.recv(), if !self.controls.is_empty() => match report {
                    Some(report) => {
                        self.take(report);
                        while let Ok(report) = self.reports.try_recv() {
                            self.take(report);
                        }
                    }
                    // Every task runner has ended: the agent is going down.
                    None => return,
                },
                () = checks.changed() => {}
                () = self.turn.wait() => {}
                Ok(()) = self.contact.changed() => {}
                () = tokio::time::sleep(look_again) => {}
            }
        }
    }

    fn take(&mut self, report: Report) {
        self.states.insert(report.task, report.state);
    }

    pub(super) fn all_dead(&self) -> bool {
        self.states.values().all(|state| state.state == TaskRunState::Dead)
    }

    pub(super) fn stopping(&self) -> bool {
        self.row.forget || self.row.alloc.desired_status != DesiredStatus::Run
    }

    /// Why all tasks have to end, if that does not lie with the tasks themselves.
    fn ending(&self) -> Option<KillReason> {
        if self.stopping() {
            return Some(KillReason::Stopped);
        }
        self.row.overtime.then_some(KillReason::Overtime)
    }

    async fn handle(&mut self, command: AllocCommand) {
        match command {
            AllocCommand::Update(alloc) => {
                let stopping = self.row.alloc.desired_status != DesiredStatus::Run;
                self.row.alloc = (*alloc).clone();
                if stopping && self.row.alloc.desired_status == DesiredStatus::Run {
                    // A stop is final: its tasks have been told already.
                    self.row.alloc.desired_status = DesiredStatus::Stop;
                }
                if alloc.client_status == ClientStatus::Unknown {
                    // The servers have lost sight of it meanwhile: they are told again how it is.
                    self.last = None;
                }
                self.alloc.send_replace(alloc);
                self.keep_row().await;
            }
            AllocCommand::Stop { no_shutdown_delay } => {
                self.row.alloc.desired_status = DesiredStatus::Stop;
                if no_shutdown_delay {
                    self.skip_shutdown_delay();
                }
                self.keep_row().await;
            }
            AllocCommand::Forget => {
                self.row.forget = true;
                self.keep_row().await;
            }
            AllocCommand::Signal { task, signal, reply } => {
                // Whoever asked may have gone away.
                let _ = reply.send(self.signal(task.as_deref(), signal));
            }
            AllocCommand::Restart { task, why, failure, reply } => {
                let control = Control::Restart { why, failure, anew: false };
                let _ = reply.send(self.restart(task.as_deref(), &control));
            }
            AllocCommand::RestartAll { why, reply } => {
                let _ = reply.send(self.restart_all(why));
            }
            AllocCommand::Collect(reply) => {
                let collected = self.collect().await;
                let _ = reply.send(collected);
            }
            AllocCommand::Shutdown(done) => {
                self.shutdown = Some(done);
                for control in self.controls.values() {
                    let _ = control.try_send(Control::Kill(KillReason::Shutdown));
                }
            }
        }
    }

    /// Writes the row down and flushes it, however long the store takes to be writable again.
    pub(super) async fn keep_row(&self) {
        loop {
            let kept = match self.context.store.put_alloc(&self.row) {
                Ok(()) => self.context.store.flush().await,
                Err(error) => Err(error),
            };
            let Err(error) = kept else { return };
            tracing::error!(alloc = %self.row.alloc.id, %error, "cannot keep the allocation");
            tokio::select! {
                () = tokio::time::sleep(STORE_PAUSE) => {}
                () = self.context.cancel.cancelled() => return,
            }
        }
    }

    /// Looks at everything once: orders for tasks, health, status. Says when to look again at the latest.
    async fn step(&mut self) -> Duration {
        let time = self.watch_time().await.min(self.watch_contact().await);
        if self.shutdown.is_none() {
            for (name, order) in decide(&self.places, &self.states, self.ending()) {
                if order == Order::Start && !self.turn.come() {
                    continue;
                }
                self.tell(&name, order);
            }
        }
        let services = self.stand();
        let look_again = self.judge().await;
        self.report(services);
        self.rest();
        look_again.min(time)
    }

    /// Lets the tasks' runners go once nothing can happen to their tasks any more: many allocations end long before the
    /// servers forget them.
    fn rest(&mut self) {
        let decided = self.alloc.borrow().deployment_id.is_nil() || self.row.health.healthy.is_some();
        if self.all_dead() && (decided || self.stopping()) && !self.blamed {
            self.controls.clear();
        }
    }

    fn tell(&mut self, task: &str, order: Order) {
        let known = self.told.get(task);
        let repeated = match (&order, known) {
            (Order::Start, Some(_)) | (Order::Kill(_), Some(Order::Kill(_))) => true,
            (_, None) | (Order::Kill(_), Some(Order::Start)) => false,
        };
        if repeated {
            return;
        }
        let control = match &order {
            Order::Start => Control::Start,
            Order::Kill(reason) => Control::Kill(reason.clone()),
        };
        if self.controls.get(task).is_some_and(|sender| sender.try_send(control).is_ok()) {
            self.told.insert(task.to_owned(), order);
        }
    }

    async fn judge(&mut self) -> Duration {
        let alloc = self.alloc.borrow().clone();
        let update = alloc.group().and_then(|group| group.update.clone());
        let (false, Some(update)) = (alloc.deployment_id.is_nil() || self.stopping(), update) else {
            return LOOK_MAX;
        };
        let now = now_ns();
        if self.row.health.deployment_id != alloc.deployment_id {
            let decided = alloc.deployment_status.filter(|status| status.healthy.is_some());
            self.row.health = HealthRow {
                deployment_id: alloc.deployment_id,
                since_ns: now,
                healthy: decided.and_then(|status| status.healthy),
                decided_at_ns: decided.map_or(0, |status| status.timestamp_ns),
            };
            self.keep_row().await;
        }
        if self.row.health.healthy.is_some() || update.health_check == "manual" {
            return LOOK_MAX;
        }
        let checks = match update.health_check.as_str() {
            "task_states" => Standing::WellSince(0),
            _ => self.checks.results().standing(),
        };
        match health::judge(&self.places, &self.states, &update, self.row.health.since_ns, checks, now) {
            health::Verdict::Undecided { look_again_ns } => {
                let pause =
                    Duration::from_nanos(look_again_ns.saturating_sub(now).max(1_000_000).unsigned_abs());
                return pause.min(LOOK_MAX);
            }
            verdict => {
                let healthy = verdict == health::Verdict::Healthy;
                self.row.health.healthy = Some(healthy);
                self.row.health.decided_at_ns = now;
                self.keep_row().await;
                if !healthy {
                    self.blame(&update, now);
                }
            }
        }
        LOOK_MAX
    }

    /// Hands the status to the outbox if it differs from the last one. All of it is flushed by whoever changed it.
    fn report(&mut self, services: Option<Vec<ServiceRegistration>>) {
        let (client_status, description) = match self.places.is_empty() {
            true => (ClientStatus::Failed, "The job holds no task for this allocation"),
            false if self.row.overtime && self.all_dead() => (ClientStatus::Complete, overtime::DESCRIPTION),
            false => rollup::rollup(&self.states),
        };
        let update = AllocUpdate {
            id: self.row.alloc.id,
            services,
            client_status,
            client_description: description.to_owned(),
            task_states: self.states.clone(),
            healthy: self.row.health.healthy,
            deployment_id: self.row.health.deployment_id,
            health_timestamp_ns: self.row.health.decided_at_ns,
            modify_time_ns: now_ns(),
        };
        if client_status != ClientStatus::Pending {
            self.span = None;
        }
        let same = |last: &AllocUpdate| {
            AllocUpdate { modify_time_ns: 0, ..last.clone() }
                == AllocUpdate { modify_time_ns: 0, ..update.clone() }
        };
        self.published.send_replace(update.clone());
        if self.last.as_ref().is_some_and(same) {
            return;
        }
        self.last = Some(update.clone());
        // Nobody has asked about an allocation that the servers do not list.
        if !self.row.forget {
            self.context.outbox.put(update, self.trace.clone());
        }
    }

    /// True when there is nothing left to do for this allocation, ever, or in this process.
    async fn finished(&mut self) -> bool {
        if !self.all_dead() {
            return false;
        }
        if let Some(done) = self.shutdown.take() {
            // Whoever waits for the shutdown may have run out of patience.
            let _ = done.send(());
            return true;
        }
        if !self.row.forget {
            return false;
        }
        let id = self.row.alloc.id;
        // Supervisors that still wait for an acknowledgement hold the directory.
        raw_exec::end_all(&self.root).await;
        let root = self.root.clone();
        let removed = tokio::task::spawn_blocking(move || dir::remove(&root)).await;
        if let Ok(Err(error)) = removed {
            tracing::warn!(alloc = %id, %error, "cannot remove the allocation's directory");
        }
        if let Err(error) = self.context.store.remove_alloc(id) {
            tracing::warn!(alloc = %id, %error, "cannot forget the allocation");
        }
        self.context.directory.remove(id);
        self.context.outbox.remove(id);
        // The roster is gone only when the agent ends.
        let _ = self.gone.send(id).await;
        tracing::info!(alloc = %id, "allocation removed");
        true
    }
}
