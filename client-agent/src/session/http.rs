//! Requests for the agent's own paths that arrive over its session, and their answers, chunk by chunk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::StreamExt;
use proto::v1;
use proto::v1::agent_message::Body as AgentBody;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Outgoing, message, send};
use crate::context::Context;
use crate::http::{HttpAnswer, answer};

/// Requests answered at a time; more are told to come back.
const REQUESTS_MAX: usize = 64;
/// Largest chunk, bytes.
const CHUNK_MAX: usize = 64 << 10;

/// The requests of one session; they end with it.
pub(super) struct Requests {
    context: Arc<Context>,
    outgoing: Outgoing,
    open: Arc<Mutex<BTreeMap<u64, CancellationToken>>>,
    all: CancellationToken,
    _end: DropGuard,
}

impl Requests {
    pub(super) fn new(context: &Arc<Context>, outgoing: &Outgoing) -> Self {
        let all = context.cancel.child_token();
        Requests {
            context: Arc::clone(context),
            outgoing: outgoing.clone(),
            open: Arc::default(),
            _end: all.clone().drop_guard(),
            all,
        }
    }

    /// Takes a request or its cancellation.
    pub(super) fn take(&self, frame: v1::HttpRequestFrame) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if frame.cancel {
            if let Some(request) = open.remove(&frame.request) {
                request.cancel();
            }
            return;
        }
        let crowded = open.len() >= REQUESTS_MAX;
        let cancel = self.all.child_token();
        open.insert(frame.request, cancel.clone());
        drop(open);
        let (context, outgoing, open) =
            (Arc::clone(&self.context), self.outgoing.clone(), Arc::clone(&self.open));
        tokio::spawn(async move {
            let number = frame.request;
            let work = async {
                let answered = match crowded {
                    true => HttpAnswer::text(429, "too many requests at this client agent"),
                    false => answer(&context, &frame.method, &frame.target, &frame.body).await,
                };
                deliver(&outgoing, number, answered).await;
            };
            // A cancelled request is dropped where it stands; nobody waits for its end.
            let _ = cancel.run_until_cancelled(work).await;
            open.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        });
    }
}

async fn deliver(outgoing: &Outgoing, request: u64, answered: HttpAnswer) {
    let chunk = |body: Bytes, end| v1::HttpChunkFrame { request, body, end, ..v1::HttpChunkFrame::default() };
    let first = v1::HttpChunkFrame {
        status: u32::from(answered.status),
        content_type: answered.content_type,
        ..chunk(Bytes::new(), false)
    };
    if !send(outgoing, message(AgentBody::Http(first))).await {
        return;
    }
    let mut body = answered.body;
    while let Some(mut bytes) = body.next().await {
        while !bytes.is_empty() {
            let part = bytes.split_to(bytes.len().min(CHUNK_MAX));
            if !send(outgoing, message(AgentBody::Http(chunk(part, false)))).await {
                return;
            }
        }
    }
    send(outgoing, message(AgentBody::Http(chunk(Bytes::new(), true)))).await;
}
