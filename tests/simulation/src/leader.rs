//! Stands in for the shells of `server/leader`: one tenure after the other, feeding the real controllers in order.
//!
//! What a tenure has under way ends with it, as there; what it had sent by then may still arrive, and a straggler may
//! bring it to a later leader, which is what tenures are for.

mod worker;

use std::sync::Arc;
use std::time::Duration;

use controllers::blocked_evals::BlockedEvals;
use controllers::eval_broker::{Delivery, EvalBroker};
use controllers::evaluations;
use controllers::heartbeat::{HeartbeatEffect, HeartbeatTimes, Heartbeats};
use model::NodeStatus;
use model::node::NodeEvent;
use raft::{Batch, Raft};
use state::{Command, Event, Outcome, State};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::server::{Committed, Miss, propose};
use crate::world::{World, lock};
use worker::Verdict;

const TICK: Duration = Duration::from_millis(100);
const WORKERS: usize = 2;
/// Commands kept for stragglers.
const KEPT: usize = 8;

/// A leader's means: what `App` is to the shells.
#[derive(Clone)]
struct Desk {
    world: Arc<World>,
    number: usize,
    raft: Raft,
}

impl Desk {
    async fn propose(&self, command: Command) -> Result<Committed, Miss> {
        propose(&self.raft, self.world.envelope(self.number, command)).await
    }

    fn now_ns(&self) -> i64 {
        self.world.wall_ns(self.number)
    }

    fn keep_for_stragglers(&self, command: &Command) {
        let mut kept = lock(&self.world.stragglers);
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push(command.clone());
    }
}

/// Follows the leadership of one server until that is dead.
pub(crate) async fn watch(world: Arc<World>, number: usize, raft: Raft) {
    let desk = Desk { world, number, raft };
    let mut leadership = desk.raft.leadership();
    loop {
        let (is_leader, term) = {
            let now = leadership.borrow_and_update();
            (now.is_leader, now.term)
        };
        if is_leader {
            desk.world.note(|| format!("s{number} leads in term {term}"));
            desk.world.fault(|faults| faults.leaders += 1);
            let lost = leadership.wait_for(|now| !now.is_leader || now.term != term);
            tokio::select! {
                biased;
                _ = lost => desk.world.note(|| format!("s{number} leads no more")),
                () = serve_term(&desk, term) => {}
            }
            continue;
        }
        if leadership.changed().await.is_err() {
            return;
        }
    }
}

async fn serve_term(desk: &Desk, term: u64) {
    loop {
        let tenure = term.max(desk.raft.state().tenure() + 1);
        match desk.propose(Command::BeginTenure { tenure }).await {
            Ok((_, Outcome::Done)) => Tenure::run(desk, tenure).await,
            _ => tokio::time::sleep(TICK).await,
        }
    }
}

struct Tenure<'a> {
    desk: &'a Desk,
    tenure: u64,
    broker: EvalBroker,
    blocked: BlockedEvals,
    heartbeats: Heartbeats,
    busy: usize,
    done: mpsc::UnboundedSender<(Delivery, Verdict)>,
    work: JoinSet<()>,
}

