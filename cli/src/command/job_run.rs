//! `job run`: submit a job file and watch what comes of it.

use super::{Raw, job_client, job_file, print_raw};
use crate::args::JobRun;
use crate::console::{Console, Failure};
use crate::http::HttpError;
use crate::{monitor, view};
use api::job::Job;
use api::jobs::RegisterResponse;
use serde_json::{Value, json};

/// Where a refusal because of `-check-index` begins in the server's sentence.
const ENFORCING: &str = "Enforcing job modify index";

pub(super) async fn run(args: &JobRun, console: Console) -> Result<u8, Failure> {
    if args.source.json && !(args.source.var.is_empty() && args.source.var_file.is_empty()) {
        return Err(Failure::new("Invalid job options: cannot use variables with JSON files."));
    }
    let (job, submission) = job_file::read_with_source(&args.path, &args.source)?;
    if args.output {
        let job: Job = api::json::from_value(&job)
            .map_err(|e| Failure::new(format!("Error getting job struct: {e}")))?;
        return print_raw(console, &Raw::Json, &json!({ "Job": job }));
    }
    let client = job_client(&args.general, &job)?;
    let unmonitored = job_file::has(&job, "Periodic") || job_file::has(&job, "ParameterizedJob");
    // What the servers find wrong with the job they say themselves.
    let next = api::json::from_value::<Job>(&job)
        .ok()
        .filter(|job| job.parameterized_job.is_none())
        .and_then(|job| view::job::next_launch(&job, super::now_ns()));
    let body = request(args, job, submission)?;
    let (answer, _) =
        client.put::<_, Value>("/v1/jobs", &[], &body).await.map_err(|error| refused(&error))?;
    let answer: RegisterResponse = api::json::from_value(&answer)
        .map_err(|e| Failure::new(format!("Error submitting job: decoding the answer: {e}")))?;
    if !answer.warnings.is_empty() {
        console.line(format!("Job Warnings:\n{}\n", answer.warnings));
    }
    if args.detach || unmonitored || answer.eval_id.is_empty() {
        console.line("Job registration successful");
        if let Some(next) = next {
            console.line(format!("Approximate next launch time: {next}"));
        } else if !answer.eval_id.is_empty() {
            console.line(format!("Evaluation ID: {}", answer.eval_id));
        }
        return Ok(0);
    }
    monitor::evaluation(&client, console, &answer.eval_id, args.verbose).await
}

fn request(args: &JobRun, job: Value, submission: Value) -> Result<Value, Failure> {
    let mut body = json!({ "Job": job, "Submission": submission });
    if let Some(text) = args.check_index.as_deref().filter(|text| !text.is_empty()) {
        let index = super::parse_index("check-index", text)?;
        body["EnforceIndex"] = json!(true);
        body["JobModifyIndex"] = json!(index);
    }
    body["PreserveCounts"] = json!(args.preserve_counts);
    body["PreserveResources"] = json!(args.preserve_resources);
    body["PolicyOverride"] = json!(args.policy_override);
    body["EvalPriority"] = json!(args.eval_priority.unwrap_or(0));
    Ok(body)
}

fn refused(error: &HttpError) -> Failure {
    let text = error.to_string();
    match text.find(ENFORCING) {
        Some(start) => {
            let sentence = text[start..].trim_end_matches(')');
            Failure::new(format!("{sentence}\nJob not updated"))
        }
        None => Failure::because("Error submitting job", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_does_not_match_is_told_in_two_lines() {
        let status = |body: &str| HttpError::Status { code: 500, body: body.to_owned() };
        assert_eq!(
            refused(&status("Enforcing job modify index 0: job already exists")).message,
            "Enforcing job modify index 0: job already exists\nJob not updated"
        );
        assert_eq!(
            refused(&status("No cluster leader")).message,
            "Error submitting job: Unexpected response code: 500 (No cluster leader)"
        );
    }
}
