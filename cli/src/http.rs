//! The API as the commands see it: one client with address, token, region and namespace, and errors in the words that
//! Go's client has, because scripts look for them.
//!
//! An address may be a list with commas: the next one is asked when one does not answer. Plain HTTP, over TCP or a Unix socket: `https://` addresses are refused. There is no time limit on a whole request, since
//! blocking queries and log streams last; connecting and the size of an answer are limited.

mod address;
mod agents;
mod error;
mod escape;
mod raw;
mod socket;

pub use error::HttpError;
pub use escape::path_segment;
pub use raw::{Answer, Request};
pub use socket::Socket;

use crate::args::Connection;
use agents::{Agent, Agents, Unreached};
use futures::{Stream, StreamExt};
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes an answer may have that is read as a whole.
const BODY_LIMIT: usize = 256 * 1024 * 1024;

/// A client of the API. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiClient {
    agents: Agents,
    connection: Connection,
}

/// What the headers of an answer say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meta {
    /// `X-Nomad-Index`, for the next blocking query.
    pub index: u64,
    /// `X-Nomad-KnownLeader`.
    pub known_leader: bool,
    /// `X-Nomad-LastContact`: milliseconds since the server that answered heard of a leader.
    pub last_contact: u64,
    /// `X-Nomad-NextToken`; empty on the last page.
    pub next_token: String,
}

/// Query parameters. Region and namespace of the connection are added when they are not among them.
pub type Query<'a> = &'a [(&'a str, &'a str)];

impl ApiClient {
    /// A client for a connection. Does not connect yet.
    pub fn new(connection: Connection) -> Result<ApiClient, HttpError> {
        Ok(ApiClient { agents: Agents::parse(&connection.address)?, connection })
    }

    /// A client of the agent that listens on `ip:port`, with nothing of the user's environment.
    pub fn at(listening: &str) -> Result<ApiClient, HttpError> {
        ApiClient::new(Connection {
            address: format!("http://{listening}"),
            region: String::new(),
            namespace: String::new(),
            token: String::new(),
            http_auth: String::new(),
        })
    }

    /// The connection the client was made for.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The same client for another namespace, for objects that name their own.
    pub fn in_namespace(&self, namespace: &str) -> ApiClient {
        let connection = Connection { namespace: namespace.to_owned(), ..self.connection.clone() };
        ApiClient { connection, ..self.clone() }
    }

