//! A job file: from a path or standard input to the JSON object of a job.
//!
//! What begins with a brace, or is said to be JSON, is the API's JSON; everything else is HCL. Defaults and faults are
//! the server's business, so the object is passed on as the user wrote it.

mod hcl;

use crate::args::Source;
use crate::console::Failure;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

/// A job file larger than this is refused, in bytes.
const SIZE_LIMIT: u64 = 16 * 1024 * 1024;

/// Read the job.
pub(super) fn read(path: &str, source: &Source) -> Result<Value, Failure> {
    parse(&load(path)?, path, source)
}

/// Read the job, and what it was made of, which the servers keep for whoever asks for it later.
pub(super) fn read_with_source(path: &str, source: &Source) -> Result<(Value, Value), Failure> {
    let text = load(path)?;
    let job = parse(&text, path, source)?;
    let mut submission = json!({ "Source": text, "Format": "json", "VariableFlags": {}, "Variables": "" });
    if is_hcl(&text, source) {
        let (flags, files) = hcl::variables(source).map_err(failed)?;
        submission["Format"] = json!("hcl2");
        submission["VariableFlags"] = json!(flags);
        submission["Variables"] = json!(files);
    }
    Ok((job, submission))
}

fn load(path: &str) -> Result<String, Failure> {
    if path == "-" {
        return limited(std::io::stdin().lock(), "standard input");
    }
    let problem =
        |why: String| failed(format!("Error getting jobfile from {path:?}: source path error: {why}"));
    let file = std::fs::File::open(path).map_err(|error| {
        let absolute = std::path::absolute(Path::new(path)).unwrap_or_else(|_| path.into());
        problem(format!("stat {}: {}", absolute.display(), reason(&error)))
    })?;
    if file.metadata().is_ok_and(|data| data.is_dir()) {
        return Err(problem(format!("{path} is a directory")));
    }
    limited(file, path)
}

fn is_hcl(text: &str, source: &Source) -> bool {
    !source.json && !text.trim_start().starts_with('{')
}

fn parse(text: &str, path: &str, source: &Source) -> Result<Value, Failure> {
    if is_hcl(text, source) {
        let name = match Path::new(path).file_name() {
            Some(name) if path != "-" => name.to_string_lossy().into_owned(),
            _ => "stdin".to_owned(),
        };
        return hcl::parse(text, &name, source)
            .map_err(|why| failed(format!("Error parsing job file from {path}:\n{why}")));
    }
    if !(source.var.is_empty() && source.var_file.is_empty()) {
        return Err(Failure::new("Invalid job options: cannot use variables with JSON files."));
    }
    let value: Value = api::json::from_slice::<Raw>(text.as_bytes())
        .map(|raw| raw.0)
        .map_err(|e| failed(format!("Failed to parse JSON job: {e}")))?;
    let Value::Object(mut map) = value else {
        return Err(failed("Failed to parse JSON job: not an object".to_owned()));
    };
    // As on the server, the case of a key does not matter.
    let wrapper = map.keys().find(|key| key.eq_ignore_ascii_case("Job")).cloned();
    match wrapper.and_then(|key| map.remove(&key)) {
        Some(Value::Object(job)) => Ok(Value::Object(job)),
        Some(_) => Err(failed("Failed to parse JSON job: Job is not an object".to_owned())),
        None => Ok(Value::Object(map)),
    }
}

/// A value read with the error texts of the API, and otherwise left as it is.
struct Raw(Value);

impl<'de> serde::Deserialize<'de> for Raw {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Raw)
    }
}

/// A field of a job as text, whatever the case of its name.
pub(super) fn field<'a>(job: &'a Value, name: &str) -> Option<&'a str> {
    let map = job.as_object()?;
    let found = map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.and_then(|(_, value)| value.as_str()).filter(|text| !text.is_empty())
}

/// Whether a job has a block, whatever the case of its name.
pub(super) fn has(job: &Value, name: &str) -> bool {
    let map = job.as_object().into_iter().flatten();
    map.into_iter().any(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null())
}

fn limited(from: impl Read, name: &str) -> Result<String, Failure> {
    let mut text = String::new();
    from.take(SIZE_LIMIT + 1)
        .read_to_string(&mut text)
        .map_err(|e| failed(format!("reading {name}: {e}")))?;
    if text.len() as u64 > SIZE_LIMIT {
        return Err(failed(format!("{name} is larger than {SIZE_LIMIT} bytes")));
    }
    Ok(text)
}

fn failed(why: String) -> Failure {
    Failure::new(format!("Error getting job struct: {why}"))
}

/// The reason in the words of the original's file errors.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_and_bare_jobs_are_read_and_so_is_hcl() {
        for text in [
            r#"{"Job": {"ID": "a", "X": null}}"#,
            r#"{"ID": "a", "X": null}"#,
            r#" {"job": {"ID": "a", "X": null}}"#,
        ] {
            let job = parse(text, "f", &Source::default()).unwrap();
            assert_eq!(job, serde_json::json!({"ID": "a", "X": null}));
            assert_eq!(field(&job, "id"), Some("a"));
            assert!(has(&job, "ID") && !has(&job, "X"));
        }
        let refused =
            |text: &str, json| parse(text, "f", &Source { json, ..Source::default() }).unwrap_err().message;
        let given = Source { var: vec!["n=3".to_owned()], ..Source::default() };
        let text = "variable \"n\" {\n  type = number\n}\njob \"a\" {\n  priority = var.n\n}\n";
        let job = parse(text, "f", &given).unwrap();
        assert_eq!((&job["ID"], &job["Priority"]), (&"a".into(), &3.into()));
        assert!(refused("job \"a\" {", false).contains("Error parsing job file from f:\nf:1,9-10: "));
        assert_eq!(
            refused(r#"{"ID": "#, true),
            "Error getting job struct: Failed to parse JSON job: unexpected EOF"
        );
        assert!(refused("[]", true).ends_with("not an object"));
    }

    #[test]
    fn a_missing_file_is_told_as_the_original_does() {
        let message = read("missing.nomad.hcl", &Source::default()).unwrap_err().message;
        assert!(
            message.starts_with(
                "Error getting job struct: Error getting jobfile from \"missing.nomad.hcl\": source path error: stat /"
            ) && message.ends_with("/missing.nomad.hcl: no such file or directory"),
            "{message}"
        );
    }
}
