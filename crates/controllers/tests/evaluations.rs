//! No evaluation is lost and none is kept for ever, whatever workers, commands and leaders do.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use controllers::blocked_evals::BlockedEvals;
use controllers::eval_broker::{Delivery, EvalBroker, OVERTAKEN};
use model::id::{EvalId, NodeId};
use model::{EvalStatus, Evaluation, JobType};
use proptest::prelude::*;
use state::{Command, Envelope, Event, State};
use uuid::Uuid;

const JOBS: [&str; 3] = ["a", "b", "c"];
const MS: i64 = 1_000_000;

#[derive(Debug, Clone)]
enum Step {
    /// Somebody asks for a job to be looked at, now or after so many ms.
    Ask { job: usize, priority: i64, wait_ms: i64 },
    /// A worker takes what is next.
    Deliver,
    /// A worker ends.
    Finish { worker: usize, how: How },
    /// A node gets room.
    Room { node: u64 },
    /// The leader writes what its controllers want; the command may get lost.
    Settle { lost: bool },
    /// The controllers hear what happened.
    Hear,
    /// Time passes.
    Pass { ms: u64 },
    /// Another leader takes over.
    Lead,
}

#[derive(Debug, Clone, Copy)]
enum How {
    Complete,
    Block,
    /// Written, but the worker says nothing.
    CompleteInSilence,
    HandBack,
    Die,
}

struct Out {
    delivery: Delivery,
    /// Index of the state that the worker saw, and the evaluation in it.
    seen: u64,
    read: Option<Evaluation>,
    until_ms: u64,
}

struct Cluster {
    state: State,
    unheard: VecDeque<(u64, Event)>,
    broker: EvalBroker,
    blocked: BlockedEvals,
    workers: Vec<Out>,
    now_ms: u64,
    minted: u64,
    /// Newest state on which a job was looked at to the end, by job.
    looked_at: BTreeMap<String, u64>,
    /// Newest index at which a job was asked to be looked at, by job.
    asked: BTreeMap<String, u64>,
}

impl Cluster {
    fn new() -> Self {
        let mut cluster = Cluster {
            state: State::new(),
            unheard: VecDeque::new(),
            broker: EvalBroker::default(),
            blocked: BlockedEvals::default(),
            workers: Vec::new(),
            now_ms: 0,
            minted: 0,
            looked_at: BTreeMap::new(),
            asked: BTreeMap::new(),
        };
        cluster.apply(Command::BeginTenure { tenure: 1 });
        cluster
    }

    fn now_ns(&self) -> i64 {
        self.now_ms as i64 * MS
    }

    fn apply(&mut self, command: Command) -> u64 {
        let applied = self.state.apply(Envelope { trace: String::new(), now_ns: self.now_ns(), command });
        self.unheard.extend(applied.events.into_iter().map(|event| (applied.index, event)));
        applied.index
    }

