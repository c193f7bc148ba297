//! `agent`: from configuration to a running server, client agent or both, until a signal ends it.
//!
//! The order is what makes failures harmless: everything that can be wrong with configuration and ports is found before
//! a directory is touched, and the server stands before the client agent looks for it. What a server or a client agent
//! does is not decided here; this is the only place where the two meet, and they meet as two strangers in one process.

mod banner;
mod client;
mod data_dir;
mod error;
mod proxy;
mod seeds;
mod server;
mod settings;
mod sockets;

pub(crate) use client::END_TASKS_WITH_AGENT;

use crate::args::AgentArgs;
use crate::console::Console;
use data_dir::DataDir;
use error::AgentError;
use proxy::Local;
use runtime::{Config, Metrics, Shutdown, shutdown, trace};
use sockets::Sockets;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Run an agent until it is told to end. Gives the exit status.
pub async fn run(args: &AgentArgs) -> u8 {
    let console = Console::plain();
    match until_ended(args, console).await {
        Ok(()) => 0,
        Err(error) => {
            console.error(format!("==> {error}"));
            1
        }
    }
}

async fn until_ended(args: &AgentArgs, console: Console) -> Result<(), AgentError> {
    let settings = settings::load(args)?;
    let config = &settings.config;
    let trace = trace::init(&trace::Options {
        level: config.log_level.clone(),
        json: config.log_json,
        log_file: (!config.log_file.is_empty()).then(|| config.log_file.clone().into()),
        instance: config.node_name(),
    })?;
    let shutdown = Shutdown::new();
    shutdown.end_on_signals().map_err(AgentError::Signals)?;
    let running = Running::start(config).await;
    let running = match running {
        Ok(running) => running,
        Err(error) => {
            trace.shutdown().await;
            return Err(error);
        }
    };
    console.line(banner::text(&settings, &running));
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    let listening = tokio::spawn(on_signals(args.clone(), trace, shutdown.clone()));
    let reason = shutdown.triggered().await;
    tracing::info!(?reason, "the agent ends");
    if config.leave_on_interrupt || config.leave_on_terminate {
        tracing::warn!("leaving the cluster at the end is not supported yet; this agent stays a member");
    }
    running.stop().await;
    if let Ok(Some(trace)) = listening.await {
        trace.shutdown().await;
    }
    Ok(())
}

/// What an agent consists of.
struct Running {
    sockets: sockets::Addresses,
    data_dir: DataDir,
    server: Option<::server::Server>,
    client: Option<Arc<client_agent::ClientAgent>>,
    /// HTTP of a process without a server, and what only watches.
    front: tokio_util::task::TaskTracker,
    cancel: CancellationToken,
}

impl Running {
    async fn start(config: &Config) -> Result<Running, AgentError> {
        let sockets = Sockets::bind(config).await?;
        let addresses = sockets.addresses.clone();
        let data_dir = DataDir::open(config)?;
        let local = Arc::new(Local::new(config));
        let front = tokio_util::task::TaskTracker::new();
        // Not a child of the process's token: the halves end one after the other, not all at the signal.
        let halves = CancellationToken::new();
        let (server, http) = if config.server.enabled {
            let options = server::options(config, &data_dir, &addresses, local.clone());
            let listeners = ::server::Listeners { http: sockets.http, rpc: sockets.rpc };
            let started = ::server::Server::start(options, listeners, halves.child_token()).await;
            (Some(started.map_err(AgentError::Server)?), Vec::new())
        } else {
            (None, sockets.http)
        };
        let client = if config.client.enabled {
            let options = client::options(config, &data_dir, &addresses)?;
            let started = client_agent::start(options, halves.child_token()).await;
            match started {
                Ok(agent) => Some(Arc::new(agent)),
                Err(error) => {
                    if let Some(server) = server {
                        server.shutdown().await;
                    }
                    return Err(AgentError::Client(error));
                }
            }
        } else {
            None
        };
        if let Some(agent) = &client {
            local.arrived(agent.clone());
        }
        for listener in http {
            let served = ::server::serve_client_only(local.clone(), listener, halves.child_token());
            front.spawn(served);
        }
        let join = config.server.join();
        let seeds: Vec<String> = join.start_join.into_iter().chain(join.retry_join).collect();
        if let (Some(own), false) = (addresses.http.first(), seeds.is_empty() || server.is_none()) {
            front.spawn(seeds::watch(seeds, *own, halves.child_token()));
        }
        front.close();
        Ok(Running { sockets: addresses, data_dir, server, client, front, cancel: halves })
    }

    /// The client agent first, so that its last status updates still find the server of this process.
    async fn stop(self) {
        if let Some(client) = &self.client {
            client.shutdown().await;
        }
        if let Some(server) = self.server {
            server.shutdown().await;
        }
        self.cancel.cancel();
        self.front.wait().await;
        self.data_dir.close();
    }
}

/// SIGHUP reads the log level anew, SIGUSR1 writes the metrics to standard error. Ends with the agent and gives the
/// trace back, which is shut down last.
async fn on_signals(args: AgentArgs, trace: trace::Trace, end: Shutdown) -> Option<trace::Trace> {
    let (mut reloads, mut dumps) = match (shutdown::reloads(), shutdown::dumps()) {
        (Ok(reloads), Ok(dumps)) => (reloads, dumps),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(%error, "SIGHUP and SIGUSR1 are not listened to");
            end.triggered().await;
            return Some(trace);
        }
    };
    loop {
        tokio::select! {
            _reason = end.triggered() => return Some(trace),
            Some(()) = reloads.next() => reload(&args, &trace),
            Some(()) = dumps.next() => {
                Console::plain().error(Metrics::global().to_prometheus());
            }
        }
    }
}

fn reload(args: &AgentArgs, trace: &trace::Trace) {
    match settings::load(args) {
        Ok(settings) => match trace.set_level(&settings.config.log_level) {
            Ok(()) => {
                tracing::info!(
                    level = settings.config.log_level,
                    "configuration reloaded; only the log level changes"
                );
            }
            Err(error) => tracing::error!(%error, "the log level stays as it is"),
        },
        Err(error) => tracing::error!(%error, "the configuration stays as it is"),
    }
}
