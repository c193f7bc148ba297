//! Status updates in batches: one batch under way at a time, sent again until it is acknowledged.

use std::time::Duration;

use model::AllocUpdate;
use model::codec::encode;
use proto::v1;
use proto::v1::agent_message::Body as AgentBody;
use tokio::time::{Instant, sleep_until};

use crate::context::Context;
use crate::outbox::{BATCH_MAX, Outbox};

/// A batch that nobody acknowledges is sent again after this long.
const ACK_PATIENCE: Duration = Duration::from_secs(10);
/// A batch that the servers could not take is sent again after this long.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Sends what the outbox holds over one session.
pub(super) struct StatusSender {
    gather: Duration,
    gather_until: Option<Instant>,
    under_way: Option<UnderWay>,
    batches: u64,
}

struct UnderWay {
    batch: u64,
    updates: Vec<AllocUpdate>,
    again_at: Instant,
}

impl StatusSender {
    pub(super) fn new(gather_ms: u64) -> Self {
        StatusSender {
            gather: Duration::from_millis(gather_ms),
            gather_until: None,
            under_way: None,
            batches: 0,
        }
    }

    /// Waits until a batch is to be sent. May be dropped and called again.
    pub(super) async fn ready(&mut self, outbox: &Outbox) {
        if let Some(under_way) = &self.under_way {
            return sleep_until(under_way.again_at).await;
        }
        outbox.filled().await;
        let until = *self.gather_until.get_or_insert_with(|| Instant::now() + self.gather);
        if outbox.len() < BATCH_MAX {
            sleep_until(until).await;
        }
    }

    /// The batch to send now; `None` when everything has been taken back.
    pub(super) fn next(&mut self, outbox: &Outbox) -> Option<v1::AgentMessage> {
        self.gather_until = None;
        self.under_way = None;
        let (updates, traces): (Vec<AllocUpdate>, Vec<String>) = outbox.batch().into_iter().unzip();
        if updates.is_empty() {
            return None;
        }
        self.batches += 1;
        let body = v1::StatusBatch {
            batch: self.batches,
            updates: updates.iter().map(|update| encode(update).into()).collect(),
        };
        let again_at = Instant::now() + ACK_PATIENCE;
        self.under_way = Some(UnderWay { batch: self.batches, updates, again_at });
        // A batch of several causes is put under the first that is traced.
        let traceparent = traces.into_iter().find(|trace| !trace.is_empty()).unwrap_or_default();
        Some(v1::AgentMessage { traceparent, body: Some(AgentBody::Status(body)) })
    }

    /// Takes the server's word on a batch.
    pub(super) fn acknowledged(&mut self, context: &Context, ack: &v1::StatusAck) {
        let Some(under_way) = self.under_way.take_if(|under_way| under_way.batch == ack.batch) else {
            return;
        };
        if !ack.error.is_empty() {
            tracing::warn!(
                error = ack.error,
                updates = under_way.updates.len(),
                "status updates are not taken"
            );
            let again_at = Instant::now() + RETRY_PAUSE;
            self.under_way = Some(UnderWay { again_at, ..under_way });
            return;
        }
        for update in &under_way.updates {
            // Only spares the servers a repetition after the agent's restart; losing it does no harm.
            if let Err(error) = context.store.put_acknowledged(update) {
                tracing::warn!(%error, "cannot keep an acknowledgement");
            }
        }
        context.outbox.acknowledge(&under_way.updates);
    }
}
