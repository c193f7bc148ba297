//! One real server: its data directory, its listener on loopback, its raft core. Waits by polling.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use model::RootKey;
use raft::{Committed, Options, ProposeError, Raft, StartError};
use state::{Command, Envelope};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server as Grpc;

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A server that can be stopped and started again.
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) addr: String,
    pub(crate) dir: TempDir,
    pub(crate) raft: Option<Raft>,
    pub(crate) fatal: Arc<Mutex<Vec<String>>>,
    listening: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    edit: fn(&mut Options),
    seeds: Vec<String>,
    expect: usize,
}

impl Server {
    /// Reserves an address; nothing runs yet.
    pub(crate) async fn new(name: &str, expect: usize) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Server {
            name: name.into(),
            addr: listener.local_addr().unwrap().to_string(),
            dir: tempfile::tempdir().unwrap(),
            raft: None,
            fatal: Arc::default(),
            listening: None,
            edit: |_| {},
            seeds: Vec::new(),
            expect,
        }
    }

    pub(crate) fn seeds(mut self, seeds: &[String]) -> Server {
        self.seeds = seeds.to_vec();
        self
    }

    /// For the next start.
    pub(crate) fn reseed(&mut self, seeds: &[String]) {
        self.seeds = seeds.to_vec();
    }

    /// For the next start.
    pub(crate) fn expect(&mut self, expect: usize) {
        self.expect = expect;
    }

    pub(crate) fn with(mut self, edit: fn(&mut Options)) -> Server {
        self.edit = edit;
        self
    }

    pub(crate) fn gate(&self) -> PathBuf {
        self.dir.path().join("gate")
    }

    pub(crate) async fn try_start(&mut self) -> Result<(), StartError> {
        let fatal = Arc::clone(&self.fatal);
        let mut options = Options {
            data_dir: self.dir.path().join("data"),
            name: self.name.clone(),
            rpc_advertise: self.addr.clone(),
            http_advertise: "127.0.0.1:4646".into(),
            version: "1.0.0".into(),
            bootstrap_expect: self.expect,
            retry_join: self.seeds.clone(),
            segment_bytes: 1 << 20,
            propose_timeout_ms: 5_000,
            sync_gate: Some(self.gate()),
            fatal: Arc::new(move |reason| fatal.lock().unwrap().push(reason.to_owned())),
            ..Options::default()
        };
        (self.edit)(&mut options);
        let raft = raft::start(options).await?;
        let service = raft.service();
        let listener = TcpListener::bind(&self.addr).await.unwrap();
        let (close, closed) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            // Without nodelay an answer waits 40 ms for the other end's delayed acknowledgement.
            let incoming = TcpListenerStream::new(listener)
                .map(|stream| stream.inspect(|stream| stream.set_nodelay(true).unwrap()));
            let closed = async move { drop(closed.await) };
            raft::tune(Grpc::builder())
                .add_service(service)
                .serve_with_incoming_shutdown(incoming, closed)
                .await
                .unwrap();
        });
        self.listening = Some((close, serving));
        self.raft = Some(raft);
        Ok(())
    }

    pub(crate) async fn start(&mut self) {
        self.try_start().await.unwrap();
    }

    pub(crate) async fn stop(&mut self) {
        if let Some(raft) = self.raft.take() {
            raft.shutdown().await;
        }
        if let Some((close, serving)) = self.listening.take() {
            drop(close);
            tokio::time::timeout(PATIENCE, serving).await.unwrap().unwrap();
        }
    }

    pub(crate) fn raft(&self) -> &Raft {
        self.raft.as_ref().unwrap()
    }

    pub(crate) fn is_leader(&self) -> bool {
        self.raft.as_ref().is_some_and(|raft| raft.leadership().borrow().is_leader)
    }

    pub(crate) fn index(&self) -> u64 {
        self.raft().state().index()
    }
}

/// Polls until `condition` holds.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The position of the one server that leads.
pub(crate) async fn leader(servers: &[Server]) -> usize {
    let mut found = 0;
    eventually("a leader", || {
        let leader = servers.iter().position(Server::is_leader);
        found = leader.unwrap_or(0);
        leader.is_some()
    })
    .await;
    found
}

pub(crate) fn noop() -> Envelope {
    Envelope { trace: String::new(), now_ns: 0, command: Command::Noop }
}

/// A command that leaves a row of `size` bytes.
pub(crate) fn put_key(id: &str, size: usize) -> Envelope {
    let key = RootKey { id: id.into(), public: vec![7; size], active: true, ..RootKey::default() };
    Envelope { trace: String::new(), now_ns: 1, command: Command::PutRootKey { key } }
}

/// Proposes to whoever leads until it is committed. Only for commands that may happen twice.
pub(crate) async fn write(servers: &[Server], envelope: Envelope) -> Committed {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let at = leader(servers).await;
        match servers[at].raft().propose(envelope.clone()).await {
            Ok(committed) => return committed,
            Err(ProposeError::NotLeader | ProposeError::Unknown(_) | ProposeError::Full) => {}
            Err(error) => panic!("{error}"),
        }
        assert!(Instant::now() < deadline, "nothing was committed in time");
    }
}

/// Waits until every running server has applied as much as the others, and checks that states are equal.
pub(crate) async fn settle(servers: &[Server]) {
    eventually("equal states", || {
        let mut running = servers.iter().filter_map(|server| server.raft.as_ref());
        let first = running.next().unwrap().state().index();
        running.all(|raft| raft.state().index() == first)
    })
    .await;
    let mut running = servers.iter().filter_map(|server| server.raft.as_ref());
    let first: Vec<_> = running.next().unwrap().state().rows().collect();
    for raft in running {
        assert!(raft.state().rows().eq(first.iter().cloned()), "states differ");
    }
}

/// Three servers that know only the first one's address, started in this order.
pub(crate) async fn three(order: [usize; 3], edit: fn(&mut Options)) -> Vec<Server> {
    let mut servers = Vec::new();
    for name in ["one", "two", "three"] {
        servers.push(Server::new(name, 3).await.with(edit));
    }
    let seed = vec![servers[0].addr.clone()];
    for server in &mut servers {
        server.seeds.clone_from(&seed);
    }
    for at in order {
        servers[at].start().await;
    }
    servers
}

pub(crate) async fn stop_all(servers: &mut [Server]) {
    for server in servers {
        server.stop().await;
        assert_eq!(*server.fatal.lock().unwrap(), Vec::<String>::new(), "{}", server.name);
    }
}
