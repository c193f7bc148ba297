//! Tables as a start may find them, fuzzed by the harness of `tests/suites/fuzz`: they open, or are set aside and
//! others open in their place.

use std::fs;
use std::path::Path;
use std::sync::{LazyLock, Once};
use std::time::Duration;

use crate::fuzz_harness::{Target, fuzz};

const LIMIT: Duration = Duration::from_secs(8);
/// What sled writes beside its file.
static SETTINGS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    drop(sled::Config::new().path(dir.path()).open().unwrap());
    fs::read(dir.path().join("conf")).unwrap()
});
static QUIET: Once = Once::new();

/// sled answers some damage with a panic on a thread of its own, which is noticed and need not be told here.
fn quietly() {
    QUIET.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().name().is_some_and(|name| name.contains("::fuzz::")) {
                told(panic);
            }
        }));
    });
}

fn open(root: &Path) -> std::path::PathBuf {
    let (loaded, dir) = super::open(root, LIMIT).expect("tables open, or others in their place");
    if let Some((applied, state)) = &loaded.found {
        assert_eq!(applied.index, state.index());
    }
    dir
}

#[test]
fn tables() {
    quietly();
    let run = |input: &[u8]| {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("0");
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("conf"), &*SETTINGS).unwrap();
        fs::write(dir.join("db"), input).unwrap();
        let first = open(root.path());
        assert_eq!(open(root.path()), first, "what opened once opens again");
    };
    let words = &["\0\0\0\0\0\0\0\0", "\u{1}", "\u{2}", "\u{7f}\u{7f}", "default", "namespace", "id"];
    fuzz(&Target { name: "tables", words, more: None, run });
}
