//! Tasks under `raw_exec`: exits, restarts, stops, hooks, health, environment.

use std::sync::Arc;

use model::job::{JobType, TaskLifecycle, UpdateStrategy};
use model::{ClientStatus, DeploymentId, TaskRunState};
use serde_json::json;

use crate::agent::{Home, processes};
use crate::eventually;
use crate::fake_server::FakeServer;
use crate::jobs::{batch, shell, task};

fn kinds(state: &model::TaskState) -> Vec<&str> {
    state.events.iter().map(|event| event.kind.as_str()).collect()
}

#[tokio::test]
async fn commands_run_and_say_how_they_ended() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let fine =
        server.place(&batch("fine", vec![task("t", "raw_exec", json!({"command": "/bin/true"}))])).await;
    let mut failing = shell("t", "exit 3");
    failing.restart_policy.attempts = 1;
    failing.restart_policy.delay_ns = 1_000_000;
    let failing = server.place(&batch("failing", vec![failing])).await;
    let absent =
        server.place(&batch("absent", vec![task("t", "raw_exec", json!({"command": "/bin/none"}))])).await;
    let odd = server.place(&batch("odd", vec![task("t", "raw_exec", json!({"image": "x"}))])).await;
    let update = server.until(fine, ClientStatus::Complete).await;
    assert_eq!(kinds(&update.task_states["t"]), ["Received", "Task Setup", "Started", "Terminated"]);
    let update = server.until(failing, ClientStatus::Failed).await;
    assert_eq!(update.client_description, "Failed tasks");
    let state = &update.task_states["t"];
    assert_eq!(kinds(state)[3..], ["Terminated", "Restarting", "Started", "Terminated", "Not Restarting"]);
    assert_eq!((state.restarts, state.events[3].exit_code), (1, 3));
    let update = server.until(absent, ClientStatus::Failed).await;
    assert_eq!(kinds(&update.task_states["t"])[2..], ["Driver Failure", "Not Restarting"]);
    let update = server.until(odd, ClientStatus::Failed).await;
    let event = update.task_states["t"].events.last().unwrap();
    assert_eq!(
        (event.kind.as_str(), event.display_message.as_str()),
        ("Failed Validation", "raw_exec: unknown option \"image\"")
    );
    agent.shutdown().await;
}

#[tokio::test]
async fn a_batch_group_gets_its_time_and_no_more() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let mut tidy = shell("tidy", "exit 0");
    tidy.lifecycle = Some(TaskLifecycle { hook: "poststop".to_owned(), sidecar: false });
    let job = batch("long", vec![shell("t", "sleep 600"), tidy]);
    let mut job = (*job).clone();
    job.task_groups[0].max_run_duration = Some(model::wire::Ns(300_000_000));
    let id = server.place(&job.into()).await;
    let update = server.until(id, ClientStatus::Complete).await;
    assert_eq!(update.client_description, "allocation exceeded max_run_duration");
    let task = &update.task_states["t"];
    assert!(!task.failed, "{task:?}");
    assert!(task.finished_at_ns - task.started_at_ns >= 200_000_000, "{task:?}");
    assert_eq!(kinds(&update.task_states["tidy"]), ["Received", "Killed"]);
    agent.shutdown().await;
}

#[tokio::test]
async fn a_stop_asks_and_then_takes_the_whole_tree() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let mark = format!("30{}", std::process::id());
    // Ignores the signal, and hides a grandchild in a session of its own.
    let script = format!("trap '' INT; setsid sleep {mark}7 & sleep {mark}8; sleep {mark}9");
    let mut stubborn = shell("t", &script);
    stubborn.kill_timeout_ns = 300_000_000;
    let id = server.place(&batch("stubborn", vec![stubborn])).await;
    server.until(id, ClientStatus::Running).await;
    eventually("both sleep", || (processes(&format!("sleep\0{mark}")).len() == 2).then_some(())).await;
    server.stop(id);
    let update = server.until(id, ClientStatus::Complete).await;
    let state = &update.task_states["t"];
    assert_eq!(kinds(state)[3..], ["Killing", "Terminated", "Killed"]);
    assert_eq!(state.events[4].signal, 9);
    assert!(!state.failed);
    assert!(processes(&format!("sleep\0{mark}")).is_empty());
    agent.shutdown().await;
}

