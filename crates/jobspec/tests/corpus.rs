//! The corpus of job files with the answers of the original: every good file gives its JSON, every bad one its error.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

#[path = "corpus/compare.rs"]
mod compare;
#[path = "corpus/files.rs"]
mod files;

use std::collections::BTreeSet;

use files::Case;
use serde_json::Value;

/// Files whose answer differs, each with the reason. The list may only become shorter.
const EXCEPTIONS: [(&str, &str); 0] = [];
/// How many texts of bad files are equal to the letter. The number may only grow.
const STRICT_MIN: usize = 323;
const PREFIX: &str = "Failed to parse job: ";

fn options(variables: Option<&str>) -> jobspec::Options<'static> {
    let given =
        variables.map(|text| jobspec::Given::File { name: "input.hcl".to_owned(), text: text.to_owned() });
    jobspec::Options {
        given: given.into_iter().collect(),
        undeclared_is_error: false,
        files: None,
        mint: &|| [7; 16],
    }
}

/// The text of the endpoint, which answers for a file without any text itself.
fn error_text(case: &Case) -> Result<Value, String> {
    if case.text.is_empty() {
        return Err("Job spec is empty".to_owned());
    }
    let parsed = jobspec::parse("input.hcl", &case.text, &options(case.variables.as_deref()));
    parsed.map_err(|error| format!("{PREFIX}{error}"))
}

fn differences(case: &Case) -> Vec<String> {
    let got = error_text(case);
    match (case.answer["ok"].as_bool().unwrap(), got) {
        (true, Err(error)) => vec![format!("refused: {error}")],
        (true, Ok(job)) => {
            let mut found = compare::json(&case.answer["parse"], &job);
            let canonical = jobspec::canonicalize(job);
            let differs = compare::json(&case.answer["canonical"], &canonical);
            found.extend(differs.into_iter().map(|line| format!("canonical{line}")));
            found
        }
        (false, Ok(_)) => vec![format!("accepted, want {}", case.answer["error"])],
        (false, Err(text)) => compare::first_diagnostic(&case.answer, &text),
    }
}

#[test]
fn every_file_gets_the_answer_of_the_original() {
    let known: BTreeSet<&str> = EXCEPTIONS.iter().map(|(name, _)| *name).collect();
    let mut bad = Vec::new();
    let mut met = BTreeSet::new();
    let cases = files::all();
    assert_eq!(cases.len(), 467);
    for case in &cases {
        let found = differences(case);
        match (found.is_empty(), known.contains(case.name.as_str())) {
            (false, true) => {
                met.insert(case.name.as_str());
            }
            (false, false) => bad.push(format!("{}: {}", case.name, found.join("\n    "))),
            (true, _) => {}
        }
    }
    assert!(bad.is_empty(), "{} files differ:\n{}", bad.len(), bad.join("\n"));
    assert_eq!(met, known, "exceptions that are none any more");
}

#[test]
fn error_texts_are_equal_to_the_letter() {
    let mut bad = Vec::new();
    let mut equal = 0;
    for case in files::all().iter().filter(|case| case.answer["ok"] == false) {
        match error_text(case) {
            Err(text) if compare::same_text(&case.answer, &text) => equal += 1,
            Err(text) => {
                bad.push(format!("{}:\n  want {}\n  got  {text:?}", case.name, case.answer["error"]))
            }
            Ok(_) => bad.push(format!("{}: accepted", case.name)),
        }
    }
    assert!(equal >= STRICT_MIN, "only {equal} texts are equal:\n{}", bad.join("\n"));
}
