//! `volume status|deregister` and `plugin status`, as far as there can be any: nothing can be registered yet.
//!
//! What a list is empty of is said on standard error, below its heading, as the original says it.

use super::{Raw, print_raw, raw};
use crate::args::{PluginStatus, VolumeDeregister, VolumeStatus};
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, path_segment};
use serde_json::Value;

/// A kind of volumes: what the API calls it, its heading, and its name in sentences.
type Kind = (&'static str, &'static str, &'static str);

const KINDS: [Kind; 2] =
    [("host", "Dynamic Host Volumes", "host"), ("csi", "Container Storage Interface", "CSI")];

pub(super) async fn status(args: &VolumeStatus, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.list.format)?;
    let client = client(&args.list.general)?;
    let wanted = args.kind.as_deref().unwrap_or_default();
    let kinds: Vec<Kind> = KINDS.into_iter().filter(|(kind, ..)| ["", *kind].contains(&wanted)).collect();
    if kinds.is_empty() {
        return Err(Failure::new(format!("Error: unknown volume type {wanted:?}: it is csi or host")));
    }
    let id = args.id.as_deref().unwrap_or_default();
    let mut faults = Vec::new();
    for (at, (kind, title, name)) in kinds.iter().enumerate() {
        let found = volumes(&client, kind, id).await;
        let found = found.map_err(|error| Failure::new(format!("Error listing {name} volumes: {error}")))?;
        match (&raw, id) {
            (Some(raw), "") => {
                print_raw(console, raw, &found)?;
            }
            (None, "") => {
                console.line(format!("{}{}", if at > 0 { "\n" } else { "" }, console.heading(title)));
                if found.is_empty() {
                    let noun = if *name == "host" { "dynamic host volumes" } else { "CSI volumes" };
                    console.error(format!("No {noun}"));
                } else {
                    print_raw(console, &Raw::Json, &found)?;
                }
            }
            (raw, id) if found.is_empty() => {
                let _ = raw;
                faults
                    .push(format!("Error listing {name} volumes: no volumes with prefix or ID {id:?} found"));
            }
            (raw, _) => {
                print_raw(console, raw.as_ref().unwrap_or(&Raw::Json), &found)?;
            }
        }
    }
    if faults.len() == kinds.len() { Err(Failure::new(faults.join("\n"))) } else { Ok(0) }
}

async fn volumes(client: &ApiClient, kind: &str, prefix: &str) -> Result<Vec<Value>, crate::http::HttpError> {
    let mut query = vec![("type", kind)];
    if !prefix.is_empty() {
        query.push(("prefix", prefix));
    }
    client.get::<Vec<Value>>("/v1/volumes", &query).await.map(|(found, _)| found)
}

pub(super) async fn deregister(args: &VolumeDeregister, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let listing = "Error listing volumes";
    let found = volumes(&client, "csi", &args.id).await.map_err(|e| Failure::because(listing, &e))?;
    let id = match found.as_slice() {
        [] => {
            let id = &args.id;
            return Err(Failure::new(format!("{listing}: no volumes with prefix or ID {id:?} found")));
        }
        [only] => only["ID"].as_str().unwrap_or(&args.id),
        _ => return Err(Failure::new(format!("{listing}: prefix {:?} matched multiple volumes", args.id))),
    };
    let query: &[(&str, &str)] = if args.force { &[("force", "true")] } else { &[] };
    client
        .delete::<Value>(&format!("/v1/volume/csi/{}", path_segment(id)), query)
        .await
        .map_err(|e| Failure::because("Error deregistering volume", &e))?;
    console.line(format!("Successfully deregistered volume {id:?}!"));
    Ok(0)
}

pub(super) async fn plugins(args: &PluginStatus, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.list.format)?;
    if !matches!(args.kind.as_deref().unwrap_or_default(), "" | "csi") {
        return Err(Failure::new("Error: -type is csi, or left out"));
    }
    let client = client(&args.list.general)?;
    let (found, _) = client
        .get::<Vec<Value>>("/v1/plugins", &[("type", "csi")])
        .await
        .map_err(|e| Failure::because("Error querying CSI plugins", &e))?;
    if let Some(id) = args.id.as_deref().filter(|id| !id.is_empty()) {
        let named = |plugin: &Value| plugin["ID"].as_str().is_some_and(|own| own.starts_with(id));
        let found: Vec<Value> = found.into_iter().filter(named).collect();
        if found.is_empty() {
            return Err(Failure::new(format!(
                "Error querying CSI plugins: No plugins(s) with prefix or ID {id:?} found"
            )));
        }
        return print_raw(console, raw.as_ref().unwrap_or(&Raw::Json), &found);
    }
    if let Some(raw) = &raw {
        return print_raw(console, raw, &found);
    }
    console.line(console.heading("Container Storage Interface"));
    if found.is_empty() {
        console.error("No CSI plugins");
        return Ok(0);
    }
    print_raw(console, &Raw::Json, &found)
}
