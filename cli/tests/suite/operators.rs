//! What operators look at and change beside jobs, driven from the command line.

use crate::agent::{Agent, drover, eventually, job};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

/// A command with something on its standard input.
fn with_input(agent: &Agent, words: &[&str], input: &str) -> (Option<i32>, String) {
    let mut child = drover(agent.dir.path())
        .args(words)
        .env("NOMAD_ADDR", &agent.address)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn pools_namespaces_and_metadata_are_described_in_files() {
    let agent = Agent::with_node(&["-dev"], "");
    agent.run(&["node", "pool", "init", "p.hcl"]).ok();
    assert!(agent.run(&["node", "pool", "init", "p.hcl"]).failed(1).contains("already exists"));
    let applied = agent.run(&["node", "pool", "apply", "p.hcl"]).ok();
    assert_eq!(applied, "Successfully applied node pool \"example\"!\n");
    let info: Value =
        serde_json::from_str(&agent.run(&["node", "pool", "info", "-json", "exam"]).ok()).unwrap();
    assert_eq!((&info["Name"], &info["Meta"]["owner"]), (&"example".into(), &"sre".into()));
    let (exit, text) =
        with_input(&agent, &["node", "pool", "apply", "-json", "-"], r#"{"Name": "example-2"}"#);
    assert_eq!((exit, text.as_str()), (Some(0), "Successfully applied node pool \"example-2\"!\n"));
    let several = agent.run(&["node", "pool", "info", "ex"]).failed(1);
    assert!(several.starts_with("Prefix matched multiple node pools\n\nName "), "{several}");
    assert!(agent.run(&["node", "pool", "nodes", "default"]).ok().contains("ready"));
    agent.run(&["node", "pool", "delete", "example"]).ok();

    agent.file("n.hcl", "name = \"team\"\nmeta {\n  owner = \"me\"\n}\n");
    agent.run(&["namespace", "apply", "n.hcl"]).ok();
    assert!(agent.run(&["namespace", "status", "team"]).ok().ends_with("\nMetadata\nowner = me\n"));

    agent.run(&["node", "meta", "apply", "rack=r1", "owner=me"]).ok();
    agent.run(&["node", "meta", "apply", "-unset", "owner"]).ok();
    assert_eq!(agent.run(&["node", "meta", "read", "-t", "{{.Dynamic}}"]).ok(), "map[rack:r1]\n");
    let servers = agent.run(&["node", "config", "-servers"]).ok();
    assert!(servers.starts_with("127.0.0.1:"), "{servers}");
}

#[test]
fn variables_are_written_read_and_locked() {
    let agent = Agent::start(&["-dev"], "client {\n  enabled = false\n}\n");
    agent.file("s.hcl", "path = \"app/db\"\nitems {\n  user = \"me\"\n}\n");
    let put = |words: &[&str]| agent.run(&[&["var", "put"], words].concat());
    eventually("a leader", || {
        (put(&["-out", "none", "@s.hcl", "password=secret"]).exit() == Some(0)).then_some(())
    });
    assert_eq!(agent.run(&["var", "get", "-item", "password", "app/db"]).ok(), "secret");
    let conflict = put(&["app/db", "user=you"]).failed(1);
    assert!(
        conflict.starts_with("\nCheck-and-Set conflict\n\n    Your provided check-index (0)"),
        "{conflict}"
    );
    let changed: Value = serde_json::from_str(&put(&["-force", "app/db", "user=you"]).ok()).unwrap();
    assert_eq!(changed["Items"], serde_json::json!({"user": "you"}));
    let index = changed["ModifyIndex"].to_string();
    put(&["-check-index", &index, "app/db", "user=they"]).ok();
    let (exit, hcl) = with_input(
        &agent,
        &["var", "put", "-in", "hcl", "-out", "hcl", "-"],
        "path = \"app/in\"\nitems {\n  k = \"v\"\n}\n",
    );
    assert_eq!(exit, Some(0));
    agent.file("again.hcl", &hcl);
    put(&["@again.hcl", "more=1"]).ok();
    assert_eq!(agent.run(&["var", "list", "-out", "terse"]).ok(), "app/db\napp/in\n");

    let locked = agent.run(&["var", "lock", "app/db", "echo held; exit 3"]);
    assert_eq!((locked.exit(), locked.text().as_str()), (Some(3), "held\n"), "{}", locked.errors());
    assert_eq!(agent.run(&["var", "get", "-item", "user", "app/db"]).ok(), "they");
    assert_eq!(agent.run(&["var", "purge", "app/db"]).ok(), "Successfully purged variable \"app/db\"!\n");
    assert_eq!(agent.run(&["var", "get", "app/db"]).failed(1), "Variable not found\n");
}

#[test]
fn servers_are_configured_and_looked_into() {
    let agent = Agent::with_node(&["-dev"], "name = \"alone\"\n");
    let set =
        ["operator", "scheduler", "set-config", "-scheduler-algorithm", "spread", "-pause-eval-broker=true"];
    agent.run(&set).ok();
    let config = agent.run(&["operator", "scheduler", "get-config"]).ok();
    assert!(
        config.contains("= spread\n") && config.contains("Pause Eval Broker                 = true\n"),
        "{config}"
    );
    agent.run(&["operator", "scheduler", "set-config", "-pause-eval-broker=false"]).ok();
    agent.run(&["operator", "autopilot", "set-config", "-last-contact-threshold=1s"]).ok();
    assert!(agent.run(&["operator", "autopilot", "get-config"]).ok().contains("LastContactThreshold = 1s\n"));
    assert!(agent.run(&["operator", "autopilot", "health"]).ok().starts_with("Healthy: true\n"));
    assert!(agent.run(&["operator", "root", "keyring", "list"]).ok().contains("active"));
    assert!(agent.run(&["agent-info"]).ok().contains("\n  state = Leader\n"));
    let saved = agent.run(&["operator", "snapshot", "save", "s.snap"]).ok();
    assert_eq!(saved, "State file written to s.snap\n");
    let inspected = agent.run(&["operator", "snapshot", "inspect", "s.snap"]).ok();
    assert!(inspected.starts_with("ID      = ") && inspected.contains("\nNamespaces "), "{inspected}");
    let shown = agent.run(&["operator", "snapshot", "state", "s.snap"]).ok();
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["Namespaces"][0]["name"], "default");
    assert_eq!(agent.run(&["operator", "snapshot", "restore", "s.snap"]).ok(), "Snapshot Restored\n");

    let debug = ["operator", "debug", "-duration", "100ms", "-interval", "100ms", "-output", "out"];
    let said = agent.run(&debug).ok();
    let folder = said.lines().last().and_then(|line| line.strip_prefix("Created debug directory: ")).unwrap();
    let jobs = std::fs::read(agent.dir.path().join(folder).join("nomad/0000/jobs.json")).unwrap();
    assert_eq!(jobs, b"[]");
    let archive = agent.run(&debug[..6]).ok();
    assert!(archive.lines().last().unwrap().ends_with(".tar.gz"), "{archive}");
}

#[test]
fn any_request_can_be_made_and_hints_name_the_interface() {
    let agent = Agent::with_node(&["-dev"], "");
    let (exit, answer) =
        with_input(&agent, &["operator", "api", "-X", "PUT", "/v1/namespace/x"], "{\"Name\": \"x\"}");
    assert_eq!((exit, answer.as_str()), (Some(0), ""));
    assert!(agent.run(&["operator", "api", "/v1/namespace/x"]).ok().contains("\"Name\":\"x\""));
    assert_eq!(agent.run(&["operator", "api", "/v1/job/nosuch"]).ok(), "job not found");

    agent.file("web.json", &job("web", "batch", "true", ""));
    let run = agent.run(&["job", "run", "-detach", "web.json"]);
    let hint = format!("\n\n==> View this job in the Web UI: {}/ui/jobs/web@default\n", agent.address);
    assert_eq!(run.errors(), hint);
    assert_eq!(agent.run(&["job", "status", "-json", "web"]).errors(), "");
    assert_eq!(agent.run(&["status", "nosuch"]).failed(1), "Unable to resolve ID: \"nosuch\"\n");
    let node = agent.run(&["node", "status", "-quiet"]).ok();
    let asked = agent.run(&["node", "drain", "-enable", "-detach", &node[..8]]).ok();
    assert!(asked.ends_with("? [y/N] Canceling drain toggle\n"), "{asked}");

    let delete = ["eval", "delete", "-yes", "-filter", "JobID == \"web\""];
    assert!(agent.run(&delete).failed(1).ends_with("Eval broker is not paused\n"));
    eventually("the end of the job", || {
        agent.run(&["job", "status", "-short", "web"]).text().contains("= dead").then_some(())
    });
    agent.run(&["operator", "scheduler", "set-config", "-pause-eval-broker", "true"]).ok();
    assert_eq!(agent.run(&delete).ok(), "Successfully deleted 1 evaluation\n");
    assert_eq!(agent.run(&delete).failed(1), "failed to find any evals that matched filter criteria\n");
    let url = agent.run(&["ui", "-show-url", "web"]).ok();
    assert_eq!(url, format!("URL for web UI: {}/ui/jobs/web\n", agent.address));
}

#[test]
fn an_agent_that_is_not_there_is_one_clear_sentence() {
    let dir = tempfile::tempdir().unwrap();
    for words in [
        &["var", "list"][..],
        &["node", "pool", "list"],
        &["service", "list"],
        &["node", "meta", "read"],
        &["operator", "scheduler", "get-config"],
        &["operator", "autopilot", "health"],
        &["operator", "root", "keyring", "list"],
        &["operator", "debug"],
        &["operator", "api", "/v1/jobs"],
        &["agent-info"],
        &["monitor"],
        &["status", "x"],
        &["ui", "-show-url", "x"],
        &["scaling", "policy", "list"],
        &["volume", "status"],
        &["acl", "token", "list"],
    ] {
        let output = drover(dir.path()).args(words).env("NOMAD_ADDR", "http://127.0.0.1:1").output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {errors}");
        assert!(output.stdout.is_empty() && errors.lines().count() == 1, "{words:?}: {errors}");
        assert!(
            errors.ends_with("dial tcp 127.0.0.1:1: connect: connection refused\n"),
            "{words:?}: {errors}"
        );
    }
}
