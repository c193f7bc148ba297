//! The allocations of this node: takes the servers' desired sets and bodies, owns the runners. One task, no locks.
//!
//! What a set means is decided by `reconcile.rs`; this room only carries it out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use model::codec::decode;
use model::{AllocId, AllocUpdate, Allocation, ClientStatus, DesiredStatus, Job, NodeId};
use proto::v1;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use crate::alloc::dir;
use crate::alloc::runner::{self, AllocCommand, Past};
use crate::clock::now_ns;
use crate::context::Context;
use crate::driver::raw_exec;
use crate::reconcile::{Action, DesiredAlloc, KnownAlloc, acceptable, reconcile};
use crate::store::rows::{JobId, Restored};

/// Ids asked for in one message.
const WANT_MAX: usize = 256;
/// Messages that wait for the roster.
const QUEUE_MAX: usize = 64;
/// How long tasks may take to end with the agent, on top of their kill timeout.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(10);

/// Where answers to the server go: the session that the question came from.
pub(crate) type Session = mpsc::Sender<v1::AgentMessage>;

/// What the roster is told.
pub(crate) enum Message {
    /// A complete set.
    Desired(v1::DesiredSet, Session),
    /// Bodies and jobs that were asked for.
    Bodies(v1::Bodies, Session),
    /// End: with `kill` the tasks too. Answered when it is done.
    Shutdown { kill: bool, done: oneshot::Sender<()> },
}

struct Entry {
    alloc_modify_index: u64,
    stopping: bool,
    forgetting: bool,
    job: JobId,
    /// `None` for one that never runs here: it ended before this agent knew of it.
    commands: Option<mpsc::Sender<AllocCommand>>,
}

/// The allocations of this node.
pub(crate) struct Roster {
    context: Arc<Context>,
    tracker: TaskTracker,
    node_id: NodeId,
    last_index: u64,
    desired: BTreeMap<AllocId, DesiredAlloc>,
    jobs: BTreeMap<JobId, Arc<Job>>,
    entries: BTreeMap<AllocId, Entry>,
    /// Bodies that wait for their job.
    waiting: BTreeMap<AllocId, Allocation>,
    swept: bool,
    gone: mpsc::Sender<AllocId>,
}

/// Starts the roster with what a restart found: those allocations run on before any server is heard.
pub(crate) fn begin(
    context: &Arc<Context>,
    tracker: &TaskTracker,
    restored: Restored,
) -> mpsc::Sender<Message> {
    let (messages, inbox) = mpsc::channel(QUEUE_MAX);
    let (gone, gone_inbox) = mpsc::channel(QUEUE_MAX);
    let mut roster = Roster {
        context: Arc::clone(context),
        tracker: tracker.clone(),
        node_id: context.node.id(),
        last_index: restored.last_index,
        desired: BTreeMap::new(),
        jobs: restored.jobs,
        entries: BTreeMap::new(),
        waiting: BTreeMap::new(),
        swept: false,
        gone,
    };
    let mut allocs: Vec<_> = restored.allocs.into_iter().collect();
    // Predecessors first: their successors look for them.
    allocs.sort_by_key(|(_, found)| found.row.as_ref().map_or(0, |row| row.alloc.create_index));
    for (id, found) in allocs {
        roster.restore(id, found);
    }
    tracker.spawn(roster.run(inbox, gone_inbox));
    messages
}

impl Roster {
    fn restore(&mut self, id: AllocId, found: crate::store::rows::RestoredAlloc) {
        let job = found.row.as_ref().and_then(|row| self.jobs.get(&JobId::of_alloc(&row.alloc))).cloned();
        let (Some(mut row), Some(job)) = (found.row, job) else {
            tracing::warn!(alloc = %id, "client state holds half an allocation; it is asked for again");
            return;
        };
        let mut alloc = std::mem::take(&mut row.alloc);
        alloc.job = job;
        let forgetting = row.forget;
        let past = Past { row, tasks: found.tasks, acknowledged: found.acknowledged };
        let mut entry = self.entry(&alloc);
        entry.forgetting = forgetting;
        entry.commands = Some(runner::begin(&self.context, &self.tracker, alloc, past, self.gone.clone()));
        self.entries.insert(id, entry);
    }

    fn entry(&self, alloc: &Allocation) -> Entry {
        Entry {
            alloc_modify_index: alloc.alloc_modify_index,
            stopping: alloc.desired_status != DesiredStatus::Run,
            forgetting: false,
            job: JobId::of_alloc(alloc),
            commands: None,
        }
    }