    fn write(&mut self, evals: Vec<Evaluation>) -> u64 {
        self.apply(Command::UpdateEvals { tenure: 1, evals })
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Ask { job, priority, wait_ms } => self.ask(JOBS[job], priority, wait_ms),
            Step::Deliver => self.deliver(),
            Step::Finish { worker, how } if !self.workers.is_empty() => {
                let out = self.workers.swap_remove(worker % self.workers.len());
                self.finish(out, how);
            }
            Step::Finish { .. } => {}
            Step::Room { node } => {
                let index = self.apply(Command::Noop);
                self.blocked.freed("v1:1", NodeId(Uuid::from_u64_pair(2, node)), index);
            }
            Step::Settle { lost } => self.settle(lost),
            Step::Hear => self.hear(),
            Step::Pass { ms } => {
                self.now_ms += ms;
                self.broker.tick(self.now_ms, self.now_ns());
            }
            Step::Lead => self.lead(),
        }
    }

    fn ask(&mut self, job: &str, priority: i64, wait_ms: i64) {
        self.minted += 1;
        // Jobs `c` are system jobs: what finds no room there waits for one node.
        let kind = if job == "c" { JobType::System } else { JobType::Service };
        let wait_until_ns = if wait_ms == 0 { 0 } else { self.now_ns() + wait_ms * MS };
        let eval = Evaluation {
            id: EvalId(Uuid::from_u64_pair(1, self.minted)),
            namespace: "default".into(),
            job_id: job.into(),
            kind,
            node_id: NodeId(Uuid::from_u64_pair(2, self.minted % 2)),
            priority,
            wait_until_ns,
            ..Evaluation::default()
        };
        let index = self.write(vec![eval]);
        self.asked.insert(job.into(), index);
    }

    fn deliver(&mut self) {
        let Some(delivery) = self.broker.deliver(self.now_ms) else { return };
        assert!(delivery.eval.wait_until_ns <= self.now_ns(), "delivered before its time");
        let until_ms = self.now_ms + controllers::eval_broker::DELIVERY_DEADLINE_MS;
        let same = |out: &&Out| out.delivery.eval.job_key() == delivery.eval.job_key();
        let twice = self.workers.iter().filter(same).find(|out| out.until_ms > self.now_ms);
        // A worker whose evaluation was written about since has nothing left to do with the job.
        let busy = twice.is_some_and(|out| {
            let now = self.state.eval(out.delivery.eval.id);
            now.is_some_and(|eval| eval.modify_index == out.delivery.eval.modify_index)
        });
        assert!(!busy, "two workers at one job");
        let read = self.state.eval(delivery.eval.id).filter(|eval| !eval.terminal());
        let read = read.map(|eval| (**eval).clone());
        self.workers.push(Out { delivery, seen: self.state.index(), read, until_ms });
    }

    fn finish(&mut self, out: Out, how: How) {
        let eval = &out.delivery.eval;
        let ended = |status| {
            let snapshot_index = out.seen;
            out.read.iter().map(|eval| Evaluation { status, snapshot_index, ..eval.clone() }).collect()
        };
        match how {
            How::Complete | How::CompleteInSilence => {
                let index = self.write(ended(EvalStatus::Complete));
                if self.state.eval(eval.id).is_some_and(|eval| eval.modify_index == index) {
                    let looked_at = self.looked_at.entry(eval.job_id.clone()).or_default();
                    *looked_at = out.seen.max(*looked_at);
                }
                if matches!(how, How::Complete) {
                    self.broker.ack(&out.delivery);
                }
            }
            How::Block => {
                self.write(ended(EvalStatus::Blocked));
                self.broker.ack(&out.delivery);
            }
            How::HandBack => self.broker.nack(&out.delivery, self.now_ms),
            How::Die => {}
        }
    }

    fn settle(&mut self, lost: bool) {
        let woken = self.blocked.take_woken(self.now_ms, 4);
        let overtaken = self.broker.take_overtaken(self.now_ms, 4);
        if lost {
            return;
        }
        let pending = woken.iter().map(|eval| Evaluation { status: EvalStatus::Pending, ..(**eval).clone() });
        let canceled = overtaken.iter().map(|eval| Evaluation {
            status: EvalStatus::Canceled,
            status_description: OVERTAKEN.into(),
            ..(**eval).clone()
        });
        let evals = pending.chain(canceled).collect();
        self.write(evals);
    }

    fn hear(&mut self) {
        while let Some((_, event)) = self.unheard.pop_front() {
            if let Event::Eval(eval) = event {
                self.broker.note(&eval, self.now_ns());
                self.blocked.note(&eval);
            }
        }
    }

    fn lead(&mut self) {
        self.unheard.clear();
        self.workers.clear();
        self.broker = EvalBroker::default();
        self.blocked = BlockedEvals::new(self.state.room_freed(), self.state.index());
        let evals: Vec<Arc<Evaluation>> = self.state.evals().cloned().collect();
        for eval in &evals {
            self.broker.note(eval, self.now_ns());
            self.blocked.note(eval);
        }
    }

    /// From here on nothing goes wrong and every node has room: how many evaluations are left after a while.
    fn calm_down(&mut self) -> usize {
        for round in 0..64 {
            self.hear();
            self.run(&Step::Room { node: round % 2 });
            self.run(&Step::Pass { ms: 61_000 });
            for _ in 0..64 {
                self.settle(false);
                self.hear();
                self.deliver();
                while let Some(out) = self.workers.pop() {
                    self.finish(out, How::Complete);
                    self.hear();
                }
            }
        }
        self.state.evals().filter(|eval| !eval.terminal()).count()
    }
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        4 => Just(How::Complete),
        3 => Just(How::Block),
        1 => Just(How::CompleteInSilence),
        2 => Just(How::HandBack),
        1 => Just(How::Die),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..JOBS.len(), prop_oneof![Just(50), Just(80)], prop_oneof![3 => Just(0), 1 => 1..5_000_i64])
            .prop_map(|(job, priority, wait_ms)| Step::Ask { job, priority, wait_ms }),
        6 => Just(Step::Deliver),
        6 => (0..8_usize, how()).prop_map(|(worker, how)| Step::Finish { worker, how }),
        2 => (0..2_u64).prop_map(|node| Step::Room { node }),
        4 => any::<bool>().prop_map(|lost| Step::Settle { lost }),
        6 => Just(Step::Hear),
        3 => prop_oneof![0..3_000_u64, Just(61_000)].prop_map(|ms| Step::Pass { ms }),
        1 => Just(Step::Lead),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]
    #[test]
    fn no_evaluation_is_lost_or_kept_for_ever(steps in proptest::collection::vec(step(), 1..120)) {
        let mut cluster = Cluster::new();
        for step in &steps {
            cluster.run(step);
        }
        prop_assert_eq!(cluster.calm_down(), 0);
        prop_assert_eq!((cluster.broker.known_count(), cluster.blocked.count()), (0, 0));
        for (job, asked) in &cluster.asked {
            let looked_at = cluster.looked_at.get(job).copied().unwrap_or(0);
            prop_assert!(looked_at >= *asked, "{job} was asked at {asked} and looked at on {looked_at}");
        }
    }
}
