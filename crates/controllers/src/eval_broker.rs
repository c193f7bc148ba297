//! Hands evaluations to workers: by priority, one per job at a time, each with a deadline for the answer.

use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::id::{EvalId, JobKey};
use model::{EvalStatus, Evaluation};

/// How long a worker may take before its evaluation is given to another, ms.
pub const DELIVERY_DEADLINE_MS: u64 = 60_000;
/// Deliveries before an evaluation is failed.
pub const DELIVERIES_MAX: u32 = 3;
/// Pause before an evaluation that was handed back is delivered again, ms, times the deliveries so far.
pub const NACK_DELAY_MS: u64 = 1_000;

/// Highest priority first, then the oldest.
type Place = (Reverse<i64>, u64, EvalId);

/// The queue of pending evaluations.
#[derive(Debug, Default)]
pub struct EvalBroker {
    ready: BTreeSet<Place>,
    /// Evaluations known and not done, wherever they wait.
    known: BTreeMap<EvalId, Known>,
    /// What waits behind the evaluation of the same job that is ready or out.
    waiting: BTreeMap<JobKey, BTreeSet<Place>>,
    /// The one evaluation of each job that is ready, delayed or out.
    first: BTreeMap<JobKey, EvalId>,
    /// Not before this time.
    delayed: BTreeSet<(u64, EvalId)>,
    /// Delivered, with the deadline.
    out: BTreeSet<(u64, EvalId)>,
}

#[derive(Debug)]
struct Known {
    eval: Arc<Evaluation>,
    deliveries: u32,
    out_until: Option<u64>,
}

/// An evaluation for a worker.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The evaluation.
    pub eval: Arc<Evaluation>,
    /// It has been delivered too often: fail it instead of processing it.
    pub exhausted: bool,
}

impl EvalBroker {
    /// Takes note of an evaluation as the state has it now.
    pub fn note(&mut self, eval: &Arc<Evaluation>) {
        match eval.status {
            EvalStatus::Pending if self.known.contains_key(&eval.id) => {}
            EvalStatus::Pending => self.enqueue(eval.clone()),
            // Whoever wrote any other status has dealt with it.
            _ => self.forget(eval.id),
        }
    }

    fn enqueue(&mut self, eval: Arc<Evaluation>) {
        let (id, key) = (eval.id, eval.job_key());
        let place = place(&eval);
        self.known.insert(id, Known { eval, deliveries: 0, out_until: None });
        match self.first.entry(key) {
            Entry::Occupied(first) => {
                self.waiting.entry(first.key().clone()).or_default().insert(place);
            }
            Entry::Vacant(first) => {
                first.insert(id);
                self.ready.insert(place);
            }
        }
    }

    /// The next evaluation to process, if any.
    pub fn deliver(&mut self, now_ms: u64) -> Option<Delivery> {
        let (_, _, id) = self.ready.pop_first()?;
        let entry = self.known.get_mut(&id)?;
        entry.deliveries += 1;
        let until = now_ms + DELIVERY_DEADLINE_MS;
        entry.out_until = Some(until);
        self.out.insert((until, id));
        Some(Delivery { eval: entry.eval.clone(), exhausted: entry.deliveries > DELIVERIES_MAX })
    }

    /// A worker is done with an evaluation, whatever came of it.
    pub fn ack(&mut self, id: EvalId) {
        self.forget(id);
    }

    /// A worker hands an evaluation back; it is delivered again after a pause.
    pub fn nack(&mut self, id: EvalId, now_ms: u64) {
        let Some(entry) = self.known.get_mut(&id) else {
            return;
        };
        let Some(until) = entry.out_until.take() else {
            return;
        };
        self.out.remove(&(until, id));
        self.delayed.insert((now_ms + NACK_DELAY_MS * u64::from(entry.deliveries), id));
    }

