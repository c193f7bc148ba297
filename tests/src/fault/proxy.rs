//! A proxy in front of each server's RPC port, through which everybody reaches it: links can be cut, in one direction
//! too, and delayed.
//!
//! What a cut link swallows is held back, not lost: TCP would send it again until the link is whole. So a short cut
//! shows as a long delay and a long one as the silence that keepalives find, as on a real network.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::owner;

/// Bytes of one direction that may be on the way.
const CHUNK: usize = 64 << 10;
const CHUNKS: usize = 64;
/// A server that has just been killed does not listen; whoever called it is told so at once.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);
/// How long a caller may go unrecognised: the kernel's table of sockets is read in pieces while it changes, and a process
/// may call before it is known whose it is.
const CALLER_LIMIT: Duration = Duration::from_secs(2);
const CALLER_PAUSE: Duration = Duration::from_millis(10);

/// An end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A server, by its number.
    Server(usize),
    /// Client agents, all of them.
    Clients,
}

/// From where to where.
pub type Link = (End, End);

/// How links are at the moment.
#[derive(Debug, Clone, Default)]
struct Weather {
    cut: BTreeSet<Link>,
    delay: BTreeMap<Link, Duration>,
}

/// All links of a cluster. Clones share them.
#[derive(Clone)]
pub struct Links {
    weather: Arc<watch::Sender<Weather>>,
    /// Which process is at which end.
    processes: Arc<Mutex<BTreeMap<u32, End>>>,
    /// Ends all connections that there are.
    resets: Arc<Mutex<CancellationToken>>,
    end: CancellationToken,
    _guard: Arc<DropGuard>,
}

impl Default for Links {
    fn default() -> Links {
        let end = CancellationToken::new();
        Links {
            weather: Arc::new(watch::Sender::default()),
            // The simulated client agents are in this one.
            processes: Arc::new(Mutex::new([(std::process::id(), End::Clients)].into())),
            resets: Arc::default(),
            end: end.clone(),
            _guard: Arc::new(end.drop_guard()),
        }
    }
}

impl Links {
    /// Proxies what comes on `listener` to a server that listens on `to`, until the last clone is gone.
    pub fn serve(&self, server: usize, listener: TcpListener, to: SocketAddr) {
        let (links, end) = (self.parts(), self.end.clone());
        tokio::spawn(end.run_until_cancelled_owned(async move {
            loop {
                // No descriptors left: the next one may come after others are closed.
                let Ok((stream, caller)) = listener.accept().await else { continue };
                tokio::spawn(links.clone().carry(stream, caller, server, to));
            }
        }));
    }

    fn parts(&self) -> Parts {
        let Links { weather, processes, resets, end, .. } = self;
        Parts {
            weather: weather.clone(),
            processes: processes.clone(),
            resets: resets.clone(),
            end: end.clone(),
        }
    }

    /// A process is at that end from now on, and of a server it is the only one. Nobody else is let through.
    pub fn belongs(&self, process: u32, end: End) {
        let mut processes = self.processes.lock().unwrap_or_else(PoisonError::into_inner);
        processes.retain(|_, known| end == End::Clients || *known != end);
        processes.insert(process, end);
    }

    /// Cuts links, each in its one direction.
    pub fn cut(&self, links: impl IntoIterator<Item = Link>) {
        self.weather.send_modify(|weather| weather.cut.extend(links));
    }

    /// Delays what goes over links.
    pub fn delay(&self, links: impl IntoIterator<Item = Link>, by: Duration) {
        let delayed = links.into_iter().map(|link| (link, by));
        self.weather.send_modify(|weather| weather.delay.extend(delayed));
    }

    /// All links are whole again.
    pub fn heal(&self) {
        self.weather.send_replace(Weather::default());
    }

    /// Ends every connection that there is.
    pub fn reset(&self) {
        let mut resets = self.resets.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *resets).cancel();
    }
}

/// What a connection needs of the links: everything but what keeps them alive.
#[derive(Clone)]
struct Parts {
    weather: Arc<watch::Sender<Weather>>,
    processes: Arc<Mutex<BTreeMap<u32, End>>>,
    resets: Arc<Mutex<CancellationToken>>,
    end: CancellationToken,
}

