//! `namespace list|status|inspect|apply|delete`.

use super::{Raw, print_raw, print_typed, raw};
use crate::args::{
    Format, NamespaceApply, NamespaceDelete, NamespaceInspect, NamespaceList, NamespaceStatus,
};
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, path_segment};
use crate::output;
use serde_json::{Value, json};

const FINDING: &str = "Error retrieving namespaces";

pub(super) async fn list(args: &NamespaceList, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let (answer, _) =
        client.get::<Vec<Value>>("/v1/namespaces", &[]).await.map_err(|e| Failure::because(FINDING, &e))?;
    match &raw {
        Some(raw) => print_typed(console, raw, &answer, "[]*api.Namespace"),
        None => {
            console.line(table(&answer));
            Ok(0)
        }
    }
}

fn table(all: &[Value]) -> String {
    let mut rows = vec![["Name", "Description"].map(str::to_owned)];
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    rows.extend(all.iter().map(|one| [text(one, "Name"), text(one, "Description")]));
    output::list(&rows)
}

/// The one namespace that a prefix means; an exact name wins.
async fn find(client: &ApiClient, prefix: &str) -> Result<Value, Failure> {
    let (mut all, _) = client
        .get::<Vec<Value>>("/v1/namespaces", &[("prefix", prefix)])
        .await
        .map_err(|e| Failure::because(FINDING, &e))?;
    let exact = all.iter().position(|one| one["Name"].as_str() == Some(prefix));
    match (exact, all.len()) {
        (Some(at), _) => Ok(all.swap_remove(at)),
        (None, 0) => Err(Failure::new(format!("{FINDING}: Namespace {prefix:?} matched no namespaces"))),
        (None, 1) => Ok(all.swap_remove(0)),
        _ => Err(Failure::new(format!("Prefix matched multiple namespaces\n\n{}", table(&all)))),
    }
}

pub(super) async fn inspect(args: &NamespaceInspect, console: Console) -> Result<u8, Failure> {
    let raw = raw(&Format { json: false, t: args.t.clone() })?.unwrap_or(Raw::Json);
    let namespace = find(&client(&args.general)?, &args.name).await?;
    print_raw(console, &raw, &namespace)
}

pub(super) async fn status(args: &NamespaceStatus, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let namespace = find(&client(&args.general)?, &args.name).await?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &namespace);
    }
    let text = |name: &str| namespace[name].as_str().unwrap_or_default().to_owned();
    let all = |name: &str, without: &str| {
        let names = namespace["Capabilities"][name].as_array().into_iter().flatten();
        let names: Vec<&str> = names.filter_map(Value::as_str).collect();
        if names.is_empty() { without.to_owned() } else { names.join(",") }
    };
    console.line(output::key_values(&[
        ("Name", text("Name")),
        ("Description", text("Description")),
        ("Quota", text("Quota")),
        ("Enabled Drivers", all("EnabledTaskDrivers", "*")),
        ("Disabled Drivers", all("DisabledTaskDrivers", "")),
        ("Enabled Network Modes", all("EnabledNetworkModes", "*")),
        ("Disabled Network Modes", all("DisabledNetworkModes", "")),
    ]));
    let meta = namespace["Meta"].as_object().into_iter().flatten();
    let meta: Vec<(&str, &str)> =
        meta.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())).collect();
    if !meta.is_empty() {
        console.line(format!("\n{}\n{}", console.heading("Metadata"), output::key_values(&meta)));
    }
    Ok(0)
}

pub(super) async fn apply(args: &NamespaceApply, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let failed = |e: &_| Failure::because("Error applying namespace", e);
    let is_file = args.input == "-" || std::path::Path::new(&args.input).is_file();
    if is_file && !args.json {
        return Err(Failure::new("namespace apply reads JSON files only so far: give -json, or a name"));
    }
    if args.quota.as_deref().is_some_and(|quota| !quota.is_empty()) {
        return Err(Failure::new("namespace apply -quota is not supported: there are no quotas"));
    }
    let namespace = if is_file {
        let text = if args.input == "-" {
            std::io::read_to_string(std::io::stdin().lock())
        } else {
            std::fs::read_to_string(&args.input)
        };
        let text = text.map_err(|e| Failure::new(format!("Error reading {:?}: {e}", args.input)))?;
        serde_json::from_str(&text)
            .map_err(|e| Failure::new(format!("Failed to parse input content: {e}")))?
    } else {
        // What is not said stays as it is.
        let path = format!("/v1/namespace/{}", path_segment(&args.input));
        let mut known = match client.get::<Value>(&path, &[]).await {
            Ok((known, _)) => known,
            Err(error) if error.is_not_found() => json!({ "Name": args.input }),
            Err(error) => return Err(failed(&error)),
        };
        if let Some(description) = &args.description {
            known["Description"] = json!(description);
        }
        known
    };
    let name = namespace["Name"].as_str().unwrap_or_default();
    client.put::<_, Value>("/v1/namespace", &[], &namespace).await.map_err(|e| failed(&e))?;
    console.line(format!("Successfully applied namespace {name:?}!"));
    Ok(0)
}

pub(super) async fn delete(args: &NamespaceDelete, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let path = format!("/v1/namespace/{}", path_segment(&args.name));
    client.delete::<Value>(&path, &[]).await.map_err(|e| Failure::because("Error deleting namespace", &e))?;
    console.line(format!("Successfully deleted namespace {:?}!", args.name));
    Ok(0)
}
