//! Starting and ending agents.

use crate::agent::{Agent, Done, FREE_PORTS, drover, eventually, job};
use nix::sys::signal::Signal;

#[test]
fn a_port_in_use_is_named_with_its_purpose() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let dir = tempfile::tempdir().unwrap();
    for purpose in ["http", "rpc", "serf"] {
        let config = FREE_PORTS.replace(&format!("{purpose} = 0"), &format!("{purpose} = {port}"));
        let file = dir.path().join("a.hcl");
        std::fs::write(&file, config).unwrap();
        let output = drover(dir.path()).args(["agent", "-dev", "-config"]).arg(&file).output().unwrap();
        let text = Done(output).failed(1);
        let name = if purpose == "serf" { "serf".to_owned() } else { purpose.to_uppercase() };
        assert!(
            text.starts_with(&format!(
                "==> Error starting agent: cannot listen on 127.0.0.1:{port} for {name}: "
            )),
            "{text}"
        );
    }
    // Nothing was begun.
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn configuration_is_checked_before_anything_starts() {
    let dir = tempfile::tempdir().unwrap();
    let output = drover(dir.path()).args(["agent"]).output().unwrap();
    let text = Done(output).failed(1);
    assert_eq!(text, "==> must specify either server, client or dev mode for the agent\n");
    let output = drover(dir.path()).args(["agent", "-dev", "-config", "/nowhere.hcl"]).output().unwrap();
    let text = Done(output).failed(1);
    assert!(text.contains("Error loading configuration: reading /nowhere.hcl"), "{text}");
}

#[test]
fn signals_reload_dump_and_end() {
    let mut agent = Agent::with_node(&["-dev"], "log_level = \"WARN\"\n");
    agent.file("agent.hcl", &format!("{FREE_PORTS}log_level = \"INFO\"\n"));
    agent.signal(Signal::SIGHUP);
    agent.wait_for_log("configuration reloaded");
    agent.signal(Signal::SIGUSR1);
    agent.wait_for_log("# TYPE ");
    assert_eq!(agent.end(), Some(0));
    let left: Vec<_> = std::fs::read_dir(agent.dir.path())
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .filter(|name| name.to_string_lossy().starts_with("drover-dev-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_agent_without_a_server_passes_questions_on() {
    let server = Agent::start(&["-dev", "-client=false"], "");
    let rpc = eventually("the server among its members", || {
        let done = server.run(&["server", "members", "-json"]);
        let members: serde_json::Value = serde_json::from_str(&done.text()).ok()?;
        members[0]["Tags"]["port"].as_str().map(str::to_owned)
    });
    let data = server.dir.path().join("client-data");
    let config = format!(
        "bind_addr = \"127.0.0.1\"\ndata_dir = \"{}\"\nname = \"worker\"\nclient {{\n  enabled = true\n  servers = \
         [\"127.0.0.1:{rpc}\"]\n  options = {{\n    \"driver.raw_exec.enable\" = \"true\"\n    \
         \"drover.end_tasks_with_agent\" = \"true\"\n  }}\n}}\n",
        data.display()
    );
    let client = Agent::start(&[], &config);
    server.wait_for_node();
    // Everything goes through the client's own address.
    let nodes = client.run(&["node", "status"]).ok();
    assert!(nodes.contains("worker"), "{nodes}");
    let own = client.run(&["node", "status", "-self", "-short"]).ok();
    assert!(own.contains("Name            = worker"), "{own}");
    client.file("b.json", &job("b", "batch", "echo passed on", ""));
    client.run(&["job", "run", "b.json"]).ok();
    eventually("the output of the task", || {
        let logs = client.run(&["alloc", "logs", "-job", "b"]);
        (logs.text() == "passed on\n").then_some(())
    });
}
