//! What the cluster looks like at one moment: asked of its APIs, and laid out as text.
//!
//! A server that does not answer is part of the picture. Lists are asked with `stale`, so that they also come while
//! nobody leads.

use super::cluster::{Cluster, SERVERS};
use super::jobs;
use crate::http::ApiClient;
use crate::output;
use api::allocations::AllocStub;
use api::deployments::Deployment;
use api::jobs::JobStub;
use api::nodes::NodeStub;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_millis(900);

/// The cluster at one moment.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Picture {
    servers: Vec<ServerView>,
    /// Process ids of the client agents by node name; `None` for one that does not run.
    clients: BTreeMap<String, Option<u32>>,
    nodes: Vec<NodeStub>,
    jobs: Vec<JobStub>,
    allocs: Vec<AllocStub>,
    deployment: Option<Deployment>,
}

#[derive(Debug, Default, Clone, PartialEq)]
struct ServerView {
    name: String,
    http: String,
    pid: Option<u32>,
    /// Whether it answers.
    answers: bool,
    /// Whether it leads, as it says itself.
    leads: bool,
}

impl Picture {
    /// Ask everyone.
    pub(super) async fn look(cluster: &mut Cluster) -> Picture {
        let mut picture = Picture::default();
        let mut clients: Vec<ApiClient> = Vec::new();
        for process in &mut cluster.servers {
            let mut view = ServerView {
                name: process.name.clone(),
                http: process.http.clone(),
                pid: process.pid(),
                ..ServerView::default()
            };
            if view.pid.is_some()
                && let Ok(client) = ApiClient::at(&process.http)
                && let Some(own) = ask::<serde_json::Value>(&client, "/v1/agent/self").await
            {
                view.answers = true;
                view.leads = own["stats"]["nomad"]["leader"] == "true";
                // Whoever leads knows best.
                clients.insert(if view.leads { 0 } else { clients.len() }, client);
            }
            picture.servers.push(view);
        }
        for process in &mut cluster.clients {
            let pid = process.pid();
            picture.clients.insert(process.name.clone(), pid);
        }
        if let Some(client) = clients.first() {
            picture.nodes = ask(client, "/v1/nodes").await.unwrap_or_default();
            picture.jobs = ask(client, "/v1/jobs").await.unwrap_or_default();
            picture.allocs = ask(client, "/v1/allocations").await.unwrap_or_default();
            let path = format!("/v1/job/{}/deployment", jobs::SERVICE);
            picture.deployment = ask::<Option<Deployment>>(client, &path).await.flatten();
        }
        picture.nodes.sort_by(|a, b| a.name.cmp(&b.name));
        picture
            .allocs
            .sort_by(|a, b| (&a.job_id, &a.name, a.create_index).cmp(&(&b.job_id, &b.name, b.create_index)));
        picture
    }

    /// Whether jobs can be registered: all servers answer, one leads, all nodes are ready.
    pub(super) fn is_ready(&self) -> bool {
        self.servers.iter().filter(|server| server.answers).count() == SERVERS
            && self.servers.iter().filter(|server| server.leads).count() == 1
            && self.clients.keys().all(|name| self.node_is_ready(name))
    }

    fn node_is_ready(&self, name: &str) -> bool {
        self.nodes.iter().any(|node| node.name == *name && node.status == "ready")
    }

    /// Whether the example jobs have come to where they should be.
    pub(super) fn is_done(&self) -> bool {
        let count = |job: &str, status: &str| {
            self.allocs.iter().filter(|alloc| alloc.job_id == job && alloc.client_status == status).count()
        };
        let deployed = self.deployment.as_ref().is_some_and(|deployment| {
            let healthy = |group: &api::deployments::GroupDeployment| {
                group.healthy_allocs >= group.desired_total && group.desired_total > 0
            };
            deployment.status == "successful"
                || (deployment.status == "running" && deployment.task_groups.values().all(healthy))
        });
        // The lists come one after the other: an allocation may be seen at its end before its job is.
        let ended = self.jobs.iter().any(|job| job.id == jobs::BATCH && job.status == "dead");
        deployed
            && ended
            && count(jobs::SERVICE, "running") == jobs::SERVICE_COUNT
            && count(jobs::BATCH, "complete") == 1
    }

