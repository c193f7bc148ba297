//! Seeds as operators write them: ip or name, with or without port.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// The port of the gRPC service.
const RPC_PORT: u16 = 4647;
/// The gossip port of the original; whoever names it means the server behind it.
const SERF_PORT: u16 = 4648;
const RESOLVE_LIMIT: Duration = Duration::from_secs(1);

/// Host and port of a seed.
pub(crate) fn parse(seed: &str) -> (String, u16) {
    let seed = seed.trim();
    let (host, port) = if let Ok(address) = seed.parse::<SocketAddr>() {
        (address.ip().to_string(), address.port())
    } else if let Ok(ip) = seed.trim_matches(['[', ']']).parse::<IpAddr>() {
        (ip.to_string(), RPC_PORT)
    } else {
        let split = seed.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        split.map_or((seed.to_owned(), RPC_PORT), |(host, port)| (host.to_owned(), port))
    };
    (host, if port == SERF_PORT { RPC_PORT } else { port })
}

/// Every address behind the seeds. A name that does not resolve yet is left out and tried again later.
pub(crate) async fn resolve(seeds: &[String]) -> BTreeSet<String> {
    let lookups = seeds.iter().map(|seed| async move {
        let (host, port) = parse(seed);
        let found = tokio::time::timeout(RESOLVE_LIMIT, tokio::net::lookup_host((host.as_str(), port))).await;
        match found {
            Ok(Ok(addresses)) => addresses.map(|address| address.to_string()).collect::<Vec<_>>(),
            Ok(Err(error)) => {
                tracing::debug!(%error, seed, "a seed does not resolve");
                Vec::new()
            }
            Err(_elapsed) => Vec::new(),
        }
    });
    futures::future::join_all(lookups).await.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn seeds_in_every_spelling() {
        for (seed, host, port) in [
            ("10.0.0.1", "10.0.0.1", 4647),
            ("10.0.0.1:4648", "10.0.0.1", 4647),
            ("10.0.0.1:14648", "10.0.0.1", 14648),
            ("server-1", "server-1", 4647),
            ("server-1.local:5000", "server-1.local", 5000),
            ("::1", "::1", 4647),
            ("[::1]:4648", "::1", 4647),
            ("[fe80::2]", "fe80::2", 4647),
        ] {
            assert_eq!(parse(seed), (host.to_owned(), port), "{seed}");
        }
    }
}
