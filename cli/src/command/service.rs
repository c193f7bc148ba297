//! `service list|info|delete`.

use super::{decode, of, print_page, print_raw, raw};
use crate::args::{ServiceCommand, ServiceDelete, ServiceInfo, Shown};
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, path_segment};
use crate::{find, view};
use api::services::{NamespaceServices, ServiceRegistration};
use serde_json::Value;

const LISTING: &str = "Error listing service registrations";
const NONE: &str = "No service registrations found";

pub(super) async fn run(command: &ServiceCommand) -> Result<u8, Failure> {
    match command {
        ServiceCommand::List(args) => list(args, of(&args.general)).await,
        ServiceCommand::Info(args) => info(args, of(&args.general)).await,
        ServiceCommand::Delete(args) => delete(args, of(&args.general)).await,
    }
}

async fn list(args: &Shown, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let (answer, _) =
        client.get::<Value>("/v1/services", &[]).await.map_err(|e| Failure::because(LISTING, &e))?;
    let all: Vec<NamespaceServices> = decode(LISTING, &answer)?;
    if all.is_empty() {
        console.line(NONE);
        return Ok(0);
    }
    match &raw {
        Some(raw) => print_raw(console, raw, &answer),
        None => {
            console.line(view::service::list(&all, client.connection().namespace == "*"));
            Ok(0)
        }
    }
}

/// Name and namespace of the service that is meant. As in the original, the only service there is is meant by any name.
async fn find(client: &ApiClient, name: &str) -> Result<Option<(String, String)>, Failure> {
    let (all, _) = client
        .shape::<Vec<NamespaceServices>>("/v1/services", &[])
        .await
        .map_err(|e| Failure::because(LISTING, &e))?;
    let mut names: Vec<(String, String)> = Vec::new();
    for one in &all {
        names.extend(one.services.iter().map(|own| (own.service_name.clone(), one.namespace.clone())));
    }
    if let Some(at) = find::exact_or_only(&names, |(own, _)| own == name) {
        return Ok(Some(names.swap_remove(at)));
    }
    names.retain(|(own, _)| own.starts_with(name));
    match names.len() {
        0 | 1 => Ok(names.pop()),
        _ => {
            let table = view::service::list(&all, client.connection().namespace == "*");
            Err(Failure::new(format!("Prefix matched multiple services\n\n{table}")))
        }
    }
}

async fn info(args: &ServiceInfo, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let Some((name, namespace)) = find(&client, &args.name).await? else {
        console.line(NONE);
        return Ok(0);
    };
    let client = client.in_namespace(&namespace);
    let page = args.page.query();
    let query: Vec<_> = page.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let path = format!("/v1/service/{}", path_segment(&name));
    let (answer, meta) =
        client.get::<Value>(&path, &query).await.map_err(|e| Failure::because(LISTING, &e))?;
    let found: Vec<ServiceRegistration> = decode(LISTING, &answer)?;
    if found.is_empty() {
        console.line(NONE);
        return Ok(0);
    }
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer);
    }
    if args.verbose {
        // Every block ends in an empty line.
        found.iter().for_each(|one| console.line(format!("{}\n", view::service::block(one))));
    } else {
        console.line(view::service::table(&found));
    }
    print_page(console, &format!("service info {}", args.name), &meta);
    Ok(0)
}

async fn delete(args: &ServiceDelete, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let path = format!("/v1/service/{}/{}", path_segment(&args.name), path_segment(&args.id));
    client
        .delete::<Value>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error deleting service registration", &e))?;
    console.line("Successfully deleted service registration");
    Ok(0)
}
