//! What if: commands on a copy of the state that nobody else sees, and the real scheduler until nothing is left to do.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::whatif::{Move, NewNode, Unplaced, WhatIf, WhatIfRequest};
use model::alloc::DesiredTransition;
use model::id::{AllocId, NodeId};
use model::node::NodeEvent;
use model::{DrainStrategy, EvalStatus, Evaluation, JobType, Node, NodeStatus, Trigger};
use scheduler::{Context, process};
use state::{Command, Envelope, Operation, Outcome, State};

use super::App;
use crate::http::error::ApiError;

/// Evaluations that one answer may take: it comes from a server that has other work.
const EVALS_MAX: u64 = 10_000;
/// Nodes that may be imagined at once.
const NODES_MAX: u32 = 1_000;

/// A cluster that is only thought of.
struct Imagined<'a> {
    app: &'a App,
    state: State,
    now_ns: i64,
    evaluations: u64,
    stopped: BTreeMap<AllocId, String>,
    placed: Vec<AllocId>,
    unplaced: BTreeMap<(String, String), Evaluation>,
}

impl App {
    /// What would become of the cluster. Changes nothing.
    pub(crate) fn what_if(&self, request: WhatIfRequest) -> Result<WhatIf, ApiError> {
        let snapshot = self.state();
        let mut imagined = Imagined {
            app: self,
            state: (*snapshot).clone(),
            now_ns: self.clock.now_ns(),
            evaluations: 0,
            stopped: BTreeMap::new(),
            placed: Vec::new(),
            unplaced: BTreeMap::new(),
        };
        let nothing = request.drain.is_empty()
            && request.lost_node.is_empty()
            && request.new_node.is_none()
            && request.job.is_none();
        if nothing {
            let text = "nothing to imagine: give Drain, LostNode, NewNode or Job";
            return Err(ApiError::BadRequest(text.to_owned()));
        }
        if let Some(new) = &request.new_node {
            imagined.add_nodes(new)?;
        }
        if !request.lost_node.is_empty() {
            imagined.lose(&request.lost_node)?;
        }
        if !request.drain.is_empty() {
            imagined.drain(&request.drain)?;
        }
        if let Some(job) = request.job {
            imagined.register(job)?;
        }
        imagined.settle()?;
        Ok(imagined.answer(&snapshot))
    }
}

