//! Questions to one peer over one stream, the calling side.
//!
//! Questions and answers are matched by number. A question whose asker has given up is not sent any more, and its body
//! is not kept. When the stream breaks, all open questions fail at once; whoever asks next opens another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use proto::v1::raft_client::RaftClient;
use proto::v1::{Payload, Question, Reply, Subject};
use tokio::sync::{mpsc, oneshot};
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::lock::lock;

/// Questions that wait to be sent.
const QUEUE: usize = 1_024;

type Answer = Result<Payload, Status>;

/// A stream of questions.
pub(crate) struct Talk {
    open: Arc<Open>,
    numbers: mpsc::Sender<u64>,
    next: AtomicU64,
}

/// Questions without an answer.
#[derive(Default)]
struct Open {
    questions: Mutex<BTreeMap<u64, Waiting>>,
    /// Nothing will be answered any more.
    ended: AtomicBool,
    /// The peer is of a version that knows calls only.
    unknown: AtomicBool,
}

struct Waiting {
    /// Gone once it was sent.
    question: Option<Question>,
    answer: oneshot::Sender<Answer>,
}

/// Forgets a question when nobody waits for its answer any more.
struct Asked<'a>(&'a Open, u64);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        lock(&self.0.questions).remove(&self.1);
    }
}

impl Talk {
    /// Opens a stream; what is asked meanwhile waits for it.
    pub(crate) fn open(client: RaftClient<Channel>) -> Talk {
        let open = Arc::new(Open::default());
        let (numbers, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(client, Arc::clone(&open), queue));
        Talk { open, numbers, next: AtomicU64::new(1) }
    }

    /// Whether another stream is needed.
    pub(crate) fn ended(&self) -> bool {
        self.open.ended.load(Ordering::Acquire)
    }

    /// Whether the peer has to be called instead.
    pub(crate) fn unknown(&self) -> bool {
        self.open.unknown.load(Ordering::Acquire)
    }

    /// Asks, and waits for the answer as long as the caller likes.
    pub(crate) async fn ask(&self, subject: Subject, body: Payload) -> Answer {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let question = Question { number, subject: subject.into(), body: body.body };
        let (answer, answered) = oneshot::channel();
        lock(&self.open.questions).insert(number, Waiting { question: Some(question), answer });
        let _asked = Asked(&self.open, number);
        if self.ended() {
            return Err(lost());
        }
        self.numbers.try_send(number).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                Status::unavailable("too many questions wait for this peer")
            }
            mpsc::error::TrySendError::Closed(_) => lost(),
        })?;
        answered.await.unwrap_or_else(|_closed| Err(lost()))
    }
}

fn lost() -> Status {
    Status::unavailable("the stream to this peer has ended")
}

async fn run(mut client: RaftClient<Channel>, open: Arc<Open>, queue: mpsc::Receiver<u64>) {
    let sending = Arc::clone(&open);
    let questions = futures::stream::unfold(queue, |mut queue| async { Some((queue.recv().await?, queue)) })
        .filter_map(move |number| {
            let mut questions = lock(&sending.questions);
            let question = questions.get_mut(&number).and_then(|waiting| waiting.question.take());
            futures::future::ready(question)
        });
    let why = match client.talk(questions).await {
        Ok(answers) => hear(answers.into_inner(), &open).await,
        Err(status) => status,
    };
    if why.code() == Code::Unimplemented {
        open.unknown.store(true, Ordering::Release);
    }
    // Before the questions are taken: whoever asks after this looks at it.
    open.ended.store(true, Ordering::Release);
    for (_, waiting) in std::mem::take(&mut *lock(&open.questions)) {
        // Nobody may wait any more.
        let _ = waiting.answer.send(Err(why.clone()));
    }
}

/// Hands out answers until there are none any more, and says why.
async fn hear(mut answers: tonic::Streaming<Reply>, open: &Open) -> Status {
    loop {
        let reply = match answers.message().await {
            Ok(Some(reply)) => reply,
            Ok(None) => return lost(),
            Err(status) => return status,
        };
        let Some(waiting) = lock(&open.questions).remove(&reply.number) else { continue };
        let answer = match Code::from_i32(reply.code) {
            Code::Ok => Ok(Payload { body: reply.body }),
            code => Err(Status::new(code, reply.text)),
        };
        // Nobody may wait any more.
        let _ = waiting.answer.send(answer);
    }
}
