//! Killing the agent, its state and its supervisors: every task runs once, and every end of one is told.

use std::path::PathBuf;

use model::{AllocId, ClientStatus, TaskRunState};
use runtime::Mint;

use crate::agent::{AgentProcess, Home, linger, processes};
use crate::eventually;
use crate::fake_server::FakeServer;
use crate::jobs::{batch, shell};

/// Rounds of killing; each places short-lived tasks, so that kills meet every step of a start and an end.
const KILLS: u64 = 120;
/// Longest life of an agent in most rounds, ms: most kills meet an agent at work.
const LIFE_SHORT_MS: u64 = 45;
/// Longest life of an agent in the other rounds, ms.
const LIFE_LONG_MS: u64 = 250;

/// Every start of a task leaves its process number in this file.
const NOTE: &str = "echo $$ >> $NOMAD_ALLOC_DIR/data/starts; ";

fn starts(home: &Home, id: AllocId) -> Vec<i32> {
    let path: PathBuf = home.allocs().join(id.to_string()).join("alloc/data/starts");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| line.parse().unwrap()).collect()
}

fn alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

/// Places a task that notes its start and sleeps for long, and waits for its note.
async fn place_long(home: &Home, server: &FakeServer, name: &str) -> (AllocId, i32) {
    let job = batch(name, vec![shell("t", &format!("{NOTE} exec sleep 900"))]);
    let id = server.place(&job).await;
    server.until(id, ClientStatus::Running).await;
    (id, eventually("it has noted its start", || starts(home, id).first().copied()).await)
}

/// A task that ends soon, some of them restarted once.
struct Short {
    id: AllocId,
    code: i64,
    again: bool,
}

impl Short {
    async fn place(server: &FakeServer, mint: &Mint, number: u64) -> Self {
        let (code, again) = (i64::try_from(mint.below(3)).unwrap(), mint.below(4) == 0);
        let mut task = shell("t", &format!("{NOTE} sleep 0.{:02}; exit {code}", mint.below(30)));
        task.restart_policy.attempts = i64::from(again);
        task.restart_policy.delay_ns = 10_000_000;
        let id = server.place(&batch(&format!("short{number}"), vec![task])).await;
        Short { id, code, again }
    }

