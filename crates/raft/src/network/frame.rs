//! What goes into the payload of a raft message.

use bytes::Bytes;
use proto::v1::Payload;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tonic::Status;

use crate::member::Member;

/// A message with its envelope.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Frame<T> {
    /// The sender's cluster; `None` before it has one.
    pub(crate) cluster: Option<String>,
    pub(crate) from: u64,
    /// The receiver; 0 when the sender only knows an address.
    pub(crate) to: u64,
    pub(crate) body: T,
}

/// What a server tells about itself before and after there is a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Greeting {
    pub(crate) me: Member,
    pub(crate) bootstrap_expect: usize,
    /// The member set it would promise now, sorted.
    pub(crate) proposal: Vec<u64>,
    /// The member set it has promised, sorted.
    pub(crate) promise: Option<Vec<u64>>,
    /// Everybody it has heard of.
    pub(crate) known: Vec<Member>,
    /// Ids in its cluster's membership.
    pub(crate) members: Vec<u64>,
    pub(crate) leader: Option<Member>,
}

/// Answer to a server that wants to be a member, or whose address changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum JoinReply {
    /// It is in the membership; `voter` says whether it votes already.
    Accepted { voter: bool },
    /// Ask this one.
    NotLeader { leader: Option<Member> },
    /// A membership change is under way; ask again.
    Busy,
    /// It cannot be a member.
    Refused { why: String },
}

/// Answer to a follower that asks for a read point.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum ReadReply {
    /// Raft index up to which the follower must have applied, and the leader's clients' index.
    Point {
        log_index: Option<u64>,
        index: u64,
    },
    NotLeader,
    NoQuorum,
}

/// Encodes a message.
pub(crate) fn encode<T: Serialize>(message: &T) -> Result<Payload, Status> {
    let body = rmp_serde::to_vec(message).map_err(|error| Status::internal(error.to_string()))?;
    Ok(Payload { body: Bytes::from(body) })
}

/// Decodes a message.
pub(crate) fn decode<T: DeserializeOwned>(payload: &Payload) -> Result<T, Status> {
    rmp_serde::from_slice(&payload.body).map_err(|error| Status::invalid_argument(error.to_string()))
}
