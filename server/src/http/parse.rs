//! The parse endpoint: a job file in, the JSON of the job out.

use std::sync::Arc;

use api::parse::ParseRequest;
use jobspec::{Given, Options};
use serde_json::Value;

use super::error::ApiError;
use super::message::{Request, Response};
use crate::app::App;

/// Name of the text in diagnostics.
const NAME: &str = "input.hcl";

pub(super) async fn job_file(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let body: ParseRequest = api::json::from_slice(&request.body)?;
    if body.job_hcl.is_empty() {
        return Err(ApiError::BadRequest("Job spec is empty".to_owned()));
    }
    let app = app.clone();
    // A file within the limits may still take a while to evaluate: other requests must not wait for it.
    let parsed = tokio::task::spawn_blocking(move || parse(&app, body)).await;
    let job = parsed.map_err(|error| ApiError::Internal(error.to_string()))??;
    Ok(Response::json(&job, request.params.pretty()))
}

fn parse(app: &App, body: ParseRequest) -> Result<Value, ApiError> {
    let variables = Given::File { name: NAME.to_owned(), text: body.variables };
    let options = Options {
        given: vec![variables],
        undeclared_is_error: false,
        files: None,
        mint: &|| app.mint.uuid().into_bytes(),
    };
    let job = jobspec::parse(NAME, &body.job_hcl, &options)
        .map_err(|diagnostics| ApiError::BadRequest(format!("Failed to parse job: {diagnostics}")))?;
    Ok(if body.canonicalize { jobspec::canonicalize(job) } else { job })
}