#[tokio::test]
async fn a_polite_task_is_asked_with_its_own_signal() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let mut polite = shell("t", "trap 'exit 7' USR1; while :; do sleep 0.02; done");
    polite.kill_signal = "SIGUSR1".into();
    let id = server.place(&batch("polite", vec![polite])).await;
    server.until(id, ClientStatus::Running).await;
    server.stop(id);
    let update = server.until(id, ClientStatus::Complete).await;
    // Before the shell has set its trap the signal ends it; both are how it ended by that signal.
    let code = update.task_states["t"].events[4].exit_code;
    assert!(code == 7 || code == 138, "exit code {code}");
    agent.shutdown().await;
}

#[tokio::test]
async fn hooks_run_in_order_and_the_environment_is_told() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let hook = |hook: &str| Some(TaskLifecycle { hook: hook.into(), sidecar: false });
    let note =
        |name: &str| shell(name, "echo $NOMAD_TASK_NAME >> $NOMAD_ALLOC_DIR/data/order; echo $GREETING");
    let mut tasks = vec![note("main"), note("pre"), note("post"), note("stop")];
    tasks[1].lifecycle = hook("prestart");
    tasks[2].lifecycle = hook("poststart");
    tasks[3].lifecycle = hook("poststop");
    tasks[0] = shell("main", "echo main >> $NOMAD_ALLOC_DIR/data/order; echo $GREETING; sleep 0.4");
    tasks[0].env.insert("GREETING".into(), "hello ${NOMAD_JOB_ID} on ${attr.kernel.name}".into());
    let id = server.place(&batch("hooks", tasks)).await;
    server.until(id, ClientStatus::Complete).await;
    let root = home.allocs().join(id.to_string());
    assert_eq!(std::fs::read_to_string(root.join("alloc/data/order")).unwrap(), "pre\nmain\npost\nstop\n");
    assert_eq!(
        std::fs::read_to_string(root.join("alloc/logs/main.stdout.0")).unwrap(),
        "hello hooks on linux\n"
    );
    agent.shutdown().await;
}

#[tokio::test]
async fn a_failed_task_takes_its_siblings_along() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let job = batch("siblings", vec![shell("bad", "sleep 0.1; exit 1"), shell("good", "sleep 600")]);
    let id = server.place(&job).await;
    let update = server.until(id, ClientStatus::Failed).await;
    let good = &update.task_states["good"];
    assert!(kinds(good).contains(&"Sibling Task Failed") && !good.failed && good.state == TaskRunState::Dead);
    agent.shutdown().await;
}

#[tokio::test]
async fn health_is_judged_once_in_a_deployment() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let node = server.node_id().await;
    let service = |id: &str, script: &str| {
        let mut job = Arc::unwrap_or_clone(batch(id, vec![shell("t", script)]));
        job.kind = JobType::Service;
        job.task_groups[0].update = Some(UpdateStrategy {
            min_healthy_time_ns: 100_000_000,
            healthy_deadline_ns: 5_000_000_000,
            ..UpdateStrategy::default()
        });
        Arc::new(job)
    };
    let deploy = |job| {
        server.change(|inner| {
            let id = inner.add(&job, node);
            inner.allocs.get_mut(&id).unwrap().deployment_id = DeploymentId(id.0);
            id
        })
    };
    let (well, ill) = (deploy(service("well", "sleep 600")), deploy(service("ill", "exit 1")));
    let decided = |id| {
        server.look(|inner| inner.updates.get(&id)?.iter().find(|update| update.healthy.is_some()).cloned())
    };
    let update = eventually("healthy", || decided(well)).await;
    let started = update.task_states["t"].started_at_ns;
    assert_eq!(update.healthy, Some(true));
    assert!(update.health_timestamp_ns - started >= 100_000_000);
    assert_eq!(eventually("unhealthy", || decided(ill)).await.healthy, Some(false));
    agent.shutdown().await;
}

#[tokio::test]
async fn output_rotates_and_users_are_switched() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    // Four and a half files of 1 MiB, of which three are kept.
    let loud = shell("loud", "head -c 4718592 /dev/zero | tr '\\0' x");
    let mut tasks = vec![loud];
    let root = nix::unistd::geteuid().is_root();
    if root {
        let script =
            "id -un; touch secrets/mine && echo mine; rm -rf ../.drover 2>/dev/null; ls -d ../.drover";
        let mut other = shell("other", script);
        other.user = "nobody".into();
        tasks.push(other);
    }
    let id = server.place(&batch("loud", tasks)).await;
    server.until(id, ClientStatus::Complete).await;
    let logs = home.allocs().join(id.to_string()).join("alloc/logs");
    let size = |name: &str| std::fs::metadata(logs.join(name)).map(|file| file.len()).ok();
    assert_eq!(size("loud.stdout.1"), None);
    assert_eq!(size("loud.stdout.2"), Some(1 << 20));
    assert_eq!(size("loud.stdout.4"), Some(1 << 19));
    if root {
        let text = std::fs::read_to_string(logs.join("other.stdout.0")).unwrap();
        assert_eq!(text, "nobody\nmine\n../.drover\n");
    }
    agent.shutdown().await;
}

