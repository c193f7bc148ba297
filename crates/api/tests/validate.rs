//! What the original finds wrong with jobs, next to what we find.

use api::validate::JobValidateRequest;
use model::job::admission::warnings_text;
use serde_json::{Value, json};

const CASES: &str = include_str!("../../../tests/vectors/validate.json");

/// Cases in which we find something else, and why.
const DIFFERENT: [(&str, &str); 1] =
    [("body deep config", "a body may nest 128 levels here, where the original reads 10,000")];

/// Namespaces and pools are the server's to know: the recorded agent had no others than these.
fn place_faults(job: &model::Job) -> Vec<String> {
    let mut faults = Vec::new();
    let (id, namespace, pool) = (&job.id, &job.namespace, &job.node_pool);
    if namespace != "default" {
        faults.push(format!("job \"{id}\" is in nonexistent namespace \"{namespace}\""));
    }
    if !["", "default", "all"].contains(&pool.as_str()) {
        faults.push(format!("job \"{id}\" is in nonexistent node pool \"{pool}\""));
    }
    faults
}

fn validated(body: &str) -> Value {
    let request: JobValidateRequest = match api::json::from_slice(body.as_bytes()) {
        Ok(request) => request,
        Err(error) => return json!({ "status": 400, "body": error.to_string() }),
    };
    let Some(job) = request.job else {
        return json!({ "status": 400, "body": "Job must be specified" });
    };
    if job.namespace.as_deref() == Some("") {
        let text = "mismatched request namespace in request: \"default\", \"\"";
        return json!({ "status": 500, "body": text });
    }
    let nowhere = job.region.as_deref() == Some("");
    let (lines, warnings) = match job.into_model() {
        Err(faults) => (faults.lines().to_vec(), Vec::new()),
        Ok(mut job) => {
            if let Some(text) = job.incomplete() {
                return json!({ "status": 500, "body": text });
            }
            if nowhere {
                job.region.clear();
            }
            let mut lines = place_faults(&job);
            lines.extend(job.validate().err().iter().flat_map(|faults| faults.lines().to_vec()));
            (lines, job.warnings(false))
        }
    };
    let errors = if lines.is_empty() { Value::Null } else { json!(lines) };
    json!({ "status": 200, "body": { "ValidationErrors": errors, "Warnings": warnings_text(&warnings) } })
}

#[test]
fn the_original_finds_the_same() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let mut bad = Vec::new();
    let mut names = Vec::new();
    for case in &cases {
        let body = match case["raw"].as_str() {
            Some(raw) => raw.to_owned(),
            None => json!({ "Job": case["job"] }).to_string(),
        };
        let (want, got) = (&case["validate"], validated(&body));
        let free = want["status"] == 400
            && want["body"].as_str().is_some_and(|text| {
                ["json:", "invalid character", "unexpected EOF"].iter().any(|begin| text.starts_with(begin))
            });
        let same = |field: &str| {
            want["body"].get(field).filter(|value| !value.is_null() && *value != "")
                == got["body"].get(field).filter(|value| !value.is_null() && *value != "")
        };
        let equal = want["status"] == got["status"]
            && (free
                || match want["body"].is_object() {
                    true => same("ValidationErrors") && same("Warnings"),
                    false => want["body"] == got["body"],
                });
        if !equal {
            names.push(case["name"].as_str().unwrap_or_default());
            bad.push(format!("{}\n   want {}\n   got  {}", case["name"], want["body"], got["body"]));
        }
    }
    // More is a fault; fewer is progress that has to be noted here.
    let listed = DIFFERENT.map(|(name, _)| name);
    assert_eq!(names, listed, "{} of {} differ\n{}", bad.len(), cases.len(), bad.join("\n"));
}
