//! The purity law stands where it should: the lint lists are there, and no pure room carries a list of its own.

use std::fs;
use std::path::Path;

use super::files::sources;

const PURE: [&str; 7] = ["model", "filter", "jobspec", "api", "state", "scheduler", "controllers"];
const IMPURE: [&str; 2] = ["raft", "runtime"];
/// What the law bans by name; clippy enforces it, this sees to it that nobody takes it off the list.
const BANNED: [&str; 5] = [
    "std::time::SystemTime::now",
    "std::time::Instant::now",
    "std::env::var",
    "std::fs::read",
    "std::thread::spawn",
];

#[test]
fn the_law_covers_every_pure_room_and_no_other() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("crates");
    let law = fs::read_to_string(crates.join("clippy.toml")).unwrap();
    for banned in BANNED {
        assert!(law.contains(&format!("\"{banned}\"")), "{banned} has left the law");
    }
    for room in PURE {
        assert!(!crates.join(room).join("clippy.toml").exists(), "{room} has a law of its own");
    }
    for room in IMPURE {
        assert!(crates.join(room).join("clippy.toml").exists(), "{room} does not say that it is impure");
    }
}

/// Clippy sees what is called; this sees what is silenced.
#[test]
fn nobody_silences_the_law() {
    for path in sources().into_iter().filter(|path| !path.ends_with("suites/arch/purity.rs")) {
        let text = fs::read_to_string(&path).unwrap();
        let pure = PURE.iter().any(|room| path.components().any(|part| part.as_os_str() == *room));
        let silenced = text.contains("clippy::disallowed");
        assert!(!(pure && silenced), "{} silences the purity law", path.display());
    }
}
