//! Places of the document where anything may stand.

use serde_json::Value;

/// Every such place, and why no type says what stands there.
pub const FREE: &[(&str, &str)] = &[
    ("api.agent.AgentSelf.config", "the configuration of an agent, as its file and flags made it"),
    ("get /v1/openapi.json", "this document, which OpenAPI itself describes"),
    ("api.job.task.Task.Config", "what a task tells its driver"),
    ("api.job_actions.ScaleRequest.Meta", "what an autoscaler wants to remember"),
    ("api.job_actions.ScalingPolicyAnswer.Policy", "what a policy tells an autoscaler"),
    ("model.job.connect.Proxy.Config", "what a service tells its proxy"),
    ("model.job.connect.SidecarTask.Config", "what a task tells its driver"),
    ("model.job.connect.Upstream.Config", "what a service tells its proxy"),
    ("model.job.gateway.GatewayProxy.Config", "what a gateway tells its proxy"),
    ("model.job.identity.Secret.Config", "what a task tells its provider of secrets"),
    ("model.job.scaling.ScalingPolicy.Policy", "what a policy tells an autoscaler"),
    ("model.job.scaling.ScalingEvent.Meta", "what an autoscaler wants to remember"),
];

/// The places of a document that say nothing of what stands there, in the form of [`FREE`].
pub fn free_form(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        look(schema, name.strip_prefix("request.").unwrap_or(name), &mut found);
    }
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            in_operation(operation, &format!("{method} {path}"), &mut found);
        }
    }
    found.sort();
    found.dedup();
    found
}

fn in_operation(operation: &Value, at: &str, found: &mut Vec<String>) {
    let answers = operation["responses"].as_object().into_iter().flatten().map(|(_, answer)| answer);
    for body in answers.chain([&operation["requestBody"]]) {
        for (_, content) in body["content"].as_object().into_iter().flatten() {
            look(&content["schema"], at, found);
        }
    }
    if operation["responses"].as_object().is_none_or(serde_json::Map::is_empty) {
        found.push(at.to_owned());
    }
}

/// Goes down to the schemas that have no others inside.
fn look(schema: &Value, at: &str, found: &mut Vec<String>) {
    for (name, inside) in schema["properties"].as_object().into_iter().flatten() {
        look(inside, &format!("{at}.{name}"), found);
    }
    for several in ["anyOf", "oneOf"] {
        schema[several].as_array().into_iter().flatten().for_each(|one| look(one, at, found));
    }
    for inside in ["items", "additionalProperties"] {
        if let Some(inside) = schema.get(inside) {
            look(inside, at, found);
        }
    }
    let named = |what: &str| match &schema["type"] {
        Value::Array(all) => all.iter().any(|one| one == what),
        one => one == what,
    };
    let says = |keys: &[&str]| keys.iter().any(|key| schema.get(*key).is_some());
    let kinds = says(&["type", "$ref", "anyOf", "oneOf", "const"]);
    let empty = (named("object") && !says(&["properties", "additionalProperties"]))
        || (named("array") && !says(&["items"]));
    if !kinds || empty {
        found.push(at.to_owned());
    }
}
