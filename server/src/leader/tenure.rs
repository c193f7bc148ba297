//! One leader's time: begins with `BeginTenure`, feeds the controllers in order, ends without a trace.

use std::sync::Arc;
use std::time::Duration;

use controllers::blocked_evals::BlockedEvals;
use controllers::deployment::{DeploymentEffect, Deployments};
use controllers::eval_broker::{Delivery, EvalBroker};
use controllers::evaluations;
use controllers::heartbeat::{HeartbeatEffect, Heartbeats};
use model::node::NodeEvent;
use model::{Evaluation, Node, NodeStatus};
use raft::Batch;
use state::{Command, DeploymentAction, Event, Operation, Outcome, State};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::worker::{self, Verdict};
use crate::app::{App, CommandError};

/// Batches between raft and the controllers; a tenure that falls further behind is rebuilt from a snapshot.
const CAPACITY: usize = 16_384;
/// How often timers are looked at.
const TICK: Duration = Duration::from_millis(100);
/// A pause of the process longer than this is no silence of nodes.
const STALL: Duration = Duration::from_millis(1_500);

/// Follows the leadership until the server stops; runs a tenure whenever this server leads.
pub(crate) async fn watch_leadership(app: Arc<App>, cancel: CancellationToken) {
    let mut leadership = app.leadership.clone();
    loop {
        let (is_leader, term) = {
            let now = leadership.borrow_and_update();
            (now.is_leader, now.term)
        };
        if is_leader {
            let lost = async {
                let mut leadership = leadership.clone();
                leadership.wait_for(|now| !now.is_leader || now.term != term).await.is_ok()
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                still_there = lost => match still_there {
                    true => tracing::info!(term, "leadership lost"),
                    // The channel closed: raft has stopped, and the server is about to.
                    false => return,
                },
                () = serve_term(&app, term) => {}
            }
            continue;
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            changed = leadership.changed() => if changed.is_err() { return },
        }
    }
}

/// Tenures of one term: a new one after each gap, until the term ends and drops this future.
async fn serve_term(app: &Arc<App>, term: u64) {
    tracing::info!(term, "leadership won");
    loop {
        match begin(app, term).await {
            Ok(tenure) => Tenure::run(app, tenure).await,
            Err(error) => {
                tracing::warn!(%error, "a tenure could not begin");
                tokio::time::sleep(TICK).await;
                continue;
            }
        }
        tracing::warn!("the controllers have missed something and begin anew from a snapshot");
    }
}

/// Begins a tenure that nobody has held: what an earlier one has under way, this server's own too, is refused from then
/// on. After a restore of a snapshot the state may know of higher ones than the term.
async fn begin(app: &Arc<App>, term: u64) -> Result<u64, CommandError> {
    let tenure = term.max(app.state().tenure() + 1);
    let committed = app.propose(Command::BeginTenure { tenure }).await?;
    match committed.outcome {
        Outcome::Refused(refusal) => Err(CommandError::Refused(refusal.to_string())),
        _ => Ok(tenure),
    }
}

struct Tenure<'a> {
    app: &'a Arc<App>,
    /// Its number.
    tenure: u64,
    broker: EvalBroker,
    blocked: BlockedEvals,
    heartbeats: Heartbeats,
    deployments: Deployments,
    /// Evaluations out with workers.
    busy: usize,
    done: mpsc::UnboundedSender<(Delivery, Verdict)>,
    /// Background work of the tenure: ends with it.
    work: tokio::task::JoinSet<()>,
}

