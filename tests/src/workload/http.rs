//! Requests whose outcome is told apart: answered, surely not done, or unknown.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

/// Longer than an election; a server that hangs does not hold a worker for ever.
const TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// An HTTP client. Clones share connections.
#[derive(Clone)]
pub struct Http(reqwest::Client);

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `X-Nomad-Index`, where there is one.
    pub index: Option<u64>,
    /// `X-Nomad-KnownLeader`, where there is one.
    pub known_leader: Option<bool>,
    /// `X-Nomad-LastContact`, ms.
    pub last_contact: Option<u64>,
    /// The body; a string where it is not JSON.
    pub body: Value,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It was never sent.
    NotSent,
    /// It was sent, and nobody knows what became of it.
    Unknown,
}

impl Http {
    /// A client with short patience.
    ///
    /// # Errors
    /// When the system has no TLS or resolver to offer; it needs neither.
    pub fn new() -> anyhow::Result<Http> {
        Ok(Http(reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(TIMEOUT).build()?))
    }

    /// Asks, with a body if there is one.
    ///
    /// # Errors
    /// [`Failure`] says whether it may have happened.
    pub async fn ask(&self, method: Method, url: String, body: Option<&Value>) -> Result<Answer, Failure> {
        self.ask_within(TIMEOUT, method, url, body).await
    }

    /// Reads.
    ///
    /// # Errors
    /// As [`Http::ask`].
    pub async fn get(&self, url: String) -> Result<Answer, Failure> {
        self.ask(Method::GET, url, None).await
    }

    /// The same with a patience of one's own.
    ///
    /// # Errors
    /// As [`Http::ask`].
    pub async fn ask_within(
        &self,
        patience: Duration,
        method: Method,
        url: String,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let mut request = self.0.request(method, url).timeout(patience);
        if let Some(body) = body {
            request = request.json(body);
        }
        let failure = |error: reqwest::Error| match error.is_connect() {
            true => Failure::NotSent,
            false => Failure::Unknown,
        };
        let answer = request.send().await.map_err(failure)?;
        let status = answer.status().as_u16();
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let index = header("x-nomad-index").and_then(|text| text.parse().ok());
        let known_leader = header("x-nomad-knownleader").and_then(|text| text.parse().ok());
        let last_contact = header("x-nomad-lastcontact").and_then(|text| text.parse().ok());
        let text = answer.text().await.map_err(|_cut_short| Failure::Unknown)?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, index, known_leader, last_contact, body })
    }
}

impl Answer {
    /// It says yes.
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A number of the body, 0 where it is missing.
    pub fn number(&self, name: &str) -> u64 {
        self.body[name].as_u64().unwrap_or(0)
    }
}
