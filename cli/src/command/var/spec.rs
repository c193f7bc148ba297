//! A variable as a user writes it: a file in HCL or JSON, and `key=value` behind it.

use super::super::spec;
use api::variables::VariableDecrypted;
use serde_json::{Map, Value};
use std::path::Path;

/// The keys of a file in HCL, and what the API calls them.
const KEYS: [(&str, &str); 8] = [
    ("namespace", "Namespace"),
    ("path", "Path"),
    ("create_index", "CreateIndex"),
    ("modify_index", "ModifyIndex"),
    ("create_time", "CreateTime"),
    ("modify_time", "ModifyTime"),
    ("items", "Items"),
    ("lock", "Lock"),
];
/// The keys of a lock in it.
const LOCK_KEYS: [(&str, &str); 2] = [("ttl", "TTL"), ("lock_delay", "LockDelay")];

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Hcl,
    Json,
}

impl Syntax {
    /// What `-in` says; JSON without it.
    pub(super) fn named(flag: Option<&str>) -> Result<Syntax, String> {
        match flag.unwrap_or_default() {
            "" | "json" => Ok(Syntax::Json),
            "hcl" => Ok(Syntax::Hcl),
            _ => Err("Invalid value for \"-in\"; valid values are [hcl, json]".to_owned()),
        }
    }
}

/// Whether a word means a file or standard input in place of a path or an item.
pub(super) fn is_reference(word: &str) -> bool {
    word == "-" || (word.starts_with('@') && word.len() > 1)
}

/// The variable of a file or of standard input. `flag` is `-in`, which counts where the name of the file does not say
/// how it is written.
pub(super) fn read(reference: &str, flag: Option<&str>) -> Result<VariableDecrypted, String> {
    let given = Syntax::named(flag)?;
    let Some(path) = reference.strip_prefix('@') else {
        let text = spec::text("-").map_err(|why| format!("Error reading from stdin: {why}"))?;
        return parse(&text, given, "stdin").map_err(|why| format!("Failed to parse variable data: {why}"));
    };
    let syntax = match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("hcl") => Syntax::Hcl,
        Some("json") => Syntax::Json,
        _ if flag.is_some_and(|flag| !flag.is_empty()) => given,
        _ => return Err(format!("Unable to determine format of {path}; Use the -in flag to specify it.")),
    };
    let text = spec::text(path).map_err(|why| format!("Error reading {path:?}: {why}"))?;
    parse(&text, syntax, path).map_err(|why| format!("Failed to parse variable data: {why}"))
}

fn parse(text: &str, syntax: Syntax, name: &str) -> Result<VariableDecrypted, String> {
    match syntax {
        Syntax::Json => {
            api::json::from_slice(text.as_bytes()).map_err(|e| format!("error unmarshaling json: {e}"))
        }
        Syntax::Hcl => hcl(text, name).map_err(|why| format!("error parsing hcl: {why}")),
    }
}

fn hcl(text: &str, name: &str) -> Result<VariableDecrypted, String> {
    let written = runtime::config::values(text, Path::new(name)).map_err(|error| error.to_string())?;
    let mut body = renamed(written, &KEYS)?;
    if let Some(items) = body.get_mut("Items").and_then(Value::as_object_mut) {
        // Numbers and switches are texts here.
        for value in items.values_mut().filter(|value| value.is_number() || value.is_boolean()) {
            *value = value.to_string().into();
        }
    }
    if let Some(lock) = body.remove("Lock") {
        body.insert("Lock".to_owned(), Value::Object(renamed(lock, &LOCK_KEYS)?));
    }
    api::json::from_value(&Value::Object(body)).map_err(|error| error.to_string())
}

fn renamed(written: Value, keys: &[(&str, &str)]) -> Result<Map<String, Value>, String> {
    let Value::Object(written) = written else { return Err("not a block".to_owned()) };
    let known = |key: &str| keys.iter().find(|(name, _)| *name == key).map(|(_, json)| (*json).to_owned());
    let pairs = written.into_iter().map(|(key, value)| match known(&key) {
        Some(json) => Ok((json, value)),
        None => Err(format!("invalid key: {key}")),
    });
    pairs.collect()
}

