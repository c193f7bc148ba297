//! The OpenAPI 3.1 document: paths from the route table, schemas from the types of this crate.

use std::collections::BTreeMap;

use model::described::{Book, Described};
use serde_json::{Map, Value, json};

use crate::{
    agent, allocations, deployments, evaluations, job, job_actions, jobs, namespaces, node_pools, nodes,
    operator, plan, services, statuses, validate,
};

/// Makes a schema.
type Schema = fn(&mut Book) -> Value;

/// Answers by method and path of the route table. Every other route's answer is free-form, or no JSON.
const ANSWERS: &[(&str, &str, Schema)] = &[
    ("get", "/v1/jobs", Vec::<jobs::JobStub>::schema),
    ("put", "/v1/jobs", jobs::RegisterResponse::schema),
    ("get", "/v1/jobs/statuses", Vec::<statuses::JobStatus>::schema),
    ("get", "/v1/job/*job/summary", jobs::JobSummary::schema),
    ("get", "/v1/job/*job/versions", jobs::JobVersions::schema),
    ("get", "/v1/job/*job/allocations", Vec::<allocations::AllocStub>::schema),
    ("get", "/v1/job/*job/evaluations", Vec::<evaluations::Evaluation>::schema),
    ("get", "/v1/job/*job/deployments", Vec::<deployments::Deployment>::schema),
    ("get", "/v1/job/*job/deployment", Option::<deployments::Deployment>::schema),
    ("get", "/v1/job/*job/scale", job_actions::ScaleStatus::schema),
    ("get", "/v1/job/*job", job::Job::schema),
    ("put", "/v1/job/*job/plan", plan::PlanResponse::schema),
    ("put", "/v1/job/*job", jobs::RegisterResponse::schema),
    ("delete", "/v1/job/*job", jobs::DeregisterResponse::schema),
    ("get", "/v1/allocations", Vec::<allocations::AllocStub>::schema),
    ("get", "/v1/evaluations", Vec::<evaluations::Evaluation>::schema),
    ("get", "/v1/evaluation/*eval/allocations", Vec::<allocations::AllocStub>::schema),
    ("get", "/v1/evaluation/*eval", evaluations::Evaluation::schema),
    ("get", "/v1/deployments", Vec::<deployments::Deployment>::schema),
    ("get", "/v1/namespaces", Vec::<namespaces::Namespace>::schema),
    ("get", "/v1/namespace/*namespace", namespaces::Namespace::schema),
    ("get", "/v1/node/pools", Vec::<node_pools::NodePool>::schema),
    ("get", "/v1/node/pool/*pool", node_pools::NodePool::schema),
    ("get", "/v1/nodes", Vec::<nodes::NodeStub>::schema),
    ("get", "/v1/node/*node", nodes::Node::schema),
    ("get", "/v1/services", Vec::<services::NamespaceServices>::schema),
    ("get", "/v1/service/:name", Vec::<services::ServiceRegistration>::schema),
    ("put", "/v1/validate/job", validate::JobValidateResponse::schema),
    ("get", "/v1/agent/members", agent::Members::schema),
    ("get", "/v1/operator/raft/configuration", agent::RaftConfiguration::schema),
    ("get", "/v1/operator/scheduler/configuration", operator::SchedulerAnswer::schema),
    ("get", "/v1/status/leader", String::schema),
    ("get", "/v1/status/peers", Vec::<String>::schema),
    ("get", "/v1/regions", Vec::<String>::schema),
];

/// The document over the given methods (in lower case) and paths of the route table. PUT and POST mean the same, so a
/// row for one is shown as both.
pub fn document(routes: impl Iterator<Item = (&'static str, &'static str)>) -> Value {
    let mut book = Book::default();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for (method, path) in routes {
        let found = ANSWERS.iter().find(|(verb, route, _)| (*verb, *route) == (method, path));
        let schema = found.map_or(Value::schema as Schema, |(_, _, schema)| *schema);
        let schema = schema(&mut book);
        let operation = json!({
            "parameters": names(path).map(parameter).collect::<Vec<_>>(),
            "responses": {
                "200": { "description": "the answer", "content": { "application/json": { "schema": schema } } },
                "default": {
                    "description": "what is wrong, as a text",
                    "content": { "text/plain": { "schema": { "type": "string" } } },
                },
            },
        });
        let methods = paths.entry(templated(path)).or_default();
        if method == "put" {
            methods.insert("post".to_owned(), operation.clone());
        }
        methods.insert(method.to_owned(), operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Drover", "version": "v1" },
        "paths": paths,
        "components": { "schemas": book.0 },
    })
}

/// Names of the parts of a path that vary.
fn names(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|part| part.strip_prefix([':', '*']))
}

fn parameter(name: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
}

/// `/v1/job/*job` as `/v1/job/{job}`.
fn templated(path: &str) -> String {
    let part = |part: &str| match part.strip_prefix([':', '*']) {
        Some(name) => format!("{{{name}}}"),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}