#[tokio::test]
async fn a_successor_waits_for_what_it_takes_the_place_of() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let mut slow = shell("t", "trap 'sleep 0.5; exit 0' INT; while true; do sleep 0.05; done");
    slow.kill_timeout_ns = 5_000_000_000;
    let before = server.place(&batch("before", vec![slow.clone()])).await;
    let preempted = server.place(&batch("preempted", vec![slow])).await;
    server.until(before, ClientStatus::Running).await;
    server.until(preempted, ClientStatus::Running).await;
    let after = batch("after", vec![shell("t", "sleep 600")]);
    let after = server
        .place_with(&after, |alloc| {
            alloc.previous_allocation = before;
            alloc.preempted_allocations = vec![preempted];
        })
        .await;
    server.stop(before);
    server.until(before, ClientStatus::Complete).await;
    server.stop(preempted);
    let ended = server.until(preempted, ClientStatus::Complete).await.task_states["t"].finished_at_ns;
    let started = server.until(after, ClientStatus::Running).await.task_states["t"].started_at_ns;
    assert!(started >= ended, "{started} {ended}");
    server.stop(after);
    server.until(after, ClientStatus::Complete).await;
    agent.shutdown().await;
}

#[tokio::test]
async fn without_servers_a_job_that_says_so_is_stopped() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let mark = format!("32{}", std::process::id());
    let place = |name: &str, number: u32, after: Option<i64>| {
        let mut job = (*batch(name, vec![shell("t", &format!("exec sleep {mark}{number}"))])).clone();
        job.task_groups[0].stop_after_client_disconnect = after.map(model::wire::Ns);
        job.into()
    };
    let stops = server.place(&place("stops", 1, Some(200_000_000))).await;
    let stays = server.place(&place("stays", 2, None)).await;
    for id in [stops, stays] {
        server.until(id, ClientStatus::Running).await;
    }
    server.vanish().await;
    let sleeping = |number: u32| !processes(&format!("sleep\0{mark}{number}")).is_empty();
    eventually("one is stopped", || (!sleeping(1)).then_some(())).await;
    assert!(sleeping(2));
    for pid in processes(&format!("sleep\0{mark}2")) {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL).unwrap();
    }
    agent.shutdown().await;
}

/// What the kernel lets a process run on.
fn allowed(pid: i32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    line.unwrap_or_default().trim().to_owned()
}

#[tokio::test]
async fn a_task_has_its_cores_to_itself() {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    if all < 2 {
        eprintln!("skipped: a task with a core of its own needs a machine with two");
        return;
    }
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let mark = format!("31{}", std::process::id());
    let everywhere = allowed(std::process::id().cast_signed());
    let common = batch("common", vec![shell("t", &format!("sleep {mark}1 & sleep {mark}2; true"))]);
    let common = server.place(&common).await;
    let both = || processes(&format!("sleep\0{mark}"));
    eventually("the common ones sleep", || (both().len() == 2).then_some(())).await;
    let own = batch("own", vec![shell("t", &format!("echo $NOMAD_CPU_CORES; sleep {mark}3; true"))]);
    let own = server
        .place_with(&own, |alloc| alloc.resources.tasks.entry("t".into()).or_default().cores = vec![0])
        .await;
    server.until(own, ClientStatus::Running).await;
    let pid_of = |which: &str| processes(&format!("sleep\0{mark}{which}")).first().copied();
    let core =
        eventually("its own core", || pid_of("3").map(allowed).filter(|cores| !cores.is_empty())).await;
    assert!(!core.contains([',', '-']), "one core: {core}");
    eventually("the others keep off", || {
        let kept_off = |pid: &i32| allowed(*pid) != everywhere && allowed(*pid) != core;
        ["1", "2"].iter().all(|which| pid_of(which).as_ref().is_some_and(kept_off)).then_some(())
    })
    .await;
    server.stop(own);
    server.until(own, ClientStatus::Complete).await;
    eventually("all cores again", || {
        ["1", "2"].iter().all(|which| pid_of(which).map(allowed) == Some(everywhere.clone())).then_some(())
    })
    .await;
    server.stop(common);
    server.until(common, ClientStatus::Complete).await;
    agent.shutdown().await;
}
