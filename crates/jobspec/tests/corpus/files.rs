//! The files of the corpus.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) variables: Option<String>,
    pub(crate) answer: Value,
}

/// Fixtures are read one by one: 467 of them would be too many to name in the source.
fn read(path: &Path) -> Option<String> {
    let file = OpenOptions::new().read(true).open(path).ok()?;
    Some(std::io::read_to_string(file).unwrap())
}

pub(crate) fn all() -> Vec<Case> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/jobspecs"));
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = file.strip_suffix(".nomad.hcl") else { continue };
        cases.push(Case {
            name: name.to_owned(),
            text: read(&folder.join(&file)).unwrap(),
            variables: read(&folder.join(format!("{name}.vars"))),
            answer: serde_json::from_str(&read(&folder.join(format!("{name}.json"))).unwrap()).unwrap(),
        });
    }
    cases.sort_by(|left, right| left.name.cmp(&right.name));
    cases
}
