//! Simulated client agents: thousands in one process, over real gRPC. They register a node, hold a session with
//! heartbeats, and say of every allocation that it runs; nothing runs.
//!
//! What an agent knows is its memory, as a real one's is its disk: [`Swarm::stop`] ends the agent, [`Swarm::start`]
//! brings it back with what it knew. [`Books`] hold what all of them have seen.

mod books;
mod memory;
mod session;

use std::sync::{Arc, Mutex, PoisonError};

use model::node::{DriverInfo, NodeNetwork, NodeResources};
use model::{Node, NodeId};
use runtime::{Clock, Mint};
use tokio_util::task::AbortOnDropHandle;
use tonic::transport::Channel;

pub use books::{Books, Counters, Sighting};
use memory::Memory;

/// What the agents are like.
#[derive(Debug, Clone)]
pub struct Options {
    /// `ip:port` of the servers' RPC.
    pub servers: Vec<String>,
    /// How many there are.
    pub agents: usize,
    /// Names of nodes begin so.
    pub prefix: String,
    /// CPU of each node, MHz.
    pub cpu: i64,
    /// Memory of each node, MiB.
    pub memory_mb: i64,
    /// How long a task of a batch job takes, ms.
    pub batch_ms: u64,
    /// Sessions that share a connection; 1 is what real agents do.
    pub per_connection: usize,
    /// What ids and choices are drawn from.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            servers: Vec::new(),
            agents: 10,
            prefix: "sim-".into(),
            cpu: 4_000,
            memory_mb: 8_192,
            batch_ms: 100,
            per_connection: 1,
            seed: 1,
        }
    }
}

/// What all agents share.
struct Shared {
    options: Options,
    mint: Mint,
    clock: Clock,
    books: Arc<Books>,
    /// By group of agents and server, where connections are shared.
    channels: Mutex<std::collections::BTreeMap<(usize, String), Channel>>,
}

struct Agent {
    memory: Arc<Mutex<Memory>>,
    running: Option<AbortOnDropHandle<()>>,
}

/// Simulated client agents; all end with this.
pub struct Swarm {
    shared: Arc<Shared>,
    agents: Vec<Agent>,
}

impl Swarm {
    /// Starts all of them. They register as soon as a server takes them.
    pub fn begin(options: Options) -> Swarm {
        let mint = Mint::seeded(options.seed);
        let agent = |number: usize| {
            let memory = Memory::new(node(&options, &mint, number), mint.secret());
            Agent { memory: Arc::new(Mutex::new(memory)), running: None }
        };
        let agents = (0..options.agents).map(agent).collect();
        let shared = Shared {
            mint,
            clock: Clock::system(),
            books: Arc::default(),
            channels: Mutex::default(),
            options,
        };
        let mut swarm = Swarm { shared: Arc::new(shared), agents };
        (0..swarm.agents.len()).for_each(|number| swarm.start(number));
        swarm
    }

    /// Starts an agent that is stopped, with what it knew.
    pub fn start(&mut self, number: usize) {
        let agent = &mut self.agents[number];
        if agent.running.is_none() {
            let session = session::run(self.shared.clone(), agent.memory.clone(), number);
            agent.running = Some(AbortOnDropHandle::new(tokio::spawn(session)));
        }
    }

    /// Ends an agent, as a kill does: its allocations go on running.
    pub fn stop(&mut self, number: usize) {
        self.agents[number].running = None;
    }

    /// How many agents there are, running or not.
    pub fn len(&self) -> usize {
        self.agents.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.agents.is_empty()
    }

    /// The node of an agent.
    pub fn node(&self, number: usize) -> NodeId {
        self.agents[number].memory.lock().unwrap_or_else(PoisonError::into_inner).node.id
    }

    /// What all agents have seen.
    pub fn books(&self) -> Arc<Books> {
        self.shared.books.clone()
    }
}

fn node(options: &Options, mint: &Mint, number: usize) -> Node {
    let network = NodeNetwork {
        mode: "host".into(),
        ip: "10.0.0.1".into(),
        aliases: vec!["default".into()],
        ..NodeNetwork::default()
    };
    let driver = DriverInfo { detected: true, healthy: true, ..DriverInfo::default() };
    Node {
        id: NodeId(mint.uuid()),
        name: format!("{}{number}", options.prefix),
        datacenter: "dc1".into(),
        node_pool: "default".into(),
        attributes: [("kernel.name".into(), "linux".into()), ("driver.raw_exec".into(), "1".into())].into(),
        resources: NodeResources {
            cpu_shares: options.cpu,
            cpu_cores: 8,
            memory_mb: options.memory_mb,
            disk_mb: 1_000_000,
            networks: vec![network],
            min_dynamic_port: 20_000,
            max_dynamic_port: 32_000,
            ..NodeResources::default()
        },
        drivers: [("raw_exec".into(), driver)].into(),
        ..Node::default()
    }
}