    /// Makes ready what is due, and takes back what its worker has kept for too long.
    pub fn tick(&mut self, now_ms: u64) {
        while let Some(&(until, id)) = self.out.first().filter(|(until, _)| *until <= now_ms) {
            self.out.remove(&(until, id));
            if let Some(entry) = self.known.get_mut(&id) {
                entry.out_until = None;
                self.ready.insert(place(&entry.eval));
            }
        }
        while let Some(&(at, id)) = self.delayed.first().filter(|(at, _)| *at <= now_ms) {
            self.delayed.remove(&(at, id));
            if let Some(entry) = self.known.get(&id) {
                self.ready.insert(place(&entry.eval));
            }
        }
    }

    /// When [`EvalBroker::tick`] has something to do next.
    pub fn next_tick(&self) -> Option<u64> {
        let first = |set: &BTreeSet<(u64, EvalId)>| set.first().map(|(at, _)| *at);
        first(&self.out).into_iter().chain(first(&self.delayed)).min()
    }

    /// Evaluations ready for a worker.
    pub fn ready_count(&self) -> usize {
        self.ready.len()
    }

    /// Evaluations known and not done.
    pub fn known_count(&self) -> usize {
        self.known.len()
    }

    fn forget(&mut self, id: EvalId) {
        let Some(entry) = self.known.remove(&id) else {
            return;
        };
        let key = entry.eval.job_key();
        let place = place(&entry.eval);
        self.ready.remove(&place);
        self.delayed.retain(|(_, delayed)| *delayed != id);
        if let Some(until) = entry.out_until {
            self.out.remove(&(until, id));
        }
        if self.first.get(&key) != Some(&id) {
            self.forget_waiting(&key, &place);
            return;
        }
        self.first.remove(&key);
        let next = self.waiting.get_mut(&key).and_then(BTreeSet::pop_first);
        if self.waiting.get(&key).is_some_and(BTreeSet::is_empty) {
            self.waiting.remove(&key);
        }
        if let Some(next) = next {
            self.first.insert(key, next.2);
            self.ready.insert(next);
        }
    }

    fn forget_waiting(&mut self, key: &JobKey, place: &Place) {
        if let Some(waiting) = self.waiting.get_mut(key) {
            waiting.remove(place);
            if waiting.is_empty() {
                self.waiting.remove(key);
            }
        }
    }
}

fn place(eval: &Evaluation) -> Place {
    (Reverse(eval.priority), eval.create_index, eval.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eval(number: u64, job: &str, priority: i64) -> Arc<Evaluation> {
        let id = EvalId(uuid(number));
        Arc::new(Evaluation {
            id,
            job_id: job.into(),
            priority,
            create_index: number,
            ..Evaluation::default()
        })
    }

    fn uuid(number: u64) -> uuid::Uuid {
        uuid::Uuid::from_u64_pair(0, number)
    }

    #[test]
    fn one_per_job_by_priority() {
        let mut broker = EvalBroker::default();
        for eval in [eval(1, "a", 50), eval(2, "a", 50), eval(3, "b", 80)] {
            broker.note(&eval);
        }
        assert_eq!(broker.deliver(0).unwrap().eval.job_id, "b");
        assert_eq!(broker.deliver(0).unwrap().eval.id, EvalId(uuid(1)));
        assert!(broker.deliver(0).is_none(), "the second of a job waits for the first");
        broker.ack(EvalId(uuid(1)));
        assert_eq!(broker.deliver(0).unwrap().eval.id, EvalId(uuid(2)));
    }

    #[test]
    fn a_lost_worker_loses_no_evaluation() {
        let mut broker = EvalBroker::default();
        broker.note(&eval(1, "a", 50));
        broker.deliver(0).unwrap();
        broker.tick(DELIVERY_DEADLINE_MS - 1);
        assert!(broker.deliver(0).is_none());
        broker.tick(DELIVERY_DEADLINE_MS);
        let again = broker.deliver(DELIVERY_DEADLINE_MS).unwrap();
        assert!(!again.exhausted);
        broker.nack(again.eval.id, DELIVERY_DEADLINE_MS);
        assert!(broker.deliver(DELIVERY_DEADLINE_MS).is_none());
        broker.tick(DELIVERY_DEADLINE_MS + 2 * NACK_DELAY_MS);
        assert!(broker.deliver(0).is_some());
    }
}
