//! Requests that users word, and answers as they come: `operator api`, snapshots.

use super::{ApiClient, HttpError, read};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// A request that the user words.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The whole URL, with its parameters.
    pub url: String,
    /// Headers; they win over the client's own.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
}

/// An answer as it came, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// `HTTP/1.1 200 OK`.
    pub status: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl ApiClient {
    /// What the user words, and what comes back.
    pub async fn raw(&self, request: Request) -> Result<Answer, HttpError> {
        let Request { method, url, headers, body } = request;
        let invalid =
            |reason: String| HttpError::Request { method: method.clone(), url: url.clone(), reason };
        let verb = Method::from_bytes(method.as_bytes())
            .map_err(|_| invalid(format!("net/http: invalid method {method:?}")))?;
        let mut own = HeaderMap::new();
        for (name, value) in &headers {
            let fault = || invalid(format!("net/http: invalid header field {name:?}"));
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| fault())?;
            own.append(name, HeaderValue::from_str(value).map_err(|_| fault())?);
        }
        // A URL of one agent is the same below the address of another.
        let base = self.agents.current().address.base().to_owned();
        let asked = self.ask(&verb, |agent, call| {
            call.url = match url.strip_prefix(&base) {
                Some(rest) => format!("{}{rest}", agent.address.base()),
                None => url.clone(),
            };
            // The headers replace what the client set under these names.
            let request = self.authorized(agent.http.request(verb.clone(), &call.url)).headers(own.clone());
            Ok(match &body {
                Some(body) => request.body(body.clone()),
                None => request,
            })
        });
        let (response, call) = asked.await?;
        let status = response.status();
        let reason = status.canonical_reason().unwrap_or_default();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers =
            response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let status = format!("{:?} {} {reason}", response.version(), status.as_u16());
        Ok(Answer { status, headers, body: read(response, &call).await? })
    }
}
