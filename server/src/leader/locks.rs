//! Ends locks of variables that nobody renews. How long each has left only the leader knows; a new one gives every
//! lock its whole time again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::Variable;
use model::id::LockId;
use state::{Command, Operation};
use tokio::time::Instant;

use crate::app::App;

/// How often the locks are looked at.
const TICK: Duration = Duration::from_millis(250);

/// When each lock ends unless it is renewed.
#[derive(Default)]
pub(crate) struct Locks {
    deadlines: Mutex<BTreeMap<LockId, Instant>>,
}

impl Locks {
    /// The lock was renewed just now.
    pub(crate) fn renew(&self, id: LockId, ttl_ns: i64) {
        let mut deadlines = self.deadlines.lock().unwrap_or_else(PoisonError::into_inner);
        deadlines.insert(id, Instant::now() + Duration::from_nanos(ttl_ns.unsigned_abs()));
    }

    /// Variables whose lock has ended. Locks that are new here begin to count; those that are gone are forgotten.
    fn ended(&self, locked: &[Arc<Variable>]) -> Vec<Arc<Variable>> {
        let mut deadlines = self.deadlines.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let mut known = std::mem::take(&mut *deadlines);
        let mut ended = Vec::new();
        for variable in locked {
            let Some(lock) = &variable.lock else { continue };
            let ttl = Duration::from_nanos(lock.ttl_ns.unsigned_abs());
            let deadline = known.remove(&lock.id).unwrap_or(now + ttl);
            if deadline <= now {
                ended.push(variable.clone());
            }
            deadlines.insert(lock.id, deadline);
        }
        ended
    }

    fn clear(&self) {
        self.deadlines.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Runs until it is dropped with its tenure.
pub(crate) async fn run(app: Arc<App>, tenure: u64) {
    app.locks.clear();
    let mut interval = tokio::time::interval(TICK);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let locked: Vec<_> = app.state().locked_variables().cloned().collect();
        for variable in app.locks.ended(&locked) {
            let Some(lock) = &variable.lock else { continue };
            let operation = Operation::ExpireLock {
                tenure,
                namespace: variable.namespace.clone(),
                path: variable.path.clone(),
                id: lock.id,
            };
            if let Err(error) = app.propose(Command::Operate { operation }).await {
                tracing::debug!(%error, "a lock could not be ended yet");
            }
        }
    }
}
