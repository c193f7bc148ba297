//! Which servers there are and a channel to one of them. A name may stand for many addresses.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use runtime::Mint;
use tokio::time::timeout;
use tonic::transport::{Channel, Endpoint};

use super::hello::HelloError;
use crate::options::DEFAULT_SERVER_PORT;

/// Time for a TCP connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(1);
/// Time for a name to be resolved.
const RESOLVE_PATIENCE: Duration = Duration::from_secs(2);
/// An idle connection is probed this often …
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// … and left when the probe is unanswered for this long.
const PROBE_PATIENCE: Duration = Duration::from_secs(3);
/// Most addresses that are remembered.
const SERVERS_MAX: usize = 256;

/// Servers that are known: those of the configuration and those that servers named.
pub(super) struct Servers {
    configured: Vec<String>,
    learned: BTreeSet<String>,
    mint: Mint,
}

impl Servers {
    pub(super) fn new(configured: &[String], mint: Mint) -> Self {
        Servers { configured: configured.to_vec(), learned: BTreeSet::new(), mint }
    }

    /// Remembers what a server says of the others.
    pub(super) fn learn(&mut self, servers: &[String]) {
        if !servers.is_empty() {
            // The newest word replaces the last: servers that are gone must not be tried for ever.
            self.learned = servers.iter().take(SERVERS_MAX).cloned().collect();
        }
    }

    /// Their addresses, shuffled, each once.
    pub(super) async fn addresses(&self) -> Vec<SocketAddr> {
        let mut addresses = BTreeSet::new();
        for server in self.configured.iter().chain(&self.learned) {
            match timeout(RESOLVE_PATIENCE, tokio::net::lookup_host(with_port(server))).await {
                Ok(Ok(found)) => addresses.extend(found.take(SERVERS_MAX)),
                Ok(Err(error)) => tracing::warn!(server, %error, "cannot resolve a server's name"),
                Err(_) => tracing::warn!(server, "resolving a server's name takes too long"),
            }
        }
        let mut shuffled: Vec<(u64, SocketAddr)> =
            addresses.into_iter().map(|address| (self.mint.below(u64::MAX), address)).collect();
        shuffled.sort_unstable();
        shuffled.into_iter().map(|(_, address)| address).collect()
    }
}

/// Adds the default port to an address without one.
fn with_port(server: &str) -> String {
    let bare_v6 = server.matches(':').count() > 1 && !server.starts_with('[');
    if bare_v6 {
        return format!("[{server}]:{DEFAULT_SERVER_PORT}");
    }
    let has_port = server.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if has_port { server.to_owned() } else { format!("{server}:{DEFAULT_SERVER_PORT}") }
}

/// Opens a channel to one server.
pub(super) async fn open(address: SocketAddr) -> Result<Channel, HelloError> {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(HelloError::Connect)?;
    let endpoint = endpoint
        .connect_timeout(CONNECT_PATIENCE)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(PROBE_EVERY)
        .keep_alive_timeout(PROBE_PATIENCE)
        .keep_alive_while_idle(true);
    endpoint.connect().await.map_err(HelloError::Connect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports() {
        let cases = [
            ("server", "server:4647"),
            ("server:4648", "server:4648"),
            ("10.0.0.1", "10.0.0.1:4647"),
            ("::1", "[::1]:4647"),
            ("[::1]:99", "[::1]:99"),
            ("[::1]", "[::1]:4647"),
        ];
        for (given, expected) in cases {
            assert_eq!(with_port(given), expected);
        }
    }

    #[tokio::test]
    async fn learned_servers_are_tried_too_and_none_twice() {
        let mut servers = Servers::new(&["127.0.0.1:1".into(), "127.0.0.1:2".into()], Mint::seeded(1));
        servers.learn(&["127.0.0.1:2".into(), "127.0.0.1:3".into()]);
        let mut ports: Vec<u16> = servers.addresses().await.iter().map(SocketAddr::port).collect();
        ports.sort_unstable();
        assert_eq!(ports, [1, 2, 3]);
    }
}
