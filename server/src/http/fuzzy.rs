//! Search for a text anywhere in names, and in what jobs are made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::search::{FuzzyMatch, FuzzyResponse, FuzzySearchRequest};
use model::{Job, Task};
use state::{State, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::message::{Request, Response};
use super::search::{MATCHES_MAX, contexts, in_context};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

/// Shortest text that is searched for, bytes.
const TEXT_MIN: usize = 2;
/// Things that only have an id are searched by its prefix.
const BY_PREFIX: [&str; 5] = ["evals", "deployment", "volumes", "scaling_policy", "host_volumes"];

pub(super) async fn anywhere(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let body: FuzzySearchRequest = api::json::from_slice(&request.body)?;
    let contexts = contexts(&body.context)?;
    if body.text.len() < TEXT_MIN {
        let fault = "fuzzy search query must be at least";
        return Err(ApiError::Server(format!("{fault} {TEXT_MIN} characters, got {}", body.text.len())));
    }
    let tables: Vec<Table> = contexts.iter().filter_map(|(_, table)| *table).collect();
    let text = body.text.to_lowercase();
    blocking::read(app, request, &tables, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let mut matches: BTreeMap<String, Vec<FuzzyMatch>> = BTreeMap::new();
        let mut truncations = BTreeMap::new();
        for (context, _) in &contexts {
            truncations.insert((*context).to_owned(), false);
            if BY_PREFIX.contains(context) {
                let ids = in_context(state, context, namespace, &body.text, MATCHES_MAX + 1);
                let found = ids.into_iter().map(|id| FuzzyMatch { id, scope: None });
                matches.insert((*context).to_owned(), found.collect());
                continue;
            }
            let mut finder = Finder { text: &text, found: BTreeMap::new() };
            finder.look(state, context, namespace);
            for (kind, found) in finder.found {
                matches.insert(kind.to_owned(), ranked(found));
            }
        }
        for (kind, found) in &mut matches {
            if found.len() > MATCHES_MAX {
                found.truncate(MATCHES_MAX);
                truncations.insert(kind.clone(), true);
            }
        }
        let index = state.last_index(&tables);
        let answer =
            FuzzyResponse { index, known_leader: true, matches, truncations, ..FuzzyResponse::default() };
        Found::new(answer, index)
    })
    .await
}

/// Early matches first, then short ones.
fn ranked(mut found: Vec<(usize, FuzzyMatch)>) -> Vec<FuzzyMatch> {
    found.sort_by(|(at, left), (other, right)| {
        (at, left.id.len(), &left.id, &left.scope).cmp(&(other, right.id.len(), &right.id, &right.scope))
    });
    found.into_iter().map(|(_, found)| found).collect()
}

struct Finder<'a> {
    text: &'a str,
    found: BTreeMap<&'static str, Vec<(usize, FuzzyMatch)>>,
}

impl Finder<'_> {
    fn offer(&mut self, kind: &'static str, name: &str, scope: &[&str]) {
        if let Some(at) = name.to_lowercase().find(self.text) {
            let scope = (!scope.is_empty()).then(|| scope.iter().map(|part| (*part).to_owned()).collect());
            self.found.entry(kind).or_default().push((at, FuzzyMatch { id: name.to_owned(), scope }));
        }
    }

    fn look(&mut self, state: &State, context: &str, namespace: &str) {
        let mine = |other: &str| namespace == "*" || other == namespace;
        match context {
            "jobs" => {
                for (_, job, _) in state.jobs().filter(|(key, ..)| mine(key.namespace())) {
                    self.job(job);
                }
            }
            "allocs" => {
                for alloc in state.allocs().filter(|alloc| mine(&alloc.namespace)) {
                    self.offer("allocs", &alloc.name, &[&alloc.namespace, &alloc.id.text()]);
                }
            }
            "nodes" => {
                for node in state.nodes() {
                    self.offer("nodes", &node.name, &[&node.id.text()]);
                }
            }
            "node_pools" => {
                for pool in state.node_pools("") {
                    self.offer("node_pools", &pool.name, &[]);
                }
            }
            "namespaces" => {
                for one in state.namespaces("") {
                    self.offer("namespaces", &one.name, &[]);
                }
            }
            "vars" => {
                for variable in state.variables_with_prefix((namespace != "*").then_some(namespace), "") {
                    self.offer("vars", &variable.path, &[&variable.namespace, &variable.path]);
                }
            }
            _ => {}
        }
    }

    fn job(&mut self, job: &Job) {
        let (namespace, id) = (job.namespace.as_str(), job.id.as_str());
        self.offer("jobs", &job.name, &[namespace, id]);
        for group in &job.task_groups {
            self.offer("groups", &group.name, &[namespace, id]);
            for service in group.services.iter() {
                self.offer("services", &service.name, &[namespace, id, &group.name]);
            }
            for task in &group.tasks {
                self.task(task, [namespace, id, &group.name]);
            }
        }
    }

    fn task(&mut self, task: &Task, [namespace, job, group]: [&str; 3]) {
        self.offer("tasks", &task.name, &[namespace, job, group]);
        let inside = [namespace, job, group, &task.name];
        for service in task.services.iter() {
            self.offer("services", &service.name, &inside);
        }
        let told = |key: &str| task.config.get(key).and_then(|value| value.as_str()).unwrap_or_default();
        let (kind, key) = match task.driver.as_str() {
            "docker" | "podman" => ("images", "image"),
            "exec" | "raw_exec" => ("commands", "command"),
            "java" => ("classes", "class"),
            _ => return,
        };
        if !told(key).is_empty() {
            self.offer(kind, told(key), &inside);
        }
    }
}
