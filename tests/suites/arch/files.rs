//! The shape of files: a header on each, none over 500 lines, no rooms named after nothing.

use std::fs;
use std::path::{Path, PathBuf};

const ROOMS: [&str; 7] = ["crates", "proto", "server", "client-agent", "cli", "bench", "tests"];
const LINES_MAX: usize = 500;
const NAMES_REFUSED: [&str; 6] = ["mod.rs", "utils.rs", "util.rs", "common.rs", "helpers.rs", "manager.rs"];

/// Every Rust file of ours.
pub(crate) fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = ROOMS.iter().map(|room| root.join(room)).collect();
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn files_are_small_and_say_what_they_are_for() {
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(text.lines().count() <= LINES_MAX, "{} is over {LINES_MAX} lines", path.display());
        assert!(text.starts_with("//!"), "{} has no header", path.display());
        assert!(!NAMES_REFUSED.contains(&name.as_str()), "{} is named after nothing", path.display());
    }
}
