//! Client agents around the real `client_agent::reconcile`: a durable store, a machine whose processes outlive the
//! agent, and an agent that may die between any two of its steps.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use client_agent::reconcile::{self, Action, DesiredAlloc, KnownAlloc};
use model::id::{AllocId, NodeId};
use model::node::{DriverInfo, NodeResources};
use model::{AllocUpdate, ClientStatus, DesiredStatus, Node};
use raft::simulation::Draws;
use state::{Command, Outcome, State};

use crate::promise::Promise;
use crate::world::{CLIENTS, SERVERS, World, lock};

/// Between two looks at what is wanted, ms.
const PERIOD_MS: u64 = 350;

/// What runs on the nodes, whatever becomes of their agents.
#[derive(Debug, Default)]
pub(crate) struct Machines {
    /// Allocations that run, by node: their names.
    pub(crate) running: BTreeMap<(usize, AllocId), String>,
    /// How often each was started.
    started: BTreeMap<(usize, AllocId), u64>,
}

/// What an agent has on disk.
#[derive(Debug, Default)]
struct Store {
    allocs: BTreeMap<AllocId, Known>,
    /// Index of the newest set that was acted on.
    last_index: u64,
}

#[derive(Debug)]
struct Known {
    modify_index: u64,
    /// A start was intended; whether it happened, only the machine knows.
    intended: bool,
    /// The start is known to have happened.
    handle: bool,
    stopping: bool,
    reported: Option<ClientStatus>,
}

/// A complete set, as a server sent it.
#[derive(Debug, Clone)]
struct Set {
    index: u64,
    desired: BTreeMap<AllocId, DesiredAlloc>,
    names: BTreeMap<AllocId, String>,
}

/// The agent died here; what it had not written down is gone.
struct Died;

struct Agent {
    world: Arc<World>,
    number: usize,
    id: NodeId,
    draws: Draws,
    store: Store,
    /// The server that it talks to; another one has to answer from a read point first.
    session: Option<usize>,
    /// A set that is still on its way.
    late: Option<Set>,
}

/// Runs an agent until the world ends.
pub(crate) async fn run(world: Arc<World>, number: usize) {
    let (id, draws) = (NodeId(world.mint()), Draws::new(world.draw()));
    let store = Store::default();
    let mut agent = Agent { world, number, id, draws, store, session: None, late: None };
    agent.register().await;
    loop {
        tokio::time::sleep(Duration::from_millis(PERIOD_MS)).await;
        agent.world.turn(CLIENTS + agent.number).await;
        if let Err(Died) = agent.step().await {
            agent.world.fault(|faults| faults.agents_killed += 1);
            agent.world.note(|| format!("agent {number} died"));
            agent.session = None;
            agent.late = None;
            let down = agent.draws.below(1_500);
            tokio::time::sleep(Duration::from_millis(down)).await;
            agent.check_machine();
        }
    }
}

