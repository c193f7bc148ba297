//! The demonstration, from its start to nothing being left of it.

use crate::agent::{Done, drover};

#[test]
fn it_ends_when_all_runs_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let output = drover(dir.path()).args(["demo", "-exit"]).output().unwrap();
    let text = Done(output).ok();
    for part in [
        "==> Starting 3 servers and 2 client agents in ",
        "state=leader",
        "==> Registered job demo-service through server-",
        "job id=demo-batch type=batch status=dead running=0 complete=1 failed=0",
        "==> All runs, after ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
