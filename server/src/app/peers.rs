//! Channels to the other servers, kept open, and which of them answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use proto::MESSAGE_MAX;
use proto::talk::{Talk, Talks};
use proto::v1::AliveBatch;
use proto::v1::server_client::ServerClient;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};

use super::App;

/// How long connecting may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How long a silent peer keeps its channel.
const KEEPALIVE: Duration = Duration::from_secs(5);
/// How often the others are asked whether they are there, and how long they may take.
const PROBE: Duration = Duration::from_secs(1);

/// Channels by address.
#[derive(Default)]
pub(crate) struct Peers {
    channels: Mutex<BTreeMap<String, Channel>>,
    /// Streams for what is short.
    talks: Talks,
    reachable: Mutex<BTreeSet<u64>>,
}

/// Asks the other servers every second whether they are there, until this one stops. Only lists of members read
/// the answer: raft has its own opinion of who lives.
pub(crate) async fn probe(app: Arc<App>, cancel: CancellationToken) {
    loop {
        let asked = app.raft.members().into_iter().filter(|member| member.id != app.raft.server_id());
        let answers = futures::future::join_all(asked.map(|member| answers(&app, member))).await;
        let reachable = answers.into_iter().flatten().collect();
        *app.peers.reachable.lock().unwrap_or_else(PoisonError::into_inner) = reachable;
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(PROBE) => {}
        }
    }
}

async fn answers(app: &App, member: raft::Member) -> Option<u64> {
    let mut client = app.peers.client(&member.rpc_addr).ok()?;
    let nothing = AliveBatch { server_id: app.raft.server_id(), ..AliveBatch::default() };
    let answer = tokio::time::timeout(PROBE, client.alive(nothing)).await;
    if !matches!(answer, Ok(Ok(_))) {
        // It may come back in another version.
        app.peers.talks.forget_unknown(&member.rpc_addr);
        return None;
    }
    Some(member.id)
}

impl Peers {
    /// True when the server answered the last time that it was asked.
    pub(crate) fn reachable(&self, server: u64) -> bool {
        self.reachable.lock().unwrap_or_else(PoisonError::into_inner).contains(&server)
    }

    /// The stream to the server at `address`; `None` where only calls are understood.
    pub(crate) fn talk(&self, address: &str) -> Result<Option<Arc<Talk>>, tonic::transport::Error> {
        self.talks.get(address, || {
            let mut client = self.client(address)?;
            Ok(Talk::open(move |questions| Box::pin(async move { client.relay(questions).await })))
        })
    }

    /// A client of the server at `address` (`ip:port`); connects when it is first used.
    pub(crate) fn client(&self, address: &str) -> Result<ServerClient<Channel>, tonic::transport::Error> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let channel = match channels.get(address) {
            Some(channel) => channel.clone(),
            None => {
                let endpoint = Endpoint::from_shared(format!("http://{address}"))?
                    .connect_timeout(CONNECT_LIMIT)
                    .tcp_nodelay(true)
                    .http2_keep_alive_interval(KEEPALIVE)
                    .keep_alive_timeout(KEEPALIVE)
                    .keep_alive_while_idle(true);
                let channel = endpoint.connect_lazy();
                channels.insert(address.to_owned(), channel.clone());
                channel
            }
        };
        Ok(ServerClient::new(channel)
            .max_decoding_message_size(MESSAGE_MAX)
            .max_encoding_message_size(MESSAGE_MAX))
    }
}
