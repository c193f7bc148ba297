//! The example jobs: a service that counts, and a batch job that ends.

use serde_json::{Value, json};

/// Id of the service.
pub(super) const SERVICE: &str = "demo-service";
/// Id of the batch job.
pub(super) const BATCH: &str = "demo-batch";
/// Instances of the service.
pub(super) const SERVICE_COUNT: usize = 2;

const MS: i64 = 1_000_000;

/// Two shells that count for ever.
pub(super) fn service() -> Value {
    let script = "n=0; while true; do n=$((n+1)); echo \"$NOMAD_ALLOC_ID counts $n\"; sleep 1; done";
    let mut job = job(SERVICE, "service", SERVICE_COUNT, script);
    job["TaskGroups"][0]["Update"] = json!({
        "MaxParallel": 2,
        "MinHealthyTime": 500 * MS,
        "HealthyDeadline": 20_000 * MS,
        "ProgressDeadline": 30_000 * MS,
    });
    job
}

/// A shell that counts to three.
pub(super) fn batch() -> Value {
    job(BATCH, "batch", 1, "for n in 1 2 3; do echo \"step $n\"; sleep 0.5; done; echo done")
}

fn job(id: &str, kind: &str, count: usize, script: &str) -> Value {
    json!({
        "ID": id,
        "Name": id,
        "Type": kind,
        "Datacenters": ["dc1"],
        "TaskGroups": [{
            "Name": "counters",
            "Count": count,
            "EphemeralDisk": { "SizeMB": 20 },
            "Tasks": [{
                "Name": "counter",
                "Driver": "raw_exec",
                "Config": { "command": "/bin/sh", "args": ["-c", script] },
                "KillTimeout": 1_000 * MS,
                "LogConfig": { "MaxFiles": 2, "MaxFileSizeMB": 1 },
                "Resources": { "CPU": 50, "MemoryMB": 32 },
            }],
        }],
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_examples_are_valid_jobs() {
        for job in [super::service(), super::batch()] {
            let job: api::job::Job = api::json::from_value(&job).unwrap();
            job.into_model().unwrap();
        }
    }
}
