//! `deployment list|status|fail|pause|resume|promote|unblock`.

use super::{decode, print_raw, raw, watched};
use crate::args::{DeploymentAct, DeploymentList, DeploymentPromote, DeploymentStatus};
use crate::console::{Console, Failure, client};
use crate::http::ApiClient;
use crate::view;
use api::deployments::Deployment;
use serde_json::{Value, json};

const FINDING: &str = "Error retrieving deployment";

/// What is done to a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Fail,
    Pause,
    Resume,
    Unblock,
}

pub(super) async fn list(args: &DeploymentList, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let page = args.page.query();
    let query: Vec<_> = page.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let doing = "Error retrieving deployments";
    let (answer, _) =
        client.get::<Value>("/v1/deployments", &query).await.map_err(|e| Failure::because(doing, &e))?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer);
    }
    let all: Vec<Deployment> = decode(doing, &answer)?;
    console.line(view::deployment::list(&all, args.verbose));
    Ok(0)
}

/// The one deployment that a prefix means, as the API gives it.
async fn find(client: &ApiClient, prefix: &str, verbose: bool) -> Result<Value, Failure> {
    let failed = |e: &_| Failure::because(FINDING, e);
    let (mut all, _) =
        client.get::<Vec<Value>>("/v1/deployments", &[("prefix", prefix)]).await.map_err(|e| failed(&e))?;
    match all.len() {
        0 => {
            // The server has the words for what no deployment can be.
            let path = format!("/v1/deployment/{}", crate::http::path_segment(prefix));
            client.get::<Value>(&path, &[]).await.map(|(deployment, _)| deployment).map_err(|e| failed(&e))
        }
        1 => Ok(all.swap_remove(0)),
        _ => {
            let all: Vec<Deployment> = decode(FINDING, &Value::Array(all))?;
            let table = view::deployment::list(&all, verbose);
            Err(Failure::new(format!("{FINDING}: Prefix matched multiple deployments\n\n{table}")))
        }
    }
}

pub(super) async fn status(args: &DeploymentStatus, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let Some(prefix) = &args.deployment else {
        let (answer, _) = client
            .get::<Value>("/v1/deployments", &[])
            .await
            .map_err(|e| Failure::because("Error retrieving deployments", &e))?;
        if let Some(raw) = &raw {
            return print_raw(console, raw, &answer);
        }
        let all: Vec<Deployment> = decode("Error retrieving deployments", &answer)?;
        console.line(view::deployment::list(&all, args.verbose));
        return Ok(0);
    };
    let answer = find(&client, prefix, args.verbose).await?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer);
    }
    let deployment: Deployment = decode(FINDING, &answer)?;
    if args.monitor {
        let client = client.in_namespace(&deployment.namespace);
        let well = crate::monitor::deployment(&client, console, &deployment.id, args.verbose).await?;
        return Ok(u8::from(!well));
    }
    console.line(view::deployment::whole(console, &deployment, args.verbose));
    Ok(0)
}

pub(super) async fn act(args: &DeploymentAct, act: Act, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let answer = find(&client, &args.deployment, args.watch.verbose).await?;
    let deployment: Deployment = decode(FINDING, &answer)?;
    let client = client.in_namespace(&deployment.namespace);
    let id = &deployment.id;
    let (verb, path, body, done) = match act {
        Act::Fail => ("failing", "fail", json!({}), "failed"),
        Act::Pause => ("pausing", "pause", json!({ "DeploymentID": id, "Pause": true }), "paused"),
        Act::Resume => ("resuming", "pause", json!({ "DeploymentID": id, "Pause": false }), "resumed"),
        Act::Unblock => ("unblocking", "unblock", json!({ "DeploymentID": id }), "unblocked"),
    };
    let (answer, _) = client
        .put::<_, Value>(&format!("/v1/deployment/{path}/{id}"), &[], &body)
        .await
        .map_err(|e| Failure::because(&format!("Error {verb} deployment"), &e))?;
    console.line(format!("Deployment {id:?} {done}"));
    if act == Act::Pause {
        return Ok(0);
    }
    if let Some(version) = answer["RevertedJobVersion"].as_u64() {
        console.line(format!("Auto-reverted to job version {version}"));
    }
    if !args.watch.detach {
        console.line("");
    }
    watched(&client, console, &answer["EvalID"], args.watch, "").await
}

pub(super) async fn promote(args: &DeploymentPromote, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let answer = find(&client, &args.deployment, args.watch.verbose).await?;
    let deployment: Deployment = decode(FINDING, &answer)?;
    let client = client.in_namespace(&deployment.namespace);
    let groups = (!args.group.is_empty()).then_some(&args.group);
    let body = json!({ "DeploymentID": deployment.id, "All": groups.is_none(), "Groups": groups });
    let path = format!("/v1/deployment/promote/{}", deployment.id);
    let (answer, _) = client
        .put::<_, Value>(&path, &[], &body)
        .await
        .map_err(|e| Failure::because("Error promoting deployment", &e))?;
    watched(&client, console, &answer["EvalID"], args.watch, "").await
}