impl Parts {
    async fn carry(self, caller: TcpStream, address: SocketAddr, server: usize, to: SocketAddr) {
        let reset = self.resets.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let work = async {
            let Some(from) = self.caller(address).await else { return };
            let to_end = End::Server(server);
            let mut weather = self.weather.subscribe();
            // A connection takes both directions.
            let open =
                |now: &Weather| !now.cut.contains(&(from, to_end)) && !now.cut.contains(&(to_end, from));
            if weather.wait_for(open).await.is_err() {
                return;
            }
            let Ok(Ok(target)) = tokio::time::timeout(CONNECT_LIMIT, TcpStream::connect(to)).await else {
                return;
            };
            // Without it small messages wait for each other; a connection that is gone shows at the next read.
            let _ = (caller.set_nodelay(true), target.set_nodelay(true));
            let (caller_in, caller_out) = caller.into_split();
            let (target_in, target_out) = target.into_split();
            tokio::select! {
                () = pump(caller_in, target_out, (from, to_end), self.weather.subscribe()) => {}
                () = pump(target_in, caller_out, (to_end, from), self.weather.subscribe()) => {}
            }
        };
        tokio::select! {
            () = work => {}
            () = reset.cancelled() => {}
            () = self.end.cancelled() => {}
        }
    }

    /// Who calls. One that is not recognised is not carried at all: taken for somebody else, a server would go on to
    /// reach another one over a link that is cut.
    async fn caller(&self, address: SocketAddr) -> Option<End> {
        let deadline = Instant::now() + CALLER_LIMIT;
        loop {
            let processes = self.processes.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let candidates: Vec<u32> = processes.keys().copied().collect();
            if let Some(process) = owner::of(address, &candidates) {
                return processes.get(&process).copied();
            }
            if Instant::now() > deadline {
                return None;
            }
            tokio::time::sleep(CALLER_PAUSE).await;
        }
    }
}

/// Carries one direction until it ends.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    link: Link,
    mut weather: watch::Receiver<Weather>,
) {
    let (queue, mut queued) = mpsc::channel::<(Instant, Vec<u8>)>(CHUNKS);
    let delays = weather.clone();
    let reading = async move {
        loop {
            let mut bytes = vec![0; CHUNK];
            let Ok(count @ 1..) = from.read(&mut bytes).await else { return };
            bytes.truncate(count);
            let delay = delays.borrow().delay.get(&link).copied().unwrap_or_default();
            if queue.send((Instant::now() + delay, bytes)).await.is_err() {
                return;
            }
        }
    };
    let writing = async move {
        while let Some((due, bytes)) = queued.recv().await {
            sleep_until(due).await;
            let open = weather.wait_for(|now| !now.cut.contains(&link)).await.is_ok();
            if !open || to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    // What has been read is still written when the reader is at its end.
    tokio::join!(reading, writing);
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pair() -> (Links, TcpStream, TcpStream) {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (to, through) = (server.local_addr().unwrap(), proxy.local_addr().unwrap());
        let links = Links::default();
        links.serve(0, proxy, to);
        let caller = TcpStream::connect(through).await.unwrap();
        (links, caller, server.accept().await.unwrap().0)
    }

    async fn arrives(stream: &mut TcpStream) -> bool {
        let mut byte = [0];
        matches!(tokio::time::timeout(Duration::from_millis(200), stream.read(&mut byte)).await, Ok(Ok(1)))
    }

    #[tokio::test]
    async fn a_link_is_cut_in_one_direction_and_loses_nothing() {
        let (links, mut caller, mut server) = pair().await;
        caller.write_all(b"a").await.unwrap();
        assert!(arrives(&mut server).await);
        links.cut([(End::Clients, End::Server(0))]);
        caller.write_all(b"b").await.unwrap();
        server.write_all(b"c").await.unwrap();
        assert!(!arrives(&mut server).await && arrives(&mut caller).await);
        links.heal();
        assert!(arrives(&mut server).await);
    }

    #[tokio::test]
    async fn a_reset_ends_connections() {
        let (links, mut caller, _server) = pair().await;
        caller.write_all(b"a").await.unwrap();
        links.reset();
        let mut rest = Vec::new();
        assert_eq!(caller.read_to_end(&mut rest).await.unwrap_or(0), 0);
    }
}
