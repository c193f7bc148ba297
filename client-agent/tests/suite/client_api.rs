//! The agent's own paths beside logs: files, metadata, figures, making room.

use model::ClientStatus;
use serde_json::Value;

use crate::agent::Home;
use crate::fake_server::FakeServer;
use crate::jobs::{batch, shell};
use futures::StreamExt;

async fn get(agent: &client_agent::ClientAgent, method: &str, target: &str, body: &str) -> (u16, String) {
    let answer = agent.http(method, target, body.as_bytes()).await;
    let chunks: Vec<bytes::Bytes> = answer.body.collect().await;
    (answer.status, String::from_utf8(chunks.concat()).unwrap())
}

#[tokio::test]
async fn files_are_served_until_they_are_collected() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let script = "printf 0123456789 > $NOMAD_TASK_DIR/ten; echo secret > $NOMAD_SECRETS_DIR/token";
    let id = server.place(&batch("files", vec![shell("main", script)])).await;
    server.until(id, ClientStatus::Complete).await;
    let fs = |rest: &str| format!("/v1/client/fs/{}", rest.replace("ID", &id.to_string()));
    let frame = r#"{"Data":"ODk=","File":"main/local/ten","Offset":10}"#;
    let cases = [
        ("cat/ID?path=main/local/ten", 200, "0123456789"),
        ("readat/ID?path=main/local/ten&offset=3&limit=4", 200, "3456"),
        ("readat/ID?path=main/local/ten&offset=8&limit=100", 200, "89"),
        ("stream/ID?path=main/local/ten&offset=2&origin=end&follow=false", 200, frame),
        ("cat/ID?path=alloc", 500, "file \"alloc\" is a directory"),
        ("cat/ID?path=main/secrets/token", 500, "Reading secret file prohibited: main/secrets/token"),
        ("ls/ID?path=../..", 500, "Path escapes the alloc directory"),
        ("stream/ID?path=alloc&follow=false", 400, "file \"alloc\" is a directory"),
    ];
    for (rest, status, text) in cases {
        assert_eq!(get(&agent, "GET", &fs(rest), "").await, (status, text.to_owned()), "{rest}");
    }
    let (status, text) = get(&agent, "GET", &fs("stat/ID?path=none"), "").await;
    // The whole path on the node, as the original tells it.
    let told =
        text.starts_with("stat /") && text.ends_with(&format!("/{id}/none: no such file or directory"));
    assert!(status == 404 && told, "{status} {text}");
    let (_, names) = get(&agent, "GET", &fs("ls/ID"), "").await;
    let names: Vec<Value> = serde_json::from_str(&names).unwrap();
    assert_eq!(names.iter().map(|file| &file["Name"]).collect::<Vec<_>>(), ["alloc", "main"]);
    let collect = format!("/v1/client/allocation/{id}/gc");
    assert_eq!(get(&agent, "PUT", &collect, "").await, (200, String::new()));
    let unknown = format!("Unknown allocation \"{id}\"");
    assert_eq!(get(&agent, "GET", &fs("ls/ID"), "").await, (404, unknown));
    assert!(!home.allocs().join(id.to_string()).exists());
    agent.shutdown().await;
}

