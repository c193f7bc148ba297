//! Clients: registrations, updates with check-and-set, stops, variables and reads, at any server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::id::JobKey;
use model::job::{EphemeralDisk, Resources};
use model::{EvalId, EvalStatus, Evaluation, Job, JobType, Task, TaskGroup, Trigger, Variable};
use raft::simulation::Draws;
use state::{Answer, Command, Operation, Outcome, Refusal};

use crate::history::{self, STOPPED, What};
use crate::promise::Promise;
use crate::server::Miss;
use crate::world::{SERVERS, Up, World, lock};

/// Jobs that clients fight over.
pub(crate) const JOBS: u64 = 3;
const VARIABLES: u64 = 2;
const OPERATIONS: u64 = 26;
/// The longest pause between two operations, ms.
const PAUSE_MS: u64 = 600;
/// How long a client waits for a change before it reads.
const NEWS: Duration = Duration::from_millis(500);
/// How long a blocking query waits, and how late it may be, ms.
const BLOCKING_MS: u64 = 2_000;
const LATE_MS: u64 = 1_000;

/// The key of job `number`.
pub(crate) fn job_key(number: u64) -> JobKey {
    JobKey::new("default", &format!("job-{number}"))
}

struct Client {
    world: Arc<World>,
    number: usize,
    draws: Draws,
    /// Indexes of the last changes that it knows of, by register.
    known: BTreeMap<String, u64>,
    written: u64,
}

/// Does what a client does until the faults are nearly over.
pub(crate) async fn run(world: Arc<World>, number: usize) {
    let draws = Draws::new(world.draw());
    let mut client = Client { world, number, draws, known: BTreeMap::new(), written: 0 };
    for _ in 0..OPERATIONS {
        let pause = 1 + client.draws.below(PAUSE_MS);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        client.world.turn(number).await;
        client.act().await;
        if client.world.is_broken() {
            return;
        }
    }
}

impl World {
    /// Waits for a time that is nobody else's: whoever was woken together goes on in the same order again.
    pub(crate) async fn turn(&self, slot: usize) {
        let slots = 8;
        let now = self.now_ms() % slots;
        let wait = (slots + slot as u64 - now - 1) % slots + 1;
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }

    /// A consistent read at a server: waits for the barrier and gives the state there.
    pub(crate) async fn read_at(&self, server: usize, up: &Up) -> Option<Arc<state::State>> {
        // One at a time: tokio wakes several waiters of one channel in an order of its own.
        let _alone = self.seats[server].reading.lock().await;
        let raft = up.raft.clone();
        self.at(up, async move { raft.read_barrier().await.ok().map(|_index| raft.state()) }).await?
    }
}

impl Client {
    async fn act(&mut self) {
        let server = usize::try_from(self.draws.below(SERVERS as u64)).unwrap_or(0);
        match self.draws.below(20) {
            0..=6 => self.register(server).await,
            7 => self.stop(server).await,
            8..=11 => self.put_variable(server).await,
            12 => self.read(server, false).await,
            13..=15 => self.read_twice(server).await,
            16..=17 => self.read(server, true).await,
            18 => self.read_stale(server),
            _ => self.wait_for_news(server).await,
        }
    }

    fn value(&mut self) -> u64 {
        self.written += 1;
        self.number as u64 * 1_000 + self.written
    }

    /// Sometimes the register has to be as this client knows it.
    fn condition(&mut self, key: &str) -> Option<u64> {
        let known = self.known.get(key).copied().unwrap_or(0);
        (self.draws.below(3) > 0).then_some(known)
    }

    async fn register(&mut self, server: usize) {
        let number = self.draws.below(JOBS);
        let key = job_key(number);
        let register = key.to_string();
        let value = self.value();
        let expected = self.condition(&register);
        let job = job(&key, 1 + self.draws.below(4), value);
        let eval = self.eval(&key, Trigger::JobRegister);
        let command = Command::RegisterJob {
            job: Box::new(job),
            eval: Box::new(eval),
            enforce_index: expected,
            preserve_counts: false,
            submission: None,
        };
        let called = self.tick();
        let alone = self.world.network.alone_since(server, SERVERS);
        let answer = self.world.propose(server, command).await;
        let what = match answer {
            Ok((index, Outcome::Job { .. })) => Some(What::Wrote { value, index, expected }),
            Ok((index, Outcome::Refused(refusal))) => {
                let actual = match refusal {
                    Refusal::JobMissing { .. } => Some(0),
                    Refusal::JobChanged { actual, .. } => Some(actual),
                    _ => None,
                };
                expected.map(|expected| What::Refused { index, expected, actual })
            }
            Ok(_) | Err(Miss::Nothing) => None,
            Err(Miss::Unknown) => Some(What::MayHaveWritten { value }),
        };
        self.end(server, (register, called, alone), what).await;
    }

