//! `-t`: the part of Go's text templates that people use in one-liners, over the JSON of the API.
//!
//! Fields, `range`, `if`, `with`, `else`, variables, pipelines and the built-in functions are there; definitions of
//! further templates and methods of Go's types are not. The names of fields are those of the JSON, which are nearly
//! always the names that Go's templates see.

mod function;
mod parse;
mod run;
mod token;

use serde_json::Value;
use thiserror::Error;

/// Why a template gives no text. The text is the original's as far as it does not name types of its source.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// It is no template.
    #[error("template: :{line}: {problem}")]
    Syntax {
        /// From 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// It does not fit the data.
    #[error("template: :1: executing \"\" at <{at}>: {problem}")]
    Execution {
        /// The expression.
        at: String,
        /// What is wrong.
        problem: String,
        /// Where the expression stands in the template, if that is known.
        offset: Option<usize>,
    },
    /// The same, with its place.
    #[error("template: :{line}:{column}: executing \"\" at <{at}>: {problem}")]
    At {
        /// From 1.
        line: usize,
        /// From 0, in bytes.
        column: usize,
        /// The expression.
        at: String,
        /// What is wrong.
        problem: String,
    },
}

/// The text that a template makes of a value. `name` is the type that the original has it in, for its messages; empty
/// where nobody knows.
pub fn render(template: &str, data: &Value, name: &str) -> Result<String, TemplateError> {
    let nodes = parse::parse(&token::pieces(template)?)?;
    run::run(&nodes, data, name).map_err(|error| match error {
        TemplateError::Execution { at, problem, offset: Some(offset) } => {
            let before = template.get(..offset).unwrap_or_default();
            let column = before.rsplit('\n').next().map_or(0, str::len);
            TemplateError::At { line: 1 + before.matches('\n').count(), column, at, problem }
        }
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_liners() {
        let jobs = json!([
            {"ID": "a", "Status": "running", "Priority": 50, "Meta": {"k": "v"}, "Tags": ["x", "y"], "None": null},
            {"ID": "b", "Status": "dead", "Priority": 70, "Meta": {}, "Tags": [], "None": null},
        ]);
        for (template, text) in [
            ("{{range .}}{{.ID}} {{end}}", "a b "),
            ("{{len .}}", "2"),
            ("{{(index . 1).ID}}: {{len (index . 0).Tags}}", "b: 2"),
            ("{{range .}}{{if eq .Status \"running\"}}{{.ID}}{{else}}-{{end}}{{end}}", "a-"),
            ("{{range $i, $j := .}}{{$i}}={{$j.Priority}};{{end}}", "0=50;1=70;"),
            ("{{with index . 0}}{{.Meta.k}}{{.Tags}}{{.None}}{{.Meta}}{{end}}", "v[x y]<nil>map[k:v]"),
            ("{{range .}}{{if and (gt .Priority 60) (not .Tags)}}{{.ID}}{{end}}{{end}}", "b"),
            ("{{range .}}\n  {{- .ID -}}  \n{{end}}", "ab"),
            ("{{/* nothing */}}{{printf \"%s has %d\" (index . 0).ID 3 | printf \"%q\"}}", "\"a has 3\""),
            ("{{$n := 0}}{{range .}}{{$n = .Priority}}{{end}}{{$n}}", "70"),
            ("{{range (index . 1).Tags}}x{{else}}none{{end}}", "none"),
            ("{{if false}}a{{else if true}}b{{end}}{{`raw`}}{{.|len}}", "braw2"),
        ] {
            assert_eq!(render(template, &jobs, "").as_deref(), Ok(text), "{template}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        let data = json!([{"ID": "a"}]);
        for (template, text) in [
            ("{{", "template: :1: unclosed action"),
            ("{{range .}}", "template: :1: unexpected EOF"),
            ("{{end}}", "template: :1: unexpected {{end}}"),
            ("{{nosuch .}}", "template: :1: function \"nosuch\" not defined"),
            ("a\n{{\"x}}", "template: :2: unterminated quoted string"),
            (
                "{{range .}}{{.Nosuch}}{{end}}",
                "template: :1:13: executing \"\" at <.Nosuch>: can't evaluate field Nosuch",
            ),
            ("\n{{.ID}}", "template: :2:2: executing \"\" at <.ID>: can't evaluate field ID in a list"),
            (
                "{{index . 7}}",
                "template: :1: executing \"\" at <index>: error calling index: index out of range: 7",
            ),
        ] {
            assert_eq!(render(template, &data, "").unwrap_err().to_string(), text, "{template}");
        }
        for (template, of) in [("{{.X}}", "[]*api.Job"), ("{{range .}}{{.X}}{{end}}", "*api.Job")] {
            let text = render(template, &data, "[]*api.Job").unwrap_err().to_string();
            assert!(text.ends_with(&format!("can't evaluate field X in type {of}")), "{text}");
        }
        let deep = format!("{{{{{}.{}}}}}", "(".repeat(1_000), ")".repeat(1_000));
        assert!(render(&deep, &data, "").is_err());
        let deep = "{{if .}}".repeat(1_000);
        assert!(render(&deep, &data, "").is_err());
    }
}
