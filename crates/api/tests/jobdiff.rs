//! Differences as the original shows them, next to ours. What a scheduler adds (updates and annotations) is not
//! compared here.

use api::job::Job;
use serde_json::Value;

const CASES: &str = include_str!("../../../tests/vectors/jobdiff.json");

/// Cases in which ours is another difference so far.
const DIFFERENT: usize = 22;

fn canonical(request: &Value) -> Option<Job> {
    let job: Job = api::json::from_value(request).ok()?;
    let mut job = job.into_model().ok()?;
    job.add_implied_constraints();
    Some(Job::from(&job))
}

/// Without what a scheduler adds, and without what says nothing.
fn structure(value: &Value, unordered: bool) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, value)| {
                let added = ["Annotations", "Updates"].contains(&key.as_str());
                !(added || value.is_null() || value.as_array().is_some_and(Vec::is_empty))
            });
            kept.map(|(key, value)| {
                let mut value = structure(value, unordered);
                if let (true, "Objects", Value::Array(items)) = (unordered, key.as_str(), &mut value) {
                    items.sort_by_key(Value::to_string);
                }
                (key.clone(), value)
            })
            .collect()
        }
        Value::Array(items) => items.iter().map(|item| structure(item, unordered)).collect(),
        value => value.clone(),
    }
}

#[test]
fn differences_are_the_originals() {
    let cases: Vec<Value> = serde_json::from_str(CASES).expect("the vectors are JSON");
    let mut bad = Vec::new();
    for case in &cases {
        let old = case.get("old").filter(|old| !old.is_null()).map(canonical);
        let new = canonical(&case["new"]);
        let got = match (old, new) {
            (Some(None), _) | (_, None) => Value::Null,
            (old, Some(new)) => {
                serde_json::to_value(api::diff::job(old.flatten().as_ref(), &new)).unwrap_or_default()
            }
        };
        let unordered = case["unordered"] == true;
        let (want, got) = (structure(&case["diff"], unordered), structure(&got, unordered));
        if want != got {
            bad.push(format!("{}\n   want {want}\n   got  {got}", case["name"]));
        }
    }
    // More is a fault; fewer is progress that has to be noted here.
    assert_eq!(bad.len(), DIFFERENT, "{} of {} differ\n{}", bad.len(), cases.len(), bad.join("\n"));
}
