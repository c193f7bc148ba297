//! Every dependency has a licence that permits what we do with it.

use super::arrows::metadata;

/// Licences that permit use, change and distribution; MPL-2.0 binds only its own files.
const PERMITTED: [&str; 16] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "CC0-1.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "MPL-2.0",
    "MPL-2.0+",
    "Unlicense",
    "BSL-1.0",
    "MIT-0",
];

/// One of the alternatives suffices; of a conjunction every part must be permitted.
fn permitted(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" OR ").any(|way| way.split(" AND ").all(|licence| PERMITTED.contains(&licence.trim())))
}

#[test]
fn licences_are_permissive() {
    let metadata = metadata();
    let refused: Vec<_> = metadata
        .packages
        .iter()
        .filter(|package| !package.license.as_deref().is_some_and(permitted))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert!(refused.is_empty(), "licences to look at: {refused:#?}");
}

#[test]
fn consensus_and_tables_are_pinned_to_the_letter() {
    let metadata = metadata();
    for (name, version) in [("openraft", "0.9.25"), ("sled", "0.34.7")] {
        let found: Vec<_> =
            metadata.packages.iter().filter(|package| package.name.as_str() == name).collect();
        assert_eq!(found.len(), 1, "{name} is there once");
        assert_eq!(found[0].version.to_string(), version);
    }
}
