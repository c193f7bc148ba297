//! Questions and answers between two servers over one stream: a message of a stream costs a fraction of what a call costs.
//!
//! Questions and answers are matched by number. A question whose asker has given up is not sent any more, and its body
//! is not kept. When the stream breaks, all open questions fail at once; whoever asks next opens another.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tonic::{Code, Response, Status, Streaming};

use crate::v1::{Question, Reply, Subject};

/// Questions that wait to be sent, and answers.
const QUEUE: usize = 1_024;
/// Questions of one stream that are being answered; the next one waits.
const ANSWERING: usize = 1_024;
/// Streams kept at most; beyond it all are opened anew.
const STREAMS: usize = 256;

/// The call that opens a stream.
pub type Opening = BoxFuture<'static, Result<Response<Streaming<Reply>>, Status>>;
/// What goes out on a stream.
pub struct Questions {
    open: Arc<Open>,
    numbers: mpsc::Receiver<u64>,
}

impl Stream for Questions {
    type Item = Question;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Question>> {
        while let Some(number) = ready!(self.numbers.poll_recv(context)) {
            // Nobody may wait for it any more.
            let question = self.open.questions().get_mut(&number).and_then(|waiting| waiting.question.take());
            if question.is_some() {
                return Poll::Ready(question);
            }
        }
        Poll::Ready(None)
    }
}

/// What comes back.
pub type Replies = BoxStream<'static, Result<Reply, Status>>;

/// A question without an answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{status}")]
pub struct Unanswered {
    /// Why.
    pub status: Status,
    /// Whether the peer may have seen the question.
    pub sent: bool,
}

type Answer = Result<Bytes, Unanswered>;

/// A stream of questions, the asking side.
pub struct Talk {
    open: Arc<Open>,
    numbers: mpsc::Sender<u64>,
    next: AtomicU64,
}

/// Questions without an answer yet.
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

impl Open {
    fn questions(&self) -> MutexGuard<'_, BTreeMap<u64, Waiting>> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets a question when nobody waits for its answer any more.
struct Asked<'a>(&'a Open, u64);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.questions().remove(&self.1);
    }
}

impl Talk {
    /// Opens a stream with a call of the generated client; what is asked meanwhile waits for it.
    pub fn open(call: impl FnOnce(Questions) -> Opening) -> Talk {
        let open = Arc::new(Open::default());
        let (numbers, queue) = mpsc::channel(QUEUE);
        let questions = Questions { open: Arc::clone(&open), numbers: queue };
        tokio::spawn(run(call(questions), Arc::clone(&open)));
        Talk { open, numbers, next: AtomicU64::new(1) }
    }

    /// Whether another stream is needed.
    pub fn ended(&self) -> bool {
        self.open.ended.load(Ordering::Acquire)
    }

    /// Whether the peer has to be called instead.
    pub fn unknown(&self) -> bool {
        self.open.unknown.load(Ordering::Acquire)
    }

    /// Asks, and waits for the answer as long as the caller likes.
    ///
    /// # Errors
    /// What the peer answered instead, or why it could not.
    pub async fn ask(&self, subject: Subject, body: Bytes) -> Answer {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let question = Question { number, subject: subject.into(), body };
        let (answer, answered) = oneshot::channel();
        self.open.questions().insert(number, Waiting { question: Some(question), answer });
        let _asked = Asked(&self.open, number);
        let unsent = |status| Unanswered { status, sent: false };
        if self.ended() {
            return Err(unsent(lost()));
        }
        self.numbers.try_send(number).map_err(|error| {
            unsent(match error {
                mpsc::error::TrySendError::Full(_) => {
                    Status::unavailable("too many questions wait for this peer")
                }
                mpsc::error::TrySendError::Closed(_) => lost(),
            })
        })?;
        answered.await.unwrap_or_else(|_closed| Err(Unanswered { status: lost(), sent: true }))
    }
}

