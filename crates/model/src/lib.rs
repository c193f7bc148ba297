//! The nouns of Drover and their arithmetic: jobs, nodes, allocations, evaluations, deployments, plans.
//!
//! A leaf of the house: it knows no protobuf, no HTTP JSON, no table and no clock. Maps are ordered
//! everywhere, because the order of a map is part of what replicas agree on.

pub mod alloc;
pub mod codec;
pub mod cron;
pub mod deployment;
pub mod described;
pub mod eval;
pub mod go_duration;
pub mod id;
pub mod job;
pub mod metric;
pub mod named;
pub mod namespace;
pub mod node;
pub mod node_pool;
pub mod operator;
pub mod plan;
pub mod planted;
pub mod resources;
pub mod root_key;
pub mod service_registration;
pub mod variable;
pub mod wire;

pub use alloc::{AllocUpdate, Allocation, ClientStatus, DesiredStatus, TaskEvent, TaskRunState, TaskState};
pub use deployment::{Deployment, DeploymentStatus, DeploymentStatusUpdate, GroupDeployment};
pub use eval::{EvalStatus, Evaluation, Trigger};
pub use id::{AllocId, DeploymentId, EvalId, JobKey, NodeId};
pub use job::{Job, JobStatus, JobType, PeriodicConfig, PeriodicSchedule, Task, TaskGroup};
pub use metric::AllocMetric;
pub use namespace::Namespace;
pub use node::{DrainStrategy, LastDrain, Node, NodeStatus};
pub use node_pool::NodePool;
pub use operator::{AutopilotConfiguration, SchedulerConfiguration};
pub use plan::{Plan, PlanResult};
pub use resources::AllocatedResources;
pub use root_key::RootKey;
pub use service_registration::ServiceRegistration;
pub use variable::Variable;
