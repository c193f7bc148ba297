//! What the agent says of itself on standard output when it has started, in the original's layout: wrapper scripts wait
//! for its last line.

use super::Running;
use super::settings::Settings;
use runtime::{COMPAT_VERSION, DROVER_VERSION};
use std::net::SocketAddr;

/// Column at which the keys end.
const KEY_WIDTH: usize = 22;

/// The whole banner, without a line feed at the end.
pub(super) fn text(settings: &Settings, running: &Running) -> String {
    let config = &settings.config;
    let sockets = &running.sockets;
    let mut advertised = vec![format!("HTTP: {}", sockets.http_advertise)];
    let mut bound = vec![format!("HTTP: {}", joined(&sockets.http))];
    if let (Some(rpc), Some(serf)) = (sockets.rpc, sockets.serf) {
        advertised.push(format!("RPC: {}", sockets.rpc_advertise));
        advertised.push(format!("Serf: {}", sockets.serf_advertise));
        bound.push(format!("RPC: {rpc}"));
        bound.push(format!("Serf: {serf}"));
    }
    let mut pairs = vec![
        ("Advertise Addrs", advertised.join("; ")),
        ("Bind Addrs", bound.join("; ")),
        ("Client", config.client.enabled.to_string()),
        ("Log Level", config.log_level.to_uppercase()),
    ];
    if let Some(client) = &running.client {
        pairs.push(("Node Id", client.node_id().text()));
    }
    pairs.push(("Region", format!("{} (DC: {})", config.region, config.datacenter)));
    pairs.push(("Server", config.server.enabled.to_string()));
    pairs.push(("Version", format!("{DROVER_VERSION} (API {COMPAT_VERSION})")));
    let files: Vec<String> = settings.files.iter().map(|file| file.display().to_string()).collect();
    layout(&files, &pairs)
}

fn layout(files: &[String], pairs: &[(&str, String)]) -> String {
    let mut text = if files.is_empty() {
        "==> No configuration files loaded\n".to_owned()
    } else {
        format!("==> Loaded configuration from {}\n", files.join(", "))
    };
    text.push_str("==> Starting Drover agent...\n==> Drover agent configuration:\n\n");
    for (key, value) in pairs {
        text.push_str(&format!("{key:>KEY_WIDTH$}: {value}\n"));
    }
    text.push_str("\n==> Drover agent started! Log data will stream in below:\n");
    text
}

fn joined(addresses: &[SocketAddr]) -> String {
    let all: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    format!("[{}]", all.join(" "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_end_in_one_column() {
        let pairs = [("Advertise Addrs", "HTTP: 127.0.0.1:4646".to_owned()), ("Client", "true".to_owned())];
        assert_eq!(
            super::layout(&[], &pairs),
            "==> No configuration files loaded\n\
             ==> Starting Drover agent...\n\
             ==> Drover agent configuration:\n\
             \n\
             \u{20}      Advertise Addrs: HTTP: 127.0.0.1:4646\n\
             \u{20}               Client: true\n\
             \n\
             ==> Drover agent started! Log data will stream in below:\n"
        );
    }
}