/// Sets items, or takes those away that are given without a value.
pub(super) fn set_items(variable: &mut VariableDecrypted, pairs: &[String]) -> Result<(), String> {
    let items = variable.items.get_or_insert_default();
    for pair in pairs {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| format!("invalid key/value pair {pair:?}: format must be key=value"))?;
        let value = match value {
            "-" => spec::text("-")?,
            value if is_reference(value) => {
                let path = &value[1..];
                spec::text(path).map_err(|why| format!("error reading file: {why}"))?
            }
            // A backslash keeps an `@` that is meant as one.
            value => value.strip_prefix("\\@").map_or_else(|| value.to_owned(), |rest| format!("@{rest}")),
        };
        if value.is_empty() {
            items.remove(key);
        } else {
            items.insert(key.to_owned(), value);
        }
    }
    Ok(())
}

/// A sentence about keys that templates cannot name after a dot; empty when there are none.
pub(super) fn warnings(variable: &VariableDecrypted) -> String {
    let mut lines = Vec::new();
    for key in variable.items.iter().flatten().map(|(key, _)| key) {
        let mut strange: Vec<char> = key.chars().filter(|c| *c != '_' && !c.is_alphanumeric()).collect();
        strange.sort_unstable();
        strange.dedup();
        if !strange.is_empty() {
            let strange: Vec<String> = strange.iter().map(|c| format!("\"{c}\"")).collect();
            lines.push(format!(
                "\n* \"{key}\" contains characters [{}] that require the 'index' function for direct access in templates",
                strange.join(",")
            ));
        }
    }
    match lines.len() {
        0 => String::new(),
        1 => format!("Variable Warnings:\n1 warning:\n{}\n", lines[0]),
        count => format!("Variable Warnings:\n{count} warnings:\n{}\n", lines.concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(variable: &VariableDecrypted) -> Vec<String> {
        variable.items.iter().flatten().map(|(key, value)| format!("{key}={value}")).collect()
    }

    #[test]
    fn files_are_read() {
        let text = "path = \"app/hcl\"\nitems {\n  k = \"v\"\n  n = 5\n}\nlock {\n  ttl = \"1m\"\n}\n";
        let variable = parse(text, Syntax::Hcl, "f").unwrap();
        assert_eq!(
            (variable.path.as_str(), items(&variable)),
            ("app/hcl", vec!["k=v".to_owned(), "n=5".to_owned()])
        );
        assert_eq!(variable.lock.unwrap().ttl.0, 60_000_000_000);
        let attribute = parse("items = {\n  k = \"v\"\n}\n", Syntax::Hcl, "f").unwrap();
        assert_eq!(items(&attribute), ["k=v"]);
        let json =
            parse(r#"{"Path": "app/js", "Items": {"k": "v"}, "ModifyIndex": 7}"#, Syntax::Json, "f").unwrap();
        assert_eq!((json.path.as_str(), json.modify_index), ("app/js", 7));
        for (text, syntax, why) in [
            ("nosuch = 1\n", Syntax::Hcl, "error parsing hcl: invalid key: nosuch"),
            ("items {", Syntax::Hcl, "error parsing hcl: f:1: block opened on line 1 is never closed"),
            ("{", Syntax::Json, "error unmarshaling json: unexpected EOF"),
        ] {
            assert_eq!(parse(text, syntax, "f"), Err(why.to_owned()));
        }
        assert!(
            read("@missing.json", None).unwrap_err().contains("open missing.json: no such file or directory")
        );
        let unknown = "Unable to determine format of missing.txt; Use the -in flag to specify it.";
        assert_eq!(read("@missing.txt", None), Err(unknown.to_owned()));
    }

    #[test]
    fn items_are_set_and_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        std::fs::write(&file, "from a file").unwrap();
        let mut variable = VariableDecrypted {
            items: Some([("old".to_owned(), "1".to_owned())].into()),
            ..Default::default()
        };
        let pairs = ["old=", "a=b=c", "at=\\@home", &format!("file=@{}", file.display())].map(str::to_owned);
        set_items(&mut variable, &pairs).unwrap();
        assert_eq!(items(&variable), ["a=b=c", "at=@home", "file=from a file"]);
        assert_eq!(
            set_items(&mut variable, &["novalue".to_owned()]),
            Err("invalid key/value pair \"novalue\": format must be key=value".to_owned())
        );
        assert_eq!(warnings(&variable), "");
        set_items(&mut variable, &["my-key.x=1".to_owned()]).unwrap();
        assert!(warnings(&variable).contains("\"my-key.x\" contains characters [\"-\",\".\"] that require"));
    }
}