    async fn stop(&mut self, server: usize) {
        let key = job_key(self.draws.below(JOBS));
        let eval = self.eval(&key, Trigger::JobDeregister);
        let command = Command::DeregisterJob { job: key.clone(), purge: false, eval: Box::new(eval) };
        let called = self.tick();
        let alone = self.world.network.alone_since(server, SERVERS);
        let what = match self.world.propose(server, command).await {
            Ok((index, Outcome::Job { .. })) => Some(What::Stopped { index }),
            Err(Miss::Unknown) => Some(What::MayHaveWritten { value: STOPPED }),
            Ok(_) | Err(Miss::Nothing) => None,
        };
        self.end(server, (key.to_string(), called, alone), what).await;
    }

    async fn put_variable(&mut self, server: usize) {
        let path = format!("v/{}", self.draws.below(VARIABLES));
        let value = self.value();
        let cas = self.condition(&path);
        let variable = Variable {
            namespace: "default".into(),
            path: path.clone(),
            data: value.to_le_bytes().to_vec(),
            ..Variable::default()
        };
        let operation = Operation::PutVariable { variable: Box::new(variable), cas, acquire: false };
        let called = self.tick();
        let alone = self.world.network.alone_since(server, SERVERS);
        let what = match self.world.propose(server, Command::Operate { operation }).await {
            Ok((index, Outcome::Operated(Answer::Variable(_)))) => {
                Some(What::Wrote { value, index, expected: cas })
            }
            Ok((index, Outcome::Operated(Answer::Conflict(found)))) => {
                cas.map(|expected| What::Refused { index, expected, actual: Some(found.modify_index) })
            }
            Ok(_) | Err(Miss::Nothing) => None,
            Err(Miss::Unknown) => Some(What::MayHaveWritten { value }),
        };
        self.end(server, (path, called, alone), what).await;
    }

    async fn read(&mut self, server: usize, variable: bool) {
        let register = if variable {
            format!("v/{}", self.draws.below(VARIABLES))
        } else {
            job_key(self.draws.below(JOBS)).to_string()
        };
        self.read_register(server, register).await;
    }

    /// Waits for a change at a server and reads what changed there, then at once where the leader is: it may be behind,
    /// and has to show no less.
    async fn read_twice(&mut self, server: usize) {
        let Some(up) = self.world.up(server) else { return };
        let Ok(alone) = self.world.seats[server].waiting.try_lock() else { return };
        let mut states = up.raft.watch_state();
        let index = up.raft.state().index();
        let changed = self.world.at(&up, async move {
            let news = tokio::time::timeout(NEWS, states.wait_for(|state| state.index() > index)).await;
            news.is_ok_and(|state| state.is_ok())
        });
        let changed = changed.await == Some(true);
        drop(alone);
        if !changed {
            return;
        }
        let state = up.raft.state();
        let last = state.jobs().max_by_key(|(_, job, _)| job.job_modify_index);
        let Some(register) = last.map(|(key, _, _)| key.to_string()) else { return };
        self.read_register(server, register.clone()).await;
        let leader = self.world.leading().map(|(leader, _)| leader).filter(|leader| *leader != server);
        self.read_register(leader.unwrap_or((server + 1) % SERVERS), register).await;
    }

    async fn read_register(&mut self, server: usize, register: String) {
        let Some(up) = self.world.up(server) else { return };
        let called = self.tick();
        let alone = self.world.network.alone_since(server, SERVERS);
        let state = self.world.read_at(server, &up).await;
        let what = state.map(|state| {
            let (modified, value) = look(&state, &register);
            What::Read { modified, value }
        });
        self.end(server, (register, called, alone), what).await;
    }

    /// P9 in its other half: a stale read is always answered, and its index says how old it is.
    fn read_stale(&mut self, server: usize) {
        let Some(up) = self.world.up(server) else { return };
        self.world.serves(server, up.raft.state().index());
        self.world.note(|| format!("client {} read s{server} as it is", self.number));
    }

