//! The state that an agent may find on its disk, fuzzed by the harness of `tests/suites/fuzz`: it opens, or is set
//! aside and an empty one opens in its place.

#[path = "../../../tests/suites/fuzz/harness.rs"]
mod harness;

use std::fs;
use std::sync::{LazyLock, Once};

use super::Store;
use harness::{Target, fuzz};

/// What sled writes beside its file.
static SETTINGS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    drop(sled::Config::new().path(dir.path()).open().unwrap());
    fs::read(dir.path().join("conf")).unwrap()
});
static QUIET: Once = Once::new();

/// sled answers some damage with a panic, which is damage like other and need not be told here.
fn quietly() {
    QUIET.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let of_sled = panic.location().is_some_and(|place| place.file().contains("sled"));
            if !of_sled {
                told(panic);
            }
        }));
    });
}

#[test]
fn states() {
    quietly();
    let run = |input: &[u8]| {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        fs::create_dir(&state).unwrap();
        fs::write(state.join("conf"), &*SETTINGS).unwrap();
        fs::write(state.join("db"), input).unwrap();
        drop(Store::open(dir.path()).expect("a state opens, or another in its place"));
        drop(Store::open(dir.path()).expect("what opened once opens again"));
    };
    let words = &["\0\0\0\0\0\0\0\0", "m", "j", "a", "t", "k", "cluster_id", "last_index", "id", "tasks"];
    fuzz(&Target { name: "client-state", words, more: None, run });
}
