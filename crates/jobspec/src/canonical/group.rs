//! Groups: what they take over from their job, and their own defaults.

use serde_json::Value as Json;

use super::{
    Default, Defaults, HOUR, MINUTE, Object, SECOND, UPDATE, each, fill, fill_empty, inner, merge, service,
    task, text_of, weights,
};

const DISK: Defaults =
    &[("Sticky", Default::Flag(false)), ("Migrate", Default::Flag(false)), ("SizeMB", Default::Number(300))];
const DISCONNECT: Defaults = &[("Replace", Default::Flag(true)), ("Reconcile", Default::Text("best_score"))];
const MIGRATE: Defaults = &[
    ("MaxParallel", Default::Number(1)),
    ("HealthCheck", Default::Text("checks")),
    ("MinHealthyTime", Default::Number(10 * SECOND)),
    ("HealthyDeadline", Default::Number(5 * MINUTE)),
];
const RESTART_SERVICE: Defaults = &[
    ("Delay", Default::Number(15 * SECOND)),
    ("Attempts", Default::Number(2)),
    ("Interval", Default::Number(30 * MINUTE)),
    ("Mode", Default::Text("fail")),
    ("RenderTemplates", Default::Flag(false)),
];
const RESTART_BATCH: Defaults = &[
    ("Delay", Default::Number(15 * SECOND)),
    ("Attempts", Default::Number(3)),
    ("Interval", Default::Number(24 * HOUR)),
    ("Mode", Default::Text("fail")),
    ("RenderTemplates", Default::Flag(false)),
];
const RESCHEDULE_SERVICE: Defaults = &[
    ("Delay", Default::Number(30 * SECOND)),
    ("DelayFunction", Default::Text("exponential")),
    ("MaxDelay", Default::Number(HOUR)),
    ("Unlimited", Default::Flag(true)),
    ("Attempts", Default::Number(0)),
    ("Interval", Default::Number(0)),
];
const RESCHEDULE_BATCH: Defaults = &[
    ("Attempts", Default::Number(1)),
    ("Interval", Default::Number(24 * HOUR)),
    ("Delay", Default::Number(5 * SECOND)),
    ("DelayFunction", Default::Text("constant")),
    ("MaxDelay", Default::Number(0)),
    ("Unlimited", Default::Flag(false)),
];
const RESCHEDULE_NONE: Defaults = &[
    ("Attempts", Default::Number(0)),
    ("Interval", Default::Number(0)),
    ("Delay", Default::Number(0)),
    ("DelayFunction", Default::Text("")),
    ("MaxDelay", Default::Number(0)),
    ("Unlimited", Default::Flag(false)),
];

/// Whether an update strategy says nothing, so that it is not taken over.
fn says_nothing(update: Option<&Json>) -> bool {
    let nothing = |value: &Json| match value {
        Json::Null => true,
        Json::Bool(flag) => !flag,
        Json::Number(number) => number.as_i64() == Some(0),
        Json::String(text) => text.is_empty(),
        _ => false,
    };
    update.and_then(Json::as_object).is_none_or(|update| update.values().all(nothing))
}

/// The policies that a group takes over from its job and fills in.
fn inherit(group: &mut Object, job: &Object, kind: &str) {
    let own = group.get("Update").filter(|update| !update.is_null());
    if own.is_some() || !says_nothing(job.get("Update")) {
        set(group, "Update", merge(job.get("Update"), group.get("Update")));
    }
    if let Some(update) = inner(group, "Update") {
        fill(update, UPDATE);
    }
    set(group, "ReschedulePolicy", merge(job.get("Reschedule"), group.get("ReschedulePolicy")));
    if !matches!(kind, "system" | "sysbatch") {
        fill(group, &[("ReschedulePolicy", Default::Map)]);
    }
    if let Some(policy) = inner(group, "ReschedulePolicy") {
        fill(
            policy,
            match kind {
                "service" => RESCHEDULE_SERVICE,
                "batch" => RESCHEDULE_BATCH,
                _ => RESCHEDULE_NONE,
            },
        );
    }
    set(group, "Migrate", merge(job.get("Migrate"), group.get("Migrate")));
    if kind == "service" {
        fill(group, &[("Migrate", Default::Map)]);
    }
    if let Some(migrate) = inner(group, "Migrate") {
        fill(migrate, MIGRATE);
    }
}

fn set(object: &mut Object, name: &str, value: Option<Object>) {
    object.insert(name.to_owned(), value.map_or(Json::Null, Json::Object));
}

pub(super) fn canonicalize(group: &mut Object, job: &Object) {
    let kind = text_of(job, "Type").to_owned();
    fill(group, &[("Name", Default::Text(""))]);
    if group.get("Count").is_none_or(Json::is_null) {
        let min = group.get("Scaling").and_then(|scaling| scaling.get("Min")).filter(|min| !min.is_null());
        let count = min.cloned().unwrap_or_else(|| 1.into());
        group.insert("Count".to_owned(), count);
    }
    let count = group.get("Count").cloned().unwrap_or_default();
    if let Some(scaling) = inner(group, "Scaling") {
        fill(scaling, &[("Enabled", Default::Flag(true))]);
        fill_empty(scaling, &[("Type", Default::Text("horizontal"))]);
        if scaling.get("Min").is_none_or(Json::is_null) {
            scaling.insert("Min".to_owned(), count);
        }
    }
    fill(group, &[("EphemeralDisk", Default::Map), ("RestartPolicy", Default::Map)]);
    if let Some(disk) = inner(group, "EphemeralDisk") {
        fill(disk, DISK);
    }
    if let Some(consul) = inner(group, "Consul") {
        fill_empty(consul, task::CONSUL);
    }
    if let Some(disconnect) = inner(group, "Disconnect") {
        fill(disconnect, DISCONNECT);
    }
    inherit(group, job, &kind);
    if let Some(restart) = inner(group, "RestartPolicy") {
        fill(
            restart,
            if matches!(kind.as_str(), "service" | "system") { RESTART_SERVICE } else { RESTART_BATCH },
        );
    }
    weights(group);
    let names = [text_of(job, "Name").to_owned(), text_of(group, "Name").to_owned()];
    each(group, "Services").for_each(|one| service::canonicalize(one, &names));
    let restart = group.get("RestartPolicy").cloned();
    each(group, "Tasks").for_each(|one| task::canonicalize(one, restart.as_ref(), &names));
}
