//! How many of a group may leave at a time.

use std::collections::BTreeSet;

use model::id::{AllocId, NodeId};
use model::{Allocation, ClientStatus, TaskGroup};

/// What a group without a `migrate` block does.
const PARALLEL: i64 = 1;
const MIN_HEALTHY_NS: i64 = 10_000_000_000;

/// Allocations of the group on draining nodes that leave now: as many as are healthy beyond `count - max_parallel`.
pub(super) fn leaving(
    group: &TaskGroup,
    allocs: &[&Allocation],
    draining: &BTreeSet<NodeId>,
    now_ns: i64,
) -> Vec<AllocId> {
    let migrate = group.migrate.as_ref();
    let parallel = migrate.map_or(PARALLEL, |migrate| migrate.max_parallel);
    let least_ns = migrate.map_or(MIN_HEALTHY_NS, |migrate| migrate.min_healthy_time_ns);
    let here = || allocs.iter().filter(|alloc| alloc.task_group == group.name && super::stays(alloc));
    let healthy = here().filter(|alloc| is_healthy(alloc, least_ns, now_ns)).count();
    let may_leave = i64::try_from(healthy).unwrap_or(i64::MAX) - (group.count - parallel);
    let may_leave = usize::try_from(may_leave).unwrap_or(0);
    here().filter(|alloc| draining.contains(&alloc.node_id)).map(|alloc| alloc.id).take(may_leave).collect()
}

/// Judged so by its client agent, or, where nobody judges it, running for long enough.
fn is_healthy(alloc: &Allocation, least_ns: i64, now_ns: i64) -> bool {
    if alloc.client_status != ClientStatus::Running {
        return false;
    }
    match alloc.deployment_status.and_then(|status| status.healthy) {
        Some(healthy) => healthy,
        None if !alloc.deployment_id.is_nil() => false,
        None => {
            let started_ns = alloc.task_states.values().map(|task| task.started_at_ns).max();
            started_ns.is_some_and(|started_ns| started_ns.saturating_add(least_ns) <= now_ns)
        }
    }
}
