//! `job validate`: what the servers say to a job file, without running it.

use super::{decode, job_client, job_file};
use crate::args::JobValidate;
use crate::console::{Console, Failure};
use api::validate::JobValidateResponse;
use serde_json::{Value, json};

pub(super) async fn run(args: &JobValidate, console: Console) -> Result<u8, Failure> {
    let job = job_file::read(&args.path, &args.source)?;
    let client = job_client(&args.general, &job)?;
    let (answer, _) = client
        .put::<_, Value>("/v1/validate/job", &[], &json!({ "Job": job }))
        .await
        .map_err(|e| Failure::because("Error validating job", &e))?;
    let answer: JobValidateResponse = decode("Error validating job", &answer)?;
    if !answer.error.is_empty() {
        return Err(Failure::new(format!("Job validation errors:\n{}", answer.error)));
    }
    if !answer.warnings.is_empty() {
        console.line(format!("Job Warnings:\n{}\n", answer.warnings));
    }
    console.line("Job validation successful");
    Ok(0)
}