    /// Waits for its end, which is told as it was, after as many starts as its restart policy says.
    async fn check(&self, home: &Home, server: &FakeServer) {
        let failed = self.code != 0;
        let expected = if failed { ClientStatus::Failed } else { ClientStatus::Complete };
        let update = server.until(self.id, expected).await;
        let wanted = if self.again && failed { 2 } else { 1 };
        assert_eq!(starts(home, self.id).len(), wanted, "starts of {}, exit code {}", self.id, self.code);
        let events = update.task_states["t"].events.iter().filter(|event| event.kind == "Terminated");
        let codes: Vec<i64> = events.map(|event| event.exit_code).collect();
        assert_eq!(codes, vec![self.code; wanted]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_kills_start_nothing_twice_and_lose_no_exit() {
    let seed = Mint::random().seed();
    println!("seed {seed}");
    let mint = Mint::seeded(seed);
    let (home, server) = (Home::new(), FakeServer::start().await);
    let first = home.process(&server);
    let mut long = Vec::new();
    for name in ["long1", "long2", "long3"] {
        long.push(place_long(&home, &server, name).await);
    }
    first.kill();
    let mut short = Vec::new();
    for round in 0..KILLS {
        short.push(Short::place(&server, &mint, round).await);
        let agent = home.process(&server);
        linger(mint.below(if mint.below(4) == 0 { LIFE_LONG_MS } else { LIFE_SHORT_MS }));
        agent.kill();
    }
    let last = home.process(&server);
    for task in &short {
        task.check(&home, &server).await;
    }
    for (id, pid) in &long {
        assert_eq!(starts(&home, *id), [*pid], "one start of {id}");
        assert!(alive(*pid));
        let state = server.task(*id, "t").unwrap();
        assert_eq!((state.state, state.restarts), (TaskRunState::Running, 0));
    }
    nothing_is_left(&home, &server, &last, &long).await;
}

/// Removes every allocation and waits until no directory, task or supervisor of them is there.
async fn nothing_is_left(home: &Home, server: &FakeServer, agent: &AgentProcess, long: &[(AllocId, i32)]) {
    server.change(|inner| inner.allocs.clear());
    for (_, pid) in long {
        eventually("long tasks end", || (!alive(*pid)).then_some(())).await;
    }
    let root = home.allocs();
    let empty = || (std::fs::read_dir(&root).unwrap().count() == 0).then_some(());
    eventually("every directory is removed", empty).await;
    let held = root.display().to_string();
    let others = || processes(&held).iter().all(|pid| *pid == agent.pid()).then_some(());
    eventually("no supervisor is left", others).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stops_survive_kills() {
    let mint = Mint::random();
    let (home, server) = (Home::new(), FakeServer::start().await);
    drop(home.process(&server));
    let mut agent = Some(home.process(&server));
    let mut ids = Vec::new();
    for number in 0..6 {
        let script = format!("{NOTE} trap '' INT; while :; do sleep 0.05; done");
        let mut task = shell("t", &script);
        task.kill_timeout_ns = 200_000_000;
        ids.push(server.place(&batch(&format!("s{number}"), vec![task])).await);
    }
    for id in &ids {
        server.until(*id, ClientStatus::Running).await;
    }
    for id in &ids {
        server.stop(*id);
        linger(mint.below(60));
        agent.take().unwrap().kill();
        agent = Some(home.process(&server));
    }
    for id in &ids {
        let update = server.until(*id, ClientStatus::Complete).await;
        assert!(!update.task_states["t"].failed);
        let pids = starts(&home, *id);
        assert_eq!(pids.len(), 1);
        assert!(!alive(pids[0]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_state_finds_its_tasks_by_their_locks() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.process(&server);
    let kept = server.place(&batch("kept", vec![shell("t", &format!("{NOTE} exec sleep 900"))])).await;
    let unlisted =
        server.place(&batch("unlisted", vec![shell("t", &format!("{NOTE} exec sleep 900"))])).await;
    for id in [kept, unlisted] {
        server.until(id, ClientStatus::Running).await;
        eventually("it has noted its start", || (!starts(&home, id).is_empty()).then_some(())).await;
    }
    let (kept_pid, unlisted_pid) = (starts(&home, kept)[0], starts(&home, unlisted)[0]);
    let node = server.node_id().await;
    agent.kill();
    server.remove(unlisted);
    server.change(|inner| inner.updates.clear());
    for entry in std::fs::read_dir(home.state().join("state")).unwrap().flatten() {
        if entry.path().is_file() {
            std::fs::write(entry.path(), vec![0x5a; 70_000]).unwrap();
        }
    }
    let _agent = home.process(&server);
    server.until(kept, ClientStatus::Running).await;
    eventually("the unlisted task ends", || (!alive(unlisted_pid)).then_some(())).await;
    assert_eq!(starts(&home, kept), [kept_pid]);
    assert!(alive(kept_pid));
    assert_eq!(server.node_id().await, node);
    assert!(home.state().join("state.damaged.0").exists());
    server.remove(kept);
    eventually("the kept task ends", || (!alive(kept_pid)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_supervisor_leaves_nothing_running() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let id = server.place(&batch("orphan", vec![shell("t", &format!("{NOTE} exec sleep 900"))])).await;
    server.until(id, ClientStatus::Running).await;
    let pid = eventually("it has noted its start", || starts(&home, id).first().copied()).await;
    let dir = home.allocs().join(id.to_string()).display().to_string();
    let supervisor = processes(&dir).into_iter().find(|pid| *pid != agent_pid()).unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(supervisor), nix::sys::signal::Signal::SIGKILL)
        .unwrap();
    let update = server.until(id, ClientStatus::Failed).await;
    let event = update.task_states["t"].events.iter().find(|event| event.kind == "Terminated").unwrap();
    assert!(event.display_message.contains("supervisor was lost"), "{event:?}");
    eventually("the task ends too", || (!alive(pid)).then_some(())).await;
    agent.shutdown().await;
}

fn agent_pid() -> i32 {
    nix::unistd::getpid().as_raw()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tidy_end_leaves_tasks_running_too() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let mut options = home.options(&server);
    options.dev = false;
    options.network_interface = Some("lo".into());
    let agent = client_agent::start(options.clone(), Default::default()).await.unwrap();
    let id = server.place(&batch("stay", vec![shell("t", &format!("{NOTE} exec sleep 900"))])).await;
    server.until(id, ClientStatus::Running).await;
    let pid = eventually("it has noted its start", || starts(&home, id).first().copied()).await;
    agent.shutdown().await;
    drop(agent);
    assert!(alive(pid));
    let dev = home.agent(&server).await;
    eventually("it is found again", || (dev.stats().running == 1).then_some(())).await;
    assert_eq!(starts(&home, id), [pid]);
    // In development mode the task ends with its agent.
    dev.shutdown().await;
    assert!(!alive(pid));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_and_a_supervisor_killed_together_leave_nothing_running() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.process(&server);
    let id = server.place(&batch("both", vec![shell("t", &format!("{NOTE} sleep 900; true"))])).await;
    server.until(id, ClientStatus::Running).await;
    let pid = eventually("it has noted its start", || starts(&home, id).first().copied()).await;
    let dir = home.allocs().join(id.to_string()).display().to_string();
    let supervisor = processes(&dir).into_iter().find(|pid| *pid != agent.pid()).unwrap();
    agent.kill();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(supervisor), nix::sys::signal::Signal::SIGKILL)
        .unwrap();
    assert!(alive(pid));
    let _agent = home.process(&server);
    server.until(id, ClientStatus::Failed).await;
    eventually("the task ends too", || (!alive(pid)).then_some(())).await;
    assert_eq!(starts(&home, id), [pid]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_development_agent_takes_its_tasks_along() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let cancel = tokio_util::sync::CancellationToken::new();
    let agent = client_agent::start(home.options(&server), cancel.clone()).await.unwrap();
    let id = server.place(&batch("dev", vec![shell("t", &format!("{NOTE} exec sleep 900"))])).await;
    server.until(id, ClientStatus::Running).await;
    let pid = eventually("it has noted its start", || starts(&home, id).first().copied()).await;
    cancel.cancel();
    agent.shutdown().await;
    assert!(!alive(pid));
}
