//! The Events page: what happens in the cluster, as a stream of JSON lines.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use api::events::Batch;
use bytes::Bytes;
use futures::StreamExt;
use http::StatusCode;
use serde_json::{Value, json};
use state::Event;

use super::error::ApiError;
use super::message::{Body, Request, Response};
use super::numbers::parse_int;
use crate::app::App;
use crate::app::jobs::namespace_or_default;
use crate::events::Happened;

/// How long a stream is silent before it says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Topics that one stream may ask for.
const TOPICS_MAX: usize = 256;

/// What somebody wants to hear of.
struct Wanted {
    /// Keys by topic; `*` stands for any of either.
    topics: BTreeMap<String, Vec<String>>,
    namespace: String,
}

/// One event on the wire.
struct Line {
    topic: &'static str,
    key: String,
    namespace: String,
    filter_keys: Vec<String>,
    payload: Value,
}

pub(super) async fn stream(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let topics = topics(request).map_err(|fault| {
        ApiError::BadRequest(format!("Invalid topic query: error parsing topics: {fault}"))
    })?;
    let index = match request.params.get("index").unwrap_or_default() {
        "" => 0,
        text => {
            let number = parse_int(text);
            number.map_err(|fault| ApiError::BadRequest(format!("Unable to parse index: {fault}")))?
        }
    };
    let wanted = Wanted { topics, namespace: namespace_or_default(request.namespace()).to_owned() };
    let first = app.events.number_at(u64::try_from(index).unwrap_or(0));
    let lines =
        futures::stream::unfold((app.clone(), wanted, first), |(app, wanted, mut number)| async move {
            loop {
                match tokio::time::timeout(HEARTBEAT, app.events.next(number)).await {
                    Err(_silent) => return Some((Ok(Bytes::from_static(b"{}\n")), (app, wanted, number))),
                    Ok(None) => return None,
                    Ok(Some(happened)) => {
                        number = happened.number + 1;
                        if let Some(line) = told(&happened, &wanted) {
                            return Some((Ok(line), (app, wanted, number)));
                        }
                    }
                }
            }
        });
    let mut response = Response::typed(StatusCode::OK, "application/json", Bytes::new());
    response.body = Body::Stream(lines.map(|line: io::Result<Bytes>| line).boxed());
    Ok(response)
}

/// `topic=Job:web`, as often as one likes; without any, everything.
fn topics(request: &Request) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut topics: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in request.query.split('&') {
        let Some(("topic", value)) = pair.split_once('=') else { continue };
        let value = api::query::percent_decode(value, true);
        let mut parts = value.split(':');
        let (topic, key, more) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        if more.is_some() {
            return Err(format!("Invalid key value pair for topic, topic: {value}"));
        }
        topics.entry(topic.to_owned()).or_default().push(key.unwrap_or("*").to_owned());
        if topics.len() > TOPICS_MAX {
            return Err(format!("more than {TOPICS_MAX} topics"));
        }
    }
    if topics.is_empty() {
        topics.insert("*".to_owned(), vec!["*".to_owned()]);
    }
    Ok(topics)
}

/// What somebody hears of a command, if anything.
fn told(happened: &Happened, wanted: &Wanted) -> Option<Bytes> {
    let kind = kind(happened);
    let lines = happened.events.iter().filter_map(|event| Some((event, line(event, happened)?)));
    let events: Vec<api::events::Event> = lines
        .filter(|(_, line)| wanted.hears(line))
        .map(|(event, line)| {
            // Registrations come with the status of their allocation here, and by themselves in the original.
            let kind = if matches!(event, Event::Service { .. }) { kind_of(event) } else { kind };
            api::events::Event {
                filter_keys: line.filter_keys,
                index: happened.index,
                key: line.key,
                namespace: line.namespace,
                payload: line.payload,
                topic: line.topic.to_owned(),
                kind: kind.to_owned(),
            }
        })
        .collect();
    if events.is_empty() {
        return None;
    }
    let mut bytes = api::json::to_vec(&Batch { events, index: happened.index }, false).ok()?;
    bytes.push(b'\n');
    Some(bytes.into())
}

impl Wanted {
    fn hears(&self, line: &Line) -> bool {
        let mine = self.namespace == "*" || line.namespace.is_empty() || line.namespace == self.namespace;
        let keys = [line.topic, "*"].into_iter().filter_map(|topic| self.topics.get(topic)).flatten();
        let fits = |key: &String| key == "*" || *key == line.key || line.filter_keys.contains(key);
        mine && keys.into_iter().any(fits)
    }
}

/// The type of a command's events, told from what it changed: the original gives all of them one type.
fn kind(happened: &Happened) -> &'static str {
    let registered = happened.jobs.values().find_map(|job| match job {
        None => Some("JobDeregistered"),
        Some(job) if job.job_modify_index != happened.index => None,
        Some(job) => Some(if job.stop { "JobDeregistered" } else { "JobRegistered" }),
    });
    let of_others = || {
        let planned = |event: &Event| matches!(event, Event::Alloc { desired_changed: true, .. });
        if happened.events.iter().any(planned) {
            return "PlanResult";
        }
        let others = happened.events.iter().filter(|event| !matches!(event, Event::Service { .. }));
        let mut kinds: Vec<&'static str> = others.map(kind_of).collect();
        kinds.sort_by_key(|kind| ORDER.iter().position(|known| known == kind));
        kinds.first().copied().unwrap_or("EvaluationUpdated")
    };
    registered.unwrap_or_else(of_others)
}

