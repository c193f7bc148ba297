//! The Deployments page.

use std::sync::Arc;

use api::deployments::Deployment;
use model::id::DeploymentId;
use state::Table;

use super::blocking::{self, Found};
use super::error::ApiError;
use super::jobs::key_of;
use super::lookup;
use super::message::{Request, Response};
use super::page::{self, Page};
use super::stored::{self, Stored};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

const TABLES: [Table; 1] = [Table::Deployments];

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    lookup::bare_prefix(request.params.get("prefix").unwrap_or_default())?;
    blocking::read(app, request, &TABLES, |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let wanted = |deployment: &&Arc<model::Deployment>| {
            (namespace == "*" || deployment.namespace == namespace)
                && lookup::begins(&deployment.id.0, &options.prefix)
        };
        let token = |deployment: &Arc<model::Deployment>| {
            page::created(options, deployment.create_index, deployment.id.text())
        };
        let found =
            page::in_order(state.deployments().filter(wanted).cloned().collect(), options.reverse, token);
        let page = page::take(found.into_iter(), options, token, stored());
        Page::found(page, state.table_index(Table::Deployments), |deployment| Deployment::from(&*deployment))
    })
    .await
}

pub(super) async fn read(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    if id.is_empty() {
        return Err(ApiError::Server("missing deployment ID".into()));
    }
    let id = DeploymentId(lookup::id(id, "deployment")?);
    blocking::read(app, request, &TABLES, |state, _| match state.deployment(id) {
        Some(deployment) => Found::new(Deployment::from(&**deployment), deployment.modify_index),
        None => Found::missing("deployment not found", state.table_index(Table::Deployments)),
    })
    .await
}

pub(super) async fn of_job(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let all = request.params.flag("all").unwrap_or(false);
    blocking::read(app, request, &TABLES, |state, options| {
        let (key, incarnation) = key_of(state, options, id);
        let mine = |deployment: &&Arc<model::Deployment>| {
            all || incarnation.is_none_or(|incarnation| deployment.job_create_index == incarnation)
        };
        let found = state.deployments_of_job(&key).filter(mine);
        let deployments: Vec<_> = found.map(|deployment| Deployment::from(&**deployment)).collect();
        Found::new(deployments, state.table_index(Table::Deployments))
    })
    .await
}

/// The newest deployment; without one the answer is `null`, not 404.
pub(super) async fn latest_of_job(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    blocking::read(app, request, &TABLES, |state, options| {
        let (key, _) = key_of(state, options, id);
        let latest = state.latest_deployment(&key).map(|deployment| Deployment::from(&**deployment));
        Found::new(latest, state.table_index(Table::Deployments))
    })
    .await
}

/// Deployments as filters see them.
fn stored() -> Stored<Arc<model::Deployment>> {
    Stored::new("*Deployment", |deployment| stored::json(Deployment::from(&**deployment)))
}
