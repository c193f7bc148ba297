//! What became of a command, as its proposer is told.

pub mod answer;

use model::PlanResult;
use model::id::{AllocId, DeploymentId, EvalId};
use serde::{Deserialize, Serialize};

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Done; there is nothing to tell.
    Done,
    /// A job was registered, stopped or asked to be looked at.
    Job {
        /// `job_modify_index` of the job; 0 when there is none any more.
        job_modify_index: u64,
        /// Its evaluation; nil when none was needed.
        eval_id: EvalId,
        /// Index of that evaluation.
        eval_create_index: u64,
    },
    /// A plan was applied.
    Plan(PlanResult),
    /// What came of an operation.
    Operated(answer::Answer),
    /// Nothing was changed.
    Refused(Refusal),
    /// The command broke a rule of ours and changed nothing; every replica says so (decision 8).
    Internal,
}

/// Why a command changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// Check-and-set: the job is there already.
    #[error("Enforcing job modify index 0: job already exists")]
    JobExists,
    /// Check-and-set: there is no such job.
    #[error("Enforcing job modify index {wanted}: job does not exist")]
    JobMissing {
        /// The index asked for.
        wanted: u64,
    },
    /// Check-and-set: the job has changed.
    #[error("Enforcing job modify index {wanted}: job exists with conflicting job modify index: {actual}")]
    JobChanged {
        /// The index asked for.
        wanted: u64,
        /// The index it has.
        actual: u64,
    },
    /// A job cannot change its type.
    #[error("cannot update job from type \"{from}\" to \"{to}\"")]
    TypeChanged {
        /// The type it has.
        from: String,
        /// The type asked for.
        to: String,
    },
    /// A job cannot become one that launches others, nor cease to be one.
    #[error("cannot update {from} job to being {to}")]
    LauncherChanged {
        /// What it is.
        from: String,
        /// What was asked for.
        to: String,
    },
    /// The command is of a leader that leads no more.
    #[error("the leader that proposed this leads no more")]
    StaleTenure,
    /// There is no such registration.
    #[error("service registration not found")]
    UnknownService,
    /// There is no such job.
    #[error("job not found")]
    UnknownJob,
    /// There is no such version.
    #[error("job \"{job}\" in namespace \"{namespace}\" at version {version} not found")]
    UnknownVersion {
        /// The job.
        job: String,
        /// Its namespace.
        namespace: String,
        /// The version.
        version: u64,
    },
    /// There is no such version to be given a name.
    #[error("job \"{job}\" version {version} not found")]
    UnknownVersionToTag {
        /// The job.
        job: String,
        /// The version.
        version: u64,
    },
    /// No version has that name.
    #[error("tag \"{name}\" not found on job \"{job}\"")]
    UnknownTag {
        /// The name.
        name: String,
        /// The job.
        job: String,
    },
    /// Another version has that name.
    #[error("tag \"{name}\" already exists on a different version of job \"{job}\"")]
    TagTaken {
        /// The name.
        name: String,
        /// The job.
        job: String,
    },
    /// A child of an earlier dispatch with the same token is there.
    #[error("a job was dispatched with this token already: {job}")]
    Dispatched {
        /// The child.
        job: String,
        /// Index of its creation.
        create_index: u64,
    },
    /// There is no such node.
    #[error("node not found")]
    UnknownNode,
    /// There is no such deployment, or it has ended.
    #[error("deployment not found or ended")]
    UnknownDeployment,
    /// Jobs live in namespaces that exist.
    #[error("1 error occurred:\n\t* job \"{job}\" is in nonexistent namespace \"{namespace}\"\n\n")]
    NoSuchNamespace {
        /// The job.
        job: String,
        /// The namespace that it names.
        namespace: String,
    },
    /// The default namespace stays.
    #[error("can not delete default namespace")]
    DefaultNamespace,
    /// There is no such namespace.
    #[error("namespace not found")]
    UnknownNamespace,
    /// Something in the namespace is not dead.
    #[error("1 error occurred:\n\t* namespace \"{name}\" has non-terminal jobs in regions: [{region}]\n\n")]
    NamespaceHasJobs {
        /// The namespace.
        name: String,
        /// Where the job is.
        region: String,
    },
    /// Variables go before their namespace does.
    #[error(
        "namespace \"{name}\" contains at least one variable \"{path}\". All variables in namespace must be \
         deleted before it can be deleted"
    )]
    NamespaceHasVariables {
        /// The namespace.
        name: String,
        /// One of its variables.
        path: String,
    },
    /// Pools that every cluster has stay as they are.
    #[error("{verb} node pool \"{name}\" is not allowed")]
    BuiltInNodePool {
        /// What was tried.
        verb: String,
        /// The pool.
        name: String,
    },
    /// There is no such node pool.
    #[error("node pool {name} not found")]
    UnknownNodePool {
        /// Its name.
        name: String,
    },
    /// Something in the pool is not dead.
    #[error("1 error occurred:\n\t* node pool \"{name}\" has non-terminal jobs in regions: [{region}]\n\n")]
    NodePoolHasJobs {
        /// The pool.
        name: String,
        /// Where the job is.
        region: String,
    },
    /// Nodes are in the pool.
    #[error("1 error occurred:\n\t* node pool \"{name}\" has nodes in regions: [global]\n\n")]
    NodePoolHasNodes {
        /// The pool.
        name: String,
    },
    /// Work is being moved off the node.
    #[error("can not set node's scheduling eligibility to eligible while it is draining")]
    NodeIsDraining,
    /// Evaluations are being processed.
    #[error("eval broker is enabled; eval broker must be paused to delete evals")]
    EvalBrokerEnabled,
    /// There is no such evaluation.
    #[error("eval not found")]
    UnknownEval,
    /// There is no such deployment.
    #[error("deployment not found")]
    DeploymentNotFound,
    /// The deployment has ended.
    #[error("can't {what} terminal deployment")]
    TerminalDeployment {
        /// What was tried.
        what: String,
    },
    /// Canaries that are not healthy cannot be promoted.
    #[error("{}", model::job::validate::Faults::from_lines(.faults.clone()))]
    UnhealthyCanaries {
        /// One line for each group.
        faults: Vec<String>,
    },
    /// There is no such allocation.
    #[error("unknown alloc \"{id}\"")]
    UnknownAlloc {
        /// Its id.
        id: AllocId,
    },
    /// The allocation is another deployment's.
    #[error("alloc \"{id}\" is not part of deployment \"{deployment}\"")]
    AllocOfOther {
        /// The allocation.
        id: AllocId,
        /// The deployment asked about.
        deployment: DeploymentId,
    },
    /// There is no such variable.
    #[error("variable not found")]
    UnknownVariable,
    /// Nobody holds the variable's lock.
    #[error("variable doesn't hold a lock")]
    NotLocked,
    /// There is no such root key.
    #[error("root key not found")]
    UnknownRootKey,
    /// New things are signed and encrypted with it.
    #[error("active root key cannot be deleted - call rotate first")]
    ActiveRootKey,
    /// Without it these variables could not be read.
    #[error("root key in use, cannot delete")]
    RootKeyInUse,
    /// Another restore has begun, or another leader has.
    #[error("the restore was interrupted and has changed nothing")]
    RestoreInterrupted,
    /// Parts are missing, or make no sound state.
    #[error("the snapshot was refused and has changed nothing: {why}")]
    RestoreRefused {
        /// What is wrong.
        why: String,
    },
    /// The node's secret is not the one that it registered with.
    #[error("node secret does not match")]
    WrongNodeSecret,
}
