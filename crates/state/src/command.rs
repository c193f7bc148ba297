//! Every intent that is replicated. Ids and times are minted before a command is proposed.
//!
//! Variants and fields are frozen once shipped: see [`model::codec`]. Commands of a leader's own making carry
//! its tenure, and apply refuses those of any other (decision 7).

pub mod job_operation;
pub mod operation;
pub mod restore;

use model::alloc::DesiredTransition;
use model::id::{AllocId, DeploymentId, EvalId, JobKey, NodeId};
use model::node::{Eligibility, NodeEvent, NodeStatus};
use model::{AllocUpdate, DeploymentStatusUpdate, Evaluation, Job, Node, Plan, RootKey};
use serde::{Deserialize, Serialize};

use model::job::JobSubmission;

use job_operation::JobOperation;
pub use model::id::Seed;
use restore::RestoreStep;

/// A command on its way through the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// W3C traceparent of the request behind it; empty when nothing is traced.
    #[serde(default)]
    pub trace: String,
    /// When it was proposed, ns since 1970: the time that everything it changes carries.
    #[serde(default)]
    pub now_ns: i64,
    /// What is to be done.
    pub command: Command,
}

/// One intent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// A new leader takes over; refused unless its tenure is newer than the last.
    BeginTenure {
        /// The raft term.
        tenure: u64,
    },
    /// Registers a new job or a new version of one, with the evaluation that places it.
    RegisterJob {
        /// The job, canonical and valid.
        job: Box<Job>,
        /// Its evaluation.
        eval: Box<Evaluation>,
        /// Check-and-set: the job's `job_modify_index`, 0 for "does not exist yet".
        enforce_index: Option<u64>,
        /// Keep the counts of groups that exist already.
        preserve_counts: bool,
        /// The text that it was made from.
        #[serde(default)]
        submission: Option<Box<JobSubmission>>,
    },
    /// Changes something of a job.
    OperateJob {
        /// What.
        operation: JobOperation,
    },
    /// Stops a job, or removes it altogether.
    DeregisterJob {
        /// Which.
        job: JobKey,
        /// Remove it with its versions.
        purge: bool,
        /// The evaluation that stops its allocations.
        eval: Box<Evaluation>,
    },
    /// Asks for a job to be looked at again.
    EvaluateJob {
        /// The evaluation.
        eval: Box<Evaluation>,
    },
    /// Writes down what became of evaluations, and new ones that follow them. Leader only.
    UpdateEvals {
        /// The tenure of the leader.
        tenure: u64,
        /// Evaluations as they are now.
        evals: Vec<Evaluation>,
    },
    /// Applies a plan as far as it still fits. Leader only.
    ApplyPlan {
        /// The tenure of the leader.
        tenure: u64,
        /// The plan.
        plan: Box<Plan>,
        /// What becomes of evaluations if all of it fits: one flush instead of two.
        evals: Vec<Evaluation>,
    },
    /// A node registers, or registers again with what it has now.
    RegisterNode {
        /// The node; its status, indexes and events are the servers' affair.
        node: Box<Node>,
        /// Seed of the ids of evaluations that follow.
        seed: Seed,
    },
    /// A node fell silent or came back. Leader only.
    SetNodeStatus {
        /// The tenure of the leader.
        tenure: u64,
        /// Which.
        node_id: NodeId,
        /// How it is now.
        status: NodeStatus,
        /// What to remember of it.
        event: NodeEvent,
        /// Seed of the ids of evaluations that follow.
        seed: Seed,
    },
    /// An operator takes a node out of, or back into, service.
    SetNodeEligibility {
        /// Which.
        node_id: NodeId,
        /// Whether it takes new work.
        eligibility: Eligibility,
        /// Seed of the ids of evaluations that follow.
        seed: Seed,
    },
    /// A client agent reports on its allocations.
    UpdateAllocs {
        /// The node that reports; allocations of another are passed over.
        node_id: NodeId,
        /// What it says.
        updates: Vec<AllocUpdate>,
        /// Seed of the ids of evaluations that follow.
        seed: Seed,
    },
    /// Asks allocations to be moved, or to be stopped in another way than usual, with the evaluations that see to it.
    TransitionAllocs {
        /// What is asked of each; ids that nobody knows are passed over.
        transitions: Vec<(AllocId, DesiredTransition)>,
        /// The evaluations.
        evals: Vec<Evaluation>,
    },
    /// A deployment ends. Leader only.
    UpdateDeployment {
        /// The tenure of the leader.
        tenure: u64,
        /// What becomes of it.
        update: DeploymentStatusUpdate,
        /// Mark the version stable.
        stable: bool,
    },
    /// Removes what nobody needs any more. Leader only; apply looks at each again.
    Collect {
        /// The tenure of the leader.
        tenure: u64,
        /// What.
        what: Collect,
    },
    /// Publishes a signing key and makes it the active one.
    PutRootKey {
        /// The public half.
        key: RootKey,
    },
    /// Operators and other clients change something beside jobs.
    Operate {
        /// What.
        operation: operation::Operation,
    },
    /// One step on the way of a saved snapshot back.
    Restore {
        /// Which.
        step: RestoreStep,
    },
    /// Changes nothing but the counter; used to measure and to probe.
    Noop,
}

impl Command {
    /// True for the leader's own follow-up work: nobody waits for its answer, so it may share the log entry of the
    /// next command that somebody does wait for.
    pub fn patient(&self) -> bool {
        match self {
            Command::UpdateEvals { .. }
            | Command::ApplyPlan { .. }
            | Command::UpdateDeployment { .. }
            | Command::Collect { .. } => true,
            Command::BeginTenure { .. }
            | Command::RegisterJob { .. }
            | Command::OperateJob { .. }
            | Command::DeregisterJob { .. }
            | Command::EvaluateJob { .. }
            | Command::RegisterNode { .. }
            | Command::SetNodeStatus { .. }
            | Command::SetNodeEligibility { .. }
            | Command::UpdateAllocs { .. }
            | Command::TransitionAllocs { .. }
            | Command::PutRootKey { .. }
            | Command::Operate { .. }
            | Command::Restore { .. }
            | Command::Noop => false,
        }
    }
}

/// Candidates for removal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Collect {
    /// Dead jobs.
    pub jobs: Vec<JobKey>,
    /// Terminal evaluations.
    pub evals: Vec<EvalId>,
    /// Terminal allocations.
    pub allocs: Vec<AllocId>,
    /// Finished deployments.
    pub deployments: Vec<DeploymentId>,
    /// Nodes that are down and empty.
    pub nodes: Vec<NodeId>,
}

impl Collect {
    /// How many candidates there are.
    pub fn len(&self) -> usize {
        self.jobs.len() + self.evals.len() + self.allocs.len() + self.deployments.len() + self.nodes.len()
    }

    /// True without candidates.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
