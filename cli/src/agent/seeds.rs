//! Says which of the configured servers cannot be reached, for as long as a server knows no leader.
//!
//! Finding the cluster is the server's own business, and it goes on trying without a word. An operator who mistyped an
//! address waits for a cluster that never comes; these lines tell which address to look at.

use crate::http::ApiClient;
use runtime::Backoff;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// Between the first looks; it grows, because a missing server is mostly one that was not started yet.
const FIRST: Duration = Duration::from_secs(4);
const LONGEST: Duration = Duration::from_secs(60);
/// How long one connection may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// Port of servers that are named without one.
const PORT: u16 = client_agent::DEFAULT_SERVER_PORT;

/// Look until there is a leader, or until `cancel`. `own` is the HTTP address of this agent.
pub(super) async fn watch(seeds: Vec<String>, own: SocketAddr, cancel: CancellationToken) {
    let looking = async {
        let mut backoff = Backoff::new(FIRST, LONGEST);
        loop {
            // Half of the pause is fixed, so that a start that goes well says nothing.
            let pause = backoff.ceiling() / 2 + backoff.next_delay() / 2;
            tokio::time::sleep(pause).await;
            if has_leader(own).await {
                return;
            }
            tell(&seeds).await;
        }
    };
    tokio::select! {
        () = cancel.cancelled() => {}
        () = looking => {}
    }
}

async fn tell(seeds: &[String]) {
    let mut failed = Vec::new();
    for seed in seeds {
        if let Err(reason) = reach(seed).await {
            failed.push(format!("{seed}: {reason}"));
        }
    }
    if failed.is_empty() {
        tracing::warn!("no leader yet, though every configured server can be reached");
    } else {
        tracing::warn!(unreachable = failed.join("; "), "no leader yet, and these servers cannot be reached");
    }
}

async fn reach(seed: &str) -> Result<(), String> {
    let target = with_port(seed);
    match tokio::time::timeout(PATIENCE, TcpStream::connect(&target)).await {
        Ok(Ok(_stream)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_elapsed) => Err(format!("no answer within {PATIENCE:?}")),
    }
}

async fn has_leader(own: SocketAddr) -> bool {
    let reachable =
        if own.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], own.port())) } else { own };
    let Ok(client) = ApiClient::at(&reachable.to_string()) else {
        return false;
    };
    let asked = client.get::<Option<String>>("/v1/status/leader", &[]);
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    matches!(answer, Ok(Ok((Some(leader), _))) if !leader.is_empty())
}

/// `host:port` of a server that may have been given without a port.
pub(super) fn with_port(server: &str) -> String {
    let server = server.trim();
    if server.matches(':').count() > 1 && !server.starts_with('[') {
        return format!("[{server}]:{PORT}");
    }
    match server.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => server.to_owned(),
        _ => format!("{server}:{PORT}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_get_a_port() {
        for (given, used) in [
            ("a", "a:4647"),
            ("a:1", "a:1"),
            ("::1", "[::1]:4647"),
            ("[::1]", "[::1]:4647"),
            ("[::1]:5", "[::1]:5"),
        ] {
            assert_eq!(with_port(given), used);
        }
    }

    #[tokio::test]
    async fn an_address_where_nobody_listens_is_told() {
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap().to_string();
        assert_eq!(reach(&address).await, Ok(()));
        drop(taken);
        assert!(reach(&address).await.unwrap_err().contains("refused"));
    }
}
