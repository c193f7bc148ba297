//! What clients fill in before they register a job: a table of defaults for each block, and the few rules beside it.
//!
//! The job that comes in is one that [`crate::parse`] made or any other of that form; what is already there is kept.

mod group;
mod service;
mod task;

use serde_json::{Map, Value as Json, json};

type Object = Map<String, Json>;

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// A default.
#[derive(Debug, Clone, Copy)]
enum Default {
    Text(&'static str),
    Number(i64),
    Flag(bool),
    List,
    Map,
}

type Defaults = &'static [(&'static str, Default)];

impl Default {
    fn json(self) -> Json {
        match self {
            Self::Text(text) => text.into(),
            Self::Number(number) => number.into(),
            Self::Flag(flag) => flag.into(),
            Self::List => json!([]),
            Self::Map => json!({}),
        }
    }
}

/// Sets what is null or missing.
fn fill(object: &mut Object, defaults: Defaults) {
    for (name, default) in defaults {
        if object.get(*name).is_none_or(Json::is_null) {
            object.insert((*name).to_owned(), default.json());
        }
    }
}

/// Sets empty texts as well.
fn fill_empty(object: &mut Object, defaults: Defaults) {
    for (name, _) in defaults {
        if object.get(*name).and_then(Json::as_str) == Some("") {
            object.remove(*name);
        }
    }
    fill(object, defaults);
}

/// The object behind a name, if there is one.
fn inner<'o>(object: &'o mut Object, name: &str) -> Option<&'o mut Object> {
    object.get_mut(name).and_then(Json::as_object_mut)
}

/// The objects of a list, none when there is no list.
fn each<'o>(object: &'o mut Object, name: &str) -> impl Iterator<Item = &'o mut Object> {
    object.get_mut(name).and_then(Json::as_array_mut).into_iter().flatten().filter_map(Json::as_object_mut)
}

fn text_of<'o>(object: &'o Object, name: &str) -> &'o str {
    object.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// What the second one has, over what the first one has.
fn merge(base: Option<&Json>, over: Option<&Json>) -> Option<Object> {
    let (base, over) = (base.and_then(Json::as_object), over.and_then(Json::as_object));
    let mut merged = base.or(over)?.clone();
    for (name, value) in over.into_iter().flatten() {
        if !value.is_null() {
            merged.insert(name.clone(), value.clone());
        }
    }
    Some(merged)
}

const JOB: Defaults = &[
    ("ID", Default::Text("")),
    ("ParentID", Default::Text("")),
    ("Namespace", Default::Text("default")),
    ("Priority", Default::Number(50)),
    ("Stop", Default::Flag(false)),
    ("Region", Default::Text("global")),
    ("NodePool", Default::Text("")),
    ("Type", Default::Text("service")),
    ("AllAtOnce", Default::Flag(false)),
    ("ConsulNamespace", Default::Text("")),
    ("VaultNamespace", Default::Text("")),
    ("NomadTokenID", Default::Text("")),
    ("Status", Default::Text("")),
    ("StatusDescription", Default::Text("")),
    ("Stable", Default::Flag(false)),
    ("Version", Default::Number(0)),
    ("CreateIndex", Default::Number(0)),
    ("ModifyIndex", Default::Number(0)),
    ("JobModifyIndex", Default::Number(0)),
];
const PERIODIC: Defaults = &[
    ("Enabled", Default::Flag(true)),
    ("Spec", Default::Text("")),
    ("Specs", Default::List),
    ("SpecType", Default::Text("cron")),
    ("ProhibitOverlap", Default::Flag(false)),
    ("TimeZone", Default::Text("UTC")),
];
const UPDATE: Defaults = &[
    ("Stagger", Default::Number(30 * SECOND)),
    ("MaxParallel", Default::Number(1)),
    ("HealthCheck", Default::Text("checks")),
    ("MinHealthyTime", Default::Number(10 * SECOND)),
    ("HealthyDeadline", Default::Number(5 * MINUTE)),
    ("ProgressDeadline", Default::Number(10 * MINUTE)),
    ("AutoRevert", Default::Flag(false)),
    ("Canary", Default::Number(0)),
    ("AutoPromote", Default::Flag(false)),
];
const STRATEGY: Defaults = &[("MaxParallel", Default::Number(0)), ("OnFailure", Default::Text(""))];
const REGION: Defaults =
    &[("Count", Default::Number(1)), ("Datacenters", Default::List), ("Meta", Default::Map)];
const WEIGHT: Defaults = &[("Weight", Default::Number(50))];

/// Affinities and spreads weigh fifty unless they say otherwise.
fn weights(object: &mut Object) {
    for name in ["Affinities", "Spreads"] {
        each(object, name).for_each(|one| fill(one, WEIGHT));
    }
}

/// Fills in what a job file may leave open, as `POST /v1/jobs/parse` does with `Canonicalize: true`.
#[must_use]
pub fn canonicalize(job: Json) -> Json {
    let Json::Object(mut job) = job else { return job };
    fill(&mut job, JOB);
    if job.get("Name").is_none_or(Json::is_null) {
        let id = job.get("ID").cloned().unwrap_or_default();
        job.insert("Name".to_owned(), id);
    }
    if let Some(periodic) = inner(&mut job, "Periodic") {
        fill(periodic, PERIODIC);
        fill_empty(periodic, &[("TimeZone", Default::Text("UTC"))]);
    }
    if matches!(text_of(&job, "Type"), "service" | "system") {
        fill(&mut job, &[("Update", Default::Map)]);
    }
    if let Some(update) = inner(&mut job, "Update") {
        fill(update, UPDATE);
    }
    if let Some(multiregion) = inner(&mut job, "Multiregion") {
        fill(multiregion, &[("Strategy", Default::Map), ("Regions", Default::List)]);
        each(multiregion, "Regions").for_each(|region| fill(region, REGION));
        if let Some(strategy) = inner(multiregion, "Strategy") {
            fill(strategy, STRATEGY);
        }
    }
    weights(&mut job);
    let mut groups = job.remove("TaskGroups").unwrap_or_default();
    for group in groups.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
        group::canonicalize(group, &job);
    }
    job.insert("TaskGroups".to_owned(), groups);
    Json::Object(job)
}
