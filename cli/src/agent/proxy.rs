//! The client agent as the HTTP side of its process sees it: its health and figures, and for a process without a server
//! its own `/v1/client` and `/v1/agent` paths.

use super::client::servers;
use super::seeds::with_port;
use super::sockets::Addresses;
use bytes::Bytes;
use client_agent::ClientAgent;
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use runtime::Config;
use serde_json::{Value, json};
use server::{LocalAgent, Proxied, Proxy};
use std::sync::{Arc, OnceLock};

const JSON: &str = "application/json";

/// The client agent of this process, which arrives after the server was started.
pub(super) struct Local {
    agent: OnceLock<Arc<ClientAgent>>,
    servers: Vec<String>,
    config: Value,
}

impl Local {
    /// Without an agent yet.
    pub(super) fn new(config: &Config) -> Local {
        let nowhere = Addresses {
            http: Vec::new(),
            rpc: None,
            serf: None,
            http_advertise: String::new(),
            rpc_advertise: String::new(),
            serf_advertise: String::new(),
        };
        Local {
            agent: OnceLock::new(),
            servers: servers(config, &nowhere).iter().map(|server| with_port(server)).collect(),
            config: serde_json::to_value(config).unwrap_or_default(),
        }
    }

    /// The agent is there. Only the first one counts.
    pub(super) fn arrived(&self, agent: Arc<ClientAgent>) {
        let _already_there = self.agent.set(agent);
    }

    async fn answer(&self, method: &str, target: &str, body: &[u8]) -> Proxied {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        match path {
            "/v1/agent/health" => self.health(query),
            "/v1/agent/self" => whole(
                200,
                &json!({
                    "config": self.config,
                    "member": { "Name": "", "Addr": null, "Port": 0, "Tags": null, "Status": "none" },
                    "stats": { "client": self.figures() },
                }),
            ),
            _ => match self.agent.get() {
                Some(agent) => proxied(agent.http(method, target, body).await),
                None => whole(500, &json!("the client agent is not there yet")),
            },
        }
    }

    fn health(&self, query: &str) -> Proxied {
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("type="));
        let (ok, answer) = match asked {
            Some("server") => (false, json!({ "server": { "ok": false, "message": "server not enabled" } })),
            _ => {
                let ok = self.healthy();
                let message = if ok { "ok" } else { "no session with a server" };
                (ok, json!({ "client": { "ok": ok, "message": message } }))
            }
        };
        whole(if ok { 200 } else { 500 }, &answer)
    }

    fn figures(&self) -> Value {
        let figures = self.stats().into_iter().map(|(name, value)| (name, Value::String(value)));
        Value::Object(figures.collect())
    }
}

impl LocalAgent for Local {
    fn healthy(&self) -> bool {
        self.agent.get().is_some_and(|agent| agent.stats().connected)
    }

    fn node_id(&self) -> Option<model::NodeId> {
        self.agent.get().map(|agent| agent.node_id())
    }

    fn stats(&self) -> Vec<(String, String)> {
        let Some(agent) = self.agent.get() else {
            return Vec::new();
        };
        let stats = agent.stats();
        [
            ("node_id", agent.node_id().text()),
            ("num_allocations", stats.allocs.to_string()),
            ("running_allocations", stats.running.to_string()),
            ("updates_waiting", stats.updates_waiting.to_string()),
            ("connected", stats.connected.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

impl Proxy for Local {
    fn own(self: Arc<Self>, method: String, target: String, body: Bytes) -> BoxFuture<'static, Proxied> {
        async move { self.answer(&method, &target, &body).await }.boxed()
    }

    fn converse(
        self: Arc<Self>,
        target: String,
        input: tokio::sync::mpsc::Receiver<Bytes>,
    ) -> BoxFuture<'static, Proxied> {
        async move {
            match self.agent.get() {
                Some(agent) => proxied(agent.converse(&target, input).await),
                None => whole(500, &json!("the client agent is not there yet")),
            }
        }
        .boxed()
    }

    fn servers(&self) -> Vec<String> {
        self.servers.clone()
    }
}

fn proxied(answer: client_agent::HttpAnswer) -> Proxied {
    Proxied { status: answer.status, content_type: answer.content_type, body: answer.body.map(Ok).boxed() }
}

fn whole(status: u16, value: &Value) -> Proxied {
    let body = Bytes::from(value.to_string());
    Proxied { status, content_type: JSON.to_owned(), body: futures::stream::iter([Ok(body)]).boxed() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn health_says_which_half_is_asked() {
        let local = Local::new(&Config::dev());
        let client = local.answer("GET", "/v1/agent/health?type=client", b"").await;
        assert_eq!(client.status, 500);
        let body: Vec<_> = client.body.collect().await;
        assert_eq!(
            body[0].as_ref().unwrap(),
            r#"{"client":{"message":"no session with a server","ok":false}}"#
        );
        let server = local.answer("GET", "/v1/agent/health?type=server", b"").await;
        assert_eq!(server.status, 500);
    }
}
