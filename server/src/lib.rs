//! The server: HTTP and gRPC at the edges, use cases inside, a leader's work behind.
//!
//! `http/` is where axum ends and `rpc/` where tonic ends; both call `app/`, the only place that reads the clock and
//! the id mint for commands. `leader/` holds the shells around the controllers, alive only during a tenure.

mod app;
mod events;
mod http;
mod keystore;
mod leader;
mod options;
mod rpc;
mod sessions;
mod watch;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use crate::app::App;
pub use crate::http::proxy::{Proxied, Proxy, serve_client_only};
pub use crate::options::{Listeners, LocalAgent, Options, StartError};
pub use controllers::gc::Thresholds;
pub use controllers::heartbeat::HeartbeatTimes;
pub use raft::{
    Options as RaftOptions, SnapshotArchive, SnapshotError, SnapshotInfo, TableInfo as SnapshotTable,
};

/// A running server.
pub struct Server {
    app: Arc<App>,
    tasks: TaskTracker,
    cancel: CancellationToken,
}

impl Server {
    /// Binds nothing itself: takes bound listeners, starts raft, gRPC, HTTP and the leader's watch.
    ///
    /// # Errors
    /// [`StartError`] names what could not be started and why.
    pub async fn start(
        options: Options,
        listeners: Listeners,
        cancel: CancellationToken,
    ) -> Result<Server, StartError> {
        let raft = raft::start(options.raft.clone()).await.map_err(StartError::Raft)?;
        let app = App::new(options, raft);
        let tasks = TaskTracker::new();
        for listener in listeners.rpc {
            tasks.spawn(rpc::serve(app.clone(), listener, cancel.clone()));
        }
        tasks.spawn(watch::run(app.clone(), cancel.clone()));
        tasks.spawn(app::peers::probe(app.clone(), cancel.clone()));
        tasks.spawn(app::keys::replicate(app.clone(), cancel.clone()));
        tasks.spawn(sessions::report_alive(app.clone(), cancel.clone()));
        tasks.spawn(leader::tenure::watch_leadership(app.clone(), cancel.clone()));
        for listener in listeners.http {
            tasks.spawn(http::serve::serve(app.clone(), listener, cancel.clone()));
        }
        tasks.close();
        Ok(Server { app, tasks, cancel })
    }

    /// What answers requests: for whoever shares the process.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Stops raft, then answering. Waits at most ten seconds for answers under way.
    pub async fn shutdown(self) {
        // Raft first: it answers what is under way and lets go of the data directory.
        self.app.raft.shutdown().await;
        self.cancel.cancel();
        if tokio::time::timeout(std::time::Duration::from_secs(10), self.tasks.wait()).await.is_err() {
            tracing::warn!("answers were still under way after ten seconds");
        }
    }
}

/// Binds a listener, with an error that names what it was for.
///
/// # Errors
/// [`StartError::Bind`] with purpose and address, for example when the port is in use.
pub async fn bind(purpose: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Bind { purpose, address, source })
}
