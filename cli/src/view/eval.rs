//! Evaluations.

use crate::output;
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
pub fn annotations(eval: &Evaluation) -> Option<String> {
    let plan = eval.plan_annotations.as_ref()?;
    let heading = ["Task Group", "Ignore", "Place", "Stop", "InPlace", "Destructive"];
    let mut rows = vec![heading.map(str::to_owned)];
    for (group, updates) in &plan.desired_tg_updates {
        rows.push([
            group.clone(),
            updates.ignore.to_string(),
            updates.place.to_string(),
            updates.stop.to_string(),
            updates.in_place_update.to_string(),
            updates.destructive_update.to_string(),
        ]);
    }
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
    }
}