    /// P5: a blocking query.
    async fn wait_for_news(&mut self, server: usize) {
        let Some(up) = self.world.up(server) else { return };
        let Ok(_alone) = self.world.seats[server].waiting.try_lock() else { return };
        let mut states = up.raft.watch_state();
        let index = up.raft.state().index();
        let wait = Duration::from_millis(BLOCKING_MS);
        let answer = self
            .world
            .at(&up, async move {
                let waited = tokio::time::timeout(wait, states.wait_for(|state| state.index() > index)).await;
                waited.ok().and_then(|state| state.ok().map(|state| state.index()))
            })
            .await;
        let now = self.world.now_ms();
        let passed = self.world.shown_above(server, index);
        match (answer, passed) {
            (Some(Some(found)), _) if found <= index => {
                self.world
                    .break_promise(Promise::P5, format!("a blocking query at {index} returned at {found}"));
            }
            (Some(_), Some(passed)) if now > passed + LATE_MS + 8 => {
                let how =
                    format!("a blocking query at {index} of s{server} returned {} ms late", now - passed);
                self.world.break_promise(Promise::P5, how);
            }
            (Some(_), _) => self.world.checked(Promise::P5, 1),
            (None, _) => {}
        }
        self.world.turn(self.number).await;
    }

    fn eval(&mut self, key: &JobKey, triggered_by: Trigger) -> Evaluation {
        Evaluation {
            id: EvalId(self.world.mint()),
            namespace: key.namespace().to_owned(),
            job_id: key.id().to_owned(),
            priority: 50,
            kind: JobType::Service,
            triggered_by,
            status: EvalStatus::Pending,
            ..Evaluation::default()
        }
    }

    fn tick(&self) -> u64 {
        lock(&self.world.history).tick()
    }

    /// Notes how an operation ended.
    async fn end(
        &mut self,
        server: usize,
        (key, called, alone): (String, u64, Option<u64>),
        what: Option<What>,
    ) {
        self.world.turn(self.number).await;
        let still_alone = alone.is_some() && alone == self.world.network.alone_since(server, SERVERS);
        let answered = what.as_ref().is_some_and(|what| !matches!(what, What::MayHaveWritten { .. }));
        if still_alone {
            self.world.checked(Promise::P9, 1);
            if answered {
                let how = format!("s{server} was alone and answered {what:?} of {key}");
                self.world.break_promise(Promise::P9, how);
            }
        }
        let number = self.number;
        self.world.note(|| format!("client {number} at s{server}: {key} {what:?}"));
        let Some(what) = what else { return };
        match what {
            What::Wrote { index, .. } => self.known.insert(key.clone(), index),
            What::Read { modified, .. } => self.known.insert(key.clone(), modified),
            What::Refused { actual: Some(actual), .. } => self.known.insert(key.clone(), actual),
            _ => None,
        };
        let mut history = lock(&self.world.history);
        let returned = if answered { history.tick() } else { u64::MAX };
        history.push(history::Operation { client: number, key, called, returned, what });
    }
}

/// The last change of a register and its value.
pub(crate) fn look(state: &state::State, register: &str) -> (u64, u64) {
    if let Some(variable) = state.variable("default", register) {
        let bytes = variable.data.get(..8).and_then(|bytes| bytes.try_into().ok());
        return (variable.modify_index, bytes.map_or(0, u64::from_le_bytes));
    }
    let found = state.jobs().find(|(key, _, _)| key.to_string() == register);
    let Some((_, job, _)) = found else { return (0, 0) };
    let value = job.meta.get("value").and_then(|value| value.parse().ok()).unwrap_or(0);
    (job.job_modify_index, if job.stop { STOPPED } else { value })
}

fn job(key: &JobKey, count: u64, value: u64) -> Job {
    let resources = Resources { cpu: 300, memory_mb: 100, ..Resources::default() };
    let task = Task { name: "t".into(), driver: "mock_driver".into(), resources, ..Task::default() };
    let group = TaskGroup {
        name: "g".into(),
        count: i64::try_from(count).unwrap_or(1),
        tasks: vec![task],
        ephemeral_disk: EphemeralDisk { size_mb: 10, ..EphemeralDisk::default() },
        ..TaskGroup::default()
    };
    Job {
        namespace: key.namespace().to_owned(),
        id: key.id().to_owned(),
        name: key.id().to_owned(),
        priority: 50,
        datacenters: vec!["dc1".into()],
        node_pool: "default".into(),
        meta: [("value".to_owned(), value.to_string())].into(),
        task_groups: vec![group],
        ..Job::default()
    }
}
