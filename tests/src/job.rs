//! Jobs that suites and benchmarks register.

use serde_json::{Value, json};

/// A body that registers one group of `raw_exec` tasks.
pub fn raw_exec(id: &str, kind: &str, count: u64, command: &str, args: &[&str]) -> Value {
    json!({ "Job": {
        "ID": id, "Name": id, "Type": kind, "Datacenters": ["dc1"],
        "TaskGroups": [{
            "Name": "g", "Count": count,
            "EphemeralDisk": { "SizeMB": 10 },
            "Update": if kind == "service" { json!({ "MinHealthyTime": "50ms" }) } else { Value::Null },
            "Tasks": [{
                "Name": "main", "Driver": "raw_exec", "Config": { "command": command, "args": args },
                "Resources": { "CPU": 20, "MemoryMB": 10 },
                // The logs have to fit into the ephemeral disk.
                "LogConfig": { "MaxFiles": 2, "MaxFileSizeMB": 2 },
            }],
        }],
    }})
}

/// A service of one tiny task in a datacenter that has no node: what it costs is the write, not the placement.
pub fn unplaceable(id: &str) -> Value {
    let mut body = raw_exec(id, "service", 1, "/bin/true", &[]);
    body["Job"]["Datacenters"] = json!(["nowhere"]);
    body
}
