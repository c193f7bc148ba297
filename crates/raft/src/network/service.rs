//! The answering side: which messages are let in, and to whom they are handed.
//!
//! A message of another cluster or for another server is refused before openraft sees it. A server
//! without a cluster takes raft messages only from members of the set it promised.

use std::sync::Arc;

use openraft::raft::{AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, VoteRequest};
use proto::v1::Payload;
use proto::v1::raft_server;
use serde::de::DeserializeOwned;
use tonic::{Request, Response, Status};

use super::frame::{Frame, Greeting, ReadReply, decode, encode};
use crate::bootstrap::greet;
use crate::handle::Inner;
use crate::member::Member;
use crate::membership;
use crate::read::{ReadError, leader_point};
use crate::type_config::TypeConfig;
use crate::world;

/// The raft service of one server.
#[derive(Clone)]
pub struct RaftService {
    inner: Arc<Inner>,
}

type Answer = Result<Response<Payload>, Status>;

impl RaftService {
    pub(crate) fn new(inner: Arc<Inner>) -> RaftService {
        RaftService { inner }
    }

    fn open<T: DeserializeOwned>(&self, request: &Request<Payload>) -> Result<Frame<T>, Status> {
        if self.inner.is_stopping() {
            return Err(Status::unavailable("server is stopping"));
        }
        decode(request.get_ref())
    }

    /// Decodes a message between members and checks that it is one.
    fn admit<T: DeserializeOwned>(&self, request: &Request<Payload>) -> Result<T, Status> {
        let frame: Frame<T> = self.open(request)?;
        if frame.to != self.inner.me.id {
            return Err(Status::failed_precondition(format!(
                "this is server {}, not {}",
                self.inner.me.id, frame.to
            )));
        }
        let theirs = frame.cluster.ok_or_else(|| Status::failed_precondition("the sender has no cluster"))?;
        match self.inner.identity.cluster_id() {
            Some(mine) if mine == theirs => Ok(frame.body),
            Some(mine) => {
                if self.inner.may_complain(frame.from) {
                    tracing::error!(mine, theirs, from = frame.from, "refused a message of another cluster");
                }
                Err(Status::failed_precondition(format!("this server is of cluster {mine}, not {theirs}")))
            }
            None if self.inner.identity.has_promised(frame.from) => {
                self.inner
                    .identity
                    .adopt(&theirs, false)
                    .map_err(|error| Status::internal(error.to_string()))?;
                tracing::info!(cluster = theirs, "the promised cluster has begun");
                Ok(frame.body)
            }
            None => Err(Status::failed_precondition("this server has no cluster yet")),
        }
    }
}

#[tonic::async_trait]
impl raft_server::Raft for RaftService {
    async fn append_entries(&self, request: Request<Payload>) -> Answer {
        let rpc: AppendEntriesRequest<TypeConfig> = self.admit(&request)?;
        let answered = self.inner.core.append_entries(rpc).await;
        // Whoever has been voted out since is no leader to hear from.
        if matches!(&answered, Ok(answer) if !matches!(answer, AppendEntriesResponse::HigherVote(_))) {
            self.inner.contact.heard();
        }
        Ok(Response::new(encode(&answered)?))
    }

    async fn vote(&self, request: Request<Payload>) -> Answer {
        let rpc: VoteRequest<u64> = self.admit(&request)?;
        Ok(Response::new(encode(&self.inner.core.vote(rpc).await)?))
    }

    async fn install_snapshot(&self, request: Request<Payload>) -> Answer {
        let rpc: InstallSnapshotRequest<TypeConfig> = self.admit(&request)?;
        let inner = Arc::clone(&self.inner);
        // Apart from the request: dropped with a caller that gives up, it would leave half of a chunk in the file and not
        // know of it, and the chunk that is sent again would go behind that half.
        let received = world::spawn(async move { inner.core.install_snapshot(rpc).await }).await;
        let answered = received.map_err(|error| Status::internal(error.to_string()))?;
        if answered.is_ok() {
            self.inner.contact.heard();
        }
        Ok(Response::new(encode(&answered)?))
    }

    async fn read_index(&self, request: Request<Payload>) -> Answer {
        let (): () = self.admit(&request)?;
        // Finding the point would renew the lease that a leader who hands over waits out.
        let handing_over = self.inner.handing_over.load(std::sync::atomic::Ordering::Acquire);
        let point =
            if handing_over { Err(ReadError::NoLeader) } else { leader_point(&self.inner.core).await };
        let reply = match point {
            Ok(log_index) => {
                ReadReply::Point { log_index, index: self.inner.machine.publisher.state().index() }
            }
            Err(ReadError::NoQuorum) => ReadReply::NoQuorum,
            Err(_) => ReadReply::NotLeader,
        };
        Ok(Response::new(encode(&reply)?))
    }

    async fn greet(&self, request: Request<Payload>) -> Answer {
        let frame: Frame<Greeting> = self.open(&request)?;
        greet::note(&self.inner, frame);
        self.inner.peers.frame(0, greet::greeting(&self.inner)).map(Response::new)
    }

    async fn join(&self, request: Request<Payload>) -> Answer {
        let member: Member = self.admit(&request)?;
        Ok(Response::new(encode(&membership::join(&self.inner, member).await)?))
    }

    async fn elect(&self, request: Request<Payload>) -> Answer {
        let (): () = self.admit(&request)?;
        let stood = self.inner.core.trigger().elect().await;
        stood.map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(encode(&())?))
    }

    async fn leave(&self, request: Request<Payload>) -> Answer {
        let (): () = self.admit(&request)?;
        let noted = membership::leave(&self.inner);
        noted.map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(encode(&())?))
    }
}