impl<'a> Tenure<'a> {
    /// Runs until there is a gap between raft and the controllers.
    async fn run(app: &'a Arc<App>, number: u64) {
        let mut batches = app.raft.subscribe(CAPACITY);
        if batches.start().tenure() != number {
            // A snapshot was restored since.
            return;
        }
        let (done, mut verdicts) = mpsc::unbounded_channel();
        let start = batches.start().clone();
        let mut tenure = Tenure::rebuilt(app, number, &start, done);
        tenure.work.spawn(super::gc::run(app.clone(), number));
        tenure.work.spawn(super::keys::run(app.clone()));
        tenure.work.spawn(super::locks::run(app.clone(), number));
        tenure.work.spawn(super::periodic::run(app.clone(), number));
        tenure.work.spawn(super::drainer::run(app.clone(), number));
        tenure.work.spawn(super::autopilot::run(app.clone()));
        let mut interval = tokio::time::interval(TICK);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut last_tick = app.clock.ticks();
        loop {
            tokio::select! {
                batch = batches.next() => match batch {
                    Ok(batch) => tenure.on_batch(&batch),
                    Err(_) => return,
                },
                verdict = verdicts.recv() => if let Some((delivery, verdict)) = verdict { tenure.on_verdict(&delivery, verdict) },
                _ = interval.tick() => {
                    let now = app.clock.ticks();
                    if now.since(last_tick) > STALL {
                        // This process stood still; whatever nodes said meanwhile is only now being read.
                        tenure.heartbeats.postpone(tenure.now_ms());
                    }
                    last_tick = now;
                    tenure.on_tick();
                }
            }
            tenure.settle_evals();
            tenure.deliver();
            while tenure.work.try_join_next().is_some() {}
        }
    }

