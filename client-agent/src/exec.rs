//! `/v1/client/allocation/:id/exec`: a command beside a running task, in its directory and environment, talked to in
//! JSON messages, with or without a terminal.

mod process;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::StreamExt;
use model::{AllocUpdate, TaskRunState};
use proto::fs_request::FsError;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::AbortOnDropHandle;

use crate::context::{Context, Listing};
use crate::driver::{ExecCommand, TaskConfig};
use crate::fs::find;
use crate::http::HttpAnswer;
use crate::http::query::Query;
use crate::task::config::{TaskSite, task_config};
use crate::task::interpolate::Variables;
pub(crate) use process::{ExecProcess, ExecSpec, spawn};

/// Bytes of output in one message.
const CHUNK_BYTES: usize = 16 << 10;
/// Messages that wait for the reader.
const MESSAGES_MAX: usize = 16;
/// Words and bytes of a command.
const WORDS_MAX: usize = 4096;
/// How long output may still come after its command has ended.
const DRAIN: std::time::Duration = std::time::Duration::from_secs(1);

/// One message of the client.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    stdin: Option<Stdin>,
    tty_size: Option<TtySize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Stdin {
    data: Option<String>,
    close: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TtySize {
    height: u16,
    width: u16,
}

/// What the client says, message by message; taking one makes room for the next.
pub(crate) type Input = mpsc::Receiver<Bytes>;

fn refuse<T>(status: u16, text: impl Into<String>) -> Result<T, FsError> {
    Err(FsError::new(status, text))
}

fn command_of(query: &Query) -> Result<ExecCommand, FsError> {
    let named = !query.get("action").is_empty();
    let command: Vec<String> = match serde_json::from_str(query.get("command")) {
        _ if named => Vec::new(),
        Ok(command) => command,
        Err(error) => return refuse(500, format!("failed to marshal command into json: {error}")),
    };
    let tty = match query.get("tty") {
        "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => false,
        "1" | "t" | "T" | "true" | "TRUE" | "True" => true,
        text => {
            let why = format!("strconv.ParseBool: parsing {text:?}: invalid syntax");
            return refuse(500, format!("tty value is not a boolean: {why}"));
        }
    };
    Ok(ExecCommand { command, tty })
}

/// The command of one of the task's actions, interpolated as its configuration is.
fn action_of(
    context: &Context,
    site: &TaskSite,
    config: &TaskConfig,
    name: &str,
) -> Result<Vec<String>, FsError> {
    let action = site.task.actions.iter().find(|action| action.name == name);
    let Some(action) = action else { return refuse(400, format!("action {name} not found")) };
    let node = context.node.now();
    let variables = Variables::new(&config.env, &node, &context.options.region);
    let words = std::iter::once(&action.command).chain(action.args.iter());
    Ok(words.map(|word| variables.text(word)).collect())
}

/// Begins a conversation. The answer's body is the output, one message at a time.
pub(crate) async fn answer(context: &Arc<Context>, alloc: &str, query: &Query, input: Input) -> HttpAnswer {
    match begin(context, alloc, query, input).await {
        Ok(answer) => answer,
        Err(error) => HttpAnswer::text(error.status, error.text),
    }
}

async fn begin(
    context: &Arc<Context>,
    alloc: &str,
    query: &Query,
    input: Input,
) -> Result<HttpAnswer, FsError> {
    let mut asked = command_of(query)?;
    let action = query.get("action");
    let task = query.get("task").to_owned();
    if task.is_empty() {
        return refuse(400, "must provide task name");
    }
    if asked.command.is_empty() && action.is_empty() {
        return refuse(400, "command is not present");
    }
    if asked.command.len() > WORDS_MAX {
        return refuse(400, format!("a command has at most {WORDS_MAX} words"));
    }
    let listing = find(context, alloc)?;
    let state = listing.update.borrow().task_states.get(&task).cloned();
    match state {
        None => return refuse(400, format!("unknown task name {task:?}")),
        Some(state) if state.started_at_ns == 0 => {
            return refuse(404, format!("task {task:?} not started yet."));
        }
        Some(state) if state.state != TaskRunState::Running => {
            return refuse(404, format!("task {task:?} is not running."));
        }
        Some(_) => {}
    }
    let site = TaskSite::of(&listing, &task);
    let config = task_config(context, &site);
    if !action.is_empty() {
        asked.command = action_of(context, &site, &config, action)?;
    }
    let driver = context.drivers.get(&site.task.driver);
    let driver = driver.ok_or_else(|| FsError::new(500, "the task's driver is gone"))?;
    // The original's drivers are processes of their own; people know the words in front from there.
    let failed = |error| FsError::new(500, format!("rpc error: code = Unknown desc = {error}"));
    let process = driver.exec(config, asked).await.map_err(failed)?;
    let (sender, messages) = mpsc::channel(MESSAGES_MAX);
    let cancel = context.cancel.clone();
    tokio::spawn(async move {
        // Dropping the process ends it, whatever it was doing.
        let _ = cancel.run_until_cancelled(converse(process, listing, task, input, sender)).await;
    });
    let body = ReceiverStream::new(messages).boxed();
    Ok(HttpAnswer { status: 200, content_type: String::new(), body })
}

async fn say(messages: &mpsc::Sender<Bytes>, message: Value) -> bool {
    messages.send(Bytes::from(message.to_string())).await.is_ok()
}

/// Carries one stream of output; at its end says so.
async fn pump(mut from: Box<dyn AsyncRead + Send + Unpin>, name: &'static str, to: mpsc::Sender<Bytes>) {
    let mut bytes = vec![0; CHUNK_BYTES];
    // A terminal whose last process is gone answers with an error: that is its end.
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        let data = STANDARD.encode(bytes.get(..length).unwrap_or_default());
        if !say(&to, json!({name: {"data": data}})).await {
            return;
        }
    }
    say(&to, json!({name: {"close": true}})).await;
}