#[tokio::test]
async fn metadata_set_at_run_time_outlives_the_agent() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let path = "/v1/client/metadata";
    let (status, shown) = get(&agent, "POST", path, r#"{"Meta":{"a.b":"1","c":"2"}}"#).await;
    assert_eq!((status, shown.contains(r#""Dynamic":{"a.b":"1","c":"2"}"#)), (200, true), "{shown}");
    get(&agent, "POST", path, r#"{"Meta":{"c":null}}"#).await;
    let refused = get(&agent, "POST", path, r#"{"Meta":{"":"x"}}"#).await;
    assert_eq!(refused, (400, "metadata keys must not be empty".to_owned()));
    agent.shutdown().await;
    drop(agent);
    let agent = home.agent(&server).await;
    assert_eq!(agent.node().meta.get("a.b").map(String::as_str), Some("1"));
    assert_eq!(agent.node().meta.get("c"), None);
    agent.shutdown().await;
}

#[tokio::test]
async fn figures_of_a_running_task() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let id = server.place(&batch("used", vec![shell("main", "sleep 600")])).await;
    server.until(id, ClientStatus::Running).await;
    let path = format!("/v1/client/allocation/{id}/stats");
    let (_, text) = get(&agent, "GET", &path, "").await;
    let used: Value = serde_json::from_str(&text).unwrap();
    assert!(used["Tasks"]["main"]["ResourceUsage"]["MemoryStats"]["RSS"].as_u64().unwrap() > 0, "{text}");
    assert!(!used["Tasks"]["main"]["Pids"].as_object().unwrap().is_empty(), "{text}");
    let (_, text) = get(&agent, "GET", &format!("{path}?task=nope"), "").await;
    assert!(text.contains(r#""Tasks":{}"#), "{text}");
    let running = format!("/v1/client/allocation/{id}/gc");
    assert_eq!(get(&agent, "GET", &running, "").await.0, 500);
    agent.shutdown().await;
}

#[tokio::test]
async fn a_command_beside_a_task_is_talked_to() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let id = server.place(&batch("beside", vec![shell("main", "exec sleep 600")])).await;
    server.until(id, ClientStatus::Running).await;
    let base = format!("/v1/client/allocation/{id}/exec?task=main&command=");
    let cases = [
        ("[%22sh%22,%22-c%22,%22cat;echo+$NOMAD_TASK_NAME+%3E%262;exit+3%22]", "hi\n", "main\n", 3),
        (
            "[%22sh%22,%22-c%22,%22until+stty+size+%7C+grep+40;do+:;done;kill+-9+$$%22]&tty=true",
            "40 120\r\n",
            "",
            137,
        ),
    ];
    for (command, stdout, stderr, code) in cases {
        let (input, said) = tokio::sync::mpsc::channel(8);
        let answer = agent.converse(&format!("{base}{command}"), said).await;
        assert_eq!(answer.status, 200);
        // A terminal takes its size when it likes; what asks for it comes later.
        for message in [
            r#"{"tty_size":{"height":40,"width":120}}"#,
            r#"{"stdin":{"data":"aGkK"}}"#,
            r#"{"stdin":{"close":true}}"#,
        ] {
            if stderr.is_empty() && message.contains("stdin") {
                continue;
            }
            input.send(bytes::Bytes::from(message)).await.unwrap();
        }
        let mut heard =
            std::collections::BTreeMap::from([("stdout", String::new()), ("stderr", String::new())]);
        let mut exit = None;
        let mut body = answer.body;
        while let Some(message) = body.next().await {
            let message: Value = serde_json::from_slice(&message).unwrap();
            for (name, text) in &mut heard {
                if let Some(data) = message[*name]["data"].as_str() {
                    use base64::Engine;
                    let data = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
                    text.push_str(std::str::from_utf8(&data).unwrap());
                }
            }
            exit = message["result"]["exit_code"].as_i64().or(exit);
        }
        assert_eq!(exit, Some(code), "{command}");
        assert_eq!((heard["stdout"].as_str(), heard["stderr"].as_str()), (stdout, stderr), "{command}");
    }
    let refusals = [
        ("&task=nope&command=[%22x%22]", 400, "unknown task name \"nope\""),
        ("&task=main&command=[]", 400, "command is not present"),
        (
            "&task=main&command=[%22no-such-program%22]",
            500,
            "rpc error: code = Unknown desc = failed to start command: executable file \"no-such-program\" not found in the task's directory or $PATH",
        ),
    ];
    for (query, status, text) in refusals {
        let target = format!("/v1/client/allocation/{id}/exec?x=y{query}");
        let answer = agent.converse(&target, tokio::sync::mpsc::channel(1).1).await;
        let chunks: Vec<bytes::Bytes> = answer.body.collect().await;
        assert_eq!((answer.status, String::from_utf8(chunks.concat()).unwrap()), (status, text.to_owned()));
    }
    agent.shutdown().await;
}

#[tokio::test]
async fn all_tasks_run_once_more_in_their_order() {
    let (home, server) = (Home::new(), FakeServer::start().await);
    let agent = home.agent(&server).await;
    let order = "echo $NOMAD_TASK_NAME >> $NOMAD_ALLOC_DIR/data/order";
    let mut before = shell("before", order);
    before.lifecycle = Some(model::job::TaskLifecycle { hook: "prestart".into(), sidecar: false });
    let main = shell("main", &format!("{order}; exec sleep 600"));
    let id = server.place(&batch("again", vec![before, main])).await;
    let runs = |restarts: u64| {
        let main = server.task(id, "main").filter(|state| state.restarts == restarts)?;
        let before = server.task(id, "before").filter(|state| state.restarts == restarts)?;
        let ended = before.state == model::TaskRunState::Dead;
        (ended && main.state == model::TaskRunState::Running).then_some(before)
    };
    crate::eventually("it runs", || runs(0)).await;
    let target = format!("/v1/client/allocation/{id}/restart");
    let (status, text) = get(&agent, "PUT", &target, r#"{"AllTasks":true}"#).await;
    assert_eq!(status, 200, "{text}");
    let before = crate::eventually("it runs again", || runs(1)).await;
    let kinds: Vec<&str> = before.events.iter().map(|event| event.kind.as_str()).collect();
    assert!(kinds.ends_with(&["Restart Signaled", "Restarting", "Started", "Terminated"]), "{kinds:?}");
    let order = home.allocs().join(id.to_string()).join("alloc/data/order");
    crate::eventually("both have run twice", || {
        (std::fs::read_to_string(&order).ok()? == "before\nmain\nbefore\nmain\n").then_some(())
    })
    .await;
    agent.shutdown().await;
}
