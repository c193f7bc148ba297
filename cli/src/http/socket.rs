//! Conversations: a websocket to a path of the API.

use super::agents::Unreached;
use super::{ApiClient, Call, HttpError, Query, error};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, handshake::client::Request};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Time that an agent may take to begin a conversation.
const UPGRADE_LIMIT: Duration = Duration::from_secs(10);

/// A conversation that has begun.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl ApiClient {
    /// Begin a conversation. What the servers find wrong later comes as the reason of a close frame.
    pub async fn converse(&self, path: &str, query: Query<'_>) -> Result<Socket, HttpError> {
        let (stream, call) = self.connect(path, query).await?;
        let request = self.upgrade(&call.url).map_err(|reason| call.failed(reason))?;
        let upgraded = tokio_tungstenite::client_async(request, MaybeTlsStream::Plain(stream));
        match tokio::time::timeout(UPGRADE_LIMIT, upgraded).await {
            Ok(Ok((socket, _))) => Ok(socket),
            Ok(Err(Error::Http(refusal))) => {
                let body = refusal.body().as_deref().unwrap_or_default();
                let body = String::from_utf8_lossy(body).trim().to_owned();
                Err(HttpError::Status { code: refusal.status().as_u16(), body })
            }
            Ok(Err(Error::Io(failed))) => {
                Err(call.failed(error::dialed(Some(failed.kind()), failed.to_string(), &call.host)))
            }
            Ok(Err(other)) => Err(call.failed(other.to_string())),
            Err(_) => Err(call.failed(format!("dial tcp {}: i/o timeout", call.host))),
        }
    }

    /// A connection to the first agent to which one comes about.
    async fn connect(&self, path: &str, query: Query<'_>) -> Result<(TcpStream, Call), HttpError> {
        let mut unreached = Unreached::default();
        for (at, agent) in self.agents.in_turn() {
            let url = self.url_at(agent, path, query);
            let call = Call { method: Method::GET, url, host: agent.address.host().to_owned() };
            agent.address.usable().map_err(|reason| call.failed(reason))?;
            if agent.address.socket().is_some() {
                return Err(call.failed("sessions over a Unix socket are not supported yet".to_owned()));
            }
            match tokio::time::timeout(agent.connect_limit, TcpStream::connect(&call.host)).await {
                Ok(Ok(stream)) => {
                    self.agents.prefer(at);
                    return Ok((stream, call));
                }
                Ok(Err(failed)) => {
                    let reason = error::dialed(Some(failed.kind()), failed.to_string(), &call.host);
                    unreached.add(call.failed(reason));
                }
                Err(_) => unreached.add(call.failed(format!("dial tcp {}: i/o timeout", call.host))),
            }
        }
        Err(unreached.error())
    }

    fn upgrade(&self, url: &str) -> Result<Request, String> {
        // Only plain HTTP is usable.
        let url = format!("ws{}", url.strip_prefix("http").unwrap_or(url));
        let mut request = url.into_client_request().map_err(|failed| failed.to_string())?;
        let mut add = |name: &'static str, value: &str| {
            let value =
                HeaderValue::from_str(value).map_err(|_| format!("{name} cannot be sent: not one line"))?;
            request.headers_mut().insert(name, value);
            Ok::<(), String>(())
        };
        if !self.connection.token.is_empty() {
            add("X-Nomad-Token", &self.connection.token)?;
        }
        if !self.connection.http_auth.is_empty() {
            add("Authorization", &format!("Basic {}", STANDARD.encode(&self.connection.http_auth)))?;
        }
        Ok(request)
    }
}
