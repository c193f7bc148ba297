//! Fault level A: three servers, their clients and client agents in one thread, driven by one seed.
//!
//! State machine, raft with our log and snapshots, proposer, read barrier, scheduler, controllers and the agents'
//! reconciler are the real ones; disk, network and clock are simulated, and `leader` stands in for the shells of
//! `server/leader`. The clock is tokio's, paused: it jumps to the next timer when nobody has anything to do, so a
//! minute of the cluster takes a fraction of a second, and the same seed gives the same events in the same order.

mod agent;
mod client;
mod faults;
mod history;
mod leader;
mod network;
pub mod promise;
mod server;
mod settle;
mod world;

use std::sync::Arc;
use std::time::Duration;

pub use faults::FaultCounts;
pub use promise::{Broken, Promise};
use world::World;

/// How long the faults last, ms of the cluster's time.
const TROUBLE_MS: u64 = 9_000;
/// How long a cluster may take to form.
const FORMING: Duration = Duration::from_secs(20);

/// What came of a seed.
#[derive(Debug, Clone)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// The first promise that was broken.
    pub broken: Option<Broken>,
    /// How often each promise was checked, P1 first.
    pub checked: [u64; Promise::COUNT],
    /// What was done to the cluster.
    pub faults: FaultCounts,
    /// A hash over every event in order: the same for the same seed, always.
    pub trace: u64,
    /// The events themselves, where they were asked for.
    pub events: Vec<String>,
    /// Operations of clients that were acknowledged.
    pub acknowledged: u64,
}

/// Runs the world of a seed to its end. `keep` keeps the events.
///
/// # Panics
/// When the runtime cannot be built, which takes no more than memory.
pub fn run(seed: u64, keep: bool) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime without threads needs only memory");
    let world = runtime.block_on(live(seed, keep));
    // Tasks of dead processes still wait for timers that never come.
    drop(runtime);
    // A server holds the network that carries for it, and with it the world that holds the server.
    world.leave();
    world.report()
}

async fn live(seed: u64, keep: bool) -> Arc<World> {
    let world = World::new(seed, keep);
    for number in 0..world.seats.len() {
        tokio::spawn(server::run(Arc::clone(&world), number));
    }
    if tokio::time::timeout(FORMING, world.leader()).await.is_err() {
        world.break_promise(Promise::P7, "no cluster formed although nothing went wrong".into());
        return world;
    }
    for number in 0..world::NODES {
        tokio::spawn(agent::run(Arc::clone(&world), number));
    }
    let clients: Vec<_> =
        (0..world::CLIENTS).map(|number| tokio::spawn(client::run(Arc::clone(&world), number))).collect();
    let trouble = tokio::spawn(faults::run(Arc::clone(&world), TROUBLE_MS));
    for task in clients.into_iter().chain([trouble]) {
        if task.await.is_err() {
            world.break_promise(Promise::P7, "the simulation itself panicked".into());
        }
        if world.is_broken() {
            return world;
        }
    }
    settle::run(&world).await;
    world
}
