//! Checks of an allocation's services: one task each, which asks at its interval and keeps the newest answer.

mod probe;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

use crate::alloc::runner::AllocCommand;
use crate::clock::now_ns;
use crate::services::CheckSpec;
use probe::Answer;

/// Shortest pause between two looks.
const INTERVAL_MIN: Duration = Duration::from_secs(1);
/// A check that says nothing of its timeout.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);

/// What the last look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Pending,
    Success,
    Failure,
}

#[derive(Debug, Clone)]
struct Held {
    spec: CheckSpec,
    status: Status,
    /// Since when the status is what it is, ns since 1970.
    since_ns: i64,
    status_code: u16,
    output: String,
    looked_at_ns: i64,
}

/// The newest answers, by id; shared with whoever asks for them.
#[derive(Default)]
pub(crate) struct Results {
    held: Mutex<BTreeMap<String, Held>>,
    changed: Notify,
}

/// How the checks that decide on health stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// All well since then, ns since 1970; 0 when there are none.
    WellSince(i64),
    /// One of them is not (yet).
    NotWell,
}

impl Results {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for news.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// How they stand. Those that are there for readers alone (`on_update = "ignore"`) do not count.
    pub(crate) fn standing(&self) -> Standing {
        let held = self.lock();
        let mut since = 0;
        for check in held.values().filter(|check| check.spec.check.on_update != "ignore") {
            if check.status != Status::Success {
                return Standing::NotWell;
            }
            since = since.max(check.since_ns);
        }
        Standing::WellSince(since)
    }

    /// As `GET /v1/client/allocation/:id/checks` shows them; `null` without any.
    pub(crate) fn json(&self) -> Value {
        let held = self.lock();
        if held.is_empty() {
            return Value::Null;
        }
        held.iter()
            .map(|(id, check)| (id.clone(), shown(id, check)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

fn shown(id: &str, held: &Held) -> Value {
    let spec = &held.spec;
    let mut value = json!({
        "ID": id,
        "Mode": if spec.check.on_update == "ignore" { "readiness" } else { "healthiness" },
        "Status": match held.status {
            Status::Pending => "pending",
            Status::Success => "success",
            Status::Failure => "failure",
        },
        "Output": held.output,
        "Timestamp": held.looked_at_ns / 1_000_000_000,
        "Group": spec.group,
        "Service": spec.service,
        "Check": spec.check.name,
    });
    if let Some(fields) = value.as_object_mut() {
        if held.status_code != 0 {
            fields.insert("StatusCode".to_owned(), held.status_code.into());
        }
        if !spec.task.is_empty() {
            fields.insert("Task".to_owned(), spec.task.clone().into());
        }
    }
    value
}

/// The checks of one allocation at work.
pub(crate) struct Checks {
    results: Arc<Results>,
    tasks: BTreeMap<String, (CheckSpec, AbortOnDropHandle<()>)>,
    commands: mpsc::WeakSender<AllocCommand>,
}

impl Checks {
    pub(crate) fn new(commands: &mpsc::Sender<AllocCommand>) -> Self {
        Checks { results: Arc::default(), tasks: BTreeMap::new(), commands: commands.downgrade() }
    }

    pub(crate) fn results(&self) -> Arc<Results> {
        Arc::clone(&self.results)
    }

    /// Makes the checks at work those that are wanted.
    pub(crate) fn keep(&mut self, wanted: BTreeMap<String, CheckSpec>) {
        self.tasks.retain(|id, (spec, _)| {
            let stays = wanted.get(id) == Some(spec);
            if !stays {
                self.results.lock().remove(id);
            }
            stays
        });
        for (id, spec) in wanted {
            if self.tasks.contains_key(&id) {
                continue;
            }
            let status = match spec.check.initial_status.as_str() {
                "passing" => Status::Success,
                "critical" => Status::Failure,
                _ => Status::Pending,
            };
            let held = Held {
                spec: spec.clone(),
                status,
                since_ns: now_ns(),
                status_code: 0,
                output: "nomad: waiting to run".to_owned(),
                looked_at_ns: now_ns(),
            };
            self.results.lock().insert(id.clone(), held);
            let watch =
                Watch { spec: spec.clone(), results: self.results(), commands: self.commands.clone() };
            self.tasks.insert(id, (spec, AbortOnDropHandle::new(tokio::spawn(watch.run()))));
        }
    }
}

/// One check at work.
struct Watch {
    spec: CheckSpec,
    results: Arc<Results>,
    commands: mpsc::WeakSender<AllocCommand>,
}

fn duration(ns: i64, least: Duration) -> Duration {
    Duration::from_nanos(ns.max(0).unsigned_abs()).max(least)
}

impl Watch {
    async fn run(self) {
        let check = &self.spec.check;
        let interval = duration(check.interval.0, INTERVAL_MIN);
        let timeout =
            if check.timeout.0 > 0 { duration(check.timeout.0, Duration::ZERO) } else { TIMEOUT_DEFAULT };
        let started_ns = now_ns();
        let (mut passes, mut failures) = (0, 0);
        loop {
            let answer = match tokio::time::timeout(timeout, probe::ask(&self.spec)).await {
                Ok(answer) => answer,
                Err(_) => Answer::failure(format!("nomad: no answer within {}s", timeout.as_secs_f64())),
            };
            match answer.well {
                true => (passes, failures) = (passes + 1, 0),
                false => (passes, failures) = (0, failures + 1),
            }
            self.note(&answer, passes, failures);
            if self.restart_is_due(failures, started_ns) {
                self.restart().await;
                failures = 0;
            }
            tokio::time::sleep(interval).await;
        }
    }

    fn note(&self, answer: &Answer, passes: i64, failures: i64) {
        let check = &self.spec.check;
        let mut held = self.results.lock();
        let Some(held) = held.get_mut(&self.spec.id) else { return };
        let status = match answer.well {
            true if passes > check.success_before_passing => Status::Success,
            false if failures > check.failures_before_critical => Status::Failure,
            _ => held.status,
        };
        let now = now_ns();
        if status != held.status {
            held.status = status;
            held.since_ns = now;
            self.results.changed.notify_one();
        }
        held.status_code = answer.status_code;
        held.output.clone_from(&answer.output);
        held.looked_at_ns = now;
    }

    /// After as many failures in a row as `check_restart` allows, once its grace is over.
    fn restart_is_due(&self, failures: i64, started_ns: i64) -> bool {
        self.spec.check.check_restart.as_ref().is_some_and(|restart| {
            let grace_ns = restart.grace.map_or(1_000_000_000, |grace| grace.0);
            restart.limit > 0 && failures >= restart.limit && now_ns() >= started_ns.saturating_add(grace_ns)
        })
    }

    async fn restart(&self) {
        let Some(commands) = self.commands.upgrade() else { return };
        let (reply, answer) = oneshot::channel();
        let task = Some(self.spec.task.clone()).filter(|task| !task.is_empty());
        let why = format!("healthcheck: check {:?} unhealthy", self.spec.check.name);
        let command = AllocCommand::Restart { task, why, failure: true, reply };
        if commands.send(command).await.is_ok() {
            // A task that does not run is restarted already, or has ended.
            let _ = answer.await;
        }
    }
}
