//! The agents that a client may ask: one, or several of a list separated by commas, each of which answers for the cluster.
//!
//! The next one is asked when no connection to one comes about, and then only: once a connection stands, a request may
//! have been heard, and a write must not be sent twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::HttpError;
use super::address::Address;

/// Time that connecting may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// The same where another agent can be asked instead.
const CONNECT_LIMIT_OF_SEVERAL: Duration = Duration::from_secs(2);
/// Most addresses in a list.
const ADDRESSES_MAX: usize = 16;

/// One agent, and what to ask it with.
#[derive(Debug, Clone)]
pub(super) struct Agent {
    pub(super) http: reqwest::Client,
    pub(super) address: Address,
    /// Time that connecting may take.
    pub(super) connect_limit: Duration,
}

/// All of them, and which answered last. Clones share that.
#[derive(Debug, Clone)]
pub(super) struct Agents {
    all: Arc<[Agent]>,
    current: Arc<AtomicUsize>,
}

impl Agents {
    /// Reads an address, or several with commas between them. Does not connect yet.
    pub(super) fn parse(text: &str) -> Result<Agents, HttpError> {
        let invalid = |reason: String| HttpError::InvalidAddress { address: text.to_owned(), reason };
        let texts: Vec<&str> = text.split(',').map(str::trim).collect();
        if texts.len() > ADDRESSES_MAX {
            return Err(invalid(format!("more than {ADDRESSES_MAX} addresses")));
        }
        let several = texts.len() > 1;
        if several && texts.iter().any(|text| text.is_empty()) {
            return Err(invalid("an address of the list is empty".to_owned()));
        }
        let connect_limit = if several { CONNECT_LIMIT_OF_SEVERAL } else { CONNECT_LIMIT };
        let mut all = Vec::with_capacity(texts.len());
        // Alone, it is read as it was given, blanks and all.
        for one in if several { texts } else { vec![text] } {
            let address = Address::parse(one)?;
            let mut builder = reqwest::Client::builder()
                .connect_timeout(connect_limit)
                // An address names the agent itself; a proxy of the environment is meant for the outside.
                .no_proxy()
                .user_agent(concat!("drover/", env!("CARGO_PKG_VERSION")));
            if let Some(path) = address.socket() {
                builder = builder.unix_socket(path);
            }
            let http = builder.build().map_err(|e| invalid(e.to_string()))?;
            all.push(Agent { http, address, connect_limit });
        }
        Ok(Agents { all: all.into(), current: Arc::default() })
    }

    /// The one that answered last, or the first.
    pub(super) fn current(&self) -> &Agent {
        &self.all[self.current.load(Ordering::Relaxed) % self.all.len()]
    }

    /// All of them in the order in which they are to be asked, the current one first.
    pub(super) fn in_turn(&self) -> impl Iterator<Item = (usize, &Agent)> {
        let (count, first) = (self.all.len(), self.current.load(Ordering::Relaxed));
        (0..count).map(move |step| (first + step) % count).map(|at| (at, &self.all[at]))
    }

    /// Ask this one first from now on.
    pub(super) fn prefer(&self, at: usize) {
        self.current.store(at, Ordering::Relaxed);
    }
}

/// Requests that did not reach anybody: the first one's error, with the reasons of all of them.
#[derive(Debug, Default)]
pub(super) struct Unreached(Option<HttpError>);

impl Unreached {
    pub(super) fn add(&mut self, error: HttpError) {
        match (&mut self.0, error) {
            (Some(HttpError::Request { reason: all, .. }), HttpError::Request { reason, .. }) => {
                all.push_str("; ");
                all.push_str(&reason);
            }
            (none @ None, error) => *none = Some(error),
            (Some(_), _) => {}
        }
    }

    pub(super) fn error(self) -> HttpError {
        let nobody = || HttpError::InvalidAddress { address: String::new(), reason: "no address".to_owned() };
        self.0.unwrap_or_else(nobody)
    }
}
