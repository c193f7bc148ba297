//! P6: a client agent that is killed loses no task, starts none twice and loses no exit code.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use tests::eventually::eventually;
use tests::job::raw_exec;

use super::{allocs, cluster};

/// Processes whose command line is exactly this.
fn pids(line: &[&str]) -> BTreeSet<u32> {
    let wanted: Vec<u8> = line.iter().flat_map(|word| word.bytes().chain([0])).collect();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let numbered = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbered.filter(|pid| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line == wanted)).collect()
}

#[tokio::test]
async fn a_killed_agent_finds_its_tasks_again() {
    let mut cluster = cluster(1, 1).await;
    // An argument that no other process of this machine has.
    let long = format!("{}", 600_000 + std::process::id() % 100_000);
    cluster.put(0, "/v1/jobs", &raw_exec("long", "service", 3, "/bin/sleep", &[&long])).await.unwrap();
    allocs(&cluster, "long", "running", 3).await;
    let before = pids(&["/bin/sleep", &long]);
    assert_eq!(before.len(), 3);
    // Ends badly while nobody looks.
    let gate = cluster.dir().join("gate");
    fs::write(&gate, "").unwrap();
    let script = format!("while [ -e {} ]; do sleep 0.05; done; exit 7", gate.display());
    let mut brief = raw_exec("brief", "batch", 1, "/bin/sh", &["-c", &script]);
    brief["Job"]["TaskGroups"][0]["RestartPolicy"] = json!({ "Attempts": 0, "Mode": "fail" });
    cluster.put(0, "/v1/jobs", &brief).await.unwrap();
    allocs(&cluster, "brief", "running", 1).await;

    for _ in 0..3 {
        cluster.kill(1).unwrap();
        assert_eq!(pids(&["/bin/sleep", &long]), before, "tasks outlive their agent");
        if gate.exists() {
            fs::remove_file(&gate).unwrap();
        }
        cluster.spawn(1).unwrap();
        cluster.await_ready_nodes(1).await.unwrap();
        allocs(&cluster, "long", "running", 3).await;
        assert_eq!(pids(&["/bin/sleep", &long]), before, "the same processes, and no second copy");
    }
    let failed = allocs(&cluster, "brief", "failed", 1).await;
    let events = failed[0]["TaskStates"]["main"]["Events"].as_array().unwrap();
    let codes: Vec<&Value> = events.iter().map(|event| &event["Details"]["exit_code"]).collect();
    assert!(codes.contains(&&json!("7")), "the exit code of what ended meanwhile: {events:?}");

    cluster.delete(0, "/v1/job/long").await.unwrap();
    eventually("the end of the tasks", || async {
        let left = pids(&["/bin/sleep", &long]);
        if left.is_empty() { Ok(()) } else { Err(left) }
    })
    .await;
}
