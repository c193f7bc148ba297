//! The answering side: which messages are let in, and to whom they are handed.
//!
//! A message of another cluster or for another server is refused before openraft sees it. A server
//! without a cluster takes raft messages only from members of the set it promised.

use std::sync::Arc;

use openraft::raft::{AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, VoteRequest};
use proto::talk::{self, Replies};
use proto::v1::raft_server::{self, Raft as _};
use proto::v1::{Payload, Question, Subject};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tonic::{Request, Response, Status, Streaming};

use super::frame::{Frame, Greeting, ReadReply, decode, encode};
use crate::bootstrap::greet;
use crate::handle::Inner;
use crate::member::Member;
use crate::membership;
use crate::read::ReadError;
use crate::store::log::Vote;
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

    /// Whether this server has voted for nobody after the leader who asks.
    pub(crate) fn confirm(&self, request: &Request<Payload>) -> Answer {
        let vote: Vote = self.admit(request)?;
        Ok(Response::new(encode(&self.inner.vote.confirms(&vote))?))
    }

    async fn answer(&self, question: Question) -> Answer {
        let subject = question.subject();
        let request = Request::new(Payload { body: question.body });
        match subject {
            Subject::AppendEntries => self.append_entries(request).await,
            Subject::Vote => self.vote(request).await,
            Subject::ReadIndex => self.read_index(request).await,
            Subject::Confirm => self.confirm(&request),
            Subject::Unspecified => Err(Status::unimplemented("a question of a later version")),
        }
    }
}

#[tonic::async_trait]
impl raft_server::Raft for RaftService {
    async fn append_entries(&self, request: Request<Payload>) -> Answer {
        let rpc: AppendEntriesRequest<TypeConfig> = self.admit(&request)?;
        // What it has to write may take long; until then the leader may be gone.
        let came = Instant::now();
        let answered = self.inner.core.append_entries(rpc).await;
        // Whoever has been voted out since is no leader to hear from.
        if matches!(&answered, Ok(answer) if !matches!(answer, AppendEntriesResponse::HigherVote(_))) {
            self.inner.contact.heard_at(came);
        }
        Ok(Response::new(encode(&answered)?))
    }

    async fn vote(&self, request: Request<Payload>) -> Answer {
        let rpc: VoteRequest<u64> = self.admit(&request)?;
        Ok(Response::new(encode(&self.inner.core.vote(rpc).await)?))
    }

    async fn install_snapshot(&self, request: Request<Payload>) -> Answer {
        let rpc: InstallSnapshotRequest<TypeConfig> = self.admit(&request)?;
        let (inner, came) = (Arc::clone(&self.inner), Instant::now());
        // Apart from the request: dropped with a caller that gives up, it would leave half of a chunk in the file and not
        // know of it, and the chunk that is sent again would go behind that half.
        let received = world::spawn(async move { inner.core.install_snapshot(rpc).await }).await;
        let answered = received.map_err(|error| Status::internal(error.to_string()))?;
        if answered.is_ok() {
            self.inner.contact.heard_at(came);
        }
        Ok(Response::new(encode(&answered)?))
    }

    async fn read_index(&self, request: Request<Payload>) -> Answer {
        let (): () = self.admit(&request)?;
        let handing_over = self.inner.handing_over.load(std::sync::atomic::Ordering::Acquire);
        // Only of its own reign: passed on to another leader, the question might come back.
        let leads = self.inner.core.server_metrics().borrow().current_leader == Some(self.inner.me.id);
        let point = match leads && !handing_over {
            true => self.inner.reads.point().await,
            false => Err(ReadError::NoLeader),
        };
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

    type TalkStream = Replies;

    async fn talk(
        &self,
        request: Request<Streaming<Question>>,
    ) -> Result<Response<Self::TalkStream>, Status> {
        if self.inner.is_stopping() {
            return Err(Status::unavailable("server is stopping"));
        }
        let service = self.clone();
        let (hearing, replies) = talk::converse(request.into_inner(), move |question| {
            let service = service.clone();
            async move { Ok(service.answer(question).await?.into_inner().body) }
        });
        self.inner.until_stop(tokio::spawn(hearing));
        Ok(Response::new(replies))
    }

    async fn leave(&self, request: Request<Payload>) -> Answer {
        let (): () = self.admit(&request)?;
        let noted = membership::leave(&self.inner);
        noted.map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(encode(&())?))
    }
}
