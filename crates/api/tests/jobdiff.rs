//! Differences as the original shows them, next to ours. What a scheduler adds (updates and annotations) is not
//! compared here.

use api::job::Job;
use serde_json::Value;

const CASES: &str = include_str!("../../../tests/vectors/jobdiff.json");

/// Cases in which ours is another difference, and why.
const DIFFERENT: [(&str, &str); 2] = [
    (
        "scaling Type: edit",
        "the recorded agent filled a policy's type in the new job and not yet in the stored one; ours is filled in both",
    ),
    ("connect proxy expose: edit", "requests may spell `Expose.Paths` as `Path`; only `Paths` is read here"),
];

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
    let (mut bad, mut names) = (Vec::new(), Vec::new());
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
            names.push(case["name"].as_str().unwrap_or_default());
            bad.push(format!("{}\n   want {want}\n   got  {got}", case["name"]));
        }
    }
    // More is a fault; fewer is progress that has to be noted here.
    let listed = DIFFERENT.map(|(name, _)| name);
    assert_eq!(names, listed, "{} of {} differ\n{}", bad.len(), cases.len(), bad.join("\n"));
}

/// What a registration warned of, where it was recorded with the differences and the placements.
#[test]
fn warnings_are_the_originals() {
    let placements = include_str!("../../../tests/vectors/placement.json");
    for text in [CASES, placements] {
        let cases: Vec<Value> = serde_json::from_str(text).expect("the vectors are JSON");
        let mut seen = 0;
        for case in cases.iter().filter(|case| case.get("warnings").is_some()) {
            let job = case.get("new").or_else(|| case.get("job")).expect("a case has a job");
            let job: Job = api::json::from_value(job).expect("a job");
            let Ok(job) = job.into_model() else { continue };
            let warnings = model::job::admission::warnings_text(&job.warnings(false));
            assert_eq!(case["warnings"].as_str().unwrap_or_default(), warnings, "{}", case["name"]);
            seen += 1;
        }
        assert!(seen > 0, "no case was looked at");
    }
}