    async fn run(mut self, mut inbox: mpsc::Receiver<Message>, mut gone: mpsc::Receiver<AllocId>) {
        loop {
            tokio::select! {
                () = self.context.cancel.cancelled() => return,
                message = inbox.recv() => match message {
                    Some(Message::Desired(set, session)) => self.desired(set, &session).await,
                    Some(Message::Bodies(bodies, session)) => self.bodies(bodies, &session).await,
                    Some(Message::Shutdown { kill, done }) => {
                        if kill {
                            self.kill_all().await;
                        }
                        // The agent may have stopped waiting.
                        let _ = done.send(());
                        return;
                    }
                    None => return,
                },
                Some(id) = gone.recv() => {
                    self.entries.remove(&id);
                    self.drop_jobs();
                }
            }
        }
    }

    async fn desired(&mut self, set: v1::DesiredSet, session: &Session) {
        if !acceptable(set.index, self.last_index) {
            tracing::debug!(index = set.index, last = self.last_index, "an older desired set is dropped");
            return;
        }
        let refs = set.allocs.iter().filter_map(|alloc| {
            let wanted = DesiredAlloc {
                alloc_modify_index: alloc.alloc_modify_index,
                run: alloc.desired_status == DesiredStatus::Run.as_str(),
                no_shutdown_delay: alloc.no_shutdown_delay,
            };
            Some((alloc.id.parse::<AllocId>().ok()?, wanted))
        });
        let desired: BTreeMap<AllocId, DesiredAlloc> = refs.collect();
        if desired.len() != set.allocs.len() {
            // Acting on it would stop what its unreadable entries stand for.
            tracing::error!(index = set.index, "a desired set holds ids that are none; it is dropped");
            return;
        }
        self.last_index = set.index;
        if let Err(error) = self.context.store.put_last_index(set.index) {
            tracing::error!(%error, "cannot keep the index of the desired set");
        }
        self.desired = desired;
        self.waiting.retain(|id, _| self.desired.contains_key(id));
        let known = self.entries.iter().filter(|(_, entry)| !entry.forgetting).map(|(id, entry)| {
            (*id, KnownAlloc { alloc_modify_index: entry.alloc_modify_index, stopping: entry.stopping })
        });
        let actions = reconcile(&self.desired, &known.collect());
        let mut wanted = Vec::new();
        for (id, action) in actions {
            match action {
                Action::Want => wanted.push(id),
                Action::Stop => {
                    let wanted = self.desired.get(&id);
                    let no_shutdown_delay = wanted.is_some_and(|wanted| wanted.no_shutdown_delay);
                    self.tell(id, AllocCommand::Stop { no_shutdown_delay }).await;
                }
                Action::Forget => self.forget(id).await,
            }
        }
        wanted.retain(|id| !self.entries.get(id).is_some_and(|entry| entry.forgetting));
        for ids in wanted.chunks(WANT_MAX) {
            let alloc_ids = ids.iter().map(ToString::to_string).collect();
            want(session, v1::Want { alloc_ids, jobs: Vec::new() }).await;
        }
        self.sweep();
    }

