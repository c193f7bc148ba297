//! `job explain`, `alloc why`, `operator whatif`: why things are as they are, and what would become of them.

use super::{decode, job_file, now_ns, print_raw, raw};
use crate::args::{AllocWhy, JobExplain, OperatorWhatIf, Source};
use crate::console::{Console, Failure, client};
use crate::http::path_segment;
use crate::{find, output, view};
use api::allocations::Allocation;
use api::explain::{EvaluationExplanation, JobExplanation};
use api::whatif::WhatIf;
use serde_json::{Value, json};

pub(super) async fn job(args: &JobExplain, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let doing = "Error explaining job";
    let path = format!("/v1/job/{}/explain", path_segment(&stub.id));
    let (answer, _) = client.get::<Value>(&path, &[]).await.map_err(|e| Failure::because(doing, &e))?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer);
    }
    let explanation: JobExplanation = decode(doing, &answer)?;
    console.line(view::explain::job(&explanation, args.verbose));
    Ok(0)
}

pub(super) async fn alloc(args: &AllocWhy, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let stub = find::alloc(&client, &args.allocation, args.verbose, now_ns()).await?;
    let client = client.in_namespace(&stub.namespace);
    let failed = |e: &_| Failure::because("Error querying allocation", e);
    let path = format!("/v1/allocation/{}", stub.id);
    let (answer, _) = client.get::<Value>(&path, &[]).await.map_err(|e| failed(&e))?;
    // The evaluation may have been collected since; then the allocation's own word has to do.
    let path = format!("/v1/evaluation/{}/explain", stub.eval_id);
    let evaluation = match client.get::<Value>(&path, &[]).await {
        Ok((evaluation, _)) => Some(evaluation),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(Failure::because("Error explaining evaluation", &error)),
    };
    if let Some(raw) = &raw {
        let whole = json!({ "Metrics": answer["Metrics"], "Evaluation": evaluation });
        return print_raw(console, raw, &whole);
    }
    let alloc: Allocation = decode("Error querying allocation", &answer)?;
    let evaluation: EvaluationExplanation = match &evaluation {
        Some(evaluation) => decode("Error explaining evaluation", evaluation)?,
        None => EvaluationExplanation::default(),
    };
    let placements = evaluation.groups.values().flat_map(|group| &group.placements);
    let why = placements.filter(|placement| placement.id == alloc.id).map(|placement| placement.why.clone());
    let id = |id: &str| output::id(id, args.verbose).to_owned();
    console.line(output::key_values(&[
        ("ID", id(&alloc.id)),
        ("Name", alloc.name.clone()),
        ("Node", format!("{} ({})", alloc.node_name, id(&alloc.node_id))),
        ("Evaluation", id(&alloc.eval_id)),
        ("Triggered By", evaluation.triggered_by),
        ("Why", why.collect::<Vec<_>>().join("; ")),
    ]));
    let metric: api::evaluations::Metric = decode("Error querying allocation", &answer["Metrics"])?;
    let seen = [
        ("Nodes Evaluated", metric.nodes_evaluated.to_string()),
        ("Nodes Filtered", metric.nodes_filtered.to_string()),
        ("Nodes Exhausted", metric.nodes_exhausted.to_string()),
    ];
    console.line(format!("\n{}", output::key_values(&seen)));
    for line in view::metric::lines(&metric, "") {
        console.line(line);
    }
    console.line(format!("\nPlacement Metrics\n{}", view::explain::scores(&metric, args.verbose)));
    Ok(0)
}

pub(super) async fn whatif(args: &OperatorWhatIf, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let mut body = json!({});
    if let Some(node) = &args.drain {
        body["Drain"] = json!(node);
    }
    if let Some(node) = &args.lost_node {
        body["LostNode"] = json!(node);
    }
    if let Some(node) = &args.like {
        body["NewNode"] = json!({ "Like": node, "Count": args.count });
    } else if args.count.is_some() {
        return Err(Failure::new("-count needs -like: the node that the new ones are like"));
    }
    if let Some(path) = &args.job {
        body["Job"] = job_file::read(path, &Source::default())?;
    }
    if body.as_object().is_some_and(serde_json::Map::is_empty) {
        return Err(Failure::new("Nothing to imagine: give -drain, -lost-node, -like or -job"));
    }
    let client = client(&args.general)?;
    let doing = "Error imagining";
    let (answer, _) = client
        .put::<_, Value>("/v1/operator/whatif", &[], &body)
        .await
        .map_err(|e| Failure::because(doing, &e))?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer);
    }
    let answer: WhatIf = decode(doing, &answer)?;
    console.line(view::explain::whatif(&answer, args.verbose));
    Ok(0)
}
