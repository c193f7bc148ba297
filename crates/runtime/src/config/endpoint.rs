//! From the words of `bind_addr`, `ports`, `addresses` and `advertise` to socket addresses.
//!
//! An agent that listens on every address has to tell others one of them: it takes the source address that the kernel
//! would use towards the outside, and refuses to guess when there is none.

use super::Config;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use thiserror::Error;

/// Why an address of the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// Templates in addresses are evaluated by the original.
    #[error("{key}: address templates are not supported yet: {value}")]
    Template {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// Not an IP address, nor a name that resolves.
    #[error("{key}: {value:?} is not an address: {reason}")]
    Unresolved {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// Why.
        reason: String,
    },
    /// Listening everywhere, and no address to tell others.
    #[error("no address to advertise was found; set advertise or bind_addr")]
    NothingToAdvertise,
}

impl Config {
    /// Where the HTTP API listens; several addresses are possible.
    pub fn http_listen(&self) -> Result<Vec<SocketAddr>, EndpointError> {
        let words = self.word("addresses.http", &self.addresses.http);
        words.1.split_whitespace().map(|word| resolve(words.0, word, self.ports.http)).collect()
    }

    /// Where RPC listens.
    pub fn rpc_listen(&self) -> Result<SocketAddr, EndpointError> {
        let (key, word) = self.word("addresses.rpc", &self.addresses.rpc);
        resolve(key, word, self.ports.rpc)
    }

    /// Where membership listens.
    pub fn serf_listen(&self) -> Result<SocketAddr, EndpointError> {
        let (key, word) = self.word("addresses.serf", &self.addresses.serf);
        resolve(key, word, self.ports.serf)
    }

    /// `host:port` of the HTTP API for others. `bound` is the port really listened on (it differs from the
    /// configured one when that is 0).
    pub fn http_advertise(&self, bound: u16) -> Result<String, EndpointError> {
        let listen = self.http_listen()?;
        advertised("advertise.http", &self.advertise.http, listen.first().map(SocketAddr::ip), bound)
    }

    /// `host:port` of RPC for others.
    pub fn rpc_advertise(&self, bound: u16) -> Result<String, EndpointError> {
        advertised("advertise.rpc", &self.advertise.rpc, Some(self.rpc_listen()?.ip()), bound)
    }

    /// `host:port` of membership for others.
    pub fn serf_advertise(&self, bound: u16) -> Result<String, EndpointError> {
        advertised("advertise.serf", &self.advertise.serf, Some(self.serf_listen()?.ip()), bound)
    }

    pub(crate) fn check_endpoints(&self) -> Result<(), EndpointError> {
        self.http_listen()?;
        self.http_advertise(self.ports.http)?;
        if self.server.enabled {
            self.rpc_advertise(self.ports.rpc)?;
            self.serf_advertise(self.ports.serf)?;
        }
        Ok(())
    }

    fn word<'a>(&'a self, key: &'static str, own: &'a str) -> (&'static str, &'a str) {
        if own.trim().is_empty() { ("bind_addr", &self.bind_addr) } else { (key, own) }
    }
}

fn resolve(key: &'static str, word: &str, port: u16) -> Result<SocketAddr, EndpointError> {
    if word.contains("{{") {
        return Err(EndpointError::Template { key, value: word.to_owned() });
    }
    let unresolved = |reason: String| EndpointError::Unresolved { key, value: word.to_owned(), reason };
    if let Ok(ip) = word.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok(SocketAddr::new(ip, port));
    }
    let mut found = (word, port).to_socket_addrs().map_err(|e| unresolved(e.to_string()))?;
    found.next().ok_or_else(|| unresolved("the name has no address".to_owned()))
}

fn advertised(
    key: &'static str,
    word: &str,
    listen: Option<IpAddr>,
    port: u16,
) -> Result<String, EndpointError> {
    let word = word.trim();
    if word.contains("{{") {
        return Err(EndpointError::Template { key, value: word.to_owned() });
    }
    if word.is_empty() {
        let ip = match listen {
            Some(ip) if !ip.is_unspecified() => ip,
            _ => outward_ip().ok_or(EndpointError::NothingToAdvertise)?,
        };
        return Ok(SocketAddr::new(ip, port).to_string());
    }
    if let Ok(ip) = word.parse::<IpAddr>() {
        return Ok(SocketAddr::new(ip, port).to_string());
    }
    match word.rsplit_once(':') {
        None => Ok(format!("{word}:{port}")),
        Some((host, given)) if !host.is_empty() && given.parse::<u16>().is_ok() => Ok(word.to_owned()),
        Some(_) => Err(EndpointError::Unresolved {
            key,
            value: word.to_owned(),
            reason: "expected host or host:port".to_owned(),
        }),
    }
}

/// The source address the kernel would use towards the outside. Connecting a UDP socket sends no packet; the target
/// is an address reserved for documentation.
fn outward_ip() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified() && !ip.is_loopback()).then_some(ip)
}