    async fn tell(&mut self, id: AllocId, command: AllocCommand) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        if matches!(command, AllocCommand::Stop { .. }) {
            entry.stopping = true;
        }
        if let Some(commands) = &entry.commands {
            // A runner that does not listen has removed its allocation.
            let _ = commands.send(command).await;
        }
    }

    async fn forget(&mut self, id: AllocId) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        entry.forgetting = true;
        if entry.commands.is_some() {
            return self.tell(id, AllocCommand::Forget).await;
        }
        self.entries.remove(&id);
        self.context.outbox.remove(id);
        self.remove_leftovers(id, None);
        self.drop_jobs();
    }

    /// Ends what still runs of an allocation that has no runner; then reports it, or removes its directory.
    fn remove_leftovers(&self, id: AllocId, report: Option<AllocUpdate>) {
        let context = Arc::clone(&self.context);
        let root = dir::alloc_root(context.alloc_dir(), id);
        self.tracker.spawn(async move {
            raw_exec::end_all(&root).await;
            match report {
                Some(update) => context.outbox.put(update, String::new()),
                None => {
                    let removed = tokio::task::spawn_blocking(move || dir::remove(&root)).await;
                    if let Ok(Err(error)) = removed {
                        tracing::warn!(alloc = %id, %error, "cannot remove what is left of an allocation");
                    }
                }
            }
        });
    }

    /// Once, after the first complete set: directories of allocations that nobody knows are removed, tasks and all.
    fn sweep(&mut self) {
        if std::mem::replace(&mut self.swept, true) {
            return;
        }
        let Ok(found) = std::fs::read_dir(self.context.alloc_dir()) else {
            return;
        };
        let ids = found.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<AllocId>().ok());
        for id in ids.filter(|id| !self.desired.contains_key(id) && !self.entries.contains_key(id)) {
            tracing::warn!(alloc = %id, "an allocation that nobody knows is removed");
            self.remove_leftovers(id, None);
        }
    }

    async fn bodies(&mut self, bodies: v1::Bodies, session: &Session) {
        for bytes in &bodies.jobs {
            match decode::<Job>(bytes) {
                Ok(job) => self.add_job(job),
                Err(error) => tracing::error!(%error, "a job cannot be read"),
            }
        }
        for bytes in &bodies.allocs {
            match decode::<Allocation>(bytes) {
                Ok(alloc) => drop(self.waiting.insert(alloc.id, alloc)),
                Err(error) => tracing::error!(%error, "an allocation cannot be read"),
            }
        }
        let mut missing = BTreeSet::new();
        for (id, mut alloc) in std::mem::take(&mut self.waiting) {
            match self.jobs.get(&JobId::of_alloc(&alloc)) {
                Some(job) => {
                    alloc.job = Arc::clone(job);
                    self.place(alloc).await;
                }
                None => {
                    missing.insert(JobId::of_alloc(&alloc));
                    self.waiting.insert(id, alloc);
                }
            }
        }
        // Only bodies that came without their job ask for it, and only once per message.
        if !missing.is_empty() && !bodies.allocs.is_empty() {
            let jobs = missing.into_iter().map(|id| v1::JobRef {
                namespace: id.namespace,
                job_id: id.job_id,
                create_index: id.create_index,
                version: id.version,
            });
            want(session, v1::Want { alloc_ids: Vec::new(), jobs: jobs.collect() }).await;
        }
    }

    fn add_job(&mut self, job: Job) {
        let id = JobId::of_job(&job);
        if let Err(error) = self.context.store.put_job(&id, &job) {
            tracing::error!(job = id.job_id, %error, "cannot keep a job");
        }
        self.jobs.insert(id, Arc::new(job));
    }

    async fn place(&mut self, mut alloc: Allocation) {
        let id = alloc.id;
        // A body may be older than the last set, which alone says what is to be here.
        let Some(wanted) = self.desired.get(&id) else {
            return;
        };
        if alloc.node_id != self.node_id {
            tracing::error!(alloc = %id, node = %alloc.node_id, "an allocation of another node is refused");
            return;
        }
        if !wanted.run && alloc.desired_status == DesiredStatus::Run {
            alloc.desired_status = DesiredStatus::Stop;
        }
        let mut entry = self.entry(&alloc);
        if let Some(known) = self.entries.get_mut(&id) {
            if known.forgetting || known.alloc_modify_index > alloc.alloc_modify_index {
                return;
            }
            entry.commands = known.commands.take();
            entry.stopping |= known.stopping;
            self.entries.insert(id, entry);
            return self.tell(id, AllocCommand::Update(Arc::new(alloc))).await;
        }
        let ended = alloc.client_status.terminal();
        if !ended && alloc.desired_status == DesiredStatus::Run {
            entry.commands =
                Some(runner::begin(&self.context, &self.tracker, alloc, Past::default(), self.gone.clone()));
        } else if !ended {
            let update = AllocUpdate {
                id,
                client_status: ClientStatus::Complete,
                client_description: "All tasks have completed".to_owned(),
                modify_time_ns: now_ns(),
                ..AllocUpdate::default()
            };
            self.remove_leftovers(id, Some(update));
        }
        self.entries.insert(id, entry);
    }

    fn drop_jobs(&mut self) {
        let used: BTreeSet<JobId> = self.entries.values().map(|entry| entry.job.clone()).collect();
        let waiting: BTreeSet<JobId> = self.waiting.values().map(JobId::of_alloc).collect();
        let store = &self.context.store;
        self.jobs.retain(|id, _| {
            let keep = used.contains(id) || waiting.contains(id);
            if !keep && let Err(error) = store.remove_job(id) {
                tracing::warn!(job = id.job_id, %error, "cannot forget a job");
            }
            keep
        });
    }

    async fn kill_all(&mut self) {
        let mut waiting = Vec::new();
        for commands in self.entries.values().filter_map(|entry| entry.commands.as_ref()) {
            let (done, ended) = oneshot::channel();
            if commands.send(AllocCommand::Shutdown(done)).await.is_ok() {
                waiting.push(ended);
            }
        }
        let kill = Duration::from_nanos(self.context.options.max_kill_timeout_ns.max(0).unsigned_abs());
        let all = futures::future::join_all(waiting);
        if tokio::time::timeout(kill + SHUTDOWN_PATIENCE, all).await.is_err() {
            tracing::error!("not every task has ended in time");
        }
    }
}

async fn want(session: &Session, want: v1::Want) {
    let message =
        v1::AgentMessage { traceparent: String::new(), body: Some(v1::agent_message::Body::Want(want)) };
    // A session that has ended asks again with the first set of the next one.
    let _ = session.send(message).await;
}
