//! Agents, servers and what operators do with them.

use std::collections::BTreeMap;

use model::described::Described;
use serde_json::Value;

use super::super::operation::Content::{Bytes, Html, Json, Lines, Text};
use super::super::operation::{Operation, delete, get, put};
use crate::acl::{Introduction, IntroductionRequest, Token};
use crate::agent::{
    AgentSelf, HealthOf, Joined, Members, RaftConfiguration, Schedulers, SchedulersConfig, Transferred,
};
use crate::client::Frame;
use crate::events::Batch;
use crate::keyring::{Jwks, RootKey, Rotated};
use crate::metrics::Metrics;
use crate::operator::{
    Autopilot, AutopilotHealth, SchedulerAnswer, SchedulerConfiguration, SchedulerUpdated,
};
use crate::whatif::{WhatIf, WhatIfRequest};

#[rustfmt::skip]
pub(super) const ROWS: &[Operation] = &[
    get("/v1/status/leader", "").answers(&[Json(String::schema)]),
    get("/v1/status/peers", "").answers(&[Json(Vec::<String>::schema)]),
    get("/v1/openapi.json", "").answers(&[Json(Value::schema)]),
    get("/v1/regions", "").answers(&[Json(Vec::<String>::schema)]),
    get("/v1/agent/self", "").answers(&[Json(AgentSelf::schema)]),
    get("/v1/agent/health", "type").answers(&[Json(BTreeMap::<String, HealthOf>::schema)]),
    get("/v1/agent/members", "").answers(&[Json(Members::schema)]),
    get("/v1/agent/servers", "").answers(&[Json(Vec::<String>::schema)]).also(&[501]),
    put("/v1/agent/servers", "address").refused().also(&[501]),
    put("/v1/agent/join", "address").answers(&[Json(Joined::schema)]),
    put("/v1/agent/force-leave", "node prune"),
    get("/v1/agent/schedulers", "").answers(&[Json(Schedulers::schema)]),
    get("/v1/agent/schedulers/config", "").answers(&[Json(SchedulersConfig::schema)]),
    get("/v1/agent/monitor", "log_level log_json plain node_id server_id").answers(&[Lines(Frame::schema), Text]).also(&[501]),
    get("/v1/agent/host", "").refused().also(&[403]),
    get("/v1/agent/pprof/*rest", "").refused().also(&[403]),
    get("/v1/event/stream", "index topic namespace").answers(&[Lines(Batch::schema)]),
    get("/v1/operator/raft/configuration", "").answers(&[Json(RaftConfiguration::schema)]),
    delete("/v1/operator/raft/peer", "id"),
    put("/v1/operator/raft/transfer-leadership", "id address").answers(&[Json(Transferred::schema)]),
    get("/v1/operator/license", "").with_status(204),
    put("/v1/operator/license", "").refused().also(&[501]),
    put("/v1/operator/utilization", "").refused().also(&[501]),
    put("/v1/system/gc", ""),
    put("/v1/system/reconcile/summaries", ""),
    get("/v1/acl/token/self", "").answers(&[Json(Token::schema)]),
    get("/v1/acl/policy/self", "").refused().also(&[403]),
    put("/v1/acl/identity/client-introduction-token", "").takes(IntroductionRequest::schema).answers(&[Json(Introduction::schema)]),
    get("/ui/*rest", "").answers(&[Html]),
    put("/v1/operator/whatif", "").takes(WhatIfRequest::schema).answers(&[Json(WhatIf::schema)]),
    get("/v1/operator/scheduler/configuration", "@read").answers(&[Json(SchedulerAnswer::schema)]),
    put("/v1/operator/scheduler/configuration", "cas").takes(SchedulerConfiguration::schema).answers(&[Json(SchedulerUpdated::schema)]),
    get("/v1/operator/autopilot/configuration", "stale").answers(&[Json(Autopilot::schema)]),
    put("/v1/operator/autopilot/configuration", "cas").takes(Autopilot::schema).answers(&[Json(bool::schema)]),
    get("/v1/operator/autopilot/health", "").answers(&[Json(AutopilotHealth::schema)]),
    get("/v1/operator/snapshot", "stale").answers(&[Bytes]),
    put("/v1/operator/snapshot", "").takes_bytes(),
    get("/v1/metrics", "format").answers(&[Json(Metrics::schema), Text]).also(&[415]),
    get("/.well-known/jwks.json", "@read").answers(&[Json(Jwks::schema)]),
    get("/.well-known/openid-configuration", "").refused(),
    get("/v1/operator/keyring/keys", "@read").answers(&[Json(Vec::<RootKey>::schema)]),
    put("/v1/operator/keyring/rotate", "full").answers(&[Json(Rotated::schema)]).also(&[501]),
    delete("/v1/operator/keyring/key/:key", ""),
];
