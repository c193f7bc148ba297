//! A task in the hands of a supervisor, as the agent holds it: one connection, kept up for as long as anybody asks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines, Take};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

use crate::driver::{ExitResult, HandleError, TaskConfig, TaskHandle};
use crate::supervisor::files::{self, ExitRecord, SOCKET, StartRecord};
use crate::supervisor::wire::{LINE_MAX, Request, State};

/// Requests that wait for a connection.
const REQUESTS_MAX: usize = 32;
/// Pause between attempts to reach a supervisor that holds its lock.
const RECONNECT_PAUSE: Duration = Duration::from_millis(10);
/// How long a supervisor may take from its lock to its socket.
const SETTLE_PATIENCE: Duration = Duration::from_secs(15);
/// How long the state of a fresh start is awaited.
const STATE_PATIENCE: Duration = Duration::from_secs(15);
/// Lines read from one connection before it is made anew; bounds what a broken peer can send.
const LINES_MAX: u64 = 64;

/// A task in the hands of a supervisor.
pub(super) struct Supervised {
    generation: u64,
    pid: Option<i32>,
    exit: watch::Receiver<Option<ExitRecord>>,
    requests: mpsc::Sender<Request>,
}

impl Supervised {
    /// Holds a task whose supervisor is alive.
    pub(super) fn attach(task: &TaskConfig, start: StartRecord) -> Arc<Self> {
        let (exit_sender, exit) = watch::channel(None);
        let (requests, waiting) = mpsc::channel(REQUESTS_MAX);
        let generation = start.generation;
        let attendant =
            Attendant { dir: task.control_dir.clone(), generation, exit: exit_sender, stop: None };
        tokio::spawn(attendant.run(waiting));
        Arc::new(Supervised { generation, pid: start.task.map(|task| task.pid), exit, requests })
    }

    /// Holds a task that has ended.
    pub(super) fn ended(_task: &TaskConfig, exit: &ExitRecord) -> Arc<Self> {
        let mut exit = exit.clone();
        if let Some(error) = exit.start_error.take() {
            exit.result = ExitResult { exit_code: 1, message: error, ..ExitResult::default() };
        }
        let (_, receiver) = watch::channel(Some(exit.clone()));
        let (requests, _) = mpsc::channel(1);
        Arc::new(Supervised { generation: exit.generation, pid: None, exit: receiver, requests })
    }

    /// Holds a task whose supervisor is gone without having said how the task ended.
    pub(super) fn vanished(task: &TaskConfig, generation: u64) -> Arc<Self> {
        Self::ended(task, &lost(generation))
    }

    /// Waits for the first news of a fresh start; the error if it could not be started.
    pub(super) async fn start_error(&self) -> Option<String> {
        // The start record names a process, or the exit record follows at once.
        if self.pid.is_some() {
            return None;
        }
        let mut exit = self.exit.clone();
        let news = timeout(STATE_PATIENCE, exit.wait_for(Option::is_some)).await;
        let record = news.ok()?.ok()?.clone()?;
        let error = record.start_error?;
        let _ = self.requests.send(Request::Acknowledge { generation: self.generation }).await;
        Some(error)
    }

    async fn request(&self, request: Request) -> Result<(), HandleError> {
        let sent = self.requests.send_timeout(request, Duration::from_secs(5)).await;
        // A closed channel belongs to a task that has ended: there is nothing to signal or stop.
        match sent {
            Ok(()) | Err(mpsc::error::SendTimeoutError::Closed(_)) => Ok(()),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => {
                Err(HandleError("the task's supervisor does not answer".to_owned()))
            }
        }
    }
}

fn lost(generation: u64) -> ExitRecord {
    let message = "the task's supervisor was lost".to_owned();
    let result = ExitResult { exit_code: 137, signal: 9, oom_killed: false, message };
    ExitRecord { generation, result, ..ExitRecord::default() }
}

impl TaskHandle for Supervised {
    fn wait(&self) -> BoxFuture<'_, ExitResult> {
        let mut exit = self.exit.clone();
        async move {
            let ended = exit.wait_for(Option::is_some).await.ok().and_then(|exit| exit.clone());
            ended.unwrap_or_else(|| lost(self.generation)).result
        }
        .boxed()
    }

    fn signal(&self, signal: i32) -> BoxFuture<'_, Result<(), HandleError>> {
        self.request(Request::Signal { signal }).boxed()
    }

    fn stop(&self, signal: i32, timeout_ms: u64) -> BoxFuture<'_, Result<(), HandleError>> {
        self.request(Request::Stop { signal, timeout_ms }).boxed()
    }

    fn bind(&self, cores: Vec<u16>) -> BoxFuture<'_, Result<(), HandleError>> {
        self.request(Request::Bind { cores }).boxed()
    }

    fn acknowledge(&self) -> BoxFuture<'_, ()> {
        self.request(Request::Acknowledge { generation: self.generation }).map(drop).boxed()
    }

    fn pid(&self) -> Option<i32> {
        self.pid
    }
}

