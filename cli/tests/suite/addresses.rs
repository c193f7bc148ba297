//! Lists of addresses: a real agent behind one where nobody is.

use std::net::TcpListener;

use crate::agent::{Agent, Done, drover, eventually, job};

/// An address where nobody is.
fn dead() -> String {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", free.local_addr().unwrap())
}

#[test]
fn an_agent_behind_a_dead_address_is_found() {
    let agent = Agent::with_node(&["-dev"], "");
    let list = format!("{},{}", dead(), agent.address);
    let run = |words: &[&str]| {
        let mut command = drover(agent.dir.path());
        Done(command.args(words).env("NOMAD_ADDR", &list).current_dir(agent.dir.path()).output().unwrap())
    };
    agent.file("a.json", &job("a", "service", "echo here; exec sleep 600", ""));
    // Reads, writes, streams and sessions.
    run(&["job", "run", "-detach", "a.json"]).ok();
    eventually("the output of the task", || {
        let logs = run(&["alloc", "logs", "-job", "a"]);
        (logs.text() == "here\n").then_some(())
    });
    let said = run(&["alloc", "exec", "-job", "a", "/bin/sh", "-c", "echo beside; exit 3"]);
    assert_eq!((said.text().as_str(), said.exit()), ("beside\n", Some(3)), "{}", said.errors());
    assert_eq!(run(&["operator", "api", "/v1/regions"]).ok().trim(), "[\"global\"]");
    // The flag takes a list as well, and only one version was registered.
    let history = run(&["job", "history", "-address", &list, "a"]).ok();
    assert_eq!(history.matches("Version ").count(), 1, "{history}");

    let nobody = format!("{},{}", dead(), dead());
    let refused = run(&["job", "status", "-address", &nobody]).failed(1);
    assert_eq!(refused.matches("connect: connection refused").count(), 2, "{refused}");
}
