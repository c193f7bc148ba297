//! The life of jobs, driven from the command line.

use crate::agent::{Agent, eventually, job};
use serde_json::Value;

const QUICK_UPDATE: &str = r#""Update": {"MinHealthyTime": 100000000, "HealthyDeadline": 10000000000, "ProgressDeadline": 20000000000},"#;

#[test]
fn a_service_is_run_looked_at_and_stopped() {
    let agent = Agent::with_node(&["-dev"], "");
    assert_eq!(agent.run(&["job", "status"]).ok(), "No running jobs\n");
    let script = "for i in 1 2 3; do echo line $i; echo err $i >&2; done; exec sleep 600";
    agent.file("web.json", &job("web", "service", script, QUICK_UPDATE));

    let run = agent.run(&["job", "run", "web.json"]).ok();
    for part in [
        "==> ",
        ": Monitoring evaluation \"",
        "Evaluation triggered by job \"web\"",
        "Monitoring deployment \"",
        "Status      = successful",
        "g           1        1       1        0          20",
    ] {
        assert!(run.contains(part), "{part}: {run}");
    }

    let status = agent.run(&["status", "we"]).ok();
    assert!(status.starts_with("ID            = web\nName          = web\nSubmit Date   = 20"), "{status}");
    assert!(status.contains("\nStatus        = running\n"), "{status}");
    assert!(status.contains("\nLatest Deployment\nID          = "), "{status}");

    let json: Value = serde_json::from_str(&agent.run(&["job", "status", "-json", "web"]).ok()).unwrap();
    let id = json[0]["Allocations"][0]["ID"].as_str().unwrap().to_owned();
    let alloc = agent.run(&["alloc", "status", &id[..8]]).ok();
    assert!(alloc.contains("Deployment Health   = healthy"), "{alloc}");
    assert!(alloc.contains("Task \"t\" is \"running\"\nTask Resources:\nCPU"), "{alloc}");

    assert_eq!(agent.run(&["logs", &id]).ok(), "line 1\nline 2\nline 3\n");
    assert_eq!(agent.run(&["alloc", "logs", "-stderr", "-tail", "-n", "1", &id]).ok(), "err 3\n");
    assert_eq!(agent.run(&["alloc", "logs", "-job", "-tail", "-c", "7", "web"]).ok(), "line 3\n");

    let node = agent.run(&["node", "status", "-self"]).ok();
    assert!(node.contains("Driver Status") && node.contains(&id[..8]), "{node}");

    agent.run(&["job", "stop", "web"]).ok();
    let list = agent.run(&["job", "status"]).ok();
    assert!(list.contains("dead (stopped)"), "{list}");
    agent.run(&["job", "stop", "-purge", "-detach", "web"]).ok();
    assert_eq!(
        agent.run(&["job", "inspect", "web"]).failed(1),
        "No job(s) with prefix or ID \"web\" found\n"
    );
}

#[test]
fn what_cannot_be_done_is_told_with_its_exit_status() {
    let agent = Agent::with_node(&["-dev"], "");
    let nowhere =
        r#""Constraints": [{"LTarget": "${attr.kernel.name}", "RTarget": "plan9", "Operand": "="}],"#;
    agent.file("nowhere.json", &job("nowhere", "batch", "true", nowhere));
    let placed = agent.run(&["job", "run", "nowhere.json"]);
    let text = placed.text();
    placed.failed(2);
    assert!(text.contains("Task Group \"g\" (failed to place 1 allocation):\n      * Constraint "), "{text}");
    assert!(text.contains("waiting for additional capacity to place remainder"), "{text}");

    agent.file("job.hcl", "job \"a\" {\n  typo = 1\n}\n");
    let refused = agent.run(&["run", "job.hcl"]).failed(1);
    assert!(refused.contains("job.hcl:2,3-7: Unsupported argument"), "{refused}");

    agent.file("ci.json", &job("ci", "batch", "true", ""));
    let missing = agent.run(&["job", "run", "-check-index", "7", "ci.json"]).failed(1);
    assert_eq!(missing, "Enforcing job modify index 7: job does not exist\nJob not updated\n");
    let detached = agent.run(&["job", "run", "-detach", "-check-index=0", "ci.json"]).ok();
    assert!(detached.starts_with("Job registration successful\nEvaluation ID: "), "{detached}");
    eventually("the end of the batch job", || {
        let inspected: Value = serde_json::from_str(&agent.run(&["inspect", "ci"]).ok()).unwrap();
        (inspected["Job"]["Status"] == "dead").then_some(())
    });

    let failing = r#""RestartPolicy": {"Attempts": 0, "Mode": "fail", "Interval": 1000000000, "Delay": 0},
        "ReschedulePolicy": {"Attempts": 0, "Unlimited": false, "Interval": 0, "Delay": 5000000000},
        "Update": {"MinHealthyTime": 3000000000, "HealthyDeadline": 4000000000, "ProgressDeadline": 5000000000},"#;
    agent.file("fails.json", &job("fails", "service", "exit 1", failing));
    let failed = agent.run(&["job", "run", "fails.json"]);
    let text = failed.text();
    failed.failed(1);
    assert!(text.contains("Status      = failed"), "{text}");
}

#[test]
fn servers_are_listed() {
    let agent = Agent::with_node(&["-dev"], "name = \"alone\"\n");
    let members = agent.run(&["server", "members"]).ok();
    assert!(members.starts_with("Name          Address    Port"), "{members}");
    assert!(members.contains("alone.global  127.0.0.1"), "{members}");
    let peers = agent.run(&["operator", "raft", "list-peers"]).ok();
    assert!(peers.starts_with("Node          ID"), "{peers}");
    assert!(peers.contains("leader  true"), "{peers}");
}