const REGISTERED: &str = "ServiceRegistration";
const DEREGISTERED: &str = "ServiceDeregistration";

/// Types in the order in which they decide about a command.
const ORDER: [&str; 9] = [
    "NodeRegistration",
    "NodeDeregistration",
    "NodeDrain",
    "NodeStreamEvent",
    "NodePoolUpserted",
    "NodePoolDeleted",
    "AllocationUpdated",
    "DeploymentStatusUpdate",
    "EvaluationUpdated",
];

fn kind_of(event: &Event) -> &'static str {
    match event {
        Event::Node(node) => match node.events.last().filter(|last| last.create_index == node.modify_index) {
            None => "NodeRegistration",
            Some(last) if last.message == "Node registered" => "NodeRegistration",
            Some(last) if last.subsystem == "Drain" || last.message.contains("for scheduling") => "NodeDrain",
            Some(_) => "NodeStreamEvent",
        },
        Event::NodeRemoved(_) => "NodeDeregistration",
        Event::NodePool { deleted: false, .. } => "NodePoolUpserted",
        Event::NodePool { deleted: true, .. } => "NodePoolDeleted",
        Event::Alloc { .. } | Event::AllocRemoved(_) => "AllocationUpdated",
        Event::Deployment(_) => "DeploymentStatusUpdate",
        Event::Service { deleted: false, .. } => REGISTERED,
        Event::Service { deleted: true, .. } => DEREGISTERED,
        Event::Eval(_) | Event::Job(_) | Event::Launched(_) | Event::Tenure(_) => "EvaluationUpdated",
    }
}

/// An event as listeners see it; some are only for the servers themselves.
fn line(event: &Event, happened: &Happened) -> Option<Line> {
    let line = |topic, key: String, namespace: &str, filter_keys: Vec<String>, payload| {
        let filter_keys = filter_keys.into_iter().filter(|key| !key.is_empty()).collect();
        Some(Line { topic, key, namespace: namespace.to_owned(), filter_keys, payload })
    };
    match event {
        Event::Job(key) => {
            let job = happened.jobs.get(key)?.as_deref().map(api::job::Job::from);
            let job = match job {
                Some(job) => json!(job),
                None => json!({ "ID": key.id(), "Namespace": key.namespace(), "Stop": true }),
            };
            line("Job", key.id().to_owned(), key.namespace(), Vec::new(), json!({ "Job": job }))
        }
        Event::Eval(eval) => {
            let payload = json!({ "Evaluation": api::evaluations::Evaluation::from(&**eval) });
            let keys = vec![eval.job_id.clone(), eval.deployment_id.text()];
            line("Evaluation", eval.id.text(), &eval.namespace, keys, payload)
        }
        Event::Alloc { alloc, .. } => {
            let shown = api::allocations::Allocation::without_job(alloc);
            let keys = vec![alloc.job_id.clone(), alloc.deployment_id.text()];
            let payload = json!({ "Allocation": shown });
            line("Allocation", alloc.id.text(), &alloc.namespace, keys, payload)
        }
        Event::Deployment(deployment) => {
            let payload = json!({ "Deployment": api::deployments::Deployment::from(&**deployment) });
            let keys = vec![deployment.job_id.clone()];
            line("Deployment", deployment.id.text(), &deployment.namespace, keys, payload)
        }
        Event::Node(node) | Event::NodeRemoved(node) => {
            let payload = json!({ "Node": api::nodes::Node::from(&**node) });
            line("Node", node.id.text(), "", Vec::new(), payload)
        }
        Event::NodePool { pool, .. } => {
            let payload = json!({ "NodePool": api::node_pools::NodePool::from(&**pool) });
            line("NodePool", pool.name.clone(), "", Vec::new(), payload)
        }
        Event::Service { registration, .. } => {
            let payload = json!({ "Service": api::services::ServiceRegistration::from(&**registration) });
            let keys = vec![registration.job_id.clone(), registration.service_name.clone()];
            line("Service", registration.id.clone(), &registration.namespace, keys, payload)
        }
        Event::AllocRemoved(_) | Event::Launched(_) | Event::Tenure(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
        let target = format!("/v1/event/stream?{query}");
        let headers = http::HeaderMap::new();
        topics(&Request::new(http::Method::GET, &target, headers, Bytes::new(), 0))
    }

    #[test]
    fn topics_are_read_as_documented() {
        let topics = asked("topic=Job:a&topic=Job:b&topic=Node").unwrap();
        assert_eq!(topics["Job"], ["a", "b"]);
        assert_eq!(topics["Node"], ["*"]);
        assert_eq!(asked("index=1").unwrap()["*"], ["*"]);
        assert_eq!(asked("topic=Job:a:b"), Err("Invalid key value pair for topic, topic: Job:a:b".into()));
    }
}
