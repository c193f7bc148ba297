//! Wakes those who wait: blocking queries by table, sessions by node.
//!
//! A parked query costs a slot in a watch channel, not a task of ours: whoever waits re-reads the snapshot when woken.

use std::sync::Arc;
use std::time::Duration;

use model::planted::{self, Bug};
use state::{Event, State, Table};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// Batches between raft and this watch before it is told to look at everything anew.
const CAPACITY: usize = 4_096;

/// The last index of each table, as a channel for each.
pub(crate) struct TableWatch {
    tables: Vec<watch::Sender<u64>>,
}

impl TableWatch {
    /// All tables at the index that the state has.
    pub(crate) fn new(state: &State) -> Self {
        let sender = |&table: &Table| watch::Sender::new(state.table_index(table));
        TableWatch { tables: Table::ALL.iter().map(sender).collect() }
    }

    fn publish(&self, state: &State) {
        for (&table, sender) in Table::ALL.iter().zip(&self.tables) {
            let index = state.table_index(table);
            sender.send_if_modified(|known| {
                let lost = planted::is(Bug::LostWakeUp) && index.is_multiple_of(3);
                std::mem::replace(known, index) != index && !lost
            });
        }
    }

    /// Waits until one of the tables goes beyond `index`, or until the deadline.
    pub(crate) async fn changed(&self, tables: &[Table], index: u64, deadline: tokio::time::Instant) {
        let wait_for = |table: &Table| {
            let mut receiver = self.tables[table.number()].subscribe();
            Box::pin(async move {
                // The sender lives as long as the server; should it ever go, the deadline still ends the wait.
                if receiver.wait_for(|now| *now > index).await.is_err() {
                    std::future::pending::<()>().await;
                }
            })
        };
        let any = futures::future::select_all(tables.iter().map(wait_for));
        // Running out of time is an ordinary end: the query then answers with what there is.
        let _ = tokio::time::timeout_at(deadline, any).await;
    }
}

/// Carries every applied batch to those who wait, until the server stops.
pub(crate) async fn run(app: Arc<App>, cancel: CancellationToken) {
    let mut epoch = app.state().epoch();
    while !cancel.is_cancelled() {
        let mut batches = app.raft.subscribe(CAPACITY);
        if batches.start().epoch() != epoch {
            // A snapshot was restored: what streams and sessions have told may have been undone.
            epoch = batches.start().epoch();
            app.events.end();
            app.sessions.end_all();
        }
        app.tables.publish(batches.start());
        app.sessions.wake_all();
        loop {
            let batch = tokio::select! {
                () = cancel.cancelled() => return,
                batch = batches.next() => batch,
            };
            let Ok(batch) = batch else { break };
            app.tables.publish(&batch.state);
            app.events.keep(&batch);
            for (_, event) in &batch.events {
                match event {
                    Event::Alloc { alloc, desired_changed: true, .. } => app.sessions.wake(alloc.node_id),
                    Event::AllocRemoved(node) => app.sessions.wake(*node),
                    _ => {}
                }
            }
        }
        // A gap: everything may have changed. Raft asks readers to begin anew; a stopping server never closes it.
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(20)) => {}
        }
    }
}