/// Streams by address.
#[derive(Default)]
pub struct Talks(Mutex<BTreeMap<String, Arc<Talk>>>);

impl Talks {
    /// The stream to `address`, which `open` opens unless there is one; `None` where only calls are understood.
    ///
    /// # Errors
    /// Those of `open`.
    pub fn get<E>(
        &self,
        address: &str,
        open: impl FnOnce() -> Result<Talk, E>,
    ) -> Result<Option<Arc<Talk>>, E> {
        let mut talks = self.talks();
        if let Some(talk) = talks.get(address)
            && (!talk.ended() || talk.unknown())
        {
            return Ok((!talk.unknown()).then(|| Arc::clone(talk)));
        }
        let talk = Arc::new(open()?);
        if talks.len() >= STREAMS {
            talks.clear();
        }
        talks.insert(address.to_owned(), Arc::clone(&talk));
        Ok(Some(talk))
    }

    /// A peer that could not be reached may come back in another version.
    pub fn forget_unknown(&self, address: &str) {
        let mut talks = self.talks();
        if talks.get(address).is_some_and(|talk| talk.unknown()) {
            talks.remove(address);
        }
    }

    fn talks(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Talk>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lost() -> Status {
    Status::unavailable("the stream to this peer has ended")
}

async fn run(opening: Opening, open: Arc<Open>) {
    let why = match opening.await {
        Ok(answers) => hear(answers.into_inner(), &open).await,
        Err(status) => status,
    };
    if why.code() == Code::Unimplemented {
        open.unknown.store(true, Ordering::Release);
    }
    // Before the questions are taken: whoever asks after this looks at it.
    open.ended.store(true, Ordering::Release);
    for (_, waiting) in std::mem::take(&mut *open.questions()) {
        let sent = waiting.question.is_none();
        // Nobody may wait any more.
        let _ = waiting.answer.send(Err(Unanswered { status: why.clone(), sent }));
    }
}

/// Hands out answers until there are none any more, and says why.
async fn hear(mut answers: Streaming<Reply>, open: &Open) -> Status {
    loop {
        let reply = match answers.message().await {
            Ok(Some(reply)) => reply,
            Ok(None) => return lost(),
            Err(status) => return status,
        };
        let Some(waiting) = open.questions().remove(&reply.number) else { continue };
        let answer = match Code::from_i32(reply.code) {
            Code::Ok => Ok(reply.body),
            code => Err(Unanswered { status: Status::new(code, reply.text), sent: true }),
        };
        // Nobody may wait any more.
        let _ = waiting.answer.send(answer);
    }
}

/// The answering side: what has every question of a stream answered, each in a task of its own, until the stream ends or
/// it is dropped; and the answers.
pub fn converse<F>(
    mut questions: Streaming<Question>,
    answer: impl Fn(Question) -> F + Send + 'static,
) -> (impl Future<Output = ()> + Send + 'static, Replies)
where
    F: Future<Output = Result<Bytes, Status>> + Send + 'static,
{
    let (sender, waiting) = mpsc::channel(QUEUE);
    let room = Arc::new(Semaphore::new(ANSWERING));
    let hearing = async move {
        while let Ok(Some(question)) = questions.message().await {
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
            let (number, sender, work) = (question.number, sender.clone(), answer(question));
            tokio::spawn(async move {
                let reply = match work.await {
                    Ok(body) => Reply { number, body, ..Reply::default() },
                    Err(status) => {
                        let (code, text) = (status.code() as i32, status.message().to_owned());
                        Reply { number, code, text, ..Reply::default() }
                    }
                };
                // Whoever asked may be gone.
                let _ = sender.send(Ok(reply)).await;
                drop(place);
            });
        }
    };
    let replies =
        futures::stream::unfold(waiting, |mut waiting| async { Some((waiting.recv().await?, waiting)) });
    (hearing, replies.boxed())
}

#[cfg(test)]
mod tests;
