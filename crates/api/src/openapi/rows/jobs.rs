//! Jobs, and what becomes of them.

use std::collections::BTreeMap;

use model::described::Described;
use model::job::JobSubmission;

use super::super::operation::Content::Json;
use super::super::operation::{Operation, delete, get, put};
use crate::actions::{
    DeploymentAllocHealthRequest, DeploymentPauseRequest, DeploymentPromoteRequest, DeploymentUnblockRequest,
    DeploymentUpdated, EvalCount, EvalDeleteRequest, EvalsDeleted,
};
use crate::allocations::{AllocStub, Allocation};
use crate::client::{AllocStopResponse, CheckStatus};
use crate::deployments::Deployment;
use crate::evaluations::Evaluation;
use crate::explain::{EvaluationExplanation, JobExplanation};
use crate::job::Job;
use crate::job_actions::{
    DispatchRequest, DispatchResponse, EvaluateRequest, JobAction, PeriodicForceResponse, RevertRequest,
    ScaleRequest, ScaleStatus, ScalingPolicyAnswer, ScalingPolicyStub, StableRequest, StableResponse,
    TagRequest, TagResponse,
};
use crate::jobs::{DeregisterResponse, JobStub, JobSummary, JobVersions, RegisterRequest, RegisterResponse};
use crate::parse::{ParseRequest, ParsedJob};
use crate::plan::{PlanRequest, PlanResponse};
use crate::services::ServiceRegistration;
use crate::statuses::{JobStatus, JobStatusesRequest};
use crate::validate::{JobValidateRequest, JobValidateResponse};

