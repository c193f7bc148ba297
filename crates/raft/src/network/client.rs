//! The calling side: channels by address, and openraft's network over them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openraft::error::{
    InstallSnapshotError, NetworkError, RPCError, RaftError, RemoteError, Timeout, Unreachable,
};
use openraft::network::{Backoff, RPCOption, RPCTypes, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse,
    VoteRequest, VoteResponse,
};
use proto::talk::{Talk, Talks};
use proto::v1::raft_client::RaftClient;
use proto::v1::{Payload, Subject};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Response, Status};

use super::frame::{Frame, decode, encode};
use super::{CONNECTION_WINDOW, MESSAGE_BYTES, STREAM_WINDOW};
use crate::identity::Identity;
use crate::lock::lock;
use crate::member::Member;
use crate::options::{EndpointHook, Options};
use crate::type_config::TypeConfig;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const KEEPALIVE: Duration = Duration::from_secs(2);
/// After a peer was out of reach it is tried again this much later.
const BACKOFF: Duration = Duration::from_millis(150);
/// Channels kept at most; beyond it all are made anew.
const MAX_CHANNELS: usize = 256;

/// Channels to peers, and what every message carries.
pub(crate) struct Peers {
    identity: Arc<Identity>,
    endpoint: Option<EndpointHook>,
    #[cfg(feature = "simulation")]
    carrier: Option<crate::simulation::Carrier>,
    channels: Mutex<BTreeMap<String, Channel>>,
    /// Streams to peers that are asked often.
    talks: Talks,
    /// The highest commit position that any follower may have learned of from here, plus one.
    announced: AtomicU64,
    /// Where members of this cluster said last that they are.
    heard: Mutex<BTreeMap<u64, String>>,
}

impl Peers {
    pub(crate) fn new(identity: Arc<Identity>, options: &Options) -> Peers {
        Peers {
            identity,
            endpoint: options.endpoint.clone(),
            #[cfg(feature = "simulation")]
            carrier: options.simulated.as_ref().map(|simulated| Arc::clone(&simulated.carrier)),
            channels: Mutex::default(),
            talks: Talks::default(),
            announced: AtomicU64::new(0),
            heard: Mutex::default(),
        }
    }

    /// The highest raft index that this server, as a leader, has told anybody to be committed. Followers may have applied
    /// it before this server has.
    pub(crate) fn announced(&self) -> Option<u64> {
        self.announced.load(Ordering::Acquire).checked_sub(1)
    }

    /// Notes where a member of this cluster is. The membership learns it too, but can only commit that while a majority
    /// is where it was: servers that all moved would never find each other again.
    pub(crate) fn heard_at(&self, id: u64, addr: &str) {
        lock(&self.heard).insert(id, addr.to_owned());
    }

    pub(crate) fn address_of(&self, id: u64) -> Option<String> {
        lock(&self.heard).get(&id).cloned()
    }

    /// What a server said is worth less than the membership once nobody answers there.
    fn silent_at(&self, id: u64, addr: &str) {
        let mut heard = lock(&self.heard);
        if heard.get(&id).is_some_and(|heard| heard == addr) {
            heard.remove(&id);
        }
    }

    /// A client for `addr`. It connects when it is first used.
    pub(crate) fn client(&self, addr: &str) -> Result<RaftClient<Channel>, Status> {
        let mut channels = lock(&self.channels);
        let channel = match channels.get(addr) {
            Some(channel) => channel.clone(),
            None => {
                let channel = self.endpoint(addr)?.connect_lazy();
                if channels.len() >= MAX_CHANNELS {
                    channels.clear();
                }
                channels.insert(addr.to_owned(), channel.clone());
                channel
            }
        };
        Ok(RaftClient::new(channel)
            .max_decoding_message_size(MESSAGE_BYTES)
            .max_encoding_message_size(MESSAGE_BYTES))
    }

    /// The stream to `addr`; `None` where only calls are understood.
    fn talk(&self, addr: &str) -> Result<Option<Arc<Talk>>, Status> {
        self.talks.get(addr, || {
            let mut client = self.client(addr)?;
            Ok(Talk::open(move |questions| Box::pin(async move { client.talk(questions).await })))
        })
    }

    fn endpoint(&self, addr: &str) -> Result<Endpoint, Status> {
        let made = match &self.endpoint {
            Some(hook) => hook(addr),
            None => Endpoint::from_shared(format!("http://{addr}")),
        };
        let endpoint = made.map_err(|error| Status::invalid_argument(format!("address {addr}: {error}")))?;
        Ok(endpoint
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEPALIVE)
            .keep_alive_timeout(KEEPALIVE)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW))
    }

    /// Puts a body into its envelope.
    pub(crate) fn frame<T: Serialize>(&self, to: u64, body: T) -> Result<Payload, Status> {
        let frame = Frame { cluster: self.identity.cluster_id(), from: self.identity.server_id(), to, body };
        encode(&frame)
    }
}

/// Which method of the service a message goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "simulation"),
    expect(unreachable_pub, reason = "a simulation carries messages itself")
)]
pub enum Method {
    /// Entries, or a heartbeat.
    AppendEntries,
    /// A candidate asks for a vote.
    Vote,
    /// A piece of a snapshot.
    InstallSnapshot,
    /// A follower asks for a read point.
    ReadIndex,
    /// A leader asks whether it still is one.
    Confirm,
    /// Servers get to know each other.
    Greet,
    /// A server asks to be a member.
    Join,
    /// A leader hands over.
    Elect,
    /// A server is told that it was removed.
    Leave,
}

