//! P6: a real client agent with real tasks. Every start of a task leaves a line in a file of its allocation, so that a
//! second start shows, whatever the servers believe.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Promise, Verdict};
use crate::job::raw_exec;
use crate::workload::http::{Answer, Http};

/// The pool of the real agents' nodes: nothing else is placed there.
pub const POOL: &str = "real";
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);
const KEPT: &str = "kept";
const COUNT: u64 = 3;
/// What short tasks end with.
const EXIT_CODE: &str = "7";

/// The tasks, and where they leave their lines.
pub struct Tasks {
    dir: PathBuf,
    http: Http,
    addresses: Vec<String>,
    brief: usize,
}

impl Tasks {
    /// Has tasks started that go on for the whole run, below `dir`.
    ///
    /// # Errors
    /// When they do not run in time.
    pub async fn begin(dir: &Path, http: &Http, addresses: &[String]) -> anyhow::Result<Tasks> {
        let dir = dir.join("starts");
        fs::create_dir_all(&dir)?;
        let tasks = Tasks { dir, http: http.clone(), addresses: addresses.to_vec(), brief: 0 };
        let script = format!("echo $$ >> {}/$NOMAD_ALLOC_ID; exec sleep 100000", tasks.dir.display());
        tasks.register(KEPT, "service", COUNT, &script).await?;
        tasks.until(KEPT, |allocs| with_status(allocs, "running") == COUNT as usize).await?;
        Ok(tasks)
    }

    async fn register(&self, id: &str, kind: &str, count: u64, script: &str) -> anyhow::Result<()> {
        let mut body = raw_exec(id, kind, count, "/bin/sh", &["-c", script]);
        body["Job"]["NodePool"] = json!(POOL);
        if kind == "batch" {
            body["Job"]["TaskGroups"][0]["RestartPolicy"] = json!({ "Attempts": 0, "Mode": "fail" });
            body["Job"]["TaskGroups"][0]["ReschedulePolicy"] = json!({ "Attempts": 0, "Unlimited": false });
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            for address in &self.addresses {
                let url = format!("{address}/v1/jobs");
                if self.http.ask(Method::PUT, url, Some(&body)).await.is_ok_and(|answer| answer.ok()) {
                    return Ok(());
                }
            }
            ensure!(Instant::now() < deadline, "{id} could not be registered");
        }
    }

    async fn allocs(&self, id: &str) -> Vec<Value> {
        for address in &self.addresses {
            let answer = self.http.get(format!("{address}/v1/job/{id}/allocations")).await;
            if let Ok(Answer { status: 200, body: Value::Array(allocs), .. }) = answer {
                return allocs;
            }
        }
        Vec::new()
    }

    async fn until(&self, id: &str, holds: impl Fn(&[Value]) -> bool) -> anyhow::Result<Vec<Value>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let allocs = self.allocs(id).await;
            if holds(&allocs) {
                return Ok(allocs);
            }
            if Instant::now() >= deadline {
                bail!("{id} did not come to that: {}", Value::Array(allocs));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Starts a task that ends badly once [`Tasks::let_go`] says so: while its agent is away.
    ///
    /// # Errors
    /// When it does not run in time.
    pub async fn hold(&mut self) -> anyhow::Result<()> {
        self.brief += 1;
        fs::write(self.gate(), "")?;
        let (dir, gate) = (self.dir.display(), self.gate());
        let wait = format!("while [ -e {} ]; do sleep 0.05; done", gate.display());
        let script = format!("echo $$ >> {dir}/$NOMAD_ALLOC_ID; {wait}; exit {EXIT_CODE}");
        self.register(&self.id(), "batch", 1, &script).await?;
        self.until(&self.id(), |allocs| with_status(allocs, "running") == 1).await?;
        Ok(())
    }

    /// The task of [`Tasks::hold`] ends.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn let_go(&self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.gate())?)
    }

    fn id(&self) -> String {
        format!("held-{}", self.brief)
    }

    fn gate(&self) -> PathBuf {
        // Not where the tasks' own lines are.
        self.dir.with_file_name(format!("gate-{}", self.brief))
    }

    /// The exit code of what ended while nobody looked has come through.
    pub async fn told(&self, verdict: &Verdict) {
        let failed = self.until(&self.id(), |allocs| with_status(allocs, "failed") >= 1).await;
        let holds = failed.as_ref().is_ok_and(|allocs| {
            let events = allocs.iter().filter_map(|alloc| alloc["TaskStates"]["main"]["Events"].as_array());
            events.flatten().any(|event| event["Details"]["exit_code"] == EXIT_CODE)
        });
        verdict.expect(Promise::P6, holds, || format!("an exit code was lost: {failed:?}"));
    }

    /// No task was started twice, and what runs is the process that was started.
    pub async fn check(&self, verdict: &Verdict) {
        let starts = match starts(&self.dir) {
            Ok(starts) => starts,
            Err(error) => return verdict.broken(Promise::P6, format!("{}: {error}", self.dir.display())),
        };
        for (alloc, pids) in &starts {
            verdict.expect(Promise::P6, pids.len() == 1, || {
                format!("the task of {alloc} was started as {pids:?}")
            });
        }
        for alloc in self.allocs(KEPT).await {
            if alloc["ClientStatus"] != "running" || alloc["DesiredStatus"] != "run" {
                continue;
            }
            let id = alloc["ID"].as_str().unwrap_or_default();
            let pids = starts.get(id).cloned().unwrap_or_default();
            let alive = |pid: &String| {
                fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains("sleep"))
            };
            verdict.expect(Promise::P6, pids.iter().any(alive), || {
                format!("the task of {id} is said to run; its processes were {pids:?}")
            });
        }
    }
}

fn with_status(allocs: &[Value], status: &str) -> usize {
    allocs.iter().filter(|alloc| alloc["ClientStatus"] == status).count()
}

/// The processes that each allocation's task was started as.
fn starts(dir: &Path) -> std::io::Result<BTreeMap<String, Vec<String>>> {
    let mut starts = BTreeMap::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        starts.insert(name, fs::read_to_string(path)?.lines().map(str::to_owned).collect());
    }
    Ok(starts)
}
