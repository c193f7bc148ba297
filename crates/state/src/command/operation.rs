//! What operators and other clients change beside jobs. Variants and fields are frozen once shipped.

use std::collections::BTreeMap;

use model::id::{AllocId, DeploymentId, EvalId, LockId, NodeId};
use model::{AutopilotConfiguration, DrainStrategy, Namespace, NodePool, SchedulerConfiguration, Variable};
use serde::{Deserialize, Serialize};

use super::Seed;

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Operation {
    /// Makes a namespace, or replaces all of one.
    PutNamespace {
        /// As it is to be.
        namespace: Box<Namespace>,
    },
    /// Removes a namespace that nothing is in.
    DeleteNamespace {
        /// Which.
        name: String,
    },
    /// Makes a node pool, or replaces all of one.
    PutNodePool {
        /// As it is to be.
        pool: Box<NodePool>,
    },
    /// Removes a node pool that nothing is in.
    DeleteNodePool {
        /// Which.
        name: String,
    },
    /// Replaces the scheduler's configuration.
    SetSchedulerConfiguration {
        /// As it is to be.
        config: Box<SchedulerConfiguration>,
        /// Only if its `modify_index` is this.
        cas: Option<u64>,
    },
    /// Replaces the autopilot's configuration.
    SetAutopilotConfiguration {
        /// As it is to be.
        config: Box<AutopilotConfiguration>,
        /// Only if its `modify_index` is this.
        cas: Option<u64>,
    },
    /// Begins, changes or ends the drain of a node.
    DrainNode {
        /// Which.
        node_id: NodeId,
        /// How; `None` ends it.
        drain: Option<DrainStrategy>,
        /// Let a node whose drain ends take new work again.
        mark_eligible: bool,
        /// What the operator noted.
        meta: BTreeMap<String, String>,
        /// Accessor of the operator's token.
        accessor_id: String,
        /// Seed of the ids of evaluations that follow.
        seed: Seed,
    },
    /// Looks at every job of a node again.
    EvaluateNode {
        /// Which.
        node_id: NodeId,
        /// Seed of the ids of evaluations that follow.
        seed: Seed,
    },
    /// Removes a node, whatever state it is in.
    PurgeNode {
        /// Which.
        node_id: NodeId,
        /// Seed of the ids of evaluations that follow.
        seed: Seed,
    },
    /// Removes evaluations while none is processed.
    DeleteEvals {
        /// Which.
        ids: Vec<EvalId>,
    },
    /// Changes a deployment that has not ended.
    ChangeDeployment {
        /// Which.
        id: DeploymentId,
        /// How.
        action: DeploymentAction,
        /// Id of the evaluation that follows, where one does.
        eval_id: EvalId,
    },
    /// Writes a variable, or takes its lock.
    PutVariable {
        /// As it is to be; its data is ciphertext. Empty data with `acquire` keeps what is there.
        variable: Box<Variable>,
        /// Only if its `modify_index` is this, 0 for "does not exist yet".
        cas: Option<u64>,
        /// Take the lock that the variable names.
        acquire: bool,
    },
    /// Removes a variable.
    DeleteVariable {
        /// Its namespace.
        namespace: String,
        /// Its path.
        path: String,
        /// Only if its `modify_index` is this.
        cas: Option<u64>,
    },
    /// Gives the lock of a variable back.
    ReleaseLock {
        /// Its namespace.
        namespace: String,
        /// Its path.
        path: String,
        /// Whose.
        id: LockId,
    },
    /// Ends a lock that nobody renewed. Leader only.
    ExpireLock {
        /// The tenure of the leader.
        tenure: u64,
        /// Its namespace.
        namespace: String,
        /// Its path.
        path: String,
        /// Whose.
        id: LockId,
    },
    /// Counts the allocations of every job anew.
    ReconcileSummaries,
    /// Removes the registration of a service.
    DeleteService {
        /// Its namespace.
        namespace: String,
        /// Name of the service.
        service: String,
        /// Its id.
        id: String,
    },
    /// Forgets a root key that is not the active one.
    RemoveRootKey {
        /// Its id.
        id: String,
    },
    /// Moves allocations off nodes that are being drained, with an evaluation for each of their jobs, and ends drains.
    /// Apply looks at each again. Leader only.
    AdvanceDrains {
        /// The tenure of the leader.
        tenure: u64,
        /// Allocations that leave now.
        allocs: Vec<AllocId>,
        /// Nodes whose drain is over.
        nodes: Vec<NodeId>,
        /// Seed of the ids of evaluations that follow.
        seed: Seed,
    },
}

/// A change of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeploymentAction {
    /// Gives it up, and goes back to the newest stable version where the groups ask for that.
    Fail,
    /// Holds it.
    Pause,
    /// Goes on with it.
    Resume,
    /// Promotes canaries.
    Promote {
        /// Of every group.
        all: bool,
        /// Of these groups.
        groups: Vec<String>,
    },
    /// Sets the health of allocations; one unhealthy one fails the deployment.
    SetHealth {
        /// Healthy ones.
        healthy: Vec<AllocId>,
        /// Unhealthy ones.
        unhealthy: Vec<AllocId>,
    },
}
