//! The end of a world: everything is mended, the cluster has to come to rest, and every promise is looked at.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use model::{EvalStatus, Evaluation, NodeStatus, Trigger};
use state::State;

use crate::client::{JOBS, job_key, look};
use crate::history::{Operation, What};
use crate::promise::Promise;
use crate::world::{CLIENTS, SERVERS, World, lock};

/// How long the cluster may take to come to rest, from the moment on at which it says that it goes on.
const SETTLE: Duration = Duration::from_secs(120);
/// How long at all: an evaluation that a leader has delayed by a clock an hour ahead waits that long, and says so.
const SETTLE_MAX: Duration = Duration::from_secs(2 * 3_600);
const LOOK: Duration = Duration::from_millis(400);

/// Heals, waits, checks.
pub(crate) async fn run(world: &Arc<World>) {
    heal(world);
    let (healed, healed_ns) = (tokio::time::Instant::now(), world.wall_ns(0));
    loop {
        // Whatever waits for its time is not late before that time.
        let deadline = healed + (delayed(world, healed_ns) + SETTLE).min(SETTLE_MAX);
        tokio::time::sleep(LOOK).await;
        world.turn(CLIENTS).await;
        if world.is_broken() {
            return;
        }
        match unsettled(world) {
            None => break,
            Some(why) if deadline.elapsed() > Duration::ZERO => {
                return world.break_promise(Promise::P2, format!("not settled: {why}"));
            }
            Some(_) => {}
        }
    }
    world.note(|| "settled".into());
    world.checked(Promise::P2, JOBS);
    for server in 0..SERVERS {
        if let Some(up) = world.up(server) {
            world.compare(server, &up.raft.state());
        }
    }
    final_reads(world).await;
    let verdict = lock(&world.history).check();
    for (promise, times) in verdict.checked {
        world.checked(promise, times);
    }
    if let Some((promise, how)) = verdict.broken {
        world.break_promise(promise, how);
    }
}

fn heal(world: &World) {
    world.calm.store(true, Ordering::Release);
    world.network.mend();
    world.network.set(0, 0, 3);
    lock(&world.muted).clear();
    for seat in &world.seats {
        seat.disk.mend();
        if let Some(process) = &*lock(&seat.process) {
            process.spare();
        }
        seat.skew_ns.store(0, Ordering::Relaxed);
    }
    world.note(|| "healed".into());
}

/// Why the cluster has not come to rest, if it has not.
fn unsettled(world: &World) -> Option<String> {
    let ups: Vec<_> = (0..SERVERS).filter_map(|server| world.up(server)).collect();
    if ups.len() < SERVERS {
        return Some("a server is down".into());
    }
    let Some((_, leader)) = world.leading() else { return Some("nobody leads".into()) };
    let state = leader.raft.state();
    if ups.iter().any(|up| up.raft.state().index() != state.index()) {
        return Some("servers differ in index".into());
    }
    if ups.iter().any(|up| up.raft.members().iter().filter(|member| member.voter).count() != SERVERS) {
        return Some("somebody does not vote".into());
    }
    if let Some(node) = state.nodes().find(|node| node.status != NodeStatus::Ready) {
        return Some(format!("node {} is {}", node.name, node.status.as_str()));
    }
    // One that is delayed is under way only if anything is missing until then.
    let now_ns = world.wall_ns(0);
    let mut due = state.evals().filter(|eval| is_pending(eval) && eval.wait_until_ns <= now_ns);
    if let Some(eval) = due.next() {
        return Some(format!("evaluation {} of {} is pending", eval.id, eval.job_id));
    }
    jobs_unsettled(world, &state)
}

fn is_pending(eval: &Evaluation) -> bool {
    eval.status == EvalStatus::Pending
}

/// From when the faults ended, how long anything says that it waits.
fn delayed(world: &World, healed_ns: i64) -> Duration {
    let Some((_, leader)) = world.leading() else { return Duration::ZERO };
    let state = leader.raft.state();
    let last = state.evals().filter(|eval| is_pending(eval)).map(|eval| eval.wait_until_ns).max();
    Duration::from_nanos(u64::try_from(last.unwrap_or(0) - healed_ns).unwrap_or(0))
}

/// P2: each name runs once, and as many as are wanted or a blocked evaluation says why not.
fn jobs_unsettled(world: &World, state: &State) -> Option<String> {
    let mut running: BTreeMap<String, u64> = BTreeMap::new();
    for name in lock(&world.machines).running.values() {
        *running.entry(name.clone()).or_default() += 1;
    }
    if let Some((name, copies)) = running.iter().find(|(_, copies)| **copies > 1) {
        return Some(format!("{copies} copies of {name} run"));
    }
    for number in 0..JOBS {
        let key = job_key(number);
        let Some(job) = state.job(&key) else { continue };
        let wanted = if job.stop { 0 } else { job.task_groups.iter().map(|group| group.count).sum::<i64>() };
        let prefix = format!("{}.", key.id());
        let copies = running.keys().filter(|name| name.starts_with(&prefix)).count();
        let copies = i64::try_from(copies).unwrap_or(i64::MAX);
        // One that was given up over conflicts says nothing of room.
        let waits = |eval: &Evaluation| {
            eval.status == EvalStatus::Blocked && eval.triggered_by != Trigger::MaxPlanAttempts
        };
        let blocked = state.evals_of_job(&key).any(|eval| waits(eval));
        if copies > wanted || copies < wanted && !blocked {
            return Some(format!("{copies} of {wanted} of {key} run, blocked: {blocked}"));
        }
    }
    None
}

/// P1: what was acknowledged is in a consistent read of every register, at every server.
async fn final_reads(world: &Arc<World>) {
    let jobs = (0..JOBS).map(|number| job_key(number).to_string());
    let registers: Vec<String> = jobs.chain((0..2).map(|number| format!("v/{number}"))).collect();
    for server in 0..SERVERS {
        let Some(up) = world.up(server) else { continue };
        let called = lock(&world.history).tick();
        let Some(state) = world.read_at(server, &up).await else {
            return world
                .break_promise(Promise::P1, format!("s{server} answers no read after everything is mended"));
        };
        for register in &registers {
            let (modified, value) = look(&state, register);
            let mut history = lock(&world.history);
            let returned = history.tick();
            let what = What::Read { modified, value };
            history.push(Operation { client: CLIENTS, key: register.clone(), called, returned, what });
        }
    }
}
