//! Jobs as the original stored them, next to what we would store.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

use api::job::Job;
use serde_json::Value;

const CASES: &str = include_str!("../../../tests/vectors/canonical.json");
/// Set by the servers when a job is stored.
const STORED: [&str; 5] = ["CreateIndex", "ModifyIndex", "JobModifyIndex", "SubmitTime", "Status"];

/// Where two values differ; a key that is missing may stand for nothing, as `check.py` has it.
fn differences(want: &Value, got: &Value, at: &str, out: &mut Vec<String>) {
    let nothing = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    match (want, got) {
        (Value::Object(want), Value::Object(got)) => {
            for (key, want) in want {
                let at = format!("{at}.{key}");
                match got.get(key) {
                    Some(got) => differences(want, got, &at, out),
                    None if nothing(want)
                        || [&Value::from(""), &Value::from(0), &false.into()].contains(&want) => {}
                    None => out.push(format!("{at}: want {want}, missing")),
                }
            }
        }
        (Value::Array(want), Value::Array(got)) if want.len() == got.len() => {
            for (number, (want, got)) in want.iter().zip(got).enumerate() {
                differences(want, got, &format!("{at}[{number}]"), out);
            }
        }
        _ if nothing(want) && nothing(got) => {}
        _ if want == got => {}
        _ => out.push(format!("{at}: want {want}, got {got}")),
    }
}

fn stored(request: &Value) -> Result<Value, String> {
    let job: Job = api::json::from_value(request).map_err(|error| error.to_string())?;
    let mut job = job.into_model().map_err(|faults| faults.to_string())?;
    job.validate().map_err(|faults| faults.to_string())?;
    job.add_implied_constraints();
    let mut value = serde_json::to_value(Job::from(&job)).unwrap();
    for key in STORED {
        value.as_object_mut().unwrap().remove(key);
    }
    Ok(value)
}

#[test]
fn jobs_are_stored_as_the_original_stores_them() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let mut bad = Vec::new();
    for case in &cases {
        let mut out = Vec::new();
        match stored(&case["job"]) {
            Ok(got) => differences(&case["stored"], &got, "", &mut out),
            Err(text) => out.push(text),
        }
        if !out.is_empty() {
            bad.push(format!("{}:\n    {}", case["name"], out.join("\n    ")));
        }
    }
    assert!(bad.is_empty(), "{} of {} differ\n{}", bad.len(), cases.len(), bad.join("\n"));
}
