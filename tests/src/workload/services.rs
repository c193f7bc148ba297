//! Services that are placed, changed in number and stopped, each by one worker alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Desk, Wanted};
use crate::job::raw_exec;

/// Services of one worker that run at a time.
const OPEN_MAX: usize = 6;
/// Copies of one.
const COUNT_MAX: u64 = 4;

/// What a copy's command line says before its allocation's name, for whoever looks for processes.
pub const MARK: &str = "copy:";

/// A job whose copies are large enough for nodes to fill up.
fn body(id: &str, kind: &str, count: u64) -> Value {
    let mark = format!("{MARK}${{NOMAD_ALLOC_NAME}}");
    let mut body = match kind {
        "batch" => raw_exec(id, kind, count, "/bin/sleep", &["0.2"]),
        _ => raw_exec(id, kind, count, "/bin/sh", &["-c", "while :; do sleep 2; done", &mark]),
    };
    body["Job"]["TaskGroups"][0]["Tasks"][0]["Resources"] = json!({ "CPU": 200, "MemoryMB": 64 });
    body
}

pub(super) async fn work(desk: Arc<Desk>, worker: usize) {
    let mut open: BTreeMap<String, u64> = BTreeMap::new();
    let mut number = 0;
    while desk.turn().await {
        let choice = desk.mint.below(4);
        let full = open.len() >= OPEN_MAX;
        let any = usize::try_from(desk.mint.below(open.len() as u64)).unwrap_or(0);
        let known = open.keys().nth(any).cloned();
        let (id, wanted, request) = match (known, choice) {
            (Some(id), 0) => {
                let url = format!("{}/v1/job/{id}", desk.anybody());
                (id, Wanted::Stopped, (Method::DELETE, url, None))
            }
            (Some(id), 1) => {
                let count = 1 + desk.mint.below(COUNT_MAX);
                let url = format!("{}/v1/jobs", desk.anybody());
                let body = body(&id, "service", count);
                (id, Wanted::Running(count), (Method::PUT, url, Some(body)))
            }
            _ if full => continue,
            (_, choice) => {
                number += 1;
                let (kind, id) = match choice {
                    3 => ("batch", format!("brief-{worker}-{number}")),
                    _ => ("service", format!("service-{worker}-{number}")),
                };
                let count = 1 + desk.mint.below(COUNT_MAX);
                let url = format!("{}/v1/jobs", desk.anybody());
                let body = body(&id, kind, count);
                (id, Wanted::Running(count), (Method::PUT, url, Some(body)))
            }
        };
        let (method, url, body) = request;
        let answer = desk.http.ask(method, url, body.as_ref()).await;
        let done = answer.is_ok_and(|answer| answer.ok());
        if done {
            desk.answered();
        }
        desk.record().services.insert(id.clone(), if done { wanted } else { Wanted::Unknown });
        match wanted {
            Wanted::Running(count) if done && !id.starts_with("brief-") => drop(open.insert(id, count)),
            _ => drop(open.remove(&id)),
        }
    }
}
