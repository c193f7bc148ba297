//! Desired sets and bodies on their way from the stream to the roster, in the order in which they came.

use proto::v1;
use tokio::sync::mpsc;

use super::Outgoing;
use crate::roster::Message;

/// Hands on a complete set; false when the agent ends.
pub(super) async fn desired(
    roster: &mpsc::Sender<Message>,
    set: v1::DesiredSet,
    outgoing: &Outgoing,
) -> bool {
    roster.send(Message::Desired(set, outgoing.clone())).await.is_ok()
}

/// Hands on bodies; false when the agent ends.
pub(super) async fn bodies(roster: &mpsc::Sender<Message>, bodies: v1::Bodies, outgoing: &Outgoing) -> bool {
    roster.send(Message::Bodies(bodies, outgoing.clone())).await.is_ok()
}
