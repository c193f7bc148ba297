//! Jobs: the list, and the status of one.

mod parent;

pub use parent::{launch_at, next_launch, sections};

use super::{alloc, deployment, eval, metric};
use crate::console::Console;
use crate::output;
use api::allocations::AllocStub;
use api::deployments::Deployment;
use api::evaluations::Evaluation;
use api::job::Job;
use api::jobs::{JobStub, JobSummary};

/// Groups whose placement failure is shown; the rest is for the evaluation's own status.
const FAILED_GROUPS_MOST: usize = 5;

/// The table of jobs, with their namespaces where there can be several.
pub fn list(jobs: &[JobStub], all_namespaces: bool) -> String {
    let mut heading = vec!["ID"];
    if all_namespaces {
        heading.push("Namespace");
    }
    heading.extend(["Type", "Priority", "Status", "Submit Date"]);
    let mut rows: Vec<Vec<String>> = vec![heading.into_iter().map(str::to_owned).collect()];
    for job in jobs {
        let mut row = vec![job.id.clone()];
        if all_namespaces {
            row.push(job.namespace.clone());
        }
        row.push(kind(job));
        row.push(job.priority.to_string());
        row.push(status(&job.status, job.stop));
        row.push(output::absolute(job.submit_time));
        rows.push(row);
    }
    output::list(&rows)
}

fn kind(job: &JobStub) -> String {
    let mut kind = job.kind.clone();
    if job.periodic {
        kind.push_str("/periodic");
    }
    if job.parameterized_job {
        kind.push_str("/parameterized");
    }
    kind
}

fn status(status: &str, stop: bool) -> String {
    if stop { format!("{status} (stopped)") } else { status.to_owned() }
}

/// The block about the job itself.
pub fn block(job: &Job, now_ns: i64) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let number = |value: Option<i64>| value.unwrap_or_default().to_string();
    let mut pairs = vec![
        ("ID", text(&job.id)),
        ("Name", text(&job.name)),
        ("Submit Date", output::absolute(job.submit_time.unwrap_or(0))),
        ("Type", text(&job.kind)),
        ("Priority", number(job.priority)),
        ("Datacenters", job.datacenters.clone().unwrap_or_default().join(",")),
        ("Namespace", text(&job.namespace)),
        ("Node Pool", text(&job.node_pool)),
        ("Status", status(&text(&job.status), job.stop.unwrap_or(false))),
        ("Periodic", job.periodic.is_some().to_string()),
        ("Parameterized", job.parameterized_job.is_some().to_string()),
    ];
    if let Some(next) = next_launch(job, now_ns).filter(|_| job.parameterized_job.is_none()) {
        pairs.push(("Next Periodic Launch", next));
    }
    output::key_values(&pairs)
}

/// The commands that tasks of the job have names for; nothing where there are none.
fn actions(job: &Job) -> Option<String> {
    let mut rows = vec![["Action Name", "Task Group", "Task"].map(str::to_owned)];
    for group in job.task_groups.iter().flatten() {
        for task in group.tasks.iter().flatten() {
            let names = task.actions.iter().map(|action| action.name.clone());
            let place = [&group.name, &task.name].map(|name| name.clone().unwrap_or_default());
            rows.extend(names.map(|name| [name, place[0].clone(), place[1].clone()]));
        }
    }
    (rows.len() > 1).then(|| output::list(&rows))
}

/// What belongs below the block.
#[derive(Debug, Default)]
pub struct Details {
    /// Counts by group and status; missing while the job is purged.
    pub summary: Option<JobSummary>,
    /// Allocations of the job.
    pub allocs: Vec<AllocStub>,
    /// Its evaluations.
    pub evals: Vec<Evaluation>,
    /// Its newest deployment.
    pub deployment: Option<Deployment>,
}

/// How much of them is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Depth {
    /// The table of evaluations.
    pub evals: bool,
    /// Long ids and absolute times.
    pub verbose: bool,
    /// For relative times, nanoseconds.
    pub now_ns: i64,
}

/// Summary, evaluations, placement failure, deployment and allocations, each with its heading.
pub fn details(console: Console, job: &Job, details: &Details, depth: Depth) -> String {
    let mut out = String::new();
    let mut section = |title: &str, body: &str| {
        out.push_str(&format!("\n\n{}\n{body}", console.heading(title)));
    };
    if let Some(summary) = &details.summary {
        section("Summary", &counts(summary));
    }
    if depth.evals || depth.verbose {
        section("Evaluations", &eval::list(&details.evals, depth.verbose));
    }
    if let Some(failed) = failed_placement(&details.evals) {
        section("Placement Failure", &failure(failed));
    }
    if let Some(latest) = &details.deployment {
        section("Latest Deployment", &deployment::latest(console, latest, depth.verbose));
    }
    if let Some(actions) = actions(job) {
        section("Actions", &actions);
    }
    section("Allocations", &alloc::list(&details.allocs, depth.verbose, depth.now_ns));
    out.trim_start_matches('\n').to_owned()
}

fn counts(summary: &JobSummary) -> String {
    let heading = ["Task Group", "Queued", "Starting", "Running", "Failed", "Complete", "Lost", "Unknown"];
    let mut rows = vec![heading.map(str::to_owned)];
    for (name, group) in &summary.summary {
        rows.push([
            name.clone(),
            group.queued.to_string(),
            group.starting.to_string(),
            group.running.to_string(),
            group.failed.to_string(),
            group.complete.to_string(),
            group.lost.to_string(),
            group.unknown.to_string(),
        ]);
    }
    output::list(&rows)
}

/// The newest evaluation with failures, while one still waits for room.
fn failed_placement(evals: &[Evaluation]) -> Option<&Evaluation> {
    if !evals.iter().any(|eval| eval.status == "blocked") {
        return None;
    }
    evals
        .iter()
        .filter(|eval| eval.failed_tg_allocs.as_ref().is_some_and(|map| !map.is_empty()))
        .max_by_key(|eval| eval.create_index)
}

fn failure(eval: &Evaluation) -> String {
    let groups = eval.failed_tg_allocs.iter().flatten();
    let mut lines = Vec::new();
    for (index, (group, reason)) in groups.enumerate() {
        if index == FAILED_GROUPS_MOST {
            lines.push(String::new());
            lines.push("Placement failures truncated. To see remainder run:".to_owned());
            lines.push(format!("drover status {}", output::id(&eval.id, false)));
            break;
        }
        lines.push(format!("Task Group {group:?}:"));
        lines.extend(metric::lines(reason, "  "));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
