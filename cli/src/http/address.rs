//! The address of an agent, read by the rules of Go's URL parser as far as its error texts show.

use super::HttpError;

/// An address whose form is right; whether it can be used shows when a request is made, as in Go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    scheme: String,
    /// `host:port`.
    host: String,
    /// Scheme, host and path without a slash at the end.
    base: String,
    /// The path of a Unix socket, in place of a port.
    socket: Option<String>,
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Address, HttpError> {
        let invalid = |problem: &str| HttpError::InvalidAddress {
            address: text.to_owned(),
            reason: format!("parse {text:?}: {problem}"),
        };
        let (scheme, rest) = split_scheme(text).map_err(invalid)?;
        if scheme.is_empty() && rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return Err(invalid("first path segment in URL cannot contain colon"));
        }
        if text.contains(|c: char| c.is_ascii_control() || c == ' ') {
            return Err(invalid("invalid character in host name"));
        }
        if scheme == "https" {
            let reason = "https addresses are not supported yet".to_owned();
            return Err(HttpError::InvalidAddress { address: text.to_owned(), reason });
        }
        if scheme == "unix" {
            let path = rest.strip_prefix("//").unwrap_or(rest).to_owned();
            let base = "http://127.0.0.1".to_owned();
            return Ok(Address { scheme: "http".to_owned(), host: path.clone(), base, socket: Some(path) });
        }
        let authority =
            rest.strip_prefix("//").unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        let named_port =
            host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        let host = if named_port { host.to_owned() } else { format!("{host}:80") };
        let base = text.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned();
        Ok(Address { scheme, host, base, socket: None })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// The Unix socket to connect to, if it is one.
    pub(super) fn socket(&self) -> Option<&str> {
        self.socket.as_deref()
    }

    /// An error text when no request can be made to it.
    pub(super) fn usable(&self) -> Result<(), String> {
        if self.scheme != "http" {
            return Err(format!("unsupported protocol scheme {:?}", self.scheme));
        }
        if self.host.starts_with(':') {
            return Err("http: no Host in request URL".to_owned());
        }
        Ok(())
    }
}

/// Scheme (empty for none, lower case) and what follows its colon.
fn split_scheme(text: &str) -> Result<(String, &str), &'static str> {
    for (at, c) in text.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return Err("missing protocol scheme"),
            ':' => return Ok((text[..at].to_ascii_lowercase(), &text[at + 1..])),
            _ => break,
        }
    }
    Ok((String::new(), text))
}