#[rustfmt::skip]
pub(super) const ROWS: &[Operation] = &[
    get("/v1/jobs", "@read @page meta").answers(&[Json(Vec::<JobStub>::schema)]),
    put("/v1/jobs", "namespace").takes(RegisterRequest::schema).answers(&[Json(RegisterResponse::schema)]),
    get("/v1/jobs/statuses", "@read @page include_children").answers(&[Json(Vec::<JobStatus>::schema)]),
    put("/v1/jobs/statuses", "@read @page").takes(JobStatusesRequest::schema).answers(&[Json(Vec::<JobStatus>::schema)]),
    put("/v1/jobs/parse", "namespace").takes(ParseRequest::schema).answers(&[Json(ParsedJob::schema)]),
    get("/v1/job/*job/summary", "@read").answers(&[Json(JobSummary::schema)]),
    get("/v1/job/*job/versions", "@read diffs diff_version diff_tag").answers(&[Json(JobVersions::schema)]),
    get("/v1/job/*job/action", "namespace action alloc_id task tty ws_handshake").with_status(101),
    get("/v1/job/*job/explain", "@read").answers(&[Json(JobExplanation::schema)]),
    get("/v1/job/*job/services", "@read").answers(&[Json(Vec::<ServiceRegistration>::schema)]),
    get("/v1/job/*job/allocations", "@read all").answers(&[Json(Vec::<AllocStub>::schema)]),
    get("/v1/job/*job/evaluations", "@read").answers(&[Json(Vec::<Evaluation>::schema)]),
    get("/v1/job/*job/deployments", "@read all").answers(&[Json(Vec::<Deployment>::schema)]),
    get("/v1/job/*job/deployment", "@read").answers(&[Json(Option::<Deployment>::schema)]),
    get("/v1/job/*job/submission", "@read version").answers(&[Json(JobSubmission::schema)]),
    put("/v1/job/*job/dispatch/payload", "namespace idempotency_token").takes_bytes().answers(&[Json(DispatchResponse::schema)]),
    put("/v1/job/*job/dispatch", "namespace idempotency_token").takes(DispatchRequest::schema).answers(&[Json(DispatchResponse::schema)]),
    put("/v1/job/*job/revert", "namespace").takes(RevertRequest::schema).answers(&[Json(RegisterResponse::schema)]),
    put("/v1/job/*job/stable", "namespace").takes(StableRequest::schema).answers(&[Json(StableResponse::schema)]),
    put("/v1/job/*job/plan", "namespace").takes(PlanRequest::schema).answers(&[Json(PlanResponse::schema)]),
    put("/v1/job/*job/evaluate", "namespace").may_take(EvaluateRequest::schema).answers(&[Json(RegisterResponse::schema)]),
    put("/v1/job/*job/periodic/force", "namespace").answers(&[Json(PeriodicForceResponse::schema)]),
    get("/v1/job/*job/scale", "@read").answers(&[Json(ScaleStatus::schema)]),
    put("/v1/job/*job/scale", "namespace").takes(ScaleRequest::schema).answers(&[Json(RegisterResponse::schema)]),
    get("/v1/job/*job/actions", "@read").answers(&[Json(Vec::<JobAction>::schema)]),
    put("/v1/job/*job/versions/:tag/tag", "namespace").may_take(TagRequest::schema).answers(&[Json(TagResponse::schema)]),
    delete("/v1/job/*job/versions/:tag/tag", "namespace").answers(&[Json(TagResponse::schema)]),
    get("/v1/job/*job", "@read").answers(&[Json(Job::schema)]),
    put("/v1/job/*job", "namespace").takes(RegisterRequest::schema).answers(&[Json(RegisterResponse::schema)]),
    delete("/v1/job/*job", "namespace purge global no_shutdown_delay eval_priority").answers(&[Json(DeregisterResponse::schema)]),

    get("/v1/allocations", "@read @page resources task_states").answers(&[Json(Vec::<AllocStub>::schema)]),
    get("/v1/allocation/:alloc", "@read").answers(&[Json(Allocation::schema)]),
    put("/v1/allocation/:alloc/stop", "namespace no_shutdown_delay reschedule").answers(&[Json(AllocStopResponse::schema)]),
    get("/v1/allocation/:alloc/services", "@read").answers(&[Json(Vec::<ServiceRegistration>::schema)]),
    get("/v1/allocation/:alloc/checks", "namespace").answers(&[Json(Option::<BTreeMap<String, CheckStatus>>::schema)]),
    get("/v1/allocation/:alloc/:what", "").refused(),

    get("/v1/evaluations", "@read @page job status").answers(&[Json(Vec::<Evaluation>::schema)]),
    delete("/v1/evaluations", "namespace").takes(EvalDeleteRequest::schema).answers(&[Json(EvalsDeleted::schema)]),
    get("/v1/evaluations/count", "@read prefix filter").answers(&[Json(EvalCount::schema)]),
    get("/v1/evaluation/:eval/explain", "@read").answers(&[Json(EvaluationExplanation::schema)]),
    get("/v1/evaluation/*eval/allocations", "@read").answers(&[Json(Vec::<AllocStub>::schema)]),
    get("/v1/evaluation/*eval", "@read related").answers(&[Json(Evaluation::schema)]),

    get("/v1/deployments", "@read @page").answers(&[Json(Vec::<Deployment>::schema)]),
    put("/v1/deployment/fail/:deployment", "").answers(&[Json(DeploymentUpdated::schema)]),
    put("/v1/deployment/pause/:deployment", "").takes(DeploymentPauseRequest::schema).answers(&[Json(DeploymentUpdated::schema)]),
    put("/v1/deployment/promote/:deployment", "").takes(DeploymentPromoteRequest::schema).answers(&[Json(DeploymentUpdated::schema)]),
    put("/v1/deployment/unblock/:deployment", "").takes(DeploymentUnblockRequest::schema).answers(&[Json(DeploymentUpdated::schema)]),
    put("/v1/deployment/allocation-health/:deployment", "").takes(DeploymentAllocHealthRequest::schema).answers(&[Json(DeploymentUpdated::schema)]),
    get("/v1/deployment/allocations/:deployment", "@read").answers(&[Json(Vec::<AllocStub>::schema)]),
    get("/v1/deployment/*deployment", "@read").answers(&[Json(Deployment::schema)]),

    put("/v1/validate/job", "namespace").takes(JobValidateRequest::schema).answers(&[Json(JobValidateResponse::schema)]),
    get("/v1/scaling/policies", "@read prefix job type").answers(&[Json(Vec::<ScalingPolicyStub>::schema)]),
    get("/v1/scaling/policy/:policy", "@read").answers(&[Json(ScalingPolicyAnswer::schema)]),
];
