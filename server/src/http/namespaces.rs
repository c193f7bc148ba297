//! The Namespaces page.

use std::sync::Arc;

use api::namespaces::Namespace;
use model::job::validate::Faults;
use state::{Operation, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::message::{Request, Response};
use crate::app::App;

const TABLES: [Table; 1] = [Table::Namespaces];

/// All of them: neither filters nor pages mean anything here, as in the original.
pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    blocking::read(app, request, &TABLES, |state, options| {
        let namespaces: Vec<_> =
            state.namespaces(&options.prefix).map(|namespace| Namespace::from(&**namespace)).collect();
        Found::new(namespaces, state.table_index(Table::Namespaces))
    })
    .await
}

pub(super) async fn read(app: &Arc<App>, request: &Request, name: &str) -> Result<Response, ApiError> {
    named(name)?;
    blocking::read(app, request, &TABLES, |state, _| match state.namespace(name) {
        Some(namespace) => Found::new(Namespace::from(&**namespace), namespace.modify_index),
        None => Found::missing("Namespace not found", state.table_index(Table::Namespaces)),
    })
    .await
}

/// Makes or replaces the namespace in the body.
pub(super) async fn put(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    put_named(app, request, None).await
}

/// Makes or replaces the namespace in the path, which the body's has to equal.
pub(super) async fn put_at(app: &Arc<App>, request: &Request, name: &str) -> Result<Response, ApiError> {
    named(name)?;
    put_named(app, request, Some(name)).await
}

async fn put_named(app: &Arc<App>, request: &Request, path: Option<&str>) -> Result<Response, ApiError> {
    let body: Namespace = api::json::from_slice(&request.body)?;
    if path.is_some_and(|path| path != body.name) {
        return Err(ApiError::BadRequest("Namespace name does not match request path".into()));
    }
    let governed = body.node_pool_configuration.is_some();
    let namespace = model::Namespace::from(body);
    let mut faults = namespace.faults();
    if governed {
        faults.push("invalid node pool configuration: Node Pools Governance is unlicensed.".to_owned());
    }
    let name = &namespace.name;
    if !faults.is_empty() {
        let faults = Faults::from_lines(faults);
        return Err(ApiError::Server(format!("Invalid namespace \"{name}\": {faults}")));
    }
    if !namespace.quota.is_empty() {
        let quota = &namespace.quota;
        return Err(ApiError::Server(format!("namespace \"{name}\" using non-existent quota \"{quota}\"")));
    }
    let written = app.operate(Operation::PutNamespace { namespace: Box::new(namespace) }).await?;
    Ok(Response::written(written.index))
}

pub(super) async fn delete(app: &Arc<App>, request: &Request, name: &str) -> Result<Response, ApiError> {
    let _ = request;
    named(name)?;
    let written = app.operate(Operation::DeleteNamespace { name: name.to_owned() }).await?;
    Ok(Response::written(written.index))
}

fn named(name: &str) -> Result<(), ApiError> {
    match name {
        "" => Err(ApiError::BadRequest("Missing Namespace Name".into())),
        _ => Ok(()),
    }
}
