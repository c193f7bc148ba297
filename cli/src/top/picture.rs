//! What the cluster looks like at one moment: asked of the API, and counted.

use crate::console::Failure;
use crate::http::{ApiClient, HttpError};
use crate::output;
use crate::view::bytes;
use api::allocations::AllocStub;
use api::jobs::JobStub;
use api::nodes::NodeStub;
use std::collections::BTreeMap;

const MIB: u64 = 1024 * 1024;

/// The cluster at one moment.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Picture {
    pub(super) leader: String,
    pub(super) nodes: Vec<NodeStub>,
    pub(super) jobs: Vec<JobStub>,
    pub(super) allocs: Vec<AllocStub>,
    /// Why it is no newer; empty when it is new.
    pub(super) trouble: String,
    pub(super) now_ns: i64,
}

/// Ask for everything.
pub(super) async fn look(client: &ApiClient) -> Result<Picture, Failure> {
    let failed =
        |what: &'static str| move |e: HttpError| Failure::because(&format!("Error querying {what}"), &e);
    let (nodes, _) = client.shape("/v1/nodes", &[("resources", "true")]).await.map_err(failed("nodes"))?;
    let (jobs, _) = client.shape("/v1/jobs", &[]).await.map_err(failed("jobs"))?;
    let query = [("resources", "true"), ("task_states", "false")];
    let (allocs, _) = client.shape("/v1/allocations", &query).await.map_err(failed("allocations"))?;
    // A cluster without a leader is worth a picture too.
    let leader = client.get::<String>("/v1/status/leader", &[]).await.map(|(leader, _)| leader);
    let mut picture = Picture {
        leader: leader.unwrap_or_default(),
        nodes,
        jobs,
        allocs,
        trouble: String::new(),
        now_ns: runtime::Clock::system().now_ns(),
    };
    picture.nodes.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    picture.jobs.sort_by(|a, b| (&a.namespace, &a.id).cmp(&(&b.namespace, &b.id)));
    // What changed last is looked for first.
    picture.allocs.sort_by(|a, b| (b.modify_index, &a.id).cmp(&(a.modify_index, &b.id)));
    Ok(picture)
}

impl Picture {
    /// The lines above the tables.
    pub(super) fn head(&self) -> Vec<String> {
        let ready = self.nodes.iter().filter(|node| node.status == "ready").count();
        let leader = if self.leader.is_empty() { "nobody" } else { &self.leader };
        let mut lines = vec![
            format!(
                "Leader: {leader}   Nodes: {ready} of {} ready   {}",
                self.nodes.len(),
                output::absolute(self.now_ns)
            ),
            format!("Jobs: {}", counted(self.jobs.iter().map(|job| job.status.as_str()))),
            format!("Allocations: {}", counted(self.allocs.iter().map(|alloc| alloc.client_status.as_str()))),
        ];
        if !self.trouble.is_empty() {
            lines.push(format!("Not up to date: {}", self.trouble.replace('\n', " ")));
        }
        lines
    }

    /// Tables, each with its title.
    pub(super) fn tables(&self, verbose: bool) -> [(&'static str, Vec<Vec<String>>); 3] {
        [
            ("Nodes", self.node_rows(verbose)),
            ("Jobs", self.job_rows()),
            ("Allocations", self.alloc_rows(verbose)),
        ]
    }

    fn node_rows(&self, verbose: bool) -> Vec<Vec<String>> {
        let heading = ["Name", "ID", "Pool", "DC", "Status", "Eligibility", "Running", "CPU", "Memory"];
        let mut rows = vec![row(heading)];
        for node in &self.nodes {
            let mut running = 0;
            let (mut cpu, mut memory) = (0, 0);
            for alloc in self.allocs.iter().filter(|alloc| alloc.node_id == node.id) {
                running += usize::from(alloc.client_status == "running");
                let live = matches!(alloc.client_status.as_str(), "running" | "pending");
                for task in
                    alloc.allocated_resources.iter().filter(|_| live).flat_map(|all| all.tasks.values())
                {
                    cpu += task.cpu.cpu_shares;
                    memory += u64::try_from(task.memory.memory_mb).unwrap_or(0);
                }
            }
            let has = node.node_resources.clone().unwrap_or_default();
            let (all_cpu, all_memory) = (
                has["Cpu"]["CpuShares"].as_u64().unwrap_or(0),
                has["Memory"]["MemoryMB"].as_u64().unwrap_or(0),
            );
            let eligibility = if node.drain { "draining" } else { &node.scheduling_eligibility };
            let size = |mib: u64| bytes(mib.saturating_mul(MIB));
            rows.push(row([
                &node.name,
                output::id(&node.id, verbose),
                &node.node_pool,
                &node.datacenter,
                &node.status,
                eligibility,
                &running.to_string(),
                &format!("{cpu}/{all_cpu} MHz"),
                &format!("{}/{}", size(memory), size(all_memory)),
            ]));
        }
        rows
    }

    fn job_rows(&self) -> Vec<Vec<String>> {
        let heading = [
            "ID",
            "Namespace",
            "Type",
            "Status",
            "Queued",
            "Starting",
            "Running",
            "Failed",
            "Complete",
            "Lost",
        ];
        let mut rows = vec![row(heading)];
        for job in &self.jobs {
            let groups = job.job_summary.summary.values();
            let sum =
                |of: fn(&api::jobs::GroupSummary) -> i64| groups.clone().map(of).sum::<i64>().to_string();
            let status = if job.stop { format!("{} (stopped)", job.status) } else { job.status.clone() };
            rows.push(row([
                &job.id,
                &job.namespace,
                &job.kind,
                &status,
                &sum(|group| group.queued),
                &sum(|group| group.starting),
                &sum(|group| group.running),
                &sum(|group| group.failed),
                &sum(|group| group.complete),
                &sum(|group| group.lost),
            ]));
        }
        rows
    }

    fn alloc_rows(&self, verbose: bool) -> Vec<Vec<String>> {
        let heading = ["ID", "Name", "Namespace", "Node", "Version", "Desired", "Status", "Modified"];
        let mut rows = vec![row(heading)];
        for alloc in &self.allocs {
            rows.push(row([
                output::id(&alloc.id, verbose),
                &alloc.name,
                &alloc.namespace,
                &alloc.node_name,
                &alloc.job_version.to_string(),
                &alloc.desired_status,
                &alloc.client_status,
                &output::difference(alloc.modify_time, self.now_ns),
            ]));
        }
        rows
    }
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// `3 running, 1 failed`, or `none`.
fn counted<'a>(statuses: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for status in statuses {
        *counts.entry(status).or_default() += 1;
    }
    if counts.is_empty() {
        return "none".to_owned();
    }
    let parts: Vec<String> = counts.iter().map(|(status, count)| format!("{count} {status}")).collect();
    parts.join(", ")
}
