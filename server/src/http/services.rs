//! The Services page, and the lists of services on other pages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::services::{NamespaceServices, ServiceRegistration, ServiceStub};
use http::StatusCode;
use model::id::AllocId;
use sha2::{Digest, Sha256};
use state::{Operation, State, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::jobs::key_of;
use super::lookup;
use super::message::{Request, Response};
use super::page::{self, Page, Token};
use super::stored::{self, Stored};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

const TABLES: [Table; 1] = [Table::Services];

type Registration = Arc<model::ServiceRegistration>;

fn stored() -> Stored<Registration> {
    Stored::new("*ServiceRegistration", |registration| {
        stored::json(ServiceRegistration::from(&**registration))
    })
}

/// Index of the registrations. It is never 0: "nothing was ever registered" is an answer to wait on.
fn index(state: &State) -> u64 {
    state.table_index(Table::Services).max(1)
}

fn shown(registration: &Registration) -> ServiceRegistration {
    ServiceRegistration::from(&**registration)
}

/// Names and tags, by namespace.
pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    blocking::read(app, request, &TABLES, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let mine = |registration: &&Registration| {
            (namespace == "*" || registration.namespace == namespace)
                && registration.service_name.starts_with(&options.prefix)
        };
        let mut by_namespace: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        let whole = api::query::ReadOptions { filter: options.filter.clone(), ..Default::default() };
        let registrations = state.services().filter(mine).cloned();
        let page = page::take(registrations, &whole, |found| Token::Text(found.id.clone()), stored());
        let found = Page::found(page, index(state), |registration| registration);
        let group = |registrations: Vec<Registration>| {
            for registration in registrations {
                let services = by_namespace.entry(registration.namespace.clone()).or_default();
                let tags = services.entry(registration.service_name.clone()).or_default();
                tags.extend(registration.tags.iter().cloned());
            }
            let stub = |(service_name, tags): (String, BTreeSet<String>)| ServiceStub {
                service_name,
                tags: tags.into_iter().collect(),
            };
            let namespaces = by_namespace.into_iter().map(|(namespace, services)| NamespaceServices {
                namespace,
                services: services.into_iter().map(stub).collect(),
            });
            namespaces.collect::<Vec<_>>()
        };
        Found { value: found.value.map(group), index: found.index, next_token: None }
    })
    .await
}

/// Registrations of one service; with `choose` some of them, the same ones for the same key.
pub(super) async fn read(app: &Arc<App>, request: &Request, name: &str) -> Result<Response, ApiError> {
    let choose = match request.param("choose") {
        "" => None,
        text => Some(choice(text)?),
    };
    blocking::read(app, request, &TABLES, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let registrations = state.services_named(namespace, name).cloned();
        let token = |registration: &Registration| Token::Text(registration.id.clone());
        let found = page::in_order(registrations.collect(), options.reverse, token);
        let page = page::take(found.into_iter(), options, token, stored());
        let mut found = Page::found(page, index(state), |registration| registration);
        if let (Some((count, key)), Ok(registrations)) = (&choose, &mut found.value) {
            // Rendezvous hashing: whoever comes or goes, the others' order stays.
            registrations.sort_by_cached_key(|found| Sha256::digest(format!("{key}\0{}", found.id)).to_vec());
            registrations.truncate(*count);
        }
        Found {
            value: found.value.map(|registrations| registrations.iter().map(shown).collect::<Vec<_>>()),
            index: found.index,
            next_token: found.next_token,
        }
    })
    .await
}

/// `<number>|<key>`
fn choice(text: &str) -> Result<(usize, String), ApiError> {
    let parsed = text.split_once('|').and_then(|(count, key)| Some((count.parse().ok()?, key.to_owned())));
    let fault = "failed to choose services: Parameter for choose must be in form '<number>|<key>'";
    parsed
        .filter(|(count, key)| *count > 0 && !key.is_empty())
        .ok_or_else(|| ApiError::BadRequest(fault.into()))
}

/// Removes one registration.
pub(super) async fn delete(
    app: &Arc<App>,
    request: &Request,
    name: &str,
    id: &str,
) -> Result<Response, ApiError> {
    let operation = Operation::DeleteService {
        namespace: namespace_or_default(request.namespace()).to_owned(),
        service: name.to_owned(),
        id: id.to_owned(),
    };
    let operated = app.operate(operation).await?;
    Ok(Response::empty(StatusCode::OK).with_header("x-nomad-index", operated.index))
}

/// Registrations that an allocation stands for.
pub(super) async fn of_alloc(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let id = AllocId(lookup::id(id, "alloc")?);
    blocking::read(app, request, &TABLES, |state, _| match state.alloc(id) {
        Some(_) => Found::new(state.services_of_alloc(id).map(shown).collect::<Vec<_>>(), index(state)),
        None => Found::missing("allocation not found", 0),
    })
    .await
}

/// Registrations of a job's allocations.
pub(super) async fn of_job(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    blocking::read(app, request, &TABLES, |state, options| {
        let (key, _) = key_of(state, options, id);
        if state.job(&key).is_none() {
            // Nothing can be waited for: the index says so.
            return Found::missing("job not found", 0);
        }
        let allocs = state.allocs_of_job(&key);
        let mut services: Vec<_> =
            allocs.flat_map(|alloc| state.services_of_alloc(alloc.id)).map(shown).collect();
        services.sort_by(|a, b| a.id.cmp(&b.id));
        Found::new(services, index(state))
    })
    .await
}
