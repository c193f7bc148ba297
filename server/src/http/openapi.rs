//! The document that describes what is served.

use std::sync::Arc;

use http::StatusCode;

use super::error::ApiError;
use super::message::{Request, Response};
use super::routes;
use crate::app::App;

/// OpenAPI 3.1, made from the route table and the types of the API.
pub(super) async fn document(_: &Arc<App>, _: &Request) -> Result<Response, ApiError> {
    let document = api::openapi::document(routes::served());
    Ok(Response::typed(StatusCode::OK, "application/json", document.to_string().into()))
}