    /// GET, and read the answer as JSON. `path` starts with `/v1/`; its segments are escaped with `path_segment`.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: Query<'_>,
    ) -> Result<(T, Meta), HttpError> {
        self.json(Method::GET, path, query, None::<&()>).await
    }

    /// GET, and read the answer as a documented shape: what is null or missing gets its default.
    pub async fn shape<T: DeserializeOwned>(
        &self,
        path: &str,
        query: Query<'_>,
    ) -> Result<(T, Meta), HttpError> {
        let (value, meta) = self.get::<serde_json::Value>(path, query).await?;
        let shape = api::json::from_value(&value).map_err(|e| HttpError::Decode { reason: e.to_string() })?;
        Ok((shape, meta))
    }

    /// PUT with a JSON body.
    pub async fn put<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        query: Query<'_>,
        body: &B,
    ) -> Result<(T, Meta), HttpError> {
        self.json(Method::PUT, path, query, Some(body)).await
    }

    /// DELETE.
    pub async fn delete<T: DeserializeOwned>(
        &self,
        path: &str,
        query: Query<'_>,
    ) -> Result<(T, Meta), HttpError> {
        self.json(Method::DELETE, path, query, None::<&()>).await
    }

    /// DELETE with a JSON body.
    pub async fn delete_with<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        query: Query<'_>,
        body: &B,
    ) -> Result<(T, Meta), HttpError> {
        self.json(Method::DELETE, path, query, Some(body)).await
    }

    /// GET, and give the body as it is.
    pub async fn bytes(&self, path: &str, query: Query<'_>) -> Result<Vec<u8>, HttpError> {
        let (response, call) = self.send(Method::GET, path, query, None::<&()>).await?;
        read(response, &call).await
    }

    /// GET, and hand the body on as it arrives: logs, event streams.
    pub async fn stream(
        &self,
        path: &str,
        query: Query<'_>,
    ) -> Result<impl Stream<Item = Result<Vec<u8>, HttpError>> + use<>, HttpError> {
        let (response, call) = self.send(Method::GET, path, query, None::<&()>).await?;
        let chunks = response.bytes_stream();
        Ok(chunks.map(move |chunk| chunk.map(|bytes| bytes.to_vec()).map_err(|e| call.broken(&e))))
    }

    async fn json<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: Query<'_>,
        body: Option<&B>,
    ) -> Result<(T, Meta), HttpError> {
        let (response, call) = self.send(method, path, query, body).await?;
        let meta = meta(&response);
        let bytes = read(response, &call).await?;
        // Some writes answer with nothing; `()` and `Option` accept null.
        let text: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        let value = serde_json::from_slice(text).map_err(|e| HttpError::Decode { reason: e.to_string() })?;
        Ok((value, meta))
    }

    async fn send<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        query: Query<'_>,
        body: Option<&B>,
    ) -> Result<(reqwest::Response, Call), HttpError> {
        let asked = self.ask(&method, |agent, call| {
            call.url = self.url_at(agent, path, query);
            let request = self.authorized(agent.http.request(method.clone(), &call.url));
            Ok(match body {
                Some(body) => request.json(body),
                None => request,
            })
        });
        let (response, call) = asked.await?;
        let status = response.status();
        if status.is_success() {
            return Ok((response, call));
        }
        let body = read(response, &call).await?;
        Err(HttpError::Status {
            code: status.as_u16(),
            body: String::from_utf8_lossy(&body).trim().to_owned(),
        })
    }

    /// Sends what `worded` makes for an agent to the first agent that a connection can be made to.
    async fn ask(
        &self,
        method: &Method,
        mut worded: impl FnMut(&Agent, &mut Call) -> Result<reqwest::RequestBuilder, HttpError>,
    ) -> Result<(reqwest::Response, Call), HttpError> {
        let mut unreached = Unreached::default();
        for (at, agent) in self.agents.in_turn() {
            let host = agent.address.host().to_owned();
            let mut call = Call { method: method.clone(), url: String::new(), host };
            let request = worded(agent, &mut call)?;
            agent.address.usable().map_err(|reason| call.failed(reason))?;
            match request.send().await {
                Ok(response) => {
                    self.agents.prefer(at);
                    return Ok((response, call));
                }
                Err(error) if error.is_connect() => unreached.add(call.unsent(&error)),
                Err(error) => return Err(call.unsent(&error)),
            }
        }
        Err(unreached.error())
    }

    fn authorized(&self, mut request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        if !self.connection.token.is_empty() {
            request = request.header("X-Nomad-Token", &self.connection.token);
        }
        if let Some((user, password)) = self.connection.http_auth.split_once(':') {
            request = request.basic_auth(user, Some(password));
        } else if !self.connection.http_auth.is_empty() {
            request = request.basic_auth(&self.connection.http_auth, None::<&str>);
        }
        request
    }

    /// The URL of a path and its parameters. Those of the connection are added when they are not among them, and all
    /// stand in the order of their names, as Go writes them.
    pub fn url(&self, path: &str, query: Query<'_>) -> String {
        self.url_at(self.agents.current(), path, query)
    }

    fn url_at(&self, agent: &Agent, path: &str, query: Query<'_>) -> String {
        let mut parameters: Vec<(&str, &str)> = query.to_vec();
        for (name, value) in [("region", &self.connection.region), ("namespace", &self.connection.namespace)]
        {
            if !value.is_empty() && !parameters.iter().any(|(given, _)| *given == name) {
                parameters.push((name, value));
            }
        }
        parameters.sort_by_key(|(name, _)| *name);
        let encoded: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{}={}", escape::query_word(name), escape::query_word(value)))
            .collect();
        let mark = if encoded.is_empty() { "" } else { "?" };
        format!("{}{path}{mark}{}", agent.address.base(), encoded.join("&"))
    }
}

/// A request that was made, for the errors about it.
struct Call {
    method: Method,
    url: String,
    host: String,
}

impl Call {
    fn failed(&self, reason: String) -> HttpError {
        HttpError::Request { method: self.method.to_string(), url: self.url.clone(), reason }
    }

    fn unsent(&self, error: &reqwest::Error) -> HttpError {
        self.failed(error::dial(error, &self.host))
    }

    fn broken(&self, error: &reqwest::Error) -> HttpError {
        HttpError::Body { reason: error::innermost(error) }
    }
}

fn meta(response: &reqwest::Response) -> Meta {
    let header =
        |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Meta {
        index: header("X-Nomad-Index").parse().unwrap_or(0),
        known_leader: header("X-Nomad-KnownLeader") == "true",
        last_contact: header("X-Nomad-LastContact").parse().unwrap_or(0),
        next_token: header("X-Nomad-NextToken").to_owned(),
    }
}

async fn read(mut response: reqwest::Response, call: &Call) -> Result<Vec<u8>, HttpError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| call.broken(&e))? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(HttpError::Body { reason: format!("answer is larger than {BODY_LIMIT} bytes") });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests;
