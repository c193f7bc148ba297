//! The Validate page: a job is looked at as a registration would, and nothing is registered.

use std::sync::Arc;

use api::validate::{JobValidateRequest, JobValidateResponse};
use model::job::admission::warnings_text;

use super::error::ApiError;
use super::message::{Request, Response};
use crate::app::App;

pub(super) async fn job(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let body: JobValidateRequest = api::json::from_slice(&request.body)?;
    let Some(job) = body.job else {
        return Err(ApiError::BadRequest("Job must be specified".into()));
    };
    let (faults, warnings) = app.validate_job(job, request.namespace())?;
    let answer = JobValidateResponse {
        driver_config_validated: true,
        error: if faults.is_empty() { String::new() } else { faults.to_string() },
        validation_errors: (!faults.is_empty()).then(|| faults.lines().to_vec()),
        warnings: warnings_text(&warnings),
    };
    Ok(Response::json(&answer, request.params.pretty()))
}
