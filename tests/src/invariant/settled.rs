//! P2: settled, at most one copy of a name runs, and the count is reached or a blocked evaluation says why not.

use std::collections::BTreeMap;

use model::id::{DEFAULT_NAMESPACE, JobKey};
use model::{
    Allocation, ClientStatus, DeploymentStatus, DesiredStatus, EvalStatus, JobType, TaskState, Trigger,
};
use state::State;

use super::{Promise, Verdict};
use crate::workload::Wanted;

/// Where copies of each name run, as the client agents themselves say.
pub type Copies = BTreeMap<String, Vec<String>>;

/// What keeps a cluster from being settled; empty when it is.
pub fn unsettled(state: &State, copies: &Copies, jobs: &BTreeMap<String, Wanted>) -> Vec<String> {
    let mut open: Vec<String> = copies
        .iter()
        .filter(|(_, copies)| copies.len() > 1)
        .map(|(name, copies)| format!("{} copies of {name} run: {copies:?}", copies.len()))
        .collect();
    for (id, wanted) in jobs {
        if let Some(why) = unsettled_job(state, copies, id, *wanted) {
            open.push(why);
        }
    }
    let pending = state.evals().filter(|eval| eval.status == EvalStatus::Pending && eval.wait_until_ns == 0);
    open.extend(pending.take(3).map(|eval| format!("evaluation {} of {} is pending", eval.id, eval.job_id)));
    open
}

/// Whether the servers say themselves that they go on: an evaluation waits for its turn, for a time that it names, or
/// for the cluster to calm down.
pub fn under_way(state: &State) -> bool {
    state.evals().any(|eval| match eval.status {
        EvalStatus::Pending => true,
        EvalStatus::Blocked => eval.triggered_by == Trigger::MaxPlanAttempts,
        _ => false,
    })
}

fn unsettled_job(state: &State, copies: &Copies, id: &str, wanted: Wanted) -> Option<String> {
    let key = JobKey::new(DEFAULT_NAMESPACE, id);
    let Some(job) = state.job(&key) else {
        return (wanted != Wanted::Unknown).then(|| format!("{id} is gone, it was to be {wanted:?}"));
    };
    let count = if job.stop { 0 } else { job.task_groups.iter().map(|group| group.count).sum::<i64>() };
    let count = u64::try_from(count).unwrap_or(0);
    match wanted {
        Wanted::Running(wanted) if count != wanted => {
            return Some(format!("{id} is to have {wanted} copies, its job says {count}"));
        }
        Wanted::Stopped if !job.stop => return Some(format!("{id} was stopped, its job says it is not")),
        _ => {}
    }
    let prefix = format!("{id}.");
    let running = copies.keys().filter(|name| name.starts_with(&prefix)).count() as u64;
    if job.kind == JobType::Batch {
        let done = state.allocs_of_job(&key).filter(|alloc| has_run(alloc)).count() as u64;
        let short = !job.stop && done < count && !blocked(state, &key);
        return short.then(|| format!("{id}: {done} of {count} copies have run; {}", told_of(state, &key)));
    }
    let told = state.allocs_of_job(&key).filter(|alloc| {
        alloc.desired_status == DesiredStatus::Run && alloc.client_status == ClientStatus::Running
    });
    let told = told.count() as u64;
    let says_why = blocked(state, &key) || ran_out_of_time(state, &key, job.version);
    if running == count && told == count || running == told && running < count && says_why {
        return None;
    }
    let servers = told_of(state, &key);
    Some(format!("{id}: {running} copies run, {told} are known to, {count} are wanted; {servers}"))
}

/// What the servers know of a job.
fn told_of(state: &State, key: &JobKey) -> String {
    let allocs = state.allocs_of_job(key).map(|alloc| {
        let Allocation { id, name, node_id, desired_status, client_status, .. } = &**alloc;
        format!("{} {name} on {} {desired_status:?} {client_status:?}", id.short(), node_id.short())
    });
    let evals = state.evals_of_job(key).map(|eval| {
        let (id, status, why) = (eval.id.short(), eval.status, eval.triggered_by);
        let (from, to, then) = (eval.create_index, eval.modify_index, eval.blocked_eval.short());
        let wait = match eval.wait_until_ns {
            0 => String::new(),
            until => format!(", not before {} s", until / 1_000_000_000),
        };
        format!(
            "evaluation {id} {status:?} for {why:?} at {from}–{to}{wait}, blocked {then}: {}",
            eval.status_description
        )
    });
    let deployment = state.latest_deployment(key).map(|deployment| {
        let (id, version, status) = (deployment.id.short(), deployment.job_version, deployment.status);
        format!("deployment {id} of version {version} {status:?}: {}", deployment.status_description)
    });
    allocs.chain(evals).chain(deployment).collect::<Vec<_>>().join(", ")
}

/// It has done its work. One that was given up with its node may say so later: that counts, and nothing replaces it.
fn has_run(alloc: &Allocation) -> bool {
    let mut tasks = alloc.task_states.values();
    alloc.client_status.terminal() && !alloc.task_states.is_empty() && tasks.all(TaskState::successful)
}

/// One that was given up over conflicts with other plans says nothing of room.
fn blocked(state: &State, key: &JobKey) -> bool {
    state
        .evals_of_job(key)
        .any(|eval| eval.status == EvalStatus::Blocked && eval.triggered_by != Trigger::MaxPlanAttempts)
}

/// A clock that jumps ahead passes the progress deadline of every deployment under way. A deployment that failed places
/// nothing more of its version, as in Nomad, and says so itself: no evaluation waits for room then.
fn ran_out_of_time(state: &State, key: &JobKey, version: u64) -> bool {
    state.latest_deployment(key).is_some_and(|deployment| {
        deployment.job_version == version
            && deployment.status == DeploymentStatus::Failed
            && deployment.status_description.contains("progress deadline")
    })
}

/// The last word on a cluster that had time to settle.
pub fn judge(verdict: &Verdict, state: &State, copies: &Copies, jobs: &BTreeMap<String, Wanted>) {
    verdict.checked(Promise::P2, (copies.len() + jobs.len()) as u64);
    for fault in unsettled(state, copies, jobs) {
        verdict.broken(Promise::P2, fault);
    }
}
