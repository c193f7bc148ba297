//! Everything the agent listens on, bound before anything else starts, so that a port in use costs nothing.

use super::error::AgentError;
use runtime::Config;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// The bound listeners.
pub(super) struct Sockets {
    /// HTTP API.
    pub(super) http: Vec<TcpListener>,
    /// gRPC, on the RPC port and on the port of the original's membership, which old configurations name.
    pub(super) rpc: Vec<TcpListener>,
    /// Where they are.
    pub(super) addresses: Addresses,
}

/// Where the agent listens, and what it tells others. RPC and serf are missing without a server.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    pub(super) http: Vec<SocketAddr>,
    pub(super) rpc: Option<SocketAddr>,
    pub(super) serf: Option<SocketAddr>,
    pub(super) http_advertise: String,
    pub(super) rpc_advertise: String,
    pub(super) serf_advertise: String,
}

impl Sockets {
    /// Bind everything, or say which address is in the way.
    pub(super) async fn bind(config: &Config) -> Result<Sockets, AgentError> {
        let mut http = Vec::new();
        for address in config.http_listen()? {
            http.push(bind("HTTP", address).await?);
        }
        let mut rpc = Vec::new();
        let mut addresses = Addresses {
            http: http.iter().map(|(_, address)| *address).collect(),
            rpc: None,
            serf: None,
            http_advertise: config.http_advertise(http.first().map_or(0, |(_, address)| address.port()))?,
            rpc_advertise: String::new(),
            serf_advertise: String::new(),
        };
        if config.server.enabled {
            let (listener, address) = bind("RPC", config.rpc_listen()?).await?;
            rpc.push(listener);
            addresses.rpc = Some(address);
            addresses.rpc_advertise = config.rpc_advertise(address.port())?;
            let (listener, address) = bind("serf", config.serf_listen()?).await?;
            rpc.push(listener);
            addresses.serf = Some(address);
            addresses.serf_advertise = config.serf_advertise(address.port())?;
        }
        Ok(Sockets { http: http.into_iter().map(|(listener, _)| listener).collect(), rpc, addresses })
    }
}

async fn bind(purpose: &'static str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), AgentError> {
    let listener = server::bind(purpose, address).await.map_err(AgentError::Bind)?;
    // The address of a socket that is bound can be asked for; if not, what was asked for is the best guess.
    let bound = listener.local_addr().unwrap_or(address);
    Ok((listener, bound))
}
