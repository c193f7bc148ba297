//! `job allocs|deployments|scaling-events`: lists of what belongs to a job.

use super::{decode, now_ns, print_raw, raw};
use crate::args::{JobAllocs, JobDeployments, JobScalingEvents};
use crate::console::{Console, Failure, client};
use crate::http::path_segment;
use crate::{find, output, view};
use api::deployments::Deployment;
use serde_json::Value;

pub(super) async fn allocs(args: &JobAllocs, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let doing = "Error retrieving allocations";
    let path = format!("/v1/job/{}/allocations", path_segment(&stub.id));
    let all = if args.all { "true" } else { "false" };
    let (answer, _) =
        client.get::<Value>(&path, &[("all", all)]).await.map_err(|e| Failure::because(doing, &e))?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer);
    }
    let allocs: Vec<api::allocations::AllocStub> = decode(doing, &answer)?;
    console.line(view::alloc::list(&allocs, args.verbose, now_ns()));
    Ok(0)
}

pub(super) async fn deployments(args: &JobDeployments, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let doing = "Error retrieving deployments";
    let what = if args.latest { "deployment" } else { "deployments" };
    let path = format!("/v1/job/{}/{what}", path_segment(&stub.id));
    let all = if args.all { "true" } else { "false" };
    let (answer, _) =
        client.get::<Value>(&path, &[("all", all)]).await.map_err(|e| Failure::because(doing, &e))?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer);
    }
    if args.latest {
        let deployment: Option<Deployment> = decode(doing, &answer)?;
        let text = deployment.map(|deployment| view::deployment::whole(console, &deployment, args.verbose));
        console.line(text.unwrap_or_else(|| "No deployment found".to_owned()));
    } else {
        let all: Vec<Deployment> = decode(doing, &answer)?;
        console.line(view::deployment::list(&all, args.verbose));
    }
    Ok(0)
}

pub(super) async fn scaling_events(args: &JobScalingEvents, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let path = format!("/v1/job/{}/scale", path_segment(&stub.id));
    let (answer, _) = client
        .get::<Value>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error listing scaling events", &e))?;
    let mut events: Vec<(&str, &Value)> = Vec::new();
    for (group, scale) in answer["TaskGroups"].as_object().into_iter().flatten() {
        events.extend(scale["Events"].as_array().into_iter().flatten().map(|event| (group.as_str(), event)));
    }
    if events.is_empty() {
        console.line("No events found");
        return Ok(0);
    }
    events.sort_by_key(|(_, event)| std::cmp::Reverse(event["Time"].as_u64()));
    let mut heading = vec!["Task Group", "Count", "PrevCount"];
    if args.verbose {
        heading.extend(["Error", "Message", "Eval ID"]);
    }
    heading.push("Date");
    let mut rows: Vec<Vec<String>> = vec![heading.into_iter().map(str::to_owned).collect()];
    for (group, event) in events {
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| event[name].as_i64().map(|n| n.to_string()).unwrap_or_default();
        let mut row = vec![group.to_owned(), number("Count"), number("PreviousCount")];
        if args.verbose {
            row.extend([
                event["Error"].as_bool().unwrap_or(false).to_string(),
                text("Message"),
                text("EvalID"),
            ]);
        }
        row.push(output::absolute(event["Time"].as_i64().unwrap_or(0)));
        rows.push(row);
    }
    console.line(output::list(&rows));
    Ok(0)
}
