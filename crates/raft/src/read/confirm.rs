//! The read point of a leader: what it has told others to be committed, once a quorum says that it still leads.
//!
//! Why that suffices: whatever was acknowledged before the question was asked was acknowledged by this leader, which
//! applies before it answers, or by one before it, whose writes it has applied together with the first entry of its own
//! term. What anybody has read before was applied somewhere: here, or by a follower whom this leader had told that it is
//! committed; that follower may be ahead of this server, so what was told counts and not only what is applied. A leader
//! that was restarted leads on under the same vote and has forgotten both: all of its log counts then. A later
//! leader would have needed votes of a quorum, and of those at least one voter that now says it has voted for nobody
//! after this leader, from what it saves before it answers any candidate.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use model::planted::{self, Bug};
use openraft::ServerState;
use openraft::error::{CheckIsLeaderError, RaftError};
use tonic::Code;

use super::{Asker, Point, ReadError};
use crate::network::client::{Method, call};
use crate::store::log::Vote;

/// How long one question to a voter may take.
const CONFIRM_LIMIT: Duration = Duration::from_millis(200);
/// Voters beyond a majority are asked when the others have not answered for so long.
const HEDGE: Duration = Duration::from_millis(10);

/// Under which vote this server leads, and whom.
struct Reign {
    vote: Vote,
    /// One set of voters; two while the membership changes.
    quorums: Vec<BTreeSet<u64>>,
    /// The other voters and where they are.
    others: Vec<(u64, String)>,
    point: Option<u64>,
}

impl Reign {
    fn is_quorum(&self, granted: &BTreeSet<u64>) -> bool {
        self.quorums.iter().all(|voters| voters.intersection(granted).count() > voters.len() / 2)
    }

    /// Voters that have to be asked at least, those who answered last time first.
    fn first(&self) -> usize {
        match self.quorums.as_slice() {
            [voters] => voters.len() / 2,
            _ => self.others.len(),
        }
    }
}

impl Asker {
    /// The read point of this server, if it leads and a quorum says so.
    pub(super) async fn leader_point(&self) -> Point {
        let reign = self.reign()?;
        let mut granted = BTreeSet::from([self.me]);
        let mut waiting = reign.others.iter();
        let ask = |(id, addr): &(u64, String)| self.ask_voter(*id, addr.clone(), reign.vote);
        let mut asked: FuturesUnordered<_> = waiting.by_ref().take(reign.first()).map(ask).collect();
        while !reign.is_quorum(&granted) {
            let answer = tokio::time::timeout(HEDGE, asked.next()).await;
            match answer {
                Ok(Some(Answer::Granted(id))) => drop(granted.insert(id)),
                Ok(Some(Answer::Unknown)) => return self.point_by_heartbeat().await,
                // One more for each that did not grant it, and all once it takes long.
                Ok(Some(Answer::Refused)) => asked.extend(waiting.next().map(ask)),
                Ok(None) => return Err(ReadError::NoQuorum),
                Err(_elapsed) => asked.extend(waiting.by_ref().map(ask)),
            }
        }
        // This server counts as one that has voted for nobody else as well.
        if self.vote.confirms(&reign.vote) { Ok(reign.point) } else { Err(ReadError::NoLeader) }
    }

    fn reign(&self) -> Result<Reign, ReadError> {
        let metrics = self.core.metrics();
        let metrics = metrics.borrow();
        let leads = metrics.state == ServerState::Leader && metrics.vote.leader_id.node_id == self.me;
        let own = metrics.last_applied.filter(|applied| applied.leader_id == metrics.vote.leader_id);
        let Some(own) = own.filter(|_| leads && metrics.vote.committed) else {
            return Err(ReadError::NoLeader);
        };
        let membership = metrics.membership_config.membership();
        let quorums = membership.get_joint_config().clone();
        let voters: BTreeSet<u64> = membership.voter_ids().collect();
        let others = membership.nodes().filter(|(id, _)| **id != self.me && voters.contains(id));
        let others = others.map(|(id, node)| (*id, node.rpc_addr.clone())).collect();
        // The state is published before openraft counts it as applied.
        let point = self.progress.borrow().applied.max(Some(own.index));
        let told = self.peers.announced().filter(|_| !planted::is(Bug::ReadBehindFollowers));
        let point = point.max(told);
        let point = point.max(self.before(&metrics.vote));
        Ok(Reign { vote: metrics.vote, quorums, others, point })
    }

    /// The end of the log at the start, where this server led under the same vote before: all of it may have been
    /// acknowledged, and nobody remembers what was.
    fn before(&self, vote: &Vote) -> Option<u64> {
        let (began, end) = self.began;
        end.filter(|_| began.is_some_and(|began| began.leader_id == vote.leader_id))
    }

    async fn ask_voter(&self, id: u64, addr: String, vote: Vote) -> Answer {
        let addr = self.peers.address_of(id).unwrap_or(addr);
        match call(&self.peers, &addr, id, Method::Confirm, vote, CONFIRM_LIMIT).await {
            Ok(true) => Answer::Granted(id),
            Ok(false) => Answer::Refused,
            Err(status) if status.code() == Code::Unimplemented => Answer::Unknown,
            Err(status) => {
                tracing::debug!(%status, addr, "a voter did not confirm the leadership");
                Answer::Refused
            }
        }
    }

    /// The same by way of heartbeats, which voters of earlier versions know too.
    async fn point_by_heartbeat(&self) -> Point {
        match self.core.get_read_log_id().await {
            Ok((point, _applied)) => Ok(point.map(|log_id| log_id.index)),
            Err(RaftError::APIError(CheckIsLeaderError::ForwardToLeader(_))) => Err(ReadError::NoLeader),
            Err(RaftError::APIError(CheckIsLeaderError::QuorumNotEnough(_))) => Err(ReadError::NoQuorum),
            Err(RaftError::Fatal(_)) => Err(ReadError::Stopped),
        }
    }
}

/// What a voter says.
enum Answer {
    Granted(u64),
    Refused,
    /// It is of an earlier version.
    Unknown,
}
