//! Empties nodes that operators drain, while this server leads.

use std::sync::Arc;
use std::time::Duration;

use controllers::drain::Drainer;
use state::{Command, Event, Operation};

use crate::app::App;

/// Batches between raft and the drainer; if it falls further behind it begins anew from a snapshot.
const CAPACITY: usize = 16_384;
/// How often drains are looked at while there are some: deadlines pass, and what runs becomes healthy.
const TICK: Duration = Duration::from_millis(100);
/// Allocations that one command moves.
const MOVES_MAX: usize = 1_024;

/// Runs until it is dropped with its tenure.
pub(crate) async fn run(app: Arc<App>, tenure: u64) {
    loop {
        follow(&app, tenure).await;
    }
}

/// Runs until there is a gap between raft and the drainer.
async fn follow(app: &Arc<App>, tenure: u64) {
    let mut batches = app.raft.subscribe(CAPACITY);
    let mut drainer = Drainer::new(batches.start());
    let mut interval = tokio::time::interval(TICK);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            batch = batches.next() => {
                let Ok(batch) = batch else { return };
                for (_, event) in &batch.events {
                    match event {
                        Event::Node(node) => drainer.note(node),
                        Event::NodeRemoved(node) => drainer.forget(node.id),
                        _ => {}
                    }
                }
            }
            _ = interval.tick(), if drainer.count() > 0 => advance(app, tenure, &drainer).await,
        }
    }
}

/// What fails is decided again at the next look.
async fn advance(app: &App, tenure: u64, drainer: &Drainer) {
    let drains = drainer.decide(&app.state(), app.clock.now_ns(), MOVES_MAX);
    if drains == controllers::drain::Drains::default() {
        return;
    }
    let (allocs, nodes) = (drains.allocs.len(), drains.nodes.len());
    let operation =
        Operation::AdvanceDrains { tenure, allocs: drains.allocs, nodes: drains.nodes, seed: app.seed() };
    match app.propose(Command::Operate { operation }).await {
        Ok(_) => tracing::info!(allocs, nodes, "drains went on: allocations leave, nodes are done"),
        Err(error) => tracing::debug!(%error, "a drain could not go on yet"),
    }
}
