//! The document that describes what is served.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::StatusCode;

use super::error::ApiError;
use super::message::{Request, Response};
use super::routes;
use crate::app::App;

/// The table does not change while a server runs.
static DOCUMENT: LazyLock<Bytes> =
    LazyLock::new(|| api::openapi::document(routes::served()).to_string().into());

/// OpenAPI 3.1, made from the route table and the types of the API.
pub(super) async fn document(_: &Arc<App>, _: &Request) -> Result<Response, ApiError> {
    Ok(Response::typed(StatusCode::OK, "application/json", DOCUMENT.clone()))
}
