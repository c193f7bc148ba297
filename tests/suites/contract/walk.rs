//! Answers that the recordings leave out, asked of an agent with a job, through the tap.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::job::raw_exec;

use super::agent::Agent;

/// How long the job may take to run.
const PATIENCE: Duration = Duration::from_secs(60);

/// `METHOD path` and a body, in this order; `{…}` stands for an id. All of them succeed.
fn questions() -> Vec<(&'static str, Value)> {
    let none = || Value::Null;
    vec![
        ("GET /v1/job/walk/explain", none()),
        ("GET /v1/job/walk/actions", none()),
        ("GET /v1/job/walk/services", none()),
        ("GET /v1/job/walk/versions?diffs=true", none()),
        ("GET /v1/jobs/statuses", none()),
        ("PUT /v1/jobs/statuses", json!({ "Jobs": [{ "ID": "walk", "Namespace": "default" }] })),
        ("PUT /v1/jobs/parse", json!({ "JobHCL": "job \"a\" {}", "Canonicalize": true })),
        ("PUT /v1/validate/job", raw_exec("walk", "service", 1, "/bin/true", &[])),
        ("PUT /v1/job/walk/evaluate", json!({ "JobID": "walk" })),
        ("GET /v1/evaluation/{eval}/explain", none()),
        ("GET /v1/evaluation/{eval}?related=true", none()),
        ("GET /v1/evaluations/count", none()),
        ("GET /v1/allocation/{alloc}", none()),
        ("GET /v1/allocation/{alloc}/services", none()),
        ("GET /v1/allocation/{alloc}/checks", none()),
        ("GET /v1/allocations?resources=true", none()),
        ("GET /v1/client/allocation/{alloc}/stats", none()),
        ("GET /v1/client/fs/ls/{alloc}?path=/", none()),
        ("GET /v1/client/fs/stat/{alloc}?path=/alloc", none()),
        ("GET /v1/client/fs/logs/{alloc}?task=main&type=stdout", none()),
        ("GET /v1/client/stats", none()),
        ("GET /v1/client/metadata", none()),
        ("PUT /v1/client/metadata", json!({ "Meta": { "rack": "r1", "gone": null } })),
        // One that ends nobody: the task is restarted next.
        ("PUT /v1/client/allocation/{alloc}/signal", json!({ "Signal": "SIGCONT", "Task": "main" })),
        ("PUT /v1/client/allocation/{alloc}/restart", json!({ "TaskName": "main" })),
        ("GET /v1/nodes?resources=true&os=true", none()),
        ("GET /v1/node/{node}", none()),
        ("GET /v1/node/{node}/allocations", none()),
        ("PUT /v1/node/{node}/evaluate", none()),
        ("PUT /v1/node/{node}/eligibility", json!({ "Eligibility": "ineligible" })),
        ("PUT /v1/node/{node}/drain", json!({ "DrainSpec": null, "MarkEligible": true })),
        ("GET /v1/agent/self", none()),
        ("GET /v1/agent/servers", none()),
        ("GET /v1/agent/health", none()),
        ("GET /v1/agent/schedulers", none()),
        ("GET /v1/agent/schedulers/config", none()),
        ("PUT /v1/agent/join?address=127.0.0.1:1", none()),
        ("PUT /v1/agent/force-leave?node=nobody", none()),
        ("GET /v1/metrics", none()),
        ("GET /v1/openapi.json", none()),
        ("GET /ui/", none()),
        ("GET /v1/acl/token/self", none()),
        ("PUT /v1/acl/identity/client-introduction-token", json!({ "NodeName": "n" })),
        ("PUT /v1/namespace", json!({ "Name": "other", "Capabilities": { "EnabledTaskDrivers": ["exec"] } })),
        ("GET /v1/namespace/other", none()),
        ("PUT /v1/node/pools", json!({ "Name": "pool" })),
        ("GET /v1/node/pools", none()),
        ("GET /v1/node/pool/default/jobs", none()),
        ("PUT /v1/var/a/b", json!({ "Items": { "k": "v" } })),
        ("PUT /v1/var/a/lock?lock-acquire", json!({ "Items": { "k": "v" }, "Lock": { "TTL": "15s" } })),
        ("GET /v1/vars", none()),
        ("PUT /v1/search", json!({ "Context": "all", "Prefix": "wa" })),
        ("PUT /v1/search/fuzzy", json!({ "Context": "all", "Text": "walk" })),
        ("PUT /v1/operator/whatif", json!({ "Drain": "{node}" })),
        ("PUT /v1/operator/autopilot/configuration", json!({ "CleanupDeadServers": true })),
        ("GET /v1/operator/autopilot/health", none()),
        ("GET /v1/operator/keyring/keys", none()),
        ("PUT /v1/operator/keyring/rotate", none()),
        ("PUT /v1/operator/keyring/rotate", none()),
        ("PUT /v1/system/reconcile/summaries", none()),
        ("PUT /v1/allocation/{alloc}/stop", none()),
        ("PUT /v1/operator/raft/transfer-leadership?id={server}", none()),
        ("DELETE /v1/var/a/b", none()),
        ("DELETE /v1/job/walk", none()),
        ("PUT /v1/client/gc", none()),
        ("GET /v1/client/gc", none()),
        ("PUT /v1/system/gc", none()),
        ("PUT /v1/node/{node}/purge", none()),
    ]
}

