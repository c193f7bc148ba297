//! `job validate`: what the servers say to a job file, without running it. Where no agent answers, the file is looked at
//! here, by the same rules as far as they need no cluster.

use super::{decode, job_client, job_file};
use crate::args::JobValidate;
use crate::console::{Console, Failure};
use crate::http::HttpError;
use crate::output::Color;
use api::validate::JobValidateResponse;
use model::job::admission::warnings_text;
use serde_json::{Value, json};

const DOING: &str = "Error validating job";

pub(super) async fn run(args: &JobValidate, console: Console) -> Result<u8, Failure> {
    let job = job_file::read(&args.path, &args.source)?;
    let client = job_client(&args.general, &job)?;
    let asked = client.put::<_, Value>("/v1/validate/job", &[], &json!({ "Job": job })).await;
    let answer: JobValidateResponse = match asked {
        Ok((answer, _)) => decode(DOING, &answer)?,
        Err(HttpError::Request { .. }) => alone(&job, &client.connection().namespace)?,
        Err(error) => return Err(Failure::because(DOING, &error)),
    };
    let paint = console.paint();
    if !answer.driver_config_validated {
        let text =
            "Driver configuration not validated since connection to Drover agent couldn't be established.";
        console.line(format!("{}\n", paint.sentence(Color::Yellow, text)));
    }
    if !answer.error.is_empty() {
        return Err(Failure::new(format!("Job validation errors:\n{}", answer.error)));
    }
    if !answer.warnings.is_empty() {
        let text = format!("Job Warnings:\n{}", answer.warnings);
        console.line(format!("{}\n", paint.sentence(Color::Yellow, &text)));
    }
    console.line(paint.sentence(Color::Green, "Job validation successful"));
    Ok(0)
}

/// What can be said without a cluster: whether its namespace and its node pool are there cannot.
fn alone(job: &Value, namespace: &str) -> Result<JobValidateResponse, Failure> {
    let job: api::job::Job = decode(DOING, job)?;
    let named = job.namespace.is_some();
    let (faults, warnings) = match job.into_model() {
        Ok(mut job) => {
            if !named && !namespace.is_empty() {
                namespace.clone_into(&mut job.namespace);
            }
            if let Some(text) = job.incomplete() {
                return Err(Failure::new(format!("{DOING}: {text}")));
            }
            (job.validate().err(), job.warnings(false))
        }
        Err(faults) => (Some(faults), Vec::new()),
    };
    Ok(JobValidateResponse {
        error: faults.as_ref().map(ToString::to_string).unwrap_or_default(),
        warnings: warnings_text(&warnings),
        ..JobValidateResponse::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_looked_at_without_a_cluster() {
        let group = json!([{ "Name": "g", "Tasks": [{ "Name": "t", "Driver": "raw_exec" }] }]);
        let mut job = json!({ "ID": "a", "Name": "a", "TaskGroups": group });
        let answer = alone(&job, "").unwrap();
        assert_eq!((answer.error.as_str(), answer.driver_config_validated), ("", false));
        job["TaskGroups"][0]["Tasks"][0]["Driver"] = json!("");
        assert!(alone(&job, "apps").unwrap().error.contains("Missing task driver"));
        job["Priority"] = json!("high");
        assert!(alone(&job, "").unwrap_err().message.starts_with(DOING));
    }
}