async fn feed(mut input: Input, mut process: process::Inlet) {
    while let Some(message) = input.recv().await {
        let Ok(said) = serde_json::from_slice::<Said>(&message) else { continue };
        if let Some(size) = said.tty_size {
            process.resize(size.height, size.width);
        }
        let Some(stdin) = said.stdin else { continue };
        let data = stdin.data.and_then(|data| STANDARD.decode(data).ok()).unwrap_or_default();
        // A process that does not read any more will end or be ended; nobody is helped by an error here.
        if !data.is_empty() && process.write_all(&data).await.is_err() {
            process.close().await;
        }
        if stdin.close {
            process.close().await;
        }
    }
}

async fn converse(
    process: ExecProcess,
    listing: Arc<Listing>,
    task: String,
    input: Input,
    to: mpsc::Sender<Bytes>,
) {
    let ExecProcess { mut child, inlet, stdout, stderr } = process;
    let _feeding = AbortOnDropHandle::new(tokio::spawn(feed(input, inlet)));
    let mut pumps = vec![tokio::spawn(pump(stdout, "stdout", to.clone()))];
    pumps.extend(stderr.map(|stderr| tokio::spawn(pump(stderr, "stderr", to.clone()))));
    let mut state = listing.update.clone();
    let task_ended = async {
        let over = |update: &AllocUpdate| {
            update.task_states.get(&task).is_none_or(|state| state.state == TaskRunState::Dead)
        };
        // An allocation that is gone has no running tasks either.
        let _ = state.wait_for(over).await.map(drop);
    };
    let code = tokio::select! {
        code = child.wait() => code,
        () = task_ended => {
            child.kill();
            child.wait().await
        }
        () = to.closed() => {
            child.kill();
            child.wait().await;
            return;
        }
    };
    // What it wrote last is still on its way; a descendant that keeps the output open does not hold the answer up.
    let all = futures::future::join_all(pumps.iter_mut());
    let _ = tokio::time::timeout(DRAIN, all).await;
    pumps.iter().for_each(tokio::task::JoinHandle::abort);
    say(&to, json!({"exited": true, "result": {"exit_code": code}})).await;
}
