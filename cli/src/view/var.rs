//! Variables.

use crate::output;
use api::variables::VariableDecrypted;
use serde::Serialize;
use std::collections::BTreeMap;

/// Text of a conflict is broken before this column, and then indented.
const WIDTH: usize = 80;

/// The table of variables.
pub fn list(all: &[VariableDecrypted]) -> String {
    let mut rows = vec![["Namespace", "Path", "Last Updated"].map(str::to_owned)];
    rows.extend(
        all.iter().map(|one| [one.namespace.clone(), one.path.clone(), output::absolute(one.modify_time)]),
    );
    output::list(&rows)
}

/// A variable with its items, as blocks. `heading` makes a title stand out.
pub fn table(variable: &VariableDecrypted, heading: impl Fn(&str) -> String) -> String {
    let mut pairs = vec![
        ("Namespace", variable.namespace.clone()),
        ("Path", variable.path.clone()),
        ("Create Time", output::absolute(variable.create_time)),
    ];
    if variable.create_time != variable.modify_time {
        pairs.push(("Modify Time", output::absolute(variable.modify_time)));
    }
    pairs.push(("Check Index", variable.modify_index.to_string()));
    let items: Vec<(&String, &String)> = variable.items.iter().flatten().collect();
    format!("{}\n\n{}\n{}", output::key_values(&pairs), heading("Items"), output::key_values(&items))
}

/// A variable as JSON, indented by two blanks and in an order of its own.
pub fn json(variable: &VariableDecrypted) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Written<'a> {
        namespace: &'a str,
        path: &'a str,
        create_index: u64,
        modify_index: u64,
        create_time: i64,
        modify_time: i64,
        items: BTreeMap<&'a String, &'a String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        lock: &'a Option<api::variables::VariableLock>,
    }
    let written = Written {
        namespace: &variable.namespace,
        path: &variable.path,
        create_index: variable.create_index,
        modify_index: variable.modify_index,
        create_time: variable.create_time,
        modify_time: variable.modify_time,
        items: variable.items.iter().flatten().collect(),
        lock: &variable.lock,
    };
    // Nothing in a variable can fail to be written.
    serde_json::to_string_pretty(&written).unwrap_or_default()
}

/// A variable as the HCL that `var put` reads, with empty lines around it.
pub fn hcl(variable: &VariableDecrypted) -> String {
    let quoted = |text: &str| format!("\"{}\"", escaped(text));
    let width =
        variable.items.iter().flatten().map(|(key, _)| key_text(key).chars().count()).max().unwrap_or(0);
    let items: String = variable
        .items
        .iter()
        .flatten()
        .map(|(key, value)| format!("  {:width$} = {}\n", key_text(key), quoted(value)))
        .collect();
    format!(
        "\nnamespace    = {}\npath         = {}\ncreate_index = {}  # Set by server\n\
         modify_index = {}  # Set by server; consulted for check-and-set\ncreate_time  = {}   # Set by server\n\
         modify_time  = {}   # Set by server\n\nitems = {{\n{items}}}\n",
        quoted(&variable.namespace),
        quoted(&variable.path),
        variable.create_index,
        variable.modify_index,
        variable.create_time,
        variable.modify_time,
    )
}

/// A key as HCL has it: in quotes unless it is a word.
fn key_text(key: &str) -> String {
    let word = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if word { key.to_owned() } else { format!("\"{}\"", escaped(key)) }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out
}

/// What is said when the index that was given is not the variable's. `changed` is when it was last.
pub fn conflict(given: u64, index: i64, changed: &str) -> String {
    let text = format!(
        "Your provided check-index ({given}) does not match the server-side index ({index}). The server-side item was last \
         updated on {changed}. If you are sure you want to perform this operation, add the -force or -check-index={index} \
         flag before the positional arguments."
    );
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("a text begins with a line");
        if !line.is_empty() && line.len() + 1 + word.len() > WIDTH {
            lines.push(word.to_owned());
        } else if line.is_empty() {
            line.push_str(word);
        } else {
            line.push_str(&format!(" {word}"));
        }
    }
    let text: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    format!("\nCheck-and-Set conflict\n\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(items: &[(&str, &str)]) -> VariableDecrypted {
        VariableDecrypted {
            namespace: "default".to_owned(),
            path: "app/one".to_owned(),
            create_index: 393,
            modify_index: 393,
            create_time: 1_795_224_071_043_053_736,
            modify_time: 1_795_224_071_043_053_736,
            items: Some(items.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()),
            lock: None,
        }
    }

    #[test]
    fn as_recorded() {
        let one = variable(&[("a", "1"), ("b", "two words")]);
        assert_eq!(
            json(&one),
            "{\n  \"Namespace\": \"default\",\n  \"Path\": \"app/one\",\n  \"CreateIndex\": 393,\n  \"ModifyIndex\": 393,\n  \
             \"CreateTime\": 1795224071043053736,\n  \"ModifyTime\": 1795224071043053736,\n  \"Items\": {\n    \"a\": \"1\",\n    \
             \"b\": \"two words\"\n  }\n}"
        );
        assert_eq!(
            hcl(&one),
            "\nnamespace    = \"default\"\npath         = \"app/one\"\ncreate_index = 393  # Set by server\nmodify_index = 393  \
             # Set by server; consulted for check-and-set\ncreate_time  = 1795224071043053736   # Set by server\nmodify_time  = \
             1795224071043053736   # Set by server\n\nitems = {\n  a = \"1\"\n  b = \"two words\"\n}\n"
        );
        let text = table(&one, str::to_owned);
        assert!(
            text.starts_with("Namespace   = default\nPath        = app/one\nCreate Time = 2026-11-2"),
            "{text}"
        );
        assert!(text.ends_with("\nCheck Index = 393\n\nItems\na = 1\nb = two words"), "{text}");
        assert_eq!(
            conflict(0, 389, "2026-11-21T01:21:10Z"),
            "\nCheck-and-Set conflict\n\n    Your provided check-index (0) does not match the server-side index (389). The\n    \
             server-side item was last updated on 2026-11-21T01:21:10Z. If you are sure you\n    want to perform this operation, \
             add the -force or -check-index=389 flag before\n    the positional arguments.\n"
        );
    }

    #[test]
    fn what_is_shown_as_hcl_can_be_read() {
        let strange = variable(&[("a b", "x\ny"), ("q", "\"\\"), ("tab", "\t")]);
        let text = hcl(&strange);
        assert!(text.contains("  \"a b\" = \"x\\ny\"\n  q     = \"\\\"\\\\\"\n"), "{text}");
        let read = runtime::config::values(&text, std::path::Path::new("v.hcl")).unwrap();
        assert_eq!(read["items"], serde_json::json!({"a b": "x\ny", "q": "\"\\", "tab": "\t"}));
    }
}
