//! The document that describes what is served, held against recorded answers.

use serde_json::Value;

const ROUTES: [(&str, &str); 8] = [
    ("get", "/v1/jobs"),
    ("get", "/v1/job/*job"),
    ("get", "/v1/job/*job/versions"),
    ("get", "/v1/job/*job/evaluations"),
    ("get", "/v1/nodes"),
    ("get", "/v1/namespaces"),
    ("get", "/v1/status/peers"),
    ("put", "/v1/validate/job"),
];

/// Recorded answers of those routes.
const RECORDINGS: [&str; 3] = [
    include_str!("../../../tests/contract/recordings/jobs.tags.json"),
    include_str!("../../../tests/contract/recordings/jobs.register.new_and_read.json"),
    include_str!("../../../tests/contract/recordings/jobs.versions.diffs.json"),
];

/// Where a value is not what a schema says.
fn faults(document: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).expect("a schema");
        return faults(document, target, value, place, found);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let mut tries = any.iter().map(|one| {
            let mut inner = Vec::new();
            faults(document, one, value, place, &mut inner);
            inner
        });
        // The schema itself stands first; `null` is the other one.
        let first = tries.next().unwrap_or_default();
        if !first.is_empty() && !tries.any(|inner| inner.is_empty()) {
            found.extend(first);
        }
        return;
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !(kinds.contains(&kind) || kind == "integer" && kinds.contains(&"number")) {
        found.push(format!("{place} is {kind}, not {kinds:?}"));
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        faults(document, &schema["items"], item, &format!("{place}/{number}"), found);
    }
    for (name, item) in value.as_object().into_iter().flatten() {
        let own = schema["properties"].get(name).unwrap_or(&schema["additionalProperties"]);
        faults(document, own, item, &format!("{place}/{name}"), found);
    }
}

fn schema_of<'a>(document: &'a Value, path: &str, method: &str) -> Option<&'a Value> {
    let path = path.split('?').next().unwrap_or(path);
    let fits = |template: &str| {
        let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len()
            && template.iter().zip(path).all(|(wanted, part)| wanted.starts_with('{') || *wanted == part)
    };
    let (_, methods) = document["paths"].as_object()?.iter().find(|(template, _)| fits(template))?;
    methods.get(method)?.pointer("/responses/200/content/application~1json/schema")
}

#[test]
fn recorded_answers_are_as_described() {
    let document = api::openapi::document(ROUTES.into_iter());
    let (mut seen, mut found) = (0, Vec::new());
    for text in RECORDINGS {
        let recording: Value = serde_json::from_str(text).expect("JSON");
        let steps = recording.as_array().or_else(|| recording["steps"].as_array()).expect("steps");
        for step in steps.iter().filter(|step| step["status"] == 200) {
            let method = step["method"].as_str().unwrap_or_default().to_lowercase();
            let path = step["path"].as_str().unwrap_or_default();
            let Some(schema) = schema_of(&document, path, &method) else { continue };
            faults(&document, schema, &step["body"], path, &mut found);
            seen += 1;
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(seen > 2, "only {seen} answers were looked at");
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(document: &Value, value: &Value) {
        if let Some(reference) = value["$ref"].as_str() {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
        let members = value.as_object().into_iter().flat_map(|map| map.values());
        members.chain(value.as_array().into_iter().flatten()).for_each(|inner| walk(document, inner));
    }
    let document = api::openapi::document(ROUTES.into_iter());
    walk(&document, &document);
    assert_eq!(document["openapi"], "3.1.0");
}
