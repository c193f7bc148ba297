//! The recordings of the original and their checkers are data: nobody edits them to make a check pass.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

#[test]
fn recordings_are_as_they_were_recorded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sums = fs::read_to_string(root.join("recorded.sha256")).unwrap();
    assert!(sums.lines().count() > 100, "the list of recordings is too short to be true");
    for line in sums.lines() {
        let (sum, path) = line.split_once("  ").unwrap();
        let bytes = fs::read(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(hex::encode(Sha256::digest(&bytes)), sum, "{path} was changed");
    }
}