    fn rebuilt(
        app: &'a Arc<App>,
        number: u64,
        state: &State,
        done: mpsc::UnboundedSender<(Delivery, Verdict)>,
    ) -> Self {
        app.liveness.clear();
        let ids = |down: bool| state.nodes().filter(move |node| node.silent() == down).map(|node| node.id);
        let mut tenure = Tenure {
            app,
            tenure: number,
            broker: EvalBroker::default(),
            blocked: BlockedEvals::new(state.room_freed(), state.index()),
            heartbeats: Heartbeats::default(),
            deployments: Deployments::default(),
            busy: 0,
            done,
            work: tokio::task::JoinSet::new(),
        };
        tenure.heartbeats = Heartbeats::new(app.options.heartbeats, ids(false), ids(true), tenure.now_ms());
        let now_ns = app.clock.now_ns();
        for eval in state.evals() {
            tenure.broker.note(eval, now_ns);
            // What was freed while nobody led is in the state: only evaluations that have missed it are woken.
            tenure.blocked.note(eval);
        }
        for deployment in state.deployments() {
            tenure.deployments.note(deployment);
        }
        tenure
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.app.clock.ticks().as_ns() / 1_000_000).unwrap_or(0)
    }

    fn on_batch(&mut self, batch: &Batch) {
        for (index, event) in &batch.events {
            match event {
                Event::Eval(eval) => self.on_eval(eval),
                Event::Node(node) => self.on_node(node, *index),
                Event::Alloc { alloc, freed: true, .. } => {
                    let class = batch.state.node(alloc.node_id).map(|node| node.computed_class.clone());
                    self.blocked.freed(&class.unwrap_or_default(), alloc.node_id, *index);
                }
                Event::Deployment(deployment) => self.deployments.note(deployment),
                Event::NodeRemoved(node) => self.blocked.node_removed(node.id),
                Event::Alloc { .. }
                | Event::AllocRemoved(_)
                | Event::Job(_)
                | Event::Launched(_)
                | Event::NodePool { .. }
                | Event::Service { .. }
                | Event::Tenure(_) => {}
            }
        }
        self.end_deployments();
    }

    fn on_eval(&mut self, eval: &Arc<Evaluation>) {
        self.broker.note(eval, self.app.clock.now_ns());
        self.blocked.note(eval);
    }

    fn on_node(&mut self, node: &Node, index: u64) {
        let now_ms = self.now_ms();
        self.heartbeats.note(node.id, node.silent(), now_ms);
        if node.ready() {
            self.blocked.freed(&node.computed_class, node.id, index);
        }
    }

    /// Makes woken evaluations pending again, and ends those that newer ones have overtaken; the broker hears of both
    /// when that is applied.
    fn settle_evals(&mut self) {
        let now_ms = self.now_ms();
        while let Some(evals) = evaluations::settle(&mut self.blocked, &mut self.broker, now_ms) {
            self.spawn_command(
                Command::UpdateEvals { tenure: self.tenure, evals },
                "wake or cancel evaluations",
            );
        }
    }

    fn on_verdict(&mut self, delivery: &Delivery, verdict: Verdict) {
        self.busy -= 1;
        match verdict {
            Verdict::Done => self.broker.ack(delivery),
            Verdict::Again => self.broker.nack(delivery, self.now_ms()),
        }
    }

    /// Hands out evaluations as long as workers are free.
    fn deliver(&mut self) {
        if self.app.state().scheduler_configuration().pause_eval_broker {
            return;
        }
        while self.busy < self.app.options.workers.max(1) {
            let Some(delivery) = self.broker.deliver(self.now_ms()) else {
                return;
            };
            self.busy += 1;
            let (app, tenure, done) = (self.app.clone(), self.tenure, self.done.clone());
            self.work.spawn(async move {
                let eval = delivery.eval.clone();
                let verdict = match delivery.exhausted {
                    true => worker::fail(app, tenure, eval).await,
                    false => worker::process(app, tenure, eval).await,
                };
                // Nobody listens any more once the tenure has ended.
                let _ = done.send((delivery, verdict));
            });
        }
    }

    fn on_tick(&mut self) {
        let now_ms = self.now_ms();
        self.broker.tick(now_ms, self.app.clock.now_ns());
        self.blocked.tick(now_ms);
        let signs = self.app.liveness.take();
        for node in signs.reset {
            self.heartbeats.reset(node, now_ms);
        }
        let back: Vec<_> =
            signs.heard.iter().filter_map(|node| self.heartbeats.alive(*node, now_ms)).collect();
        for effect in back.into_iter().chain(self.heartbeats.tick(now_ms)) {
            self.set_node_status(effect);
        }
        self.end_deployments();
        self.publish_gauges();
    }

    fn set_node_status(&mut self, effect: HeartbeatEffect) {
        let (node_id, status, message) = match effect {
            HeartbeatEffect::Down(node) => (node, NodeStatus::Down, "Node heartbeat missed"),
            HeartbeatEffect::Back(node) => (node, NodeStatus::Ready, "Node reregistered by heartbeat"),
        };
        tracing::info!(node = %node_id, status = status.as_str(), "{message}");
        let event = NodeEvent {
            message: message.to_owned(),
            subsystem: "Cluster".to_owned(),
            ..NodeEvent::default()
        };
        let seed = self.app.seed();
        let command = Command::SetNodeStatus { tenure: self.tenure, node_id, status, event, seed };
        self.spawn_command(command, "write a node's status");
    }

    fn end_deployments(&mut self) {
        for effect in self.deployments.tick(self.app.clock.now_ns()) {
            let command = match effect {
                DeploymentEffect::End { update, stable } => {
                    Command::UpdateDeployment { tenure: self.tenure, update, stable }
                }
                DeploymentEffect::Promote(id) => {
                    let action = DeploymentAction::Promote { all: true, groups: Vec::new() };
                    let eval_id = self.app.seed().eval_id(0);
                    Command::Operate { operation: Operation::ChangeDeployment { id, action, eval_id } }
                }
            };
            self.spawn_command(command, "go on with a deployment");
        }
    }

    /// Commits beside the loop. A full queue is waited out: nobody names a woken evaluation a second time.
    fn spawn_command(&mut self, command: Command, what: &'static str) {
        let app = self.app.clone();
        self.work.spawn(async move {
            loop {
                match app.propose(command.clone()).await {
                    Ok(_) => return,
                    Err(CommandError::Busy) => tokio::time::sleep(TICK).await,
                    Err(error) => {
                        tracing::warn!(%error, what, "the leader could not do its work");
                        return;
                    }
                }
            }
        });
    }

    fn publish_gauges(&self) {
        let gauge = |name: &str, value: usize| self.app.metrics.gauge(name, &[]).set(value as f64);
        gauge("nomad.broker.total_ready", self.broker.ready_count());
        gauge("nomad.broker.total_unacked", self.busy);
        gauge("nomad.broker.total_pending", self.broker.behind_count());
        gauge("nomad.broker.total_waiting", self.broker.later_count());
        gauge("nomad.broker.total_cancelable", self.broker.overtaken_count());
        gauge("nomad.blocked_evals.total_blocked", self.blocked.count());
        gauge("nomad.deployments.active", self.deployments.count());
    }
}
