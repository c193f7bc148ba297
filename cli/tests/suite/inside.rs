//! What goes on inside of allocations, from the command line, and the completion of lines about them.

use crate::agent::{Agent, drover, eventually, job};
use serde_json::Value;

/// A job that runs, and the id of its allocation.
fn running(agent: &Agent) -> String {
    let script = "printf 'one\\ntwo\\n' > local/f.txt; echo begun; exec sleep 600";
    agent.file("in.json", &job("in", "batch", script, ""));
    agent.run(&["job", "run", "-detach", "in.json"]).ok();
    eventually("a running task with its file", || {
        let all: Value = serde_json::from_str(&agent.run(&["job", "allocs", "-json", "in"]).ok()).ok()?;
        let id = all[0]["ID"].as_str()?.to_owned();
        (agent.run(&["alloc", "fs", &id, "t/local/f.txt"]).exit() == Some(0)).then_some(id)
    })
}

#[test]
fn tasks_are_talked_to_and_their_files_read() {
    let agent = Agent::with_node(&["-dev"], "");
    let id = running(&agent);
    let exec = |words: &[&str]| agent.run(&[&["alloc", "exec"], words].concat());
    let both = exec(&[&id, "/bin/sh", "-c", "echo out; echo err >&2; exit 7"]);
    assert_eq!((both.text().as_str(), both.errors().as_str(), both.exit()), ("out\n", "err\n", Some(7)));
    assert_eq!(exec(&["-job", "in", "/bin/echo", "-n", "--json"]).ok(), "--json");
    let failed = exec(&[&id, "/bin/nosuch"]).failed(1);
    assert!(failed.starts_with("failed to exec into task: ") && failed.contains("/bin/nosuch"), "{failed}");
    assert!(exec(&[&id]).failed(1).starts_with("A command is required\n"));

    assert_eq!(agent.run(&["fs", &id[..8], "t/local/f.txt"]).ok(), "one\ntwo\n");
    assert_eq!(agent.run(&["fs", "-tail", "-n", "1", &id, "t/local/f.txt"]).ok(), "two\n");
    let listed = agent.run(&["alloc", "fs", "-H", &id, "t/local"]).ok();
    assert!(listed.starts_with("Mode        Size  Modified Time") && listed.contains("  8     "), "{listed}");
    let missing = agent.run(&["fs", &id, "nosuch"]).failed(1);
    assert!(missing.ends_with("/nosuch: no such file or directory)\n"), "{missing}");

    let logs = agent.run(&["job", "logs", "in"]).ok();
    assert_eq!(logs, format!("[{} t] begun\n", &id[..8]));
    let restarted = agent.run(&["job", "restart", "-yes", "in"]).ok();
    assert!(restarted.ends_with("Job restart finished\n\nJob restarted successfully!\n"), "{restarted}");
    let picture = eventually("a task that runs again", || {
        Some(agent.run(&["top"]).ok()).filter(|text| text.contains("\nAllocations: 1 running\n"))
    });
    assert!(picture.contains("in.g[0]"), "{picture}");
    // What is gone is told in one sentence.
    agent.run(&["job", "stop", "-purge", "-yes", "in"]).ok();
    let gone = exec(&[&id, "/bin/true"]).failed(1);
    assert!(gone.contains("is not running") || gone.contains(&id), "{gone}");
}

#[test]
fn half_typed_lines_become_ids_of_the_cluster() {
    let agent = Agent::with_node(&["-dev"], "");
    let id = running(&agent);
    let completed = |line: &str| {
        let output = drover(agent.dir.path())
            .env("NOMAD_ADDR", &agent.address)
            .env("COMP_LINE", line)
            .env("COMP_POINT", line.len().to_string())
            .output()
            .unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(completed("drover job sta"), "start\nstatus\n");
    assert_eq!(completed("drover job status i"), "in\n");
    assert_eq!(completed("drover job status -namespace d"), "default\n");
    assert_eq!(completed(&format!("drover logs -tail {}", &id[..6])), format!("{id}\n"));
    assert_eq!(completed("drover fs -job "), "in\n");
    assert_eq!(completed("drover job status -ev"), "-evals\n");
    assert_eq!(completed("drover job status nosuch"), "");
    let node = agent.run(&["node", "status", "-t", "{{(index . 0).ID}}"]).ok();
    assert_eq!(completed("drover node drain "), node);
    assert_eq!(completed("drover job status -address http://127.0.0.1:1 i"), "");
}
