//! Evaluations.

use crate::output;
use api::allocations::AllocStub;
use api::evaluations::Evaluation;

/// The table of a job's evaluations, the newest first.
pub fn list(evals: &[Evaluation], verbose: bool) -> String {
    let mut evals: Vec<&Evaluation> = evals.iter().collect();
    evals.sort_by_key(|eval| std::cmp::Reverse(eval.create_index));
    let mut rows =
        vec![["ID", "Priority", "Triggered By", "Status", "Placement Failures"].map(str::to_owned)];
    for eval in evals {
        rows.push([
            output::id(&eval.id, verbose).to_owned(),
            eval.priority.to_string(),
            eval.triggered_by.clone(),
            eval.status.clone(),
            failures(eval),
        ]);
    }
    output::list(&rows)
}

/// The table of evaluations of any job, as the API orders them.
pub fn table(evals: &[Evaluation], verbose: bool) -> String {
    let heading =
        ["ID", "Priority", "Triggered By", "Job ID", "Namespace", "Node ID", "Status", "Placement Failures"];
    let mut rows = vec![heading.map(str::to_owned)];
    for eval in evals {
        rows.push([
            output::id(&eval.id, verbose).to_owned(),
            eval.priority.to_string(),
            eval.triggered_by.clone(),
            eval.job_id.clone(),
            eval.namespace.clone(),
            output::id(&eval.node_id, verbose).to_owned(),
            eval.status.clone(),
            failures(eval),
        ]);
    }
    output::list(&rows)
}

/// The table of evaluations that belong to one; `None` without any.
pub fn related(eval: &Evaluation, verbose: bool) -> Option<String> {
    let all = eval.related_evals.as_ref().filter(|all| !all.is_empty())?;
    let heading = ["ID", "Priority", "Triggered By", "Node ID", "Status", "Description"];
    let mut rows = vec![heading.map(str::to_owned)];
    for related in all {
        let text = |name: &str| related[name].as_str().unwrap_or_default();
        rows.push([
            output::id(text("ID"), verbose).to_owned(),
            related["Priority"].as_i64().unwrap_or(0).to_string(),
            text("TriggeredBy").to_owned(),
            output::id(text("NodeID"), verbose).to_owned(),
            text("Status").to_owned(),
            text("StatusDescription").to_owned(),
        ]);
    }
    Some(output::list(&rows))
}

/// What could not be placed, and what waits for it; `None` when everything was.
pub fn failed_placements(eval: &Evaluation, verbose: bool) -> Option<String> {
    let failed = eval.failed_tg_allocs.as_ref().filter(|groups| !groups.is_empty())?;
    let mut lines = Vec::new();
    for (group, metric) in failed {
        let count = metric.coalesced_failures + 1;
        let noun = if count == 1 { "allocation" } else { "allocations" };
        lines.push(format!("Task Group {group:?} (failed to place {count} {noun}):"));
        lines.extend(super::metric::lines(metric, "  "));
        lines.push(String::new());
    }
    if eval.blocked_eval.is_empty() {
        lines.pop();
    } else {
        let id = output::id(&eval.blocked_eval, verbose);
        lines.push(format!("Evaluation {id:?} waiting for additional capacity to place remainder"));
    }
    Some(lines.join("\n"))
}

/// The block of one evaluation.
pub fn block(eval: &Evaluation, verbose: bool, now_ns: i64) -> String {
    let description =
        if eval.status_description.is_empty() { &eval.status } else { &eval.status_description };
    let time = |ns: i64| output::timestamp(ns, now_ns, verbose);
    let mut pairs = vec![
        ("ID", output::id(&eval.id, verbose).to_owned()),
        ("Create Time", time(eval.create_time)),
        ("Modify Time", time(eval.modify_time)),
        ("Status", eval.status.clone()),
        ("Status Description", description.clone()),
        ("Type", eval.kind.clone()),
        ("TriggeredBy", eval.triggered_by.clone()),
    ];
    if !eval.job_id.is_empty() {
        pairs.push(("Job ID", eval.job_id.clone()));
        pairs.push(("Namespace", eval.namespace.clone()));
    } else if !eval.node_id.is_empty() {
        pairs.push(("Node ID", output::id(&eval.node_id, verbose).to_owned()));
    }
    pairs.push(("Priority", eval.priority.to_string()));
    pairs.push(("Placement Failures", failures(eval)));
    for (name, id) in [
        ("Previous Eval", &eval.previous_eval),
        ("Next Eval", &eval.next_eval),
        ("Blocked Eval", &eval.blocked_eval),
    ] {
        pairs.push((name, output::id(id, verbose).to_owned()));
    }
    output::key_values(&pairs)
}

