//! `job plan`: what a job file would change. Status 0: nothing; 1: allocations come or go; 255: no plan.

use super::{decode, job_client, job_file};
use crate::args::JobPlan;
use crate::console::{Console, Failure};
use crate::http::path_segment;
use crate::output::{Color, Paint};
use crate::{output, view};
use api::evaluations::Metric;
use api::plan::PlanResponse;
use serde_json::{Value, json};

/// The exit status of a plan that came to nothing.
const ERROR: u8 = 255;

pub(super) async fn run(args: &JobPlan, console: Console) -> Result<u8, Failure> {
    plan(args, console).await.map_err(|failure| Failure { exit: ERROR, ..failure })
}

async fn plan(args: &JobPlan, console: Console) -> Result<u8, Failure> {
    let job = job_file::read(&args.path, &args.source)?;
    let client = job_client(&args.general, &job)?;
    let shown = args.diff.unwrap_or(true);
    let path = format!("/v1/job/{}/plan", path_segment(job_file::field(&job, "ID").unwrap_or_default()));
    let system = matches!(job_file::field(&job, "Type"), Some("system" | "sysbatch"));
    let body = json!({ "Diff": shown, "Job": job, "PolicyOverride": args.policy_override });
    let (answer, _) = client
        .put::<_, Value>(&path, &[], &body)
        .await
        .map_err(|e| Failure::because("Error during plan", &e))?;
    let answer: PlanResponse = decode("Error during plan", &answer)?;
    let paint = console.paint();
    if let Some(diff) = answer.diff.as_ref().filter(|_| shown) {
        console.line(format!("{}\n", view::diff::job(diff, args.verbose, paint)));
    }
    console.line(format!("{}\n{}\n", console.heading("Scheduler dry-run:"), dry_run(&answer, system, paint)));
    if !answer.warnings.is_empty() {
        let text = format!("Job Warnings:\n{}", answer.warnings);
        console.line(format!("{}\n", paint.sentence(Color::Yellow, &text)));
    }
    let index = answer.job_modify_index;
    let flags = repeated(args);
    let bold = paint.part(Color::Bold, &format!("Job Modify Index: {index}"));
    console.line(format!("{}{bold}", paint.begin(Color::Reset)));
    console.line(format!(
        "To submit the job with version verification run:\n\ndrover job run -check-index {index} {flags}{}\n\n\
         The job is then only run if nobody has changed it since: its Job Modify Index must\n\
         still be {index}, so that what happens is what this plan says.",
        args.path
    ));
    Ok(u8::from(changes(&answer)))
}

/// The flags with which the same file means the same job.
fn repeated(args: &JobPlan) -> String {
    let mut flags = String::new();
    if args.source.json {
        flags.push_str("-json ");
    }
    for (name, values) in [("var", &args.source.var), ("var-file", &args.source.var_file)] {
        for value in values {
            flags.push_str(&format!("-{name}={value} "));
        }
    }
    flags
}

fn dry_run(answer: &PlanResponse, system: bool, paint: Paint) -> String {
    let failed: Vec<(&String, &Metric)> = answer.failed_tg_allocs.iter().flatten().collect();
    let mut lines = Vec::new();
    if failed.is_empty() {
        lines.push(paint.sentence(Color::Green, "- All tasks successfully allocated."));
    } else {
        let what = if system { "allocations on all nodes" } else { "all allocations" };
        lines.push(paint.sentence(Color::Yellow, &format!("- WARNING: Failed to place {what}.")));
    }
    for (group, metric) in failed {
        let count = metric.coalesced_failures + 1;
        let noun = if count == 1 { "allocation" } else { "allocations" };
        let mut text = vec![format!("  Task Group {group:?} (failed to place {count} {noun}):")];
        text.extend(view::metric::lines(metric, "    "));
        lines.push(paint.part(Color::Yellow, &text.join("\n")));
    }
    if let Some(next) = answer.next_periodic_launch.as_deref().filter(|next| !next.starts_with("0001-")) {
        let next = match next
            .parse::<jiff::Timestamp>()
            .ok()
            .and_then(|at| i64::try_from(at.as_nanosecond()).ok())
        {
            Some(at) => view::job::launch_at(at, super::now_ns()),
            None => next.to_owned(),
        };
        let text = format!("- If submitted now, next periodic launch would be at {next}.");
        lines.push(paint.part(Color::Green, &text));
    }
    let preempted = answer.annotations.iter().filter_map(|plan| plan.preempted_allocs.as_ref()).flatten();
    let mut rows = vec![["Alloc ID", "Job ID", "Task Group"].map(str::to_owned)];
    rows.extend(preempted.map(|alloc| [alloc.id.clone(), alloc.job_id.clone(), alloc.task_group.clone()]));
    if rows.len() > 1 {
        lines.push(format!("\nPreemptions:\n\n{}", output::list(&rows)));
    }
    lines.join("\n")
}

/// Whether allocations would be created or destroyed.
fn changes(answer: &PlanResponse) -> bool {
    let updates = answer.annotations.iter().flat_map(|plan| plan.desired_tg_updates.values());
    let mut counts = updates.map(|u| u.place + u.stop + u.migrate + u.canary + u.destructive_update);
    counts.any(|count| count > 0)
}