impl Imagined<'_> {
    fn apply(&mut self, command: Command) -> Result<Outcome, ApiError> {
        let envelope = Envelope { trace: String::new(), now_ns: self.now_ns, command };
        match self.state.apply(envelope).outcome {
            Outcome::Refused(refusal) => Err(ApiError::Server(refusal.to_string())),
            outcome => Ok(outcome),
        }
    }

    fn node(&self, prefix: &str) -> Result<Arc<Node>, ApiError> {
        let mut found = self.state.nodes().filter(|node| node.id.text().starts_with(prefix));
        match (found.next(), found.next()) {
            (Some(node), None) => Ok(node.clone()),
            (None, _) => Err(ApiError::NotFound(format!("no node with the id or prefix \"{prefix}\""))),
            (Some(_), Some(_)) => {
                Err(ApiError::BadRequest(format!("more than one node has the prefix \"{prefix}\"")))
            }
        }
    }

    fn add_nodes(&mut self, new: &NewNode) -> Result<(), ApiError> {
        let count = new.count.unwrap_or(1);
        if count == 0 || count > NODES_MAX {
            return Err(ApiError::BadRequest(format!("NewNode.Count has to be from 1 to {NODES_MAX}")));
        }
        let like = self.node(&new.like)?;
        for number in 1..=count {
            let seed = self.app.seed();
            let name = format!("{}-new-{number}", like.name);
            let fresh =
                Node { id: NodeId(seed.uuid(0)), name, drain: None, last_drain: None, ..(*like).clone() };
            self.apply(Command::RegisterNode { node: Box::new(fresh), seed })?;
        }
        Ok(())
    }

    fn lose(&mut self, prefix: &str) -> Result<(), ApiError> {
        let node_id = self.node(prefix)?.id;
        let (tenure, seed) = (self.state.tenure(), self.app.seed());
        let (status, event) = (NodeStatus::Down, NodeEvent::default());
        self.apply(Command::SetNodeStatus { tenure, node_id, status, event, seed }).map(drop)
    }

    fn drain(&mut self, prefix: &str) -> Result<(), ApiError> {
        let node_id = self.node(prefix)?.id;
        let operation = Operation::DrainNode {
            node_id,
            drain: Some(DrainStrategy { deadline_ns: -1, ..DrainStrategy::default() }),
            mark_eligible: false,
            meta: BTreeMap::new(),
            accessor_id: String::new(),
            seed: self.app.seed(),
        };
        self.apply(Command::Operate { operation })?;
        let transition = DesiredTransition { migrate: Some(true), ..DesiredTransition::default() };
        let allocs: Vec<_> =
            self.state.allocs_of_node(node_id).filter(|alloc| !alloc.terminal()).cloned().collect();
        let transitions = allocs.iter().map(|alloc| (alloc.id, transition)).collect();
        let jobs: BTreeMap<_, _> = allocs.iter().map(|alloc| (alloc.job_key(), alloc.job.clone())).collect();
        let evals = jobs.iter().map(|(key, job)| {
            self.app.new_eval(key, JobType::clone(&job.kind), job.priority, Trigger::NodeDrain)
        });
        let evals = evals.collect();
        self.apply(Command::TransitionAllocs { transitions, evals }).map(drop)
    }

    fn register(&mut self, job: api::job::Job) -> Result<(), ApiError> {
        let mut job = job.into_model().map_err(|faults| ApiError::Server(faults.to_string()))?;
        self.app.admit(&mut job)?;
        let eval = self.app.new_eval(&job.key(), job.kind.clone(), job.priority, Trigger::JobRegister);
        self.apply(Command::RegisterJob {
            job: Box::new(job),
            eval: Box::new(eval),
            enforce_index: None,
            preserve_counts: false,
            submission: None,
        })
        .map(drop)
    }

    /// Processes evaluations until none is due; those that wait for room get one try first.
    fn settle(&mut self) -> Result<(), ApiError> {
        let tenure = self.state.tenure();
        let blocked: Vec<Evaluation> = self
            .state
            .evals()
            .filter(|eval| eval.status == EvalStatus::Blocked)
            .map(|eval| Evaluation { status: EvalStatus::Pending, ..(**eval).clone() })
            .collect();
        if !blocked.is_empty() {
            self.apply(Command::UpdateEvals { tenure, evals: blocked })?;
        }
        loop {
            let due = |eval: &&Arc<Evaluation>| {
                eval.status == EvalStatus::Pending && eval.wait_until_ns <= self.now_ns
            };
            let mut evals: Vec<_> = self.state.evals().filter(due).cloned().collect();
            evals.sort_by_key(|eval| (std::cmp::Reverse(eval.priority), eval.create_index, eval.id));
            if evals.is_empty() {
                return Ok(());
            }
            for eval in evals {
                self.evaluations += 1;
                if self.evaluations > EVALS_MAX {
                    let text = format!("too much would change: more than {EVALS_MAX} evaluations");
                    return Err(ApiError::Server(text));
                }
                self.process(&eval)?;
            }
        }
    }

    fn process(&mut self, eval: &Evaluation) -> Result<(), ApiError> {
        let context = Context { now_ns: self.now_ns, seed: self.app.seed() };
        let decision = process(&self.state, eval, &context);
        for stop in &decision.plan.stops {
            self.stopped.insert(stop.alloc_id, stop.description.clone());
        }
        self.placed.extend(decision.plan.placements.iter().map(|placement| placement.alloc_id));
        let key = (eval.namespace.clone(), eval.job_id.clone());
        if decision.eval.queued_allocations.values().any(|&queued| queued > 0) {
            self.unplaced.insert(key, decision.eval.clone());
        } else {
            self.unplaced.remove(&key);
        }
        let mut evals: Vec<Evaluation> = decision.blocked.into_iter().chain(decision.follow_ups).collect();
        evals.push(decision.eval);
        let (tenure, plan) = (self.state.tenure(), Box::new(decision.plan));
        self.apply(Command::ApplyPlan { tenure, plan, evals }).map(drop)
    }

    fn answer(&self, before: &State) -> WhatIf {
        let mut moves: BTreeMap<AllocId, Move> = BTreeMap::new();
        for (id, why) in &self.stopped {
            let Some(alloc) = before.alloc(*id) else { continue };
            moves.insert(*id, Move { from: alloc.node_id.text(), why: why.clone(), ..told(alloc) });
        }
        for alloc in self.placed.iter().filter_map(|id| self.state.alloc(*id)).filter(|own| !own.terminal()) {
            let to = alloc.node_id.text();
            match moves.get_mut(&alloc.previous_allocation) {
                Some(moved) => moved.to = to,
                None => drop(moves.insert(alloc.id, Move { to, why: "placed".to_owned(), ..told(alloc) })),
            }
        }
        let unplaced = self.unplaced.values().flat_map(|eval| {
            let short = eval.queued_allocations.iter().filter(|(_, queued)| **queued > 0);
            short.map(|(group, &count)| Unplaced {
                count,
                group: group.clone(),
                job_id: eval.job_id.clone(),
                metric: eval.failed_tg_allocs.get(group).map(|metric| (&**metric).into()),
                namespace: eval.namespace.clone(),
            })
        });
        // Ids say nothing to whoever reads them: what is of one job stands together.
        let mut moves: Vec<Move> = moves.into_values().collect();
        let place = |one: &Move| (one.namespace.clone(), one.job_id.clone(), one.name.clone());
        moves.sort_by_cached_key(place);
        WhatIf { evaluations: self.evaluations, index: before.index(), unplaced: unplaced.collect(), moves }
    }
}

fn told(alloc: &model::Allocation) -> Move {
    Move {
        alloc_id: alloc.id.text(),
        group: alloc.task_group.clone(),
        job_id: alloc.job_id.clone(),
        name: alloc.name.clone(),
        namespace: alloc.namespace.clone(),
        ..Move::default()
    }
}