/// What the plan set out to do, by group; `None` when the evaluation does not say.
pub fn annotations(eval: &Evaluation, verbose: bool) -> Option<String> {
    let plan = eval.plan_annotations.as_ref()?;
    let mut heading = vec!["Task Group", "Ignore", "Place", "Stop", "InPlace", "Destructive"];
    if verbose {
        heading.extend(["Migrate", "Canary", "Preemptions"]);
        heading.extend(["Reschedule Now", "Reschedule Later", "Disconnect", "Reconnect"]);
    }
    let count = heading.len();
    let mut rows: Vec<Vec<String>> = vec![heading.into_iter().map(str::to_owned).collect()];
    for (group, updates) in &plan.desired_tg_updates {
        let counts = [
            updates.ignore,
            updates.place,
            updates.stop,
            updates.in_place_update,
            updates.destructive_update,
            updates.migrate,
            updates.canary,
            updates.preemptions,
            updates.reschedule_now,
            updates.reschedule_later,
            updates.disconnect,
            updates.reconnect,
        ];
        let counts = counts.iter().take(count - 1).map(ToString::to_string);
        rows.push(std::iter::once(group.clone()).chain(counts).collect());
    }
    Some(output::list(&rows))
}

/// The table of what an evaluation placed; `None` when it is nothing. Long ids do not make it a longer table.
pub fn placed(allocs: &[AllocStub], verbose: bool, now_ns: i64) -> Option<String> {
    if allocs.is_empty() {
        return None;
    }
    let heading = ["ID", "Node ID", "Task Group", "Version", "Desired", "Status", "Created", "Modified"];
    let mut rows = vec![heading.map(str::to_owned)];
    rows.extend(allocs.iter().map(|alloc| {
        [
            output::id(&alloc.id, verbose).to_owned(),
            output::id(&alloc.node_id, verbose).to_owned(),
            alloc.task_group.clone(),
            alloc.job_version.to_string(),
            alloc.desired_status.clone(),
            alloc.client_status.clone(),
            output::difference(alloc.create_time, now_ns),
            output::difference(alloc.modify_time, now_ns),
        ]
    }));
    Some(output::list(&rows))
}

fn failures(eval: &Evaluation) -> String {
    if eval.status == "blocked" {
        return "N/A - In Progress".to_owned();
    }
    let failed = eval.failed_tg_allocs.as_ref().is_some_and(|groups| !groups.is_empty());
    failed.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_recorded() {
        let eval = |id: &str, triggered_by: &str, status: &str, create_index| Evaluation {
            id: id.to_owned(),
            priority: 50,
            triggered_by: triggered_by.to_owned(),
            status: status.to_owned(),
            create_index,
            ..Evaluation::default()
        };
        let evals = [
            eval("3574be22-9dff-1286-c729-beadf74044f8", "job-register", "complete", 1),
            eval("10512be2-09ee-fc17-83fe-c26b128a898d", "queued-allocs", "blocked", 2),
        ];
        assert_eq!(
            list(&evals, false),
            "ID        Priority  Triggered By   Status    Placement Failures\n\
             10512be2  50        queued-allocs  blocked   N/A - In Progress\n\
             3574be22  50        job-register   complete  false"
        );
        assert_eq!(
            table(&evals[..1], false),
            "ID        Priority  Triggered By  Job ID  Namespace  Node ID  Status    Placement Failures\n\
             3574be22  50        job-register  <none>  <none>     <none>   complete  false"
        );
        let mut waiting = evals[0].clone();
        waiting.blocked_eval.clone_from(&evals[1].id);
        waiting.failed_tg_allocs = Some([("g".to_owned(), api::evaluations::Metric::default())].into());
        assert_eq!(
            failed_placements(&waiting, false).as_deref(),
            Some(
                "Task Group \"g\" (failed to place 1 allocation):\n  * No nodes were eligible for evaluation\n\n\
                 Evaluation \"10512be2\" waiting for additional capacity to place remainder"
            )
        );
    }
}
