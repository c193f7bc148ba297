//! Bodies and answers of what operators do with nodes, evaluations and deployments.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::shape::shape;
use crate::time::Ns;

shape! {
    /// Body of a drain. Without a specification the drain ends.
    NodeUpdateDrainRequest {
        "DrainSpec" drain_spec: Option<DrainSpec>,
        "MarkEligible" mark_eligible: bool,
        "Meta" meta: Option<BTreeMap<String, String>>,
        "NodeID" node_id: String,
    }
    /// How to drain.
    DrainSpec { "Deadline" deadline: Ns, "IgnoreSystemJobs" ignore_system_jobs: bool }
    /// Body of a change of eligibility.
    NodeUpdateEligibilityRequest { "Eligibility" eligibility: String, "NodeID" node_id: String }
    /// Answer to a drain or a change of eligibility.
    NodeChanged {
        "EvalCreateIndex" eval_create_index: u64,
        "EvalIDs" eval_ids: Option<Vec<String>>,
        "Index" index: u64,
        "NodeModifyIndex" node_modify_index: u64,
    }
    /// Answer to an evaluation or removal of a node.
    NodeUpdated {
        "EvalCreateIndex" eval_create_index: u64,
        "EvalIDs" eval_ids: Option<Vec<String>>,
        "Features" features: Option<Value> as Option<()>,
        "HeartbeatTTL" heartbeat_ttl: i64,
        "Index" index: u64,
        "KnownLeader" known_leader: bool,
        "LastContact" last_contact: u64,
        "LeaderRPCAddr" leader_rpc_addr: String,
        "NextToken" next_token: String,
        "NodeModifyIndex" node_modify_index: u64,
        "NumNodes" num_nodes: u64,
        "SchedulingEligibility" scheduling_eligibility: String,
        "Servers" servers: Option<Vec<Value>> as Option<()>,
        "SignedIdentity" signed_identity: Option<String>,
    }
    /// Body of a removal of evaluations.
    EvalDeleteRequest { "EvalIDs" eval_ids: Option<Vec<String>>, "Filter" filter: String }
    /// Answer to a removal of evaluations.
    EvalsDeleted { "Count" count: u64, "Index" index: u64 }
    /// Answer to a count of evaluations.
    EvalCount {
        "Count" count: u64,
        "Index" index: u64,
        "KnownLeader" known_leader: bool,
        "LastContact" last_contact: u64,
        "NextToken" next_token: String,
    }
    /// Body that holds a deployment or goes on with it.
    DeploymentPauseRequest { "DeploymentID" deployment_id: String, "Pause" pause: bool }
    /// Body that promotes canaries.
    DeploymentPromoteRequest {
        "All" all: bool,
        "DeploymentID" deployment_id: String,
        "Groups" groups: Option<Vec<String>>,
    }
    /// Body that sets the health of allocations.
    DeploymentAllocHealthRequest {
        "DeploymentID" deployment_id: String,
        "HealthyAllocationIDs" healthy: Option<Vec<String>>,
        "UnhealthyAllocationIDs" unhealthy: Option<Vec<String>>,
    }
    /// Body that lets a deployment go on which waits for another region.
    DeploymentUnblockRequest { "DeploymentID" deployment_id: String }
    /// Answer to an action on a deployment.
    DeploymentUpdated {
        "DeploymentModifyIndex" deployment_modify_index: u64,
        "EvalCreateIndex" eval_create_index: u64,
        "EvalID" eval_id: String,
        "Index" index: u64,
        "RevertedJobVersion" reverted_job_version: Option<u64>,
    }
}