/// What goes on for as long as somebody listens.
const STREAMS: [&str; 2] = ["/v1/event/stream?index=1", "/v1/agent/monitor?log_level=trace"];

fn read(agent: &Agent, path: &str) -> Value {
    serde_json::from_str(&agent.get(path).unwrap()).unwrap()
}

/// Runs a job and asks everything; answers what did not succeed.
pub(crate) fn ask_everything(agent: &Agent) -> Vec<String> {
    let mut job = raw_exec("walk", "service", 1, "/bin/sleep", &["600"]);
    job["Job"]["TaskGroups"][0]["Services"] = json!([{ "Name": "walk", "Provider": "nomad", "Tags": ["t"] }]);
    let (status, body) = agent.ask("PUT", "/v1/jobs", &job.to_string()).unwrap();
    assert_eq!(status, 200, "{body}");
    let deadline = Instant::now() + PATIENCE;
    let alloc = loop {
        let (_, body) = agent.ask("GET", "/v1/job/walk/allocations", "").unwrap();
        let all: Value = serde_json::from_str(&body).unwrap();
        match all.as_array().and_then(|all| all.iter().find(|alloc| alloc["ClientStatus"] == "running")) {
            Some(alloc) => break alloc.clone(),
            None => assert!(Instant::now() < deadline, "the job does not run: {all}\n{}", agent.log()),
        }
        sleep(Duration::from_millis(200));
    };
    let id = |key: &str| alloc[key].as_str().unwrap().to_owned();
    let server =
        read(agent, "/v1/operator/raft/configuration")["Servers"][0]["ID"].as_str().unwrap().to_owned();
    let ids =
        [("{alloc}", id("ID")), ("{eval}", id("EvalID")), ("{node}", id("NodeID")), ("{server}", server)];
    let filled = |text: &str| ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id));
    let mut refused = Vec::new();
    for path in STREAMS {
        let heard = agent.listen(path);
        if !heard.contains("HTTP/1.1 200") || !heard.contains("{") {
            refused.push(format!("GET {path}: {heard}"));
        }
    }
    for (question, body) in questions() {
        let (method, path) = question.split_once(' ').unwrap();
        let body = if body.is_null() { String::new() } else { filled(&body.to_string()) };
        match agent.ask(method, &filled(path), &body) {
            Some((status, _)) if (200..300).contains(&status) => {}
            other => refused.push(format!("{question}: {other:?}")),
        }
    }
    // The key between two rotations has encrypted nothing.
    let keys = read(agent, "/v1/operator/keyring/keys");
    let idle = keys.as_array().unwrap().iter().filter(|key| key["State"] == "inactive");
    let idle = idle.max_by_key(|key| key["CreateIndex"].as_u64()).unwrap();
    let path = format!("/v1/operator/keyring/key/{}", idle["KeyID"].as_str().unwrap());
    let (status, body) = agent.ask("DELETE", &path, "").unwrap();
    if status != 200 {
        refused.push(format!("DELETE {path}: {status} {body}"));
    }
    refused
}
