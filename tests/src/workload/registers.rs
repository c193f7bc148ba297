//! Variables and jobs that all workers write and read: the material of the histories.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};

use super::Desk;
use super::http::{Answer, Failure};
use crate::history::{Call, Operation, Outcome};
use crate::job::unplaceable;

/// Out of ten operations so many are reads …
const READS: u64 = 4;
/// … and out of ten writes so many are check-and-sets.
const CONDITIONAL: u64 = 8;

/// One worker. `number` is its name.
pub(super) async fn work(desk: Arc<Desk>, number: usize) {
    let mut writes = 0;
    // What it knows of each key: the index that it saw last.
    let mut known: BTreeMap<String, u64> = BTreeMap::new();
    while desk.turn().await {
        let which = desk.mint.below(desk.options.keys as u64 * 2);
        let key = Key { job: which % 2 == 1, name: format!("shared-{}", which / 2) };
        let told = key.to_string();
        let expected = known.get(&told).copied();
        let call = if desk.mint.below(10) < READS || expected.is_none() {
            Call::Read
        } else {
            writes += 1;
            let conditional = desk.mint.below(10) < CONDITIONAL;
            Call::Write { value: format!("w{number}-{writes}"), expected: expected.filter(|_| conditional) }
        };
        let start = desk.now();
        let outcome = key.ask(&desk, &call).await;
        let end = desk.now();
        match outcome {
            Outcome::Written(index) | Outcome::Read(index, _) => known.insert(told.clone(), index),
            // Only what a read has shown is named again.
            Outcome::Refused(_) | Outcome::Unknown | Outcome::NotDone => known.remove(&told),
        };
        if !matches!(outcome, Outcome::Unknown | Outcome::NotDone) {
            desk.answered();
        }
        let client = format!("worker{number}");
        desk.record().operations.push(Operation { key: told, client, start, end, call, outcome });
    }
}

/// A register, and what it is on the servers.
struct Key {
    job: bool,
    name: String,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", if self.job { "job" } else { "var" }, self.name)
    }
}

impl Key {
    async fn ask(&self, desk: &Desk, call: &Call) -> Outcome {
        let (address, name) = (desk.anybody(), &self.name);
        let answer = match call {
            Call::Read if self.job => desk.http.get(format!("{address}/v1/job/{name}")).await,
            Call::Read => desk.http.get(format!("{address}/v1/var/chaos/{name}")).await,
            Call::Write { value, expected } => {
                let (url, body) = self.write(address, value, *expected);
                desk.http.ask(Method::PUT, url, Some(&body)).await
            }
        };
        match answer {
            Ok(answer) if *call == Call::Read => self.read(&answer),
            Ok(answer) => self.written(&answer),
            Err(Failure::NotSent) => Outcome::NotDone,
            Err(Failure::Unknown) => Outcome::Unknown,
        }
    }

    fn write(&self, address: &str, value: &str, expected: Option<u64>) -> (String, Value) {
        let name = &self.name;
        if !self.job {
            let cas = expected.map_or(String::new(), |index| format!("?cas={index}"));
            return (format!("{address}/v1/var/chaos/{name}{cas}"), json!({ "Items": { "value": value } }));
        }
        let mut body = unplaceable(name);
        body["Job"]["Meta"] = json!({ "value": value });
        if let Some(index) = expected {
            body["EnforceIndex"] = json!(true);
            body["JobModifyIndex"] = json!(index);
        }
        (format!("{address}/v1/jobs"), body)
    }

    fn read(&self, answer: &Answer) -> Outcome {
        let (index, value) = match self.job {
            true => (answer.number("JobModifyIndex"), &answer.body["Meta"]["value"]),
            false => (answer.number("ModifyIndex"), &answer.body["Items"]["value"]),
        };
        match answer.status {
            200 => Outcome::Read(index, value.as_str().map(str::to_owned)),
            404 => Outcome::Read(0, None),
            _ => Outcome::Unknown,
        }
    }

    fn written(&self, answer: &Answer) -> Outcome {
        let field = if self.job { "JobModifyIndex" } else { "ModifyIndex" };
        match answer.status {
            200 => Outcome::Written(answer.number(field)),
            409 if !self.job => Outcome::Refused(answer.number(field)),
            429 => Outcome::NotDone,
            _ if self.job => refused(&answer.body),
            _ => Outcome::Unknown,
        }
    }
}

/// What a registration that was not taken says of the job.
fn refused(body: &Value) -> Outcome {
    let text = body.as_str().unwrap_or_default();
    if !text.contains("Enforcing job modify index") {
        return Outcome::Unknown;
    }
    if text.contains("job does not exist") {
        return Outcome::Refused(0);
    }
    let index =
        text.split_once("conflicting job modify index: ").and_then(|(_, index)| index.trim().parse().ok());
    // One that was to be new, and is there: at which index is not said.
    index.map_or(Outcome::NotDone, Outcome::Refused)
}
