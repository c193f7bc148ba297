//! The plan of a job: what would change if it were registered.

use std::collections::BTreeMap;

use crate::diff::{ADDED, DELETED, JobDiff, NONE, TaskDiff};
use crate::evaluations::{Annotations, Evaluation, Metric};
use crate::job::Job;
use crate::shape::shape;
use model::eval::DesiredUpdates;

shape! {
    /// Body of a plan.
    PlanRequest { "Diff" diff: bool, "Job" job: Option<Job>, "PolicyOverride" policy_override: bool }
    /// Answer to it.
    PlanResponse {
        "Annotations" annotations: Option<Annotations>,
        "CreatedEvals" created_evals: Option<Vec<Evaluation>>,
        "Diff" diff: Option<JobDiff>,
        "FailedTGAllocs" failed_tg_allocs: Option<BTreeMap<String, Metric>>,
        "Index" index: u64,
        "JobModifyIndex" job_modify_index: u64,
        "NextPeriodicLaunch" next_periodic_launch: Option<String>,
        "Warnings" warnings: String,
    }
}

const FORCES_CREATE: &str = "forces create";
const FORCES_DESTROY: &str = "forces destroy";
const FORCES_IN_PLACE: &str = "forces in-place update";
const FORCES_REPLACEMENT: &str = "forces create/destroy update";

/// Writes into a difference what a scheduler would do for it.
pub fn annotate(diff: &mut JobDiff, updates: &BTreeMap<String, DesiredUpdates>) {
    for group in diff.task_groups.iter_mut().flatten() {
        let counts = updates.get(&group.name).map(counts).unwrap_or_default();
        group.updates = (!counts.is_empty()).then_some(counts);
        for field in group.fields.iter_mut().flatten().filter(|field| field.name == "Count") {
            let count = |text: &str| text.parse::<i64>().unwrap_or(0);
            let forces = match count(&field.new).cmp(&count(&field.old)) {
                std::cmp::Ordering::Greater => FORCES_CREATE,
                std::cmp::Ordering::Less => FORCES_DESTROY,
                std::cmp::Ordering::Equal => continue,
            };
            field.annotations = Some(vec![forces.to_owned()]);
        }
        for task in group.tasks.iter_mut().flatten() {
            task.annotations = forces(&group.kind, task).map(|forces| vec![forces.to_owned()]);
        }
    }
}

fn counts(updates: &DesiredUpdates) -> BTreeMap<String, u64> {
    let named = [
        ("ignore", updates.ignore),
        ("create", updates.place),
        ("destroy", updates.stop),
        ("migrate", updates.migrate),
        ("canary", updates.canary),
        ("in-place update", updates.in_place_update),
        ("create/destroy update", updates.destructive_update),
    ];
    named.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name.to_owned(), count)).collect()
}

/// What a changed task means for its allocations, judged by what is shown of the change.
fn forces(group: &str, task: &TaskDiff) -> Option<&'static str> {
    if task.kind == NONE {
        return None;
    }
    if group == ADDED {
        return Some(FORCES_CREATE);
    }
    if group == DELETED {
        return Some(FORCES_DESTROY);
    }
    let fields = task.fields.iter().flatten().any(|field| field.name != "KillTimeout");
    let plain = ["Constraint", "Service"];
    let objects = task.objects.iter().flatten().any(|object| !plain.contains(&object.name.as_str()));
    Some(if fields || objects { FORCES_REPLACEMENT } else { FORCES_IN_PLACE })
}
