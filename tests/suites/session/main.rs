//! A terminal session beside a cluster that `drover demo` brought up, compared as a whole with `session.txt`.
//!
//! The file is the script and the golden at once: a line that begins with `$ ` is run, what follows it is what it
//! printed, and lines that begin with `# ` say why. What differs from run to run (ids, ports, times, figures of the
//! machine) stands as placeholders, see `mask.rs`; a placeholder of an id in a command stands for that id. Behind two
//! blanks and a `#` a command says how it is run, see `script.rs`.
//!
//! `DROVER_GOLDEN=write` writes the file anew: its commands are kept, what they print is replaced.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

mod demo;
mod difference;
mod mask;
mod script;
mod terminal;

use std::path::{Path, PathBuf};

/// The program under test.
pub(crate) const BIN: &str = env!("CARGO_BIN_EXE_drover-under-test");
const REWRITE: &str = "DROVER_GOLDEN=write cargo test -p tests --test session";

/// Where the session and its job files are.
pub(crate) fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/session")
}

#[tokio::test]
async fn a_session_prints_what_was_recorded() {
    let file = place().join("session.txt");
    let recorded = std::fs::read_to_string(&file).unwrap();
    let printed = script::replay(&recorded).await;
    if std::env::var("DROVER_GOLDEN").is_ok_and(|what| what == "write") {
        std::fs::write(&file, printed).unwrap();
        return;
    }
    assert!(
        printed == recorded,
        "the session is not the recorded one (- recorded, + printed):\n{}\nIf it is meant to be: {REWRITE}",
        difference::of(&recorded, &printed)
    );
}