impl Method {
    /// What it is called on a stream; `None` for messages that are rare or large.
    fn subject(self) -> Option<Subject> {
        match self {
            Method::AppendEntries => Some(Subject::AppendEntries),
            Method::Vote => Some(Subject::Vote),
            Method::ReadIndex => Some(Subject::ReadIndex),
            Method::Confirm => Some(Subject::Confirm),
            _ => None,
        }
    }
}

/// Sends `body` to `addr` and waits at most `limit` for the answer.
pub(crate) async fn call<T: Serialize, R: DeserializeOwned>(
    peers: &Peers,
    addr: &str,
    to: u64,
    method: Method,
    body: T,
    limit: Duration,
) -> Result<R, Status> {
    let payload = peers.frame(to, body)?;
    let answer = tokio::time::timeout(limit, ask(peers, addr, method, payload)).await;
    let late = |_elapsed| Status::deadline_exceeded(format!("no answer from {addr} in time"));
    decode(&answer.map_err(late)??)
}

/// The answer over the stream to `addr`, or by a call of its own.
async fn ask(peers: &Peers, addr: &str, method: Method, payload: Payload) -> Result<Payload, Status> {
    #[cfg(feature = "simulation")]
    if let Some(carrier) = &peers.carrier {
        return carrier(addr.to_owned(), method, payload).await;
    }
    if let Some(subject) = method.subject()
        && let Some(talk) = peers.talk(addr)?
    {
        let answer = talk.ask(subject, payload.body.clone()).await;
        if !talk.unknown() {
            return answer.map(|body| Payload { body }).map_err(|unanswered| unanswered.status);
        }
    }
    let mut client = peers.client(addr)?;
    let answer = match method {
        Method::AppendEntries => client.append_entries(payload).await,
        Method::Vote => client.vote(payload).await,
        Method::InstallSnapshot => client.install_snapshot(payload).await,
        Method::ReadIndex => client.read_index(payload).await,
        Method::Confirm => Err(Status::unimplemented("the peer is of an earlier version")),
        Method::Greet => client.greet(payload).await,
        Method::Join => client.join(payload).await,
        Method::Elect => client.elect(payload).await,
        Method::Leave => client.leave(payload).await,
    };
    if answer.as_ref().is_err_and(|status| status.code() == Code::Unavailable) {
        peers.talks.forget_unknown(addr);
    }
    answer.map(Response::into_inner)
}

/// Makes a client per peer, as openraft asks for it.
#[derive(Clone)]
pub(crate) struct Network {
    pub(crate) peers: Arc<Peers>,
}

impl RaftNetworkFactory<TypeConfig> for Network {
    type Network = PeerClient;

    async fn new_client(&mut self, target: u64, node: &Member) -> PeerClient {
        PeerClient { peers: Arc::clone(&self.peers), target, addr: node.rpc_addr.clone() }
    }
}

/// One peer as openraft sees it.
pub(crate) struct PeerClient {
    peers: Arc<Peers>,
    target: u64,
    addr: String,
}

type Failure<E> = RPCError<u64, Member, RaftError<u64, E>>;

impl PeerClient {
    async fn send<T, R, E>(
        &self,
        method: Method,
        action: RPCTypes,
        body: T,
        option: &RPCOption,
    ) -> Result<R, Failure<E>>
    where
        T: Serialize,
        R: DeserializeOwned,
        E: std::error::Error + DeserializeOwned,
    {
        let limit = option.hard_ttl();
        let addr = self.peers.address_of(self.target).unwrap_or_else(|| self.addr.clone());
        let answer: Result<Result<R, RaftError<u64, E>>, Status> =
            call(&self.peers, &addr, self.target, method, body, limit).await;
        match answer {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(RPCError::RemoteError(RemoteError::new(self.target, error))),
            Err(status) => {
                self.peers.silent_at(self.target, &addr);
                Err(self.failure(action, &status, limit))
            }
        }
    }

    fn failure<E: std::error::Error>(
        &self,
        action: RPCTypes,
        status: &Status,
        limit: Duration,
    ) -> Failure<E> {
        match status.code() {
            Code::DeadlineExceeded => RPCError::Timeout(Timeout {
                action,
                id: self.peers.identity.server_id(),
                target: self.target,
                timeout: limit,
            }),
            Code::Unavailable | Code::FailedPrecondition | Code::InvalidArgument => {
                tracing::debug!(target_id = self.target, addr = self.addr, %status, "a peer is out of reach");
                RPCError::Unreachable(Unreachable::new(status))
            }
            _ => RPCError::Network(NetworkError::new(status)),
        }
    }
}

impl RaftNetwork<TypeConfig> for PeerClient {
    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<u64>, RPCError<u64, Member, RaftError<u64>>> {
        if let Some(committed) = rpc.leader_commit {
            // Before it is sent: no follower is ahead of what is noted.
            self.peers.announced.fetch_max(committed.index + 1, Ordering::AcqRel);
        }
        self.send(Method::AppendEntries, RPCTypes::AppendEntries, rpc, &option).await
    }

    async fn install_snapshot(
        &mut self,
        rpc: InstallSnapshotRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<InstallSnapshotResponse<u64>, RPCError<u64, Member, RaftError<u64, InstallSnapshotError>>>
    {
        self.send(Method::InstallSnapshot, RPCTypes::InstallSnapshot, rpc, &option).await
    }

    async fn vote(
        &mut self,
        rpc: VoteRequest<u64>,
        option: RPCOption,
    ) -> Result<VoteResponse<u64>, RPCError<u64, Member, RaftError<u64>>> {
        self.send(Method::Vote, RPCTypes::Vote, rpc, &option).await
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(std::iter::repeat(BACKOFF))
    }
}
