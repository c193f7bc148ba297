//! What is encoded comes back as it was: every noun of the model in its codec, every object of the interface in JSON.

mod generate;

use std::fmt::Debug;

use model::codec;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Parts of the largest values.
const SIZE: usize = 6_000;

/// One that says what is wrong when a value does not come back.
fn through_codec<T: Serialize + DeserializeOwned + PartialEq + Debug>(seed: u64, size: usize) {
    let value: T = generate::value(seed, size);
    let bytes = codec::encode(&value);
    let back: T = codec::decode(&bytes).unwrap_or_else(|error| panic!("{error}: {value:#?}"));
    assert_eq!(back, value);
    assert_eq!(codec::encode(&back), bytes, "equal values have different encodings");
}

fn through_json<T: Serialize + DeserializeOwned + Debug>(seed: u64, size: usize) {
    let value: T = generate::value(seed, size);
    for pretty in [false, true] {
        let bytes = api::json::to_vec(&value, pretty).expect("it can be written");
        let back: T = api::json::from_slice(&bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&bytes)));
        assert_eq!(told(&back), told(&value));
        let again = api::json::to_vec(&back, pretty).expect("it can be written");
        assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&bytes));
    }
}

/// A value in words. JSON has one `null` for nothing and for something that is always nothing.
fn told(value: &impl Debug) -> String {
    format!("{value:?}").replace("Some(())", "None").replace("Some(Null)", "None")
}

/// Where two values differ first.
fn difference(left: &Value, right: &Value, at: &str) -> Option<String> {
    match (left, right) {
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
            one.iter().find_map(|(name, value)| difference(value, other.get(name)?, &format!("{at}.{name}")))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => one
            .iter()
            .zip(other)
            .enumerate()
            .find_map(|(number, (one, other))| difference(one, other, &format!("{at}[{number}]"))),
        _ => (left != right).then(|| format!("{at}: {left} and {right}")),
    }
}

macro_rules! all {
    ($through:ident($seed:ident, $size:ident): $($ty:ty),+ $(,)?) => {
        $($through::<$ty>($seed, $size);)+
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nouns_come_back_from_their_codec(seed: u64, size in 0..SIZE) {
        use model::*;
        all! { through_codec(seed, size):
            Job, Allocation, AllocUpdate, Evaluation, Deployment, DeploymentStatusUpdate, Node, NodePool, Namespace,
            Plan, PlanResult, Variable, RootKey, ServiceRegistration, SchedulerConfiguration,
            AutopilotConfiguration, AllocMetric, AllocatedResources, TaskState, job::JobSubmission,
            job::ScalingEvent,
        }
    }

    #[test]
    fn jobs_come_back_from_json(seed: u64, size in 0..SIZE) {
        use api::{job::Job, jobs::*, parse::ParseRequest, plan::*, validate::*};
        all! { through_json(seed, size):
            Job, RegisterRequest, RegisterResponse, DeregisterResponse, JobStub, JobSummary, JobVersions,
            ParseRequest, PlanRequest, PlanResponse, JobValidateRequest, JobValidateResponse,
        }
    }

    #[test]
    fn what_is_done_with_jobs_comes_back_from_json(seed: u64, size in 0..SIZE) {
        use api::{diff::JobDiff, explain::*, job_actions::*, search::*, statuses::*, whatif::WhatIf};
        all! { through_json(seed, size):
            RevertRequest, StableRequest, StableResponse, EvaluateRequest, DispatchRequest, DispatchResponse,
            PeriodicForceResponse, TagRequest, TagResponse, ScaleRequest, ScaleStatus, JobAction,
            ScalingPolicyStub, ScalingPolicyAnswer, JobDiff, JobExplanation, EvaluationExplanation, WhatIf,
            JobStatusesRequest, JobStatus, SearchRequest, SearchResponse, FuzzySearchRequest, FuzzyResponse,
        }
    }

    #[test]
    fn what_runs_comes_back_from_json(seed: u64, size in 0..SIZE) {
        use api::{actions::*, allocations::*, client::*, deployments::*, evaluations::*, services::*};
        all! { through_json(seed, size):
            Allocation, AllocStub, Evaluation, EvaluationStub, Deployment, ServiceRegistration, NamespaceServices,
            NodeUpdateDrainRequest, NodeUpdateEligibilityRequest, NodeChanged, NodeUpdated, EvalDeleteRequest,
            EvalsDeleted, EvalCount, DeploymentPauseRequest, DeploymentPromoteRequest,
            DeploymentAllocHealthRequest, DeploymentUnblockRequest, DeploymentUpdated, AllocSignalRequest,
            AllocRestartRequest, AllocStopResponse, NodeMetaApplyRequest, NodeMeta, FileInfo, Frame, CheckStatus,
            AllocUsage, HostStats,
        }
    }

    #[test]
    fn what_a_cluster_is_made_of_comes_back_from_json(seed: u64, size in 0..SIZE) {
        use api::{
            acl::*, agent::*, events::Batch, keyring::*, metrics::Metrics, namespaces::Namespace,
            node_pools::NodePool, nodes::*, operator::*, variables::VariableDecrypted, volumes::VolumesRequest,
        };
        all! { through_json(seed, size):
            Node, NodeStub, NodePool, Namespace, VariableDecrypted, VolumesRequest, Token, IntroductionRequest,
            Introduction, AgentSelf, Members, HealthOf, Joined, Schedulers, SchedulersConfig, Transferred,
            RaftConfiguration, Batch, RootKey, Rotated, Jwks, Metrics, SchedulerAnswer, SchedulerUpdated,
            SchedulerConfiguration, Autopilot, AutopilotHealth,
            resources::NodeResources, resources::ReservedResources, resources::HostVolume,
        }
    }

    /// What a registration makes of a job is registered again as the same.
    #[test]
    fn jobs_stay_what_they_are_when_they_are_read_and_written(seed: u64, size in 0..SIZE) {
        let mut given: api::job::Job = generate::value(seed, size);
        given.multiregion = None;
        for group in given.task_groups.iter_mut().flatten() {
            // The tasks that a mesh brings along are made of these blocks whenever a job is registered.
            group.services.iter_mut().for_each(|service| service.connect = None);
            for task in group.tasks.iter_mut().flatten() {
                // One identity without a name is the task's own, and two of them are refused.
                task.identities.retain(|identity| !["", "default"].contains(&&*identity.name));
            }
        }
        // Only what can be honoured gets any further.
        if let Ok(job) = given.into_model() {
            let bytes = api::json::to_vec(&api::job::Job::from(&job), false).expect("it can be written");
            let read: api::job::Job = api::json::from_slice(&bytes).expect("what was written can be read");
            let again = read.into_model().expect("what was honoured once is honoured again");
            let shown = |job: &model::Job| serde_json::to_value(api::job::Job::from(job)).expect("JSON");
            let found = difference(&shown(&job), &shown(&again), "");
            prop_assert!(found.is_none(), "it became another: {}", found.unwrap_or_default());
        }
    }
}
