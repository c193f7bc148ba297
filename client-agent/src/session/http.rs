//! Requests for the agent's own paths that arrive over its session, and their answers, chunk by chunk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::StreamExt;
use proto::INPUT_WINDOW;
use proto::v1;
use proto::v1::agent_message::Body as AgentBody;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Outgoing, message, send};
use crate::context::Context;
use crate::http::{HttpAnswer, answer, converse};

/// Requests answered at a time; more are told to come back.
const REQUESTS_MAX: usize = 64;
/// Largest chunk, bytes.
const CHUNK_MAX: usize = 64 << 10;

/// The requests of one session; they end with it.
pub(super) struct Requests {
    context: Arc<Context>,
    outgoing: Outgoing,
    open: Arc<Mutex<BTreeMap<u64, Open>>>,
    all: CancellationToken,
    _end: DropGuard,
}

/// One request under way.
struct Open {
    cancel: CancellationToken,
    /// Where the other side of a conversation goes.
    input: Option<mpsc::Sender<Bytes>>,
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
                request.cancel.cancel();
            }
            return;
        }
        let crowded = open.len() >= REQUESTS_MAX;
        let cancel = self.all.child_token();
        let (sender, said) = mpsc::channel(INPUT_WINDOW);
        let input = frame.conversation.then_some(sender);
        open.insert(frame.request, Open { cancel: cancel.clone(), input });
        drop(open);
        let (context, outgoing, open) =
            (Arc::clone(&self.context), self.outgoing.clone(), Arc::clone(&self.open));
        tokio::spawn(async move {
            let number = frame.request;
            let work = async {
                let answered = match (crowded, frame.conversation) {
                    (true, _) => HttpAnswer::text(429, "too many requests at this client agent"),
                    (false, true) => {
                        let input = acknowledged(said, outgoing.clone(), number);
                        converse(&context, &frame.target, input).await
                    }
                    (false, false) => answer(&context, &frame.method, &frame.target, &frame.body).await,
                };
                deliver(&outgoing, number, answered).await;
            };
            // A cancelled request is dropped where it stands; nobody waits for its end.
            let _ = cancel.run_until_cancelled(work).await;
            open.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        });
    }

    /// Takes what the other side of a conversation says. One that keeps to the window never finds the queue full; of
    /// another the conversation ends.
    pub(super) fn input(&self, frame: v1::HttpInputFrame) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(request) = open.get(&frame.request) else { return };
        let taken = request.input.as_ref().map(|input| input.try_send(frame.body));
        if matches!(taken, None | Some(Err(mpsc::error::TrySendError::Full(_))))
            && let Some(request) = open.remove(&frame.request)
        {
            request.cancel.cancel();
        }
    }
}

/// What is said, with an acknowledgement for every message that is taken.
fn acknowledged(mut said: mpsc::Receiver<Bytes>, outgoing: Outgoing, request: u64) -> mpsc::Receiver<Bytes> {
    let (sender, input) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Some(bytes) = said.recv().await {
            let ack = v1::HttpInputAck { request, frames: 1 };
            if sender.send(bytes).await.is_err() || !send(&outgoing, message(AgentBody::InputAck(ack))).await
            {
                return;
            }
        }
    });
    input
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
