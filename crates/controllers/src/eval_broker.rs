//! Hands evaluations to workers: by priority, one per job at a time, each with a deadline for the answer.
//!
//! What waits behind the evaluation of its job collapses: a worker looks at the whole job in its newest state, so only
//! the newest evaluation is processed and the others are given back to be cancelled.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::id::{EvalId, JobKey};
use model::planted::{self, Bug};
use model::{EvalStatus, Evaluation};

use crate::offers::Offers;

/// How long a worker may take before its evaluation is given to another, ms.
pub const DELIVERY_DEADLINE_MS: u64 = 60_000;
/// Deliveries before an evaluation is failed.
pub const DELIVERIES_MAX: u32 = 3;
/// Pause before an evaluation that was handed back is delivered again, ms, times the deliveries so far.
pub const NACK_DELAY_MS: u64 = 1_000;
/// What is written of an evaluation that a newer one made needless.
pub const OVERTAKEN: &str = "canceled after more recent eval was processed";

/// Highest priority first, then the oldest.
type Place = (Reverse<i64>, u64, EvalId);
/// The newest last.
type Age = (u64, u64, EvalId);

/// The queue of pending evaluations.
#[derive(Debug, Default)]
pub struct EvalBroker {
    /// Evaluations known and not done, wherever they wait.
    known: BTreeMap<EvalId, Known>,
    ready: BTreeSet<Place>,
    /// The one evaluation of each job that is ready, paused or out.
    first: BTreeMap<JobKey, EvalId>,
    /// What waits behind the first of its job.
    behind: BTreeMap<JobKey, BTreeSet<Age>>,
    /// Handed back; not before this time, ms.
    paused: BTreeSet<(u64, EvalId)>,
    /// Delivered, with the deadline, ms.
    out: BTreeSet<(u64, EvalId)>,
    /// Not to be looked at before a time of the cluster, ns since 1970.
    later: BTreeSet<(i64, EvalId)>,
    /// To be cancelled.
    overtaken: Offers,
    deliveries: u64,
}

#[derive(Debug)]
struct Known {
    eval: Arc<Evaluation>,
    deliveries: u32,
    at: At,
}

/// Where an evaluation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Later,
    Behind,
    Ready,
    Out { until_ms: u64, number: u64 },
    Paused { until_ms: u64 },
    Overtaken,
}

/// An evaluation for a worker.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The evaluation.
    pub eval: Arc<Evaluation>,
    /// It has been delivered too often: fail it instead of processing it.
    pub exhausted: bool,
    /// Names this delivery. An answer to an earlier one says nothing about what has become of the evaluation since.
    pub number: u64,
}

impl EvalBroker {
    /// Takes note of an evaluation as the state has it now, at `now_ns` of the cluster's time.
    pub fn note(&mut self, eval: &Arc<Evaluation>, now_ns: i64) {
        match eval.status {
            EvalStatus::Pending if self.known.contains_key(&eval.id) => self.renew(eval),
            EvalStatus::Pending if eval.wait_until_ns > now_ns => {
                self.later.insert((eval.wait_until_ns, eval.id));
                self.know(eval, At::Later);
            }
            EvalStatus::Pending => {
                self.know(eval, At::Behind);
                self.queue(eval);
            }
            // Whoever wrote any other status has dealt with it.
            _ => self.forget(eval.id),
        }
    }

    /// What is to be cancelled is cancelled as it is now; workers look for themselves.
    fn renew(&mut self, eval: &Arc<Evaluation>) {
        if let Some(known) = self.known.get_mut(&eval.id).filter(|known| known.at == At::Overtaken) {
            known.eval = eval.clone();
            self.overtaken.add(eval.clone());
        }
    }

    fn know(&mut self, eval: &Arc<Evaluation>, at: At) {
        self.known.insert(eval.id, Known { eval: eval.clone(), deliveries: 0, at });
    }

    /// Makes a known evaluation the first of its job, or puts it behind that.
    fn queue(&mut self, eval: &Evaluation) {
        match self.first.entry(eval.job_key()) {
            Entry::Occupied(first) => {
                self.behind.entry(first.key().clone()).or_default().insert(age(eval));
                self.put(eval.id, At::Behind);
            }
            Entry::Vacant(first) => {
                first.insert(eval.id);
                self.ready.insert(place(eval));
                self.put(eval.id, At::Ready);
            }
        }
    }

    fn put(&mut self, id: EvalId, at: At) {
        if let Some(known) = self.known.get_mut(&id) {
            known.at = at;
        }
    }

    /// The next evaluation to process, if any.
    pub fn deliver(&mut self, now_ms: u64) -> Option<Delivery> {
        let (_, _, id) = self.ready.pop_first()?;
        let known = self.known.get_mut(&id)?;
        known.deliveries += 1;
        self.deliveries += 1;
        let until_ms = now_ms + DELIVERY_DEADLINE_MS;
        known.at = At::Out { until_ms, number: self.deliveries };
        self.out.insert((until_ms, id));
        let exhausted = known.deliveries > DELIVERIES_MAX;
        Some(Delivery { eval: known.eval.clone(), exhausted, number: self.deliveries })
    }

