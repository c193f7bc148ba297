//! One thread that flushes sled: whoever asks while a flush is under way shares the next one.

use std::io;
use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;

use super::StoreError;

/// Waiting callers.
const WAITING_MAX: usize = 4096;

type Reply = oneshot::Sender<Result<(), sled::Error>>;

/// Handle of the flushing thread; dropping it waits for the thread, which then has let go of the database.
pub(super) struct Flusher {
    requests: Option<mpsc::SyncSender<Reply>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Flusher {
    pub(super) fn begin(db: sled::Db) -> io::Result<Self> {
        let (sender, receiver) = mpsc::sync_channel::<Reply>(WAITING_MAX);
        let thread = thread::Builder::new().name("client-state".into()).spawn(move || {
            while let Ok(first) = receiver.recv() {
                let mut waiting = vec![first];
                waiting.extend(receiver.try_iter());
                let result = db.flush().map(drop);
                for reply in waiting {
                    // Whoever does not wait any more needs no answer.
                    let _ = reply.send(result.clone());
                }
            }
        })?;
        Ok(Flusher { requests: Some(sender), thread: Some(thread) })
    }

    pub(super) async fn flush(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.requests.as_ref().ok_or(StoreError::Gone)?.try_send(reply).map_err(|_| StoreError::Gone)?;
        Ok(answer.await.map_err(|_| StoreError::Gone)??)
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been told to everybody who waited for it.
            let _ = thread.join();
        }
    }
}
