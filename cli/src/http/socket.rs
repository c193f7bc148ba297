//! Conversations: a websocket to a path of the API.

use super::{ApiClient, Call, HttpError, Query, error};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, handshake::client::Request};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// A conversation that has begun.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl ApiClient {
    /// Begin a conversation. What the servers find wrong later comes as the reason of a close frame.
    pub async fn converse(&self, path: &str, query: Query<'_>) -> Result<Socket, HttpError> {
        let url = self.url(path, query);
        let call = Call { method: Method::GET, url, host: self.address.host().to_owned() };
        self.address.usable().map_err(|reason| call.failed(reason))?;
        let request = self.upgrade(&call.url).map_err(|reason| call.failed(reason))?;
        let limit = super::CONNECT_LIMIT;
        match tokio::time::timeout(limit, tokio_tungstenite::connect_async(request)).await {
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
