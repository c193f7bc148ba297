//! `namespace list|status|inspect|apply|delete`.

use super::{Raw, print_raw, print_typed, raw};
use crate::args::{Format, NamespaceApply, NamespaceInspect, One, Shown, ShownOne};
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, path_segment};
use crate::{find, output};
use serde_json::{Value, json};

const FINDING: &str = "Error retrieving namespaces";

pub(super) async fn list(args: &Shown, console: Console) -> Result<u8, Failure> {
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
    match find::exact_or_only(&all, |one| one["Name"].as_str() == Some(prefix)) {
        Some(at) => Ok(all.swap_remove(at)),
        None if all.is_empty() => {
            Err(Failure::new(format!("{FINDING}: Namespace {prefix:?} matched no namespaces")))
        }
        None => Err(Failure::new(format!("Prefix matched multiple namespaces\n\n{}", table(&all)))),
    }
}

pub(super) async fn inspect(args: &NamespaceInspect, console: Console) -> Result<u8, Failure> {
    let raw = raw(&Format { json: false, t: args.t.clone() })?.unwrap_or(Raw::Json);
    let namespace = find(&client(&args.general)?, &args.name).await?;
    print_raw(console, &raw, &namespace)
}

pub(super) async fn status(args: &ShownOne, console: Console) -> Result<u8, Failure> {
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

/// The keys of a namespace's file, and what the API calls them. Others are passed over, as the original does.
const KEYS: [(&str, &str); 8] = [
    ("name", "Name"),
    ("description", "Description"),
    ("quota", "Quota"),
    ("meta", "Meta"),
    ("capabilities", "Capabilities"),
    ("node_pool_config", "NodePoolConfiguration"),
    ("vault", "VaultConfiguration"),
    ("consul", "ConsulConfiguration"),
];

/// The keys of the blocks in it.
const INNER: [(&str, &str); 7] = [
    ("enabled_task_drivers", "EnabledTaskDrivers"),
    ("disabled_task_drivers", "DisabledTaskDrivers"),
    ("enabled_network_modes", "EnabledNetworkModes"),
    ("disabled_network_modes", "DisabledNetworkModes"),
    ("default", "Default"),
    ("allowed", "Allowed"),
    ("denied", "Denied"),
];

fn renamed(written: &Value, keys: &[(&str, &str)]) -> Value {
    let pairs = keys.iter().filter_map(|(key, json)| Some(((*json).to_owned(), written.get(*key)?.clone())));
    Value::Object(pairs.collect())
}

/// A namespace as a file describes it.
fn parse(text: &str, json: bool, name: &str) -> Result<Value, Failure> {
    let failed = |why: String| Failure::new(format!("Failed to parse input content: {why}"));
    if json {
        return serde_json::from_str(text).map_err(|e| failed(e.to_string()));
    }
    let written =
        runtime::config::values(text, std::path::Path::new(name)).map_err(|e| failed(e.to_string()))?;
    let mut namespace = renamed(&written, &KEYS);
    for (_, block) in &KEYS[4..] {
        if let Some(block) = namespace.get_mut(*block) {
            *block = renamed(block, &INNER);
        }
    }
    Ok(namespace)
}

pub(super) async fn apply(args: &NamespaceApply, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let failed = |e: &_| Failure::because("Error applying namespace", e);
    let given = |flag: &Option<String>| flag.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
    let is_file = args.input == "-" || std::path::Path::new(&args.input).is_file();
    let namespace = if is_file {
        if args.description.is_some() || args.quota.is_some() {
            console.error("Flags are ignored when a file is specified!");
        }
        let (from, name) = if args.input == "-" { ("stdin", "stdin") } else { ("file", args.input.as_str()) };
        let text = super::spec::text(&args.input)
            .map_err(|why| Failure::new(format!("Failed to read {from}: {why}")))?;
        parse(&text, args.json, name)?
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
        if let Some(quota) = given(&args.quota) {
            known["Quota"] = json!(quota);
        }
        known
    };
    let name = super::job_file::field(&namespace, "Name").unwrap_or_default();
    client.put::<_, Value>("/v1/namespace", &[], &namespace).await.map_err(|e| failed(&e))?;
    console.line(format!("Successfully applied namespace {name:?}!"));
    Ok(0)
}

pub(super) async fn delete(args: &One, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let path = format!("/v1/namespace/{}", path_segment(&args.name));
    client.delete::<Value>(&path, &[]).await.map_err(|e| Failure::because("Error deleting namespace", &e))?;
    console.line(format!("Successfully deleted namespace {:?}!", args.name));
    Ok(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn files_are_read() {
        let text = "name = \"dev-b\"\nnosuch = 1\nmeta {\n  owner = \"me\"\n}\ncapabilities {\n  enabled_task_drivers = \
                    [\"raw_exec\"]\n}\n";
        let expected = json!({
            "Name": "dev-b", "Meta": {"owner": "me"}, "Capabilities": {"EnabledTaskDrivers": ["raw_exec"]},
        });
        assert_eq!(super::parse(text, false, "n.hcl"), Ok(expected));
        assert_eq!(super::parse("{\"Name\": \"x\"}", true, "n"), Ok(json!({"Name": "x"})));
        for (text, json, why) in [
            (
                "name = ",
                false,
                "Failed to parse input content: n.hcl:1: expected a value, found the end of the file",
            ),
            ("{", true, "Failed to parse input content: EOF while parsing an object at line 1 column 1"),
        ] {
            assert_eq!(super::parse(text, json, "n.hcl").unwrap_err().message, why);
        }
    }
}
