//! `eval list|status|delete`.

use super::{decode, now_ns, print_page, print_raw, raw};
use crate::args::{EvalDelete, EvalList, EvalStatus};
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, path_segment};
use crate::{monitor, output, view};
use api::allocations::AllocStub;
use api::evaluations::Evaluation;
use serde_json::{Value, json};

const FINDING: &str = "Error querying evaluation";

pub(super) async fn list(args: &EvalList, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let page = args.page.query();
    let mut query: Vec<_> = page.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for (name, value) in [("job", args.job.as_deref()), ("status", args.status.as_deref())] {
        query.extend(value.map(|value| (name, value)));
    }
    let doing = "Error querying evaluations";
    let (answer, meta) =
        client.get::<Value>("/v1/evaluations", &query).await.map_err(|e| Failure::because(doing, &e))?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer);
    }
    let evals: Vec<Evaluation> = decode(doing, &answer)?;
    if evals.is_empty() {
        console.line("No evals found");
        return Ok(0);
    }
    console.line(view::eval::table(&evals, args.verbose));
    print_page(console, "eval list", &meta);
    Ok(0)
}

pub(super) async fn status(args: &EvalStatus, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let (id, namespace) = find(&client, &args.evaluation).await?;
    let client = client.in_namespace(&namespace);
    if args.monitor {
        return monitor::evaluation(&client, console, &id, args.verbose).await;
    }
    let failed = |e: &_| Failure::because(FINDING, e);
    let path = format!("/v1/evaluation/{id}");
    let (answer, _) = client.get::<Value>(&path, &[("related", "true")]).await.map_err(|e| failed(&e))?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer);
    }
    let eval: Evaluation = decode(FINDING, &answer)?;
    let path = format!("{path}/allocations");
    let (allocs, _) = client.shape::<Vec<AllocStub>>(&path, &[]).await.map_err(|e| failed(&e))?;
    console.line(view::eval::block(&eval, args.verbose, now_ns()));
    if let Some(table) = view::eval::related(&eval, args.verbose) {
        console.line(format!("\n{}\n{table}", console.heading("Related Evaluations")));
    }
    if let Some(table) = view::eval::annotations(&eval, args.verbose) {
        console.line(format!("\n{}\n{table}", console.heading("Plan Annotations")));
    }
    if let Some(table) = view::eval::placed(&allocs, args.verbose, now_ns()) {
        console.line(format!("\n{}\n{table}", console.heading("Placed Allocations")));
    }
    if let Some(lines) = view::eval::failed_placements(&eval, args.verbose) {
        console.line(format!("\n{}\n{lines}", console.heading("Failed Placements")));
    }
    Ok(0)
}

/// Id and namespace of the one evaluation that a prefix means.
async fn find(client: &ApiClient, prefix: &str) -> Result<(String, String), Failure> {
    let (mut evals, _) = client
        .shape::<Vec<Evaluation>>("/v1/evaluations", &[("prefix", prefix)])
        .await
        .map_err(|e| Failure::because(FINDING, &e))?;
    match evals.len() {
        0 => Err(Failure::new(format!("No evaluation(s) with prefix or id {prefix:?} found"))),
        1 => {
            let eval = evals.swap_remove(0);
            Ok((eval.id, eval.namespace))
        }
        _ => {
            let table = view::eval::table(&evals, false);
            Err(Failure::new(format!("Prefix matched multiple evaluations\n\n{table}")))
        }
    }
}

pub(super) async fn delete(args: &EvalDelete, console: Console) -> Result<u8, Failure> {
    let filter = args.filter.as_deref().filter(|filter| !filter.is_empty());
    if args.evaluation.is_none() && filter.is_none() {
        return Err(Failure::new("At least one evaluation ID or -filter is required"));
    }
    if args.evaluation.is_some() && filter.is_some() {
        return Err(Failure::new("Only one of an evaluation ID and -filter can be given"));
    }
    let client = client(&args.general)?;
    paused(&client, console).await?;
    match (&args.evaluation, filter) {
        (Some(id), _) => {
            let failed = |e: &_| Failure::because("Error deleting evaluation", e);
            let path = format!("/v1/evaluation/{}", path_segment(id));
            client.get::<Value>(&path, &[]).await.map_err(|e| failed(&e))?;
            let body = json!({ "EvalIDs": [id] });
            client.delete_with::<_, Value>("/v1/evaluations", &[], &body).await.map_err(|e| failed(&e))?;
            console.line(format!("Successfully deleted 1 evaluation: {:?}", output::id(id, true)));
            Ok(0)
        }
        (None, filter) => delete_matching(args, &client, console, filter.unwrap_or_default()).await,
    }
}

/// Evaluations can be deleted only while nobody works on them.
async fn paused(client: &ApiClient, console: Console) -> Result<(), Failure> {
    let path = "/v1/operator/scheduler/configuration";
    let (config, _) = client
        .get::<Value>(path, &[])
        .await
        .map_err(|e| Failure::because("Error deleting evaluation", &e))?;
    if config["SchedulerConfig"]["PauseEvalBroker"].as_bool() == Some(true) {
        return Ok(());
    }
    let hint = |when: &str, verb: &str, on: bool| {
        format!(
            "{when} {verb} the eval broker by running \"drover operator scheduler set-config \
             -pause-eval-broker={on}\""
        )
    };
    console.line(hint("To delete evaluations you must first", "pause", true));
    console.line(hint("After the deletion is complete,", "unpause", false));
    Err(Failure::new("Eval broker is not paused"))
}

async fn delete_matching(
    args: &EvalDelete,
    client: &ApiClient,
    console: Console,
    filter: &str,
) -> Result<u8, Failure> {
    let failed = |e: &_| Failure::because("Error deleting evaluations", e);
    let (answer, _) =
        client.get::<Value>("/v1/evaluations/count", &[("filter", filter)]).await.map_err(|e| failed(&e))?;
    let count = answer["Count"].as_u64().unwrap_or(0);
    if count == 0 {
        return Err(Failure::new("failed to find any evals that matched filter criteria"));
    }
    let question = format!("Are you sure you want to delete {count} evals?");
    if !args.yes && !console.confirm(&question, "Cancelling eval deletion")? {
        return Ok(0);
    }
    let body = json!({ "Filter": filter });
    let (answer, _) =
        client.delete_with::<_, Value>("/v1/evaluations", &[], &body).await.map_err(|e| failed(&e))?;
    let count = answer["Count"].as_u64().unwrap_or(count);
    let noun = if count == 1 { "evaluation" } else { "evaluations" };
    console.line(format!("Successfully deleted {count} {noun}"));
    Ok(0)
}
