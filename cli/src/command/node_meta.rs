//! `node meta apply|read` and `node config`.

use super::{of, print_raw, raw};
use crate::args::{NodeConfig, NodeMetaApply, NodeMetaCommand, NodeMetaRead};
use crate::console::{Console, Failure, client};
use crate::http::ApiClient;
use crate::{find, output};
use serde_json::{Map, Value, json};

const PATH: &str = "/v1/client/metadata";

pub(super) async fn run(command: &NodeMetaCommand) -> Result<u8, Failure> {
    match command {
        NodeMetaCommand::Apply(args) => apply(args).await,
        NodeMetaCommand::Read(args) => read(args, of(&args.general)).await,
    }
}

/// The id of the node that is meant; empty for that of the agent which answers.
async fn target(client: &ApiClient, prefix: Option<&str>) -> Result<String, Failure> {
    match prefix.filter(|prefix| !prefix.is_empty()) {
        None => Ok(String::new()),
        Some(prefix) => find::node(client, prefix).await.map(|node| node.id).map_err(find::or_id),
    }
}

async fn apply(args: &NodeMetaApply) -> Result<u8, Failure> {
    let unset = args.unset.as_deref().filter(|keys| !keys.is_empty());
    if unset.is_none() && args.pairs.is_empty() {
        return Err(Failure::new("Must specify -unset or at least 1 key=value pair"));
    }
    let client = client(&args.general)?;
    let node = target(&client, args.node_id.as_deref()).await?;
    let body = json!({ "NodeID": node, "Meta": changes(unset, &args.pairs) });
    client
        .put::<_, Value>(PATH, &[], &body)
        .await
        .map_err(|e| Failure::because("Error applying dynamic node metadata", &e))?;
    Ok(0)
}

/// What is set, and null for what is taken away. A key without a value is set to nothing.
fn changes(unset: Option<&str>, pairs: &[String]) -> Map<String, Value> {
    let mut changes = Map::new();
    for key in unset.into_iter().flat_map(|keys| keys.split(',')) {
        changes.insert(key.to_owned(), Value::Null);
    }
    for pair in pairs {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        changes.insert(key.to_owned(), json!(value));
    }
    changes
}

async fn read(args: &NodeMetaRead, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let node = target(&client, args.node_id.as_deref()).await?;
    let query: &[(&str, &str)] = if node.is_empty() { &[] } else { &[("node_id", &node)] };
    let (meta, _) = client
        .get::<Value>(PATH, query)
        .await
        .map_err(|e| Failure::because("Error reading dynamic node metadata", &e))?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &meta);
    }
    let section = |title: &str, name: &str| {
        let pairs: Vec<(&str, &str)> = meta[name]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
            .collect();
        format!("{}\n{}", console.heading(title), output::key_values(&pairs))
    };
    let sections = [("All Meta", "Meta"), ("Dynamic Meta", "Dynamic"), ("Static Meta", "Static")];
    let sections = sections.map(|(title, name)| section(title, name));
    console.line(sections.join("\n\n"));
    Ok(0)
}

pub(super) async fn config(args: &NodeConfig, console: Console) -> Result<u8, Failure> {
    let help = "\nFor additional help try 'drover node config -help'";
    if args.servers == args.update_servers {
        let sentence = "The '-servers' or '-update-servers' flag(s) must be set";
        return Err(Failure::new(format!("{sentence}{help}")));
    }
    let client = client(&args.general)?;
    let path = "/v1/agent/servers";
    if args.servers {
        let (servers, _) = client
            .get::<Vec<String>>(path, &[])
            .await
            .map_err(|e| Failure::because("Error querying server list", &e))?;
        if servers.is_empty() {
            return Err(Failure::new("Server list is empty"));
        }
        servers.iter().for_each(|server| console.line(server));
        return Ok(0);
    }
    if args.addresses.is_empty() {
        return Err(Failure::new(format!("Must specify at least one server address{help}")));
    }
    let query: Vec<(&str, &str)> = args.addresses.iter().map(|one| ("address", one.as_str())).collect();
    client
        .put::<_, Value>(path, &query, &json!(null))
        .await
        .map_err(|e| Failure::because("Error updating server list", &e))?;
    console.line("Updated server list");
    Ok(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn keys_are_set_and_taken_away() {
        let pairs = ["rack=r1", "url=a=b", "empty"].map(str::to_owned);
        let changes = super::changes(Some("old,older"), &pairs);
        assert_eq!(
            json!(changes),
            json!({"old": null, "older": null, "rack": "r1", "url": "a=b", "empty": ""})
        );
    }
}
