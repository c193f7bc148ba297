//! The supervisor's socket: tells the task's state, takes signals, stops and the acknowledgement.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::cores;
use super::files::{ExitRecord, SOCKET, StartRecord};
use super::wire::{LINE_MAX, Request, State};

/// Most connections at a time; an agent needs one.
const CONNECTIONS_MAX: usize = 16;
/// A peer that does not read is dropped after this long.
const WRITE_PATIENCE: Duration = Duration::from_secs(5);

/// What the supervisor's threads share.
pub(super) struct Shared {
    inner: Mutex<Inner>,
    changed: Condvar,
}

struct Inner {
    start: StartRecord,
    exit: Option<ExitRecord>,
    acknowledged: bool,
    /// The task's main process while it is not reaped: only then may its number be used.
    alive: Option<i32>,
    /// By number, so that one that has gone can be taken out.
    peers: Vec<(u64, UnixStream)>,
    peers_seen: u64,
}

impl Shared {
    pub(super) fn new(start: StartRecord) -> Self {
        let inner =
            Inner { start, exit: None, acknowledged: false, alive: None, peers: Vec::new(), peers_seen: 0 };
        Shared { inner: Mutex::new(inner), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere leaves no half-made state behind: every change is one assignment.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn started(&self, start: StartRecord, pid: i32) {
        let mut inner = self.lock();
        inner.start = start;
        inner.alive = Some(pid);
    }

    /// Reaps under the lock, so that nobody signals a number that is free again.
    pub(super) fn reap<T>(&self, reap: impl FnOnce() -> T) -> T {
        let mut inner = self.lock();
        inner.alive = None;
        reap()
    }

    pub(super) fn exited(&self, exit: ExitRecord) {
        let mut inner = self.lock();
        inner.exit = Some(exit);
        let line = inner.line();
        inner.peers.retain_mut(|(_, peer)| peer.write_all(&line).is_ok());
    }

    /// Waits for the acknowledgement; true once it is there.
    pub(super) fn wait_acknowledged(&self, patience: Duration) -> bool {
        let waiting = |inner: &mut Inner| !inner.acknowledged;
        let waited = self.changed.wait_timeout_while(self.lock(), patience, waiting);
        waited.unwrap_or_else(PoisonError::into_inner).0.acknowledged
    }

    fn signal(&self, signal: i32) {
        let inner = self.lock();
        if let (Some(pid), Ok(signal)) = (inner.alive, Signal::try_from(signal)) {
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }

    /// Ends the task's process group and whatever else became this process's child.
    fn end(&self) {
        let inner = self.lock();
        if let Some(pid) = inner.alive {
            let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }

    fn handle(self: &Arc<Self>, request: &Request) {
        match *request {
            Request::Signal { signal } => self.signal(signal),
            Request::Bind { ref cores } => cores::bind_descendants(cores),
            Request::Stop { signal, timeout_ms } => {
                if signal == 0 || timeout_ms == 0 {
                    return self.end();
                }
                self.signal(signal);
                let shared = Arc::clone(self);
                thread::spawn(move || {
                    let deadline = Instant::now() + Duration::from_millis(timeout_ms);
                    let mut inner = shared.lock();
                    while inner.exit.is_none() && inner.alive.is_some() && Instant::now() < deadline {
                        let pause = deadline
                            .saturating_duration_since(Instant::now())
                            .min(Duration::from_millis(100));
                        let waited = shared.changed.wait_timeout(inner, pause);
                        inner = waited.unwrap_or_else(PoisonError::into_inner).0;
                    }
                    drop(inner);
                    shared.end();
                });
            }
            Request::Acknowledge { generation } => {
                let mut inner = self.lock();
                if inner.exit.as_ref().is_some_and(|exit| exit.generation == generation) {
                    inner.acknowledged = true;
                    self.changed.notify_all();
                }
            }
        }
    }
}

impl Inner {
    fn line(&self) -> Vec<u8> {
        let state = State { start: self.start.clone(), exit: self.exit.clone() };
        let mut line = serde_json::to_vec(&state).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

/// Opens the socket in the current directory. Whoever connects waits until [`serve`] answers.
pub(super) fn bind() -> io::Result<UnixListener> {
    match std::fs::remove_file(SOCKET) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(SOCKET)?;
    // Tasks of other users must not talk to it.
    std::fs::set_permissions(SOCKET, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(listener)
}

/// Serves the socket from a thread.
pub(super) fn serve(listener: UnixListener, shared: &Arc<Shared>) -> io::Result<()> {
    let shared = Arc::clone(shared);
    thread::Builder::new().name("accept".into()).spawn(move || {
        for peer in listener.incoming() {
            match peer {
                Ok(peer) => attend(&shared, peer),
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    })?;
    Ok(())
}

fn attend(shared: &Arc<Shared>, mut peer: UnixStream) {
    let _ = peer.set_write_timeout(Some(WRITE_PATIENCE));
    let Ok(reader) = peer.try_clone() else { return };
    let mut inner = shared.lock();
    if inner.peers.len() >= CONNECTIONS_MAX {
        inner.peers.remove(0);
    }
    if peer.write_all(&inner.line()).is_err() {
        return;
    }
    inner.peers_seen += 1;
    let number = inner.peers_seen;
    inner.peers.push((number, peer));
    drop(inner);
    let shared = Arc::clone(shared);
    let _ = thread::Builder::new().name("peer".into()).spawn(move || {
        let mut reader = BufReader::new(reader);
        loop {
            let mut line = String::new();
            match (&mut reader).take(LINE_MAX as u64).read_line(&mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
            match serde_json::from_str::<Request>(&line) {
                Ok(request) => shared.handle(&request),
                Err(_) => break,
            }
        }
        // The peer is gone: forget its writing half too, or every agent's restart would leave a descriptor.
        shared.lock().peers.retain(|(other, _)| *other != number);
    });
}
