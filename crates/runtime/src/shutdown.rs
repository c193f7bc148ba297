//! How a process learns that it should end, and the other signals it listens to.
//!
//! One `Shutdown` per process; every part takes a child token, so that a part can be ended alone and the whole ends
//! every part. This module decides nothing about leaving the cluster: it hands on which signal came.

use futures::Stream;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Why a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// SIGINT: `leave_on_interrupt` applies.
    Interrupt,
    /// SIGTERM: `leave_on_terminate` applies.
    Terminate,
    /// Asked for by the process itself (a request, the end of a demonstration, a failed part).
    Requested,
}

/// The root of a process's cancellation tree. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    token: CancellationToken,
    reason: Arc<OnceLock<Reason>>,
}

impl Shutdown {
    /// A tree that nothing has ended yet and that no signal ends.
    pub fn new() -> Shutdown {
        Shutdown::default()
    }

    /// End on SIGINT and SIGTERM. A second one during the end makes the process exit with status 1 at once, so that a
    /// person is never locked out by an end that hangs. Needs a tokio runtime.
    pub fn end_on_signals(&self) -> io::Result<JoinHandle<()>> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let shutdown = self.clone();
        Ok(tokio::spawn(async move {
            loop {
                let reason = tokio::select! {
                    Some(()) = interrupt.recv() => Reason::Interrupt,
                    Some(()) = terminate.recv() => Reason::Terminate,
                    else => return,
                };
                if shutdown.is_triggered() {
                    tracing::warn!(?reason, "second signal, exiting at once");
                    std::process::exit(1);
                }
                tracing::info!(?reason, "signal received, shutting down");
                shutdown.trigger(reason);
            }
        }))
    }

    /// End everything. Only the first reason is kept.
    pub fn trigger(&self, reason: Reason) {
        // The reason is in place before anybody wakes.
        let _already_set = self.reason.set(reason);
        self.token.cancel();
    }

    /// Whether the end has begun.
    pub fn is_triggered(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Wait for the end to begin.
    pub async fn triggered(&self) -> Reason {
        self.token.cancelled().await;
        self.reason.get().copied().unwrap_or(Reason::Requested)
    }

    /// The root token. Cancelling it ends everything with `Reason::Requested`.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// A token for one part: it ends with the whole, and cancelling it ends only that part.
    pub fn child(&self) -> CancellationToken {
        self.token.child_token()
    }
}

/// Occurrences of one signal as an endless stream. Signals that arrive while nobody looks are joined into one.
#[derive(Debug)]
pub struct Occurrences(Signal);

/// SIGHUP: read the configuration again. Needs a tokio runtime.
pub fn reloads() -> io::Result<Occurrences> {
    signal(SignalKind::hangup()).map(Occurrences)
}

/// SIGUSR1: write the metrics to the log. Needs a tokio runtime.
pub fn dumps() -> io::Result<Occurrences> {
    signal(SignalKind::user_defined1()).map(Occurrences)
}

impl Occurrences {
    /// Wait for the next one.
    pub async fn next(&mut self) -> Option<()> {
        self.0.recv().await
    }
}

impl Stream for Occurrences {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<()>> {
        self.0.poll_recv(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::{Signal as Number, kill};
    use std::time::Duration;

    fn send(number: Number) {
        kill(nix::unistd::Pid::this(), number).unwrap();
    }

    #[tokio::test]
    async fn a_child_ends_with_the_whole_but_not_the_other_way_round() {
        let shutdown = Shutdown::new();
        let (one, two) = (shutdown.child(), shutdown.child());
        one.cancel();
        assert!(!shutdown.is_triggered() && !two.is_cancelled());
        shutdown.trigger(Reason::Requested);
        shutdown.trigger(Reason::Interrupt);
        assert!(two.is_cancelled());
        assert_eq!(shutdown.triggered().await, Reason::Requested);
    }

    #[tokio::test]
    async fn signals_arrive() {
        let limit = Duration::from_secs(10);
        let (mut reloads, mut dumps) = (reloads().unwrap(), dumps().unwrap());
        send(Number::SIGHUP);
        assert_eq!(tokio::time::timeout(limit, reloads.next()).await, Ok(Some(())));
        send(Number::SIGUSR1);
        assert_eq!(tokio::time::timeout(limit, futures::StreamExt::next(&mut dumps)).await, Ok(Some(())));

        let shutdown = Shutdown::new();
        let listening = shutdown.end_on_signals().unwrap();
        send(Number::SIGTERM);
        assert_eq!(tokio::time::timeout(limit, shutdown.triggered()).await, Ok(Reason::Terminate));
        listening.abort();
    }
}