    /// A worker is done with an evaluation, whatever came of it.
    pub fn ack(&mut self, delivery: &Delivery) {
        if self.is_out(delivery).is_some() {
            self.forget(delivery.eval.id);
        }
    }

    /// A worker hands an evaluation back; it is delivered again after a pause.
    pub fn nack(&mut self, delivery: &Delivery, now_ms: u64) {
        let id = delivery.eval.id;
        let Some(until_ms) = self.is_out(delivery) else {
            return;
        };
        self.out.remove(&(until_ms, id));
        let deliveries = self.known.get(&id).map_or(1, |known| known.deliveries);
        let until_ms = now_ms + NACK_DELAY_MS * u64::from(deliveries);
        self.paused.insert((until_ms, id));
        self.put(id, At::Paused { until_ms });
    }

    /// The deadline of a delivery, unless it is over.
    fn is_out(&self, delivery: &Delivery) -> Option<u64> {
        match self.known.get(&delivery.eval.id)?.at {
            At::Out { until_ms, number } if number == delivery.number => Some(until_ms),
            _ => None,
        }
    }

    /// Makes ready what is due, and takes back what its worker has kept for too long.
    pub fn tick(&mut self, now_ms: u64, now_ns: i64) {
        for waiting in [&mut self.out, &mut self.paused] {
            while let Some(&(at, id)) = waiting.first().filter(|(at, _)| *at <= now_ms) {
                waiting.remove(&(at, id));
                if let Some(known) = self.known.get_mut(&id)
                    && !planted::is(Bug::EvaluationForgotten)
                {
                    known.at = At::Ready;
                    self.ready.insert(place(&known.eval));
                }
            }
        }
        while let Some(&(at, id)) = self.later.first().filter(|(at, _)| *at <= now_ns) {
            self.later.remove(&(at, id));
            if let Some(eval) = self.known.get(&id).map(|known| known.eval.clone()) {
                self.queue(&eval);
            }
        }
    }

    /// At most `max` evaluations to be cancelled as [`OVERTAKEN`]; they come again until the state says they are.
    pub fn take_overtaken(&mut self, now_ms: u64, max: usize) -> Vec<Arc<Evaluation>> {
        self.overtaken.take(now_ms, max)
    }

    /// Evaluations ready for a worker.
    pub fn ready_count(&self) -> usize {
        self.ready.len()
    }

    /// Evaluations that wait behind another of their job.
    pub fn behind_count(&self) -> usize {
        self.behind.values().map(BTreeSet::len).sum()
    }

    /// Evaluations that wait for their time.
    pub fn later_count(&self) -> usize {
        self.later.len()
    }

    /// Evaluations to be cancelled.
    pub fn overtaken_count(&self) -> usize {
        self.overtaken.len()
    }

    /// Evaluations known and not done.
    pub fn known_count(&self) -> usize {
        self.known.len()
    }

    fn forget(&mut self, id: EvalId) {
        let Some(Known { eval, at, .. }) = self.known.remove(&id) else {
            return;
        };
        let key = eval.job_key();
        match at {
            At::Later => {
                self.later.remove(&(eval.wait_until_ns, id));
                return;
            }
            At::Overtaken => {
                self.overtaken.remove(id);
                return;
            }
            At::Behind => {
                if let Some(behind) = self.behind.get_mut(&key) {
                    behind.remove(&age(&eval));
                    if behind.is_empty() {
                        self.behind.remove(&key);
                    }
                }
                return;
            }
            At::Ready => self.ready.remove(&place(&eval)),
            At::Out { until_ms, .. } => self.out.remove(&(until_ms, id)),
            At::Paused { until_ms } => self.paused.remove(&(until_ms, id)),
        };
        self.first.remove(&key);
        self.promote(&key);
    }

    /// The newest of what waited for a job's turn gets it, and the others have been overtaken.
    fn promote(&mut self, key: &JobKey) {
        let mut behind = self.behind.remove(key).unwrap_or_default();
        let Some((_, _, newest)) = behind.pop_last() else {
            return;
        };
        for (_, _, id) in behind {
            self.put(id, At::Overtaken);
            if let Some(known) = self.known.get(&id) {
                self.overtaken.add(known.eval.clone());
            }
        }
        if let Some(eval) = self.known.get(&newest).map(|known| known.eval.clone()) {
            self.queue(&eval);
        }
    }
}

fn place(eval: &Evaluation) -> Place {
    (Reverse(eval.priority), eval.create_index, eval.id)
}

fn age(eval: &Evaluation) -> Age {
    (eval.modify_index, eval.create_index, eval.id)
}