    /// Name and HTTP address of a server that does not lead.
    pub(super) fn follower(&self) -> Option<(String, String)> {
        let follower = self.servers.iter().find(|server| server.answers && !server.leads)?;
        Some((follower.name.clone(), follower.http.clone()))
    }

    /// HTTP address of a server that answers.
    pub(super) fn address(&self) -> Option<&str> {
        let answering = self.servers.iter().find(|server| server.answers)?;
        Some(&answering.http)
    }

    /// Process id of the leader, while the others are enough to go on without it.
    pub(super) fn leader_to_spare(&self) -> Option<u32> {
        let all_answer = self.servers.iter().all(|server| server.answers);
        let leader = self.servers.iter().find(|server| server.leads)?;
        leader.pid.filter(|_| all_answer)
    }

    /// Process id of a client agent, while another one can take its work.
    pub(super) fn client_to_spare(&self) -> Option<u32> {
        let ready = self.clients.keys().all(|name| self.node_is_ready(name));
        let first = self.clients.values().next().copied().flatten();
        first.filter(|_| ready && self.clients.values().all(Option::is_some))
    }

    /// Tables, each with its title.
    pub(super) fn tables(&self) -> Vec<(&'static str, Vec<Vec<String>>)> {
        vec![
            ("Servers", self.server_rows()),
            ("Nodes", self.node_rows()),
            ("Jobs", self.job_rows()),
            ("Allocations", self.alloc_rows()),
        ]
    }

    fn server_rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![row(["Name", "HTTP", "PID", "State"])];
        for server in &self.servers {
            let state = match server {
                ServerView { pid: None, .. } => "stopped",
                ServerView { answers: false, .. } => "does not answer",
                ServerView { leads: true, .. } => "leader",
                _ => "follower",
            };
            rows.push(row([&server.name, &server.http, &pid(server.pid), state]));
        }
        rows
    }

    fn node_rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![row(["Name", "ID", "PID", "Status", "Running"])];
        for (name, process) in &self.clients {
            let node = self.nodes.iter().find(|node| node.name == *name);
            let id = node.map_or("", |node| node.id.as_str());
            let running = self
                .allocs
                .iter()
                .filter(|alloc| alloc.node_id == id && !id.is_empty() && alloc.client_status == "running")
                .count();
            rows.push(row([
                name,
                output::id(id, false),
                &pid(*process),
                node.map_or("not registered", |node| node.status.as_str()),
                &running.to_string(),
            ]));
        }
        rows
    }

    fn job_rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![row(["ID", "Type", "Status", "Running", "Complete", "Failed", "Deployment"])];
        for job in &self.jobs {
            let groups = job.job_summary.summary.values();
            let sum =
                |of: fn(&api::jobs::GroupSummary) -> i64| groups.clone().map(of).sum::<i64>().to_string();
            let deployment = self.deployment.as_ref().filter(|of| of.job_id == job.id);
            rows.push(row([
                &job.id,
                &job.kind,
                &job.status,
                &sum(|group| group.running),
                &sum(|group| group.complete),
                &sum(|group| group.failed),
                deployment.map_or("", |deployment| deployment.status.as_str()),
            ]));
        }
        rows
    }

    fn alloc_rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![row(["ID", "Name", "Node", "Desired", "Status"])];
        for alloc in &self.allocs {
            rows.push(row([
                output::id(&alloc.id, false),
                &alloc.name,
                &alloc.node_name,
                &alloc.desired_status,
                &alloc.client_status,
            ]));
        }
        rows
    }
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn pid(pid: Option<u32>) -> String {
    pid.map(|pid| pid.to_string()).unwrap_or_default()
}

/// Ask one question; no answer in time is none.
async fn ask<T: DeserializeOwned>(client: &ApiClient, path: &str) -> Option<T> {
    let answer = client.shape::<T>(path, &[("stale", "true")]);
    let answer = tokio::time::timeout(PATIENCE, answer).await.ok()?;
    answer.ok().map(|(shape, _)| shape)
}

#[cfg(test)]
mod tests;
