//! `operator root keyring …` and `operator gossip keyring …`.

use super::of;
use crate::args::{
    GossipCommand, GossipKeyringCommand, KeyringCommand, KeyringList, KeyringRemove, KeyringRotate,
    RootCommand,
};
use crate::console::{Console, Failure, client};
use crate::http::path_segment;
use crate::view;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Bytes of a key that encrypts gossip.
const GOSSIP_KEY: usize = 32;

pub(super) async fn root(command: &RootCommand) -> Result<u8, Failure> {
    let RootCommand::Keyring(command) = command;
    match command {
        KeyringCommand::List(args) => list(args, of(&args.general)).await,
        KeyringCommand::Rotate(args) => rotate(args, of(&args.general)).await,
        KeyringCommand::Remove(args) => remove(args, of(&args.general)).await,
    }
}

async fn list(args: &KeyringList, console: Console) -> Result<u8, Failure> {
    let (keys, _) = client(&args.general)?
        .get::<Vec<Value>>("/v1/operator/keyring/keys", &[])
        .await
        .map_err(|e| Failure::because("error", &e))?;
    console.line(view::operator::keys(&keys, args.verbose));
    Ok(0)
}

async fn rotate(args: &KeyringRotate, console: Console) -> Result<u8, Failure> {
    let mut query = Vec::new();
    if args.full {
        query.push(("full", "true"));
    }
    let publish;
    if let Some(text) = args.prepublish.as_deref().filter(|text| !text.is_empty()) {
        if args.now {
            return Err(Failure::new("Only one of -now and -prepublish can be used"));
        }
        let ns = model::go_duration::parse(text)
            .map_err(|error| Failure::new(format!("Failed to parse -prepublish {text:?}: {error}")))?;
        publish = super::now_ns().saturating_add(ns).to_string();
        query.push(("publish_time", &publish));
    }
    let (answer, _) = client(&args.general)?
        .put::<_, Value>("/v1/operator/keyring/rotate", &query, &json!(null))
        .await
        .map_err(|e| Failure::because("error", &e))?;
    console.line(view::operator::keys(std::slice::from_ref(&answer["Key"]), args.verbose));
    Ok(0)
}

async fn remove(args: &KeyringRemove, console: Console) -> Result<u8, Failure> {
    let query: &[(&str, &str)] = if args.force { &[("force", "true")] } else { &[] };
    let path = format!("/v1/operator/keyring/key/{}", path_segment(&args.key));
    client(&args.general)?.delete::<Value>(&path, query).await.map_err(|e| Failure::because("error", &e))?;
    console.line(format!("Removed encryption key {}", args.key));
    Ok(0)
}

pub(super) async fn gossip(command: &GossipCommand) -> Result<u8, Failure> {
    let GossipCommand::Keyring(command) = command;
    // The keys in use are the servers' business.
    let (general, action, key) = match command {
        GossipKeyringCommand::Generate(_) => {
            let mut key = [0; GOSSIP_KEY];
            runtime::Mint::random().fill(&mut key);
            Console::plain().line(STANDARD.encode(key));
            return Ok(0);
        }
        GossipKeyringCommand::List(args) => (&args.general, "list", None),
        GossipKeyringCommand::Install(args) => (&args.general, "install", Some(&args.name)),
        GossipKeyringCommand::Use(args) => (&args.general, "use", Some(&args.name)),
        GossipKeyringCommand::Remove(args) => (&args.general, "remove", Some(&args.name)),
    };
    let (console, client) = (of(general), client(general)?);
    let path = format!("/v1/agent/keyring/{action}");
    let answer = match key {
        None => client.get::<Value>(&path, &[]).await,
        Some(key) => client.put::<_, Value>(&path, &[], &json!({ "Key": key })).await,
    };
    let (answer, _) = answer.map_err(|e| Failure::because("error", &e))?;
    super::print_raw(console, &super::Raw::Json, &answer)
}