/// Keeps up the connection to one supervisor.
struct Attendant {
    dir: PathBuf,
    generation: u64,
    exit: watch::Sender<Option<ExitRecord>>,
    /// The last stop that was asked for: asked again on a new connection, because the first may have been lost.
    stop: Option<Request>,
}

enum Ended {
    /// The connection is gone.
    Disconnected,
    /// Nobody holds the task's handle any more, or the exit is acknowledged.
    Finished,
}

impl Attendant {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        loop {
            if let Ok((lines, writer)) = connect(&self.dir).await
                && matches!(self.converse(lines, writer, &mut requests).await, Ended::Finished)
            {
                return;
            }
            if !files::held(&self.dir).unwrap_or(false) {
                break;
            }
            sleep(RECONNECT_PAUSE).await;
        }
        // The lock is free, so the supervisor has said on disk all that it will ever say.
        let record =
            files::read_exit(&self.dir).ok().flatten().filter(|exit| exit.generation == self.generation);
        let record = record.unwrap_or_else(|| {
            if let Ok(Some(start)) = files::read_start(&self.dir) {
                super::orphan::end_session(&start);
            }
            lost(self.generation)
        });
        self.tell(record);
    }

    fn tell(&self, mut record: ExitRecord) {
        if let Some(error) = &record.start_error {
            record.result = ExitResult { exit_code: 1, message: error.clone(), ..ExitResult::default() };
        }
        self.exit.send_if_modified(|exit| {
            let first = exit.is_none();
            if first {
                *exit = Some(record);
            }
            first
        });
    }

    async fn converse(
        &mut self,
        mut lines: Reader,
        mut writer: OwnedWriteHalf,
        requests: &mut mpsc::Receiver<Request>,
    ) -> Ended {
        if let Some(stop) = self.stop.clone()
            && send(&mut writer, &stop).await.is_err()
        {
            return Ended::Disconnected;
        }
        loop {
            tokio::select! {
                line = lines.next_line() => match line.ok().flatten().map(|line| serde_json::from_str::<State>(&line)) {
                    Some(Ok(state)) => {
                        if let Some(exit) = state.exit.filter(|exit| exit.generation == self.generation) {
                            self.tell(exit);
                        }
                    }
                    Some(Err(_)) | None => return Ended::Disconnected,
                },
                request = requests.recv() => {
                    let Some(request) = request else { return Ended::Finished };
                    if matches!(request, Request::Stop { .. }) {
                        self.stop = Some(request.clone());
                    }
                    if send(&mut writer, &request).await.is_err() {
                        return Ended::Disconnected;
                    }
                    if matches!(request, Request::Acknowledge { .. }) {
                        return Ended::Finished;
                    }
                }
            }
        }
    }
}

type Reader = Lines<BufReader<Take<OwnedReadHalf>>>;

async fn connect(dir: &Path) -> std::io::Result<(Reader, OwnedWriteHalf)> {
    // The directory's path may be longer than a socket's name may be; its descriptor's is not.
    let opened = std::fs::File::open(dir)?;
    let path = format!("/proc/self/fd/{}/{SOCKET}", std::os::fd::AsRawFd::as_raw_fd(&opened));
    let stream = UnixStream::connect(path).await?;
    let (reader, writer) = stream.into_split();
    Ok((BufReader::new(reader.take(LINE_MAX as u64 * LINES_MAX)).lines(), writer))
}

async fn send(writer: &mut OwnedWriteHalf, request: &Request) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    writer.write_all(&line).await
}

/// Comes to terms with the supervisor that holds a task: one of this generation or a later one is attached to, one
/// of an earlier generation has ended and is let go. `None`: the lock is free now, or nobody came to the socket.
pub(super) async fn settle(dir: &Path, generation: u64) -> Option<StartRecord> {
    let deadline = Instant::now() + SETTLE_PATIENCE;
    while Instant::now() < deadline {
        match connect(dir).await {
            Ok((mut lines, mut writer)) => {
                let line = timeout(Duration::from_secs(5), lines.next_line()).await.ok()?.ok().flatten();
                let state = line.and_then(|line| serde_json::from_str::<State>(&line).ok());
                if let Some(state) = state {
                    if state.start.generation >= generation {
                        return Some(state.start);
                    }
                    let generation = state.start.generation;
                    let _ = send(&mut writer, &Request::Acknowledge { generation }).await;
                }
            }
            Err(_) if !files::held(dir).unwrap_or(false) => return None,
            Err(_) => {}
        }
        sleep(RECONNECT_PAUSE).await;
    }
    None
}
