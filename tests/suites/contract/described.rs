//! Answers, held against the document that describes them.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::tap::Exchange;

/// Answers that are empty where the document has a body.
const EMPTY: &[(&str, &str)] =
    &[("get /v1/plugins", "of an unknown type: the original answers nothing at all")];

/// Parameters that change nothing where they are given.
const IGNORED: &[(&str, &str)] = &[
    ("get /v1/regions", "stale"),
    ("get /v1/namespaces", "filter"),
    ("get /v1/namespaces", "per_page"),
    ("get /v1/operator/raft/configuration", "stale"),
];

/// The document, with objects that have no fields besides those that it names.
pub(crate) struct Described {
    document: Value,
    validators: BTreeMap<String, Validator>,
    /// Operations that were answered as asked.
    pub(crate) answered: BTreeSet<String>,
}

impl Described {
    pub(crate) fn new(document: &str) -> Self {
        let mut document: Value = serde_json::from_str(document).unwrap();
        let schemas = document["components"]["schemas"].as_object_mut().unwrap();
        // Requests may hold whatever they like beside what is read.
        schemas
            .iter_mut()
            .filter(|(name, _)| !name.starts_with("request."))
            .for_each(|(_, schema)| close(schema));
        Described { document, validators: BTreeMap::new(), answered: BTreeSet::new() }
    }

    /// Operations of the document.
    pub(crate) fn operations(&self) -> BTreeSet<String> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        let names = paths.flat_map(|(path, methods)| {
            methods.as_object().into_iter().flatten().map(move |(method, _)| format!("{method} {path}"))
        });
        names.collect()
    }

    /// What is wrong with an answer; methods and paths that are not served have none.
    pub(crate) fn fault(&mut self, heard: &Exchange) -> Option<String> {
        let (method, template) = self.find(heard)?;
        let name = format!("{method} {template}");
        let say = |fault: &str| {
            let shown: String = String::from_utf8_lossy(&heard.body).chars().take(300).collect();
            let Exchange { method, target, status, content_type, .. } = heard;
            Some(format!("{method} {target} ({name}): {status} {content_type:?}: {fault}\n    {shown}"))
        };
        if heard.status < 300 {
            self.answered.insert(name.clone());
            if let Some(fault) = self.question_fault(heard, &method, &template) {
                return say(&fault);
            }
        }
        let Some(response) = self.response(&method, &template, heard.status) else {
            return say("the document does not have this status");
        };
        let Some(contents) = response["content"].as_object() else {
            return if heard.body.is_empty() { None } else { say("the document has no body here") };
        };
        if heard.body.is_empty() && EMPTY.iter().any(|(known, _)| *known == name) {
            return None;
        }
        let kind = [heard.content_type.as_str(), "*/*"].into_iter().find(|kind| contents.contains_key(*kind));
        let Some(kind) = kind else { return say("the document does not have this content type") };
        let content = contents[kind].clone();
        let values = match values(&content, kind, &heard.body) {
            Ok(values) => values,
            Err(fault) => return say(&fault),
        };
        let key = format!("{name} {} {kind}", heard.status);
        let validator =
            self.validators.entry(key).or_insert_with(|| validator(&self.document, &content["schema"]));
        let faults = values.iter().flat_map(|value| validator.iter_errors(value)).take(3);
        let faults: Vec<String> =
            faults.map(|error| format!("{} at {}", error.masked(), error.instance_path())).collect();
        if faults.is_empty() { None } else { say(&faults.join("; ")) }
    }

    /// What an operation answers with a status.
    fn response(&self, method: &str, template: &str, status: u16) -> Option<&Value> {
        let response = self.document["paths"][template][method]["responses"].get(status.to_string())?;
        match response["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')),
            None => Some(response),
        }
    }

    /// What is wrong with a request that was answered as asked.
    fn question_fault(&mut self, heard: &Exchange, method: &str, template: &str) -> Option<String> {
        let operation = &self.document["paths"][template][method];
        let query = heard.target.split_once('?').map_or("", |(_, query)| query);
        let documented = |name: &str| {
            let mut all = operation["parameters"].as_array().into_iter().flatten();
            all.any(|parameter| parameter["name"] == name)
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let name = api::query::percent_decode(pair.split('=').next().unwrap_or_default(), true);
            let ignored = IGNORED.contains(&(&*format!("{method} {template}"), &*name));
            if !documented(&name) && !ignored {
                return Some(format!("the document does not have the parameter {name}"));
            }
        }
        let content = &operation["requestBody"]["content"]["application/json"];
        if content.is_null() || heard.asked.is_empty() {
            return None;
        }
        let body: Value = serde_json::Deserializer::from_slice(&heard.asked).into_iter().next()?.ok()?;
        let schema = content["schema"].clone();
        let validator = self
            .validators
            .entry(format!("{method} {template} body"))
            .or_insert_with(|| validator(&self.document, &schema));
        let fault = validator.iter_errors(&body).next()?;
        Some(format!("body: {} at {}", fault.masked(), fault.instance_path()))
    }

    /// The operation that a request asked for: of those that fit, the one with the most fixed parts.
    fn find(&self, heard: &Exchange) -> Option<(String, String)> {
        let path = api::query::percent_decode(heard.target.split('?').next()?, false);
        let fitting =
            self.document["paths"].as_object()?.iter().filter(|(template, _)| fits(template, &path));
        let fixed = |template: &str| template.split('/').filter(|part| !part.starts_with('{')).count();
        let (template, methods) = fitting.max_by_key(|(template, _)| fixed(template))?;
        let method = heard.method.to_lowercase();
        methods.get(&method).map(|_| (method, template.clone()))
    }
}

/// True when a path is of a template; the last part that varies may have slashes.
fn fits(template: &str, path: &str) -> bool {
    let (wanted, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let Some(more) = given.len().checked_sub(wanted.len()) else { return false };
    let varies = |part: &&str| part.starts_with('{');
    let Some(wide) = wanted.iter().position(varies) else { return template == path };
    let same = |(wanted, given): (&&str, &&str)| varies(wanted) || wanted == given;
    wanted[..wide].iter().zip(&given).all(same)
        && wanted[wide + 1..].iter().zip(&given[wide + 1 + more..]).all(same)
}

/// The values of a body: one, or as many as a stream brought.
fn values(content: &Value, kind: &str, body: &[u8]) -> Result<Vec<Value>, String> {
    if content["x-stream"] == true {
        let stream = serde_json::Deserializer::from_slice(body).into_iter::<Value>();
        // The reader hung up somewhere.
        return Ok(stream.map_while(Result::ok).collect());
    }
    let text = || Value::String(String::from_utf8_lossy(body).into_owned());
    match kind {
        "application/json" => {
            let value = serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
            Ok(vec![value])
        }
        // Some texts are JSON that calls itself text.
        _ if content["schema"].get("anyOf").is_some() => {
            Ok(vec![serde_json::from_slice(body).unwrap_or_else(|_| text())])
        }
        _ => Ok(vec![text()]),
    }
}

fn validator(document: &Value, schema: &Value) -> Validator {
    let mut root: Map<String, Value> = schema.as_object().cloned().unwrap_or_default();
    root.insert("components".to_owned(), json!({ "schemas": document["components"]["schemas"] }));
    jsonschema::draft202012::new(&root.into()).unwrap()
}

/// An object that names its fields has no others.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.contains_key("properties") && map.get("type").is_some_and(|kind| kind == "object") {
                map.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}