impl<'a> Tenure<'a> {
    /// Runs until there is a gap between raft and the controllers.
    async fn run(desk: &'a Desk, number: u64) {
        let mut batches = desk.raft.subscribe(16_384);
        if batches.start().tenure() != number {
            return;
        }
        let (done, mut verdicts) = mpsc::unbounded_channel();
        let start = Arc::clone(batches.start());
        let mut tenure = Tenure::rebuilt(desk, number, &start, done);
        let mut interval = tokio::time::interval(TICK);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                biased;
                batch = batches.next() => match batch {
                    Ok(batch) => tenure.on_batch(&batch),
                    Err(_) => return,
                },
                verdict = verdicts.recv() => if let Some((delivery, verdict)) = verdict {
                    tenure.on_verdict(&delivery, verdict);
                },
                _ = interval.tick() => tenure.on_tick(),
            }
            tenure.settle_evals();
            tenure.deliver();
            while tenure.work.try_join_next().is_some() {}
        }
    }

    fn rebuilt(
        desk: &'a Desk,
        number: u64,
        state: &State,
        done: mpsc::UnboundedSender<(Delivery, Verdict)>,
    ) -> Self {
        lock(&desk.world.seats[desk.number].heard).clear();
        let ids = |down: bool| state.nodes().filter(move |node| node.silent() == down).map(|node| node.id);
        let mut tenure = Tenure {
            desk,
            tenure: number,
            broker: EvalBroker::default(),
            blocked: BlockedEvals::new(state.room_freed(), state.index()),
            heartbeats: Heartbeats::new(
                HeartbeatTimes::default(),
                ids(false),
                ids(true),
                desk.world.now_ms(),
            ),
            busy: 0,
            done,
            work: JoinSet::new(),
        };
        for eval in state.evals() {
            tenure.broker.note(eval, desk.now_ns());
            tenure.blocked.note(eval);
        }
        tenure
    }

    fn now_ms(&self) -> u64 {
        self.desk.world.now_ms()
    }

    fn on_batch(&mut self, batch: &Batch) {
        for (index, event) in &batch.events {
            match event {
                Event::Eval(eval) => {
                    self.broker.note(eval, self.desk.now_ns());
                    self.blocked.note(eval);
                }
                Event::Node(node) => {
                    self.heartbeats.note(node.id, node.silent(), self.now_ms());
                    if node.ready() {
                        self.blocked.freed(&node.computed_class, node.id, *index);
                    }
                }
                Event::Alloc { alloc, freed: true, .. } => {
                    let class = batch.state.node(alloc.node_id).map(|node| node.computed_class.clone());
                    self.blocked.freed(&class.unwrap_or_default(), alloc.node_id, *index);
                }
                _ => {}
            }
        }
    }

    fn settle_evals(&mut self) {
        let now_ms = self.now_ms();
        while let Some(evals) = evaluations::settle(&mut self.blocked, &mut self.broker, now_ms) {
            self.spawn_command(Command::UpdateEvals { tenure: self.tenure, evals });
        }
    }

    fn on_verdict(&mut self, delivery: &Delivery, verdict: Verdict) {
        self.busy -= 1;
        match verdict {
            Verdict::Done => self.broker.ack(delivery),
            Verdict::Again => {
                self.desk.world.fault(|faults| faults.handed_back += 1);
                self.broker.nack(delivery, self.now_ms());
            }
        }
    }

    fn deliver(&mut self) {
        while self.busy < WORKERS {
            let Some(delivery) = self.broker.deliver(self.now_ms()) else { return };
            self.busy += 1;
            let (desk, tenure, done) = (self.desk.clone(), self.tenure, self.done.clone());
            self.spawn(async move {
                let eval = Arc::clone(&delivery.eval);
                let verdict = match delivery.exhausted {
                    true => worker::fail(&desk, tenure, &eval).await,
                    false => worker::process(&desk, tenure, &eval).await,
                };
                // Nobody listens any more once the tenure has ended.
                let _ = done.send((delivery, verdict));
            });
        }
    }

    fn on_tick(&mut self) {
        let now_ms = self.now_ms();
        self.broker.tick(now_ms, self.desk.now_ns());
        self.blocked.tick(now_ms);
        let heard = std::mem::take(&mut *lock(&self.desk.world.seats[self.desk.number].heard));
        let back: Vec<_> = heard.iter().filter_map(|node| self.heartbeats.alive(*node, now_ms)).collect();
        for effect in back.into_iter().chain(self.heartbeats.tick(now_ms)) {
            let (node_id, status) = match effect {
                HeartbeatEffect::Down(node) => (node, NodeStatus::Down),
                HeartbeatEffect::Back(node) => (node, NodeStatus::Ready),
            };
            self.desk.world.note(|| format!("node {node_id} is {}", status.as_str()));
            let (tenure, seed) = (self.tenure, self.desk.world.seed());
            let event = NodeEvent::default();
            self.spawn_command(Command::SetNodeStatus { tenure, node_id, status, event, seed });
        }
    }

    fn spawn_command(&mut self, command: Command) {
        self.desk.keep_for_stragglers(&command);
        let desk = self.desk.clone();
        self.spawn(async move {
            // Whoever is not answered is named again, or a new tenure looks at everything.
            let _ = desk.propose(command).await;
        });
    }

    fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(up) = self.desk.world.up(self.desk.number) {
            self.work.spawn(up.process.live(work));
        }
    }
}