impl Agent {
    async fn register(&mut self) {
        let resources = NodeResources {
            cpu_shares: 1_000,
            memory_mb: 1_000,
            disk_mb: 10_000,
            ..NodeResources::default()
        };
        let driver = DriverInfo { detected: true, healthy: true, ..DriverInfo::default() };
        let node = Node {
            id: self.id,
            name: format!("n{}", self.number),
            datacenter: "dc1".into(),
            node_pool: "default".into(),
            secret_hash: "hash".into(),
            resources,
            drivers: [("mock_driver".to_owned(), driver)].into(),
            ..Node::default()
        };
        loop {
            let command = Command::RegisterNode { node: Box::new(node.clone()), seed: self.world.seed() };
            let server = self.any_server();
            if self.world.propose(server, command).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(PERIOD_MS)).await;
        }
    }

    fn any_server(&mut self) -> usize {
        usize::try_from(self.draws.below(SERVERS as u64)).unwrap_or(0)
    }

    /// A point at which the agent may die while there is trouble.
    fn may_die(&mut self) -> Result<(), Died> {
        let calm = self.world.calm.load(std::sync::atomic::Ordering::Acquire);
        if !calm && self.draws.below(150) == 0 { Err(Died) } else { Ok(()) }
    }

    async fn step(&mut self) -> Result<(), Died> {
        let muted = lock(&self.world.muted).get(&self.number).copied();
        if muted.is_some_and(|until| self.world.now_ms() < until) {
            self.session = None;
            return Ok(());
        }
        let Some(set) = self.fetch().await else {
            self.session = None;
            return Ok(());
        };
        self.may_die()?;
        // What an earlier session had sent may come after what a later one sends.
        let late = self.late.take_if(|_| self.draws.below(3) == 0);
        if self.draws.below(6) == 0 {
            self.late = Some(set.clone());
        }
        for set in [Some(set), late].into_iter().flatten() {
            self.act(&set)?;
        }
        self.report().await
    }

    /// The node's complete set from a server; the first of a session is at a read point.
    async fn fetch(&mut self) -> Option<Set> {
        let (server, fresh) = match self.session.filter(|_| self.draws.below(12) > 0) {
            Some(server) => (server, false),
            None => (self.any_server(), true),
        };
        let up = self.world.up(server)?;
        let state = match fresh {
            true => self.world.read_at(server, &up).await?,
            false => up.raft.state(),
        };
        self.session = Some(server);
        self.world.turn(CLIENTS + self.number).await;
        self.sign_of_life(server).await;
        Some(self.set_of(&state))
    }

    fn set_of(&self, state: &State) -> Set {
        let mut set = Set { index: state.index(), desired: BTreeMap::new(), names: BTreeMap::new() };
        for alloc in state.allocs_of_node(self.id) {
            let wanted = DesiredAlloc {
                alloc_modify_index: alloc.alloc_modify_index,
                run: alloc.desired_status == DesiredStatus::Run && !alloc.client_status.terminal(),
                no_shutdown_delay: false,
            };
            set.desired.insert(alloc.id, wanted);
            set.names.insert(alloc.id, alloc.name.clone());
        }
        set
    }

    /// The server that holds the session tells the leader that the node is alive.
    async fn sign_of_life(&self, server: usize) {
        let Some(up) = self.world.up(server) else { return };
        let leader = up.raft.leadership().borrow().leader.clone();
        let Some(leader) = leader.and_then(|leader| self.world.server_at(&leader.rpc_addr)) else { return };
        if leader != server {
            let way = self.world.network.cross(server, leader);
            tokio::time::sleep(Duration::from_millis(way.delay_ms)).await;
            if way.lost {
                return;
            }
        }
        lock(&self.world.seats[leader].heard).insert(self.id);
    }

    /// Does what a set asks for.
    fn act(&mut self, set: &Set) -> Result<(), Died> {
        if !reconcile::acceptable(set.index, self.store.last_index) {
            self.world.fault(|faults| faults.older_sets += 1);
            return Ok(());
        }
        self.store.last_index = set.index;
        let known = self.store.allocs.iter().map(|(id, known)| {
            (*id, KnownAlloc { alloc_modify_index: known.modify_index, stopping: known.stopping })
        });
        let actions = reconcile::reconcile(&set.desired, &known.collect());
        for (id, action) in actions {
            self.may_die()?;
            match action {
                Action::Want => self.want(id, set)?,
                Action::Stop => self.stop(id, false),
                Action::Forget => self.stop(id, true),
            }
        }
        Ok(())
    }

    /// The body is here: a new allocation is started, once.
    fn want(&mut self, id: AllocId, set: &Set) -> Result<(), Died> {
        let wanted = set.desired[&id];
        let new = Known { modify_index: 0, intended: false, handle: false, stopping: false, reported: None };
        let known = self.store.allocs.entry(id).or_insert(new);
        known.modify_index = wanted.alloc_modify_index;
        if !wanted.run || known.stopping || known.handle {
            return Ok(());
        }
        known.intended = true;
        self.may_die()?;
        self.start(id, &set.names[&id]);
        self.may_die()?;
        if let Some(known) = self.store.allocs.get_mut(&id) {
            known.handle = true;
        }
        Ok(())
    }

    /// The supervisor's lock on the machine says whether it was started before.
    fn start(&mut self, id: AllocId, name: &str) {
        let mut machines = lock(&self.world.machines);
        let place = (self.number, id);
        if machines.running.contains_key(&place) {
            return;
        }
        machines.running.insert(place, name.to_owned());
        let times = machines.started.entry(place).or_default();
        *times += 1;
        let times = *times;
        drop(machines);
        let number = self.number;
        self.world.note(|| format!("agent {number} starts {name} as {id}"));
        self.world.checked(Promise::P6, 1);
        if times > 1 {
            let how = format!("agent {number} started {name} ({id}) {times} times");
            self.world.break_promise(Promise::P6, how);
        }
    }

    fn stop(&mut self, id: AllocId, forget: bool) {
        lock(&self.world.machines).running.remove(&(self.number, id));
        let number = self.number;
        self.world.note(|| format!("agent {number} stops {id}"));
        if forget {
            self.store.allocs.remove(&id);
        } else if let Some(known) = self.store.allocs.get_mut(&id) {
            known.stopping = true;
        }
    }

    /// P6: after a restart what ran still runs, and an intent that came to nothing is carried out.
    fn check_machine(&mut self) {
        let running = &lock(&self.world.machines).running;
        for (id, known) in &mut self.store.allocs {
            let runs = running.contains_key(&(self.number, *id));
            if known.handle && !known.stopping && !runs {
                let how = format!("agent {} lost {id} in a restart", self.number);
                self.world.break_promise(Promise::P6, how);
            }
            if known.intended && !known.handle && !known.stopping {
                // Asked for again, so that the start is finished, or found to have happened.
                known.modify_index = 0;
            }
        }
        self.world.checked(Promise::P6, 1);
    }

    /// Says what changed until a server has taken it.
    async fn report(&mut self) -> Result<(), Died> {
        let now_ns = self.world.wall_ns(0);
        let status = |known: &Known| match (known.handle, known.stopping) {
            (_, true) => Some(ClientStatus::Complete),
            (true, false) => Some(ClientStatus::Running),
            (false, false) => None,
        };
        let due: Vec<(AllocId, ClientStatus)> = (self.store.allocs.iter())
            .filter_map(|(id, known)| {
                status(known).filter(|now| known.reported != Some(*now)).map(|now| (*id, now))
            })
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let update = |(id, client_status): &(AllocId, ClientStatus)| AllocUpdate {
            id: *id,
            client_status: *client_status,
            modify_time_ns: now_ns,
            ..AllocUpdate::default()
        };
        let command = Command::UpdateAllocs {
            node_id: self.id,
            updates: due.iter().map(update).collect(),
            seed: self.world.seed(),
        };
        self.may_die()?;
        let Some(server) = self.session else { return Ok(()) };
        let answer = self.world.propose(server, command).await;
        self.world.turn(CLIENTS + self.number).await;
        match answer {
            Ok((_, Outcome::Done)) => {
                for (id, status) in due {
                    if let Some(known) = self.store.allocs.get_mut(&id) {
                        known.reported = Some(status);
                    }
                }
            }
            _ => self.session = None,
        }
        Ok(())
    }
}
