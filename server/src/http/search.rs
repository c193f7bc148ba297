//! Search by prefix of ids and names.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::search::{SearchRequest, SearchResponse};
use state::{State, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::lookup;
use super::message::{Request, Response};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

/// Matches of one context in an answer.
pub(super) const MATCHES_MAX: usize = 20;

/// What can be searched, in the order in which errors name it; with the table that decides the index.
pub(super) const CONTEXTS: [(&str, Option<Table>); 12] = [
    ("allocs", Some(Table::Allocs)),
    ("jobs", Some(Table::Jobs)),
    ("nodes", Some(Table::Nodes)),
    ("node_pools", Some(Table::NodePools)),
    ("evals", Some(Table::Evals)),
    ("deployment", Some(Table::Deployments)),
    ("plugins", None),
    ("volumes", None),
    ("scaling_policy", None),
    ("vars", Some(Table::Variables)),
    ("namespaces", Some(Table::Namespaces)),
    ("host_volumes", None),
];

/// Contexts of things that are named by an id: a prefix that is no part of one finds nothing, not even a context.
const IDS: [&str; 4] = ["allocs", "nodes", "evals", "deployment"];

pub(super) async fn by_prefix(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let body: SearchRequest = api::json::from_slice(&request.body)?;
    let contexts = contexts(&body.context)?;
    let tables: Vec<Table> = contexts.iter().filter_map(|(_, table)| *table).collect();
    blocking::read(app, request, &tables, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let mut answer = SearchResponse { known_leader: true, ..SearchResponse::default() };
        let (mut matches, mut truncations) = (BTreeMap::new(), BTreeMap::new());
        for (context, _) in &contexts {
            if IDS.contains(context) && !part_of_id(&body.prefix) {
                continue;
            }
            let mut found = in_context(state, context, namespace, &body.prefix, MATCHES_MAX + 1);
            truncations.insert((*context).to_owned(), found.len() > MATCHES_MAX);
            found.truncate(MATCHES_MAX);
            matches.insert((*context).to_owned(), (!found.is_empty()).then_some(found));
        }
        answer.index = state.last_index(&tables);
        (answer.matches, answer.truncations) = (matches, truncations);
        let index = answer.index;
        Found::new(answer, index)
    })
    .await
}

/// The contexts that a request asks for.
pub(super) fn contexts(asked: &str) -> Result<Vec<(&'static str, Option<Table>)>, ApiError> {
    let chosen: Vec<_> =
        CONTEXTS.into_iter().filter(|(context, _)| asked == "all" || asked == *context).collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    let names = CONTEXTS.map(|(context, _)| context).join(" ");
    Err(ApiError::Server(format!(
        "context must be one of [{names}] or 'all' for all contexts; got \"{asked}\""
    )))
}

/// True for what an id can begin with. An odd number of digits is no fault here.
fn part_of_id(prefix: &str) -> bool {
    let whole = prefix.strip_suffix(|c: char| c.is_ascii_hexdigit()).unwrap_or(prefix);
    lookup::prefix(prefix, "").is_ok() || lookup::prefix(whole, "").is_ok()
}

/// At most `limit` names of a context that begin with the prefix.
pub(super) fn in_context(
    state: &State,
    context: &str,
    namespace: &str,
    prefix: &str,
    limit: usize,
) -> Vec<String> {
    let mine = |other: &str| namespace == "*" || other == namespace;
    let prefix_lower = prefix.to_ascii_lowercase();
    let fits = |id: &String| id.starts_with(&prefix_lower);
    match context {
        "jobs" if namespace == "*" => {
            let jobs = state.jobs().filter(|(key, ..)| key.id().starts_with(prefix));
            jobs.map(|(_, job, _)| job.id.clone()).take(limit).collect()
        }
        "jobs" => {
            let jobs = state.jobs_with_prefix(namespace, prefix);
            jobs.map(|(job, _)| job.id.clone()).take(limit).collect()
        }
        "allocs" => {
            let allocs = state.allocs().filter(|alloc| mine(&alloc.namespace));
            allocs.map(|alloc| alloc.id.text()).filter(fits).take(limit).collect()
        }
        "evals" => {
            let evals = state.evals_by_id().filter(|eval| mine(&eval.namespace));
            evals.map(|eval| eval.id.text()).filter(fits).take(limit).collect()
        }
        "deployment" => {
            let deployments = state.deployments().filter(|deployment| mine(&deployment.namespace));
            deployments.map(|deployment| deployment.id.text()).filter(fits).take(limit).collect()
        }
        "nodes" => state.nodes().map(|node| node.id.text()).filter(fits).take(limit).collect(),
        "node_pools" => state.node_pools(prefix).map(|pool| pool.name.clone()).take(limit).collect(),
        "namespaces" => state.namespaces(prefix).map(|one| one.name.clone()).take(limit).collect(),
        "vars" => {
            let found = state.variables_with_prefix((namespace != "*").then_some(namespace), prefix);
            found.into_iter().map(|variable| variable.path.clone()).take(limit).collect()
        }
        // Plugins, volumes and scaling policies: there are none to find.
        _ => Vec::new(),
    }
}
