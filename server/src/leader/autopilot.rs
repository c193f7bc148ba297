//! Gives up servers that are gone, while this server leads.

use std::sync::Arc;
use std::time::Duration;

use controllers::autopilot::{Autopilot, Seen};

use crate::app::App;

/// How often the servers are looked at; they are asked about as often whether they are there.
const EVERY: Duration = Duration::from_secs(1);

/// Runs until it is dropped with its tenure.
pub(crate) async fn run(app: Arc<App>) {
    let mut autopilot = Autopilot::default();
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let me = app.raft.server_id();
    loop {
        interval.tick().await;
        let now_ms = u64::try_from(app.clock.ticks().as_ns() / 1_000_000).unwrap_or(0);
        let seen = |member: &raft::Member| Seen {
            id: member.id,
            voter: member.voter,
            answers: member.id == me || app.peers.reachable(member.id),
        };
        let members = app.raft.members();
        let servers: Vec<Seen> = members.iter().map(seen).collect();
        let gone = autopilot.look(now_ms, &servers, &app.state().autopilot_configuration());
        for member in members.iter().filter(|member| Some(member.id) == gone) {
            tracing::warn!(
                server = member.name,
                id = member.id,
                "a server is gone and leaves the membership"
            );
            if let Err(error) = app.raft.drop_member(member.id).await {
                tracing::warn!(server = member.name, %error, "it could not be removed yet");
            }
        }
    }
}
