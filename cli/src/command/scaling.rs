//! `scaling policy list|info`.

use super::{decode, of, print_raw, raw};
use crate::args::{PolicyCommand, PolicyInfo, PolicyList, ScalingCommand};
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::path_segment;
use crate::view;
use api::job_actions::{ScalingPolicyAnswer, ScalingPolicyStub};
use serde_json::Value;

const PATH: &str = "/v1/scaling/policies";

pub(super) async fn run(command: &ScalingCommand) -> Result<u8, Failure> {
    let ScalingCommand::Policy(command) = command;
    match command {
        PolicyCommand::List(args) => list(args, of(&args.general)).await,
        PolicyCommand::Info(args) => info(args, of(&args.general)).await,
    }
}

async fn list(args: &PolicyList, console: Console) -> Result<u8, Failure> {
    let doing = "Error listing scaling policies";
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let mut query = Vec::new();
    for (name, value) in [("job", &args.job), ("type", &args.kind)] {
        query.extend(value.as_deref().filter(|value| !value.is_empty()).map(|value| (name, value)));
    }
    let (answer, _) = client.get::<Value>(PATH, &query).await.map_err(|e| Failure::because(doing, &e))?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer);
    }
    let all: Vec<ScalingPolicyStub> = decode(doing, &answer)?;
    if all.is_empty() {
        console.line("No policies found");
    } else {
        console.line(view::scaling::list(&all, args.verbose));
    }
    Ok(0)
}

async fn info(args: &PolicyInfo, console: Console) -> Result<u8, Failure> {
    let doing = "Error querying scaling policy";
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let failed = |e: &_| Failure::because(doing, e);
    let Some(prefix) = &args.policy else {
        let Some(raw) = &raw else {
            let help = "\nFor additional help try 'drover scaling policy info -help'";
            return Err(Failure::new(format!(
                "This command takes one of the following argument conditions:\n * A single <policy_id>\n * No arguments, \
                 with output format specified{help}"
            )));
        };
        let (answer, _) = client.get::<Value>(PATH, &[]).await.map_err(|e| failed(&e))?;
        return print_raw(console, raw, &answer);
    };
    let (all, _) =
        client.shape::<Vec<ScalingPolicyStub>>(PATH, &[("prefix", prefix)]).await.map_err(|e| failed(&e))?;
    let Some(at) = find::exact_or_only(&all, |policy| policy.id == *prefix) else {
        if all.is_empty() {
            let none = format!("no scaling policies with prefix or ID {prefix:?} found");
            return Err(Failure::new(format!("{doing}: {none}")));
        }
        let table = view::scaling::list(&all, args.verbose);
        return Err(Failure::new(format!("Prefix matched multiple scaling policies\n\n{table}")));
    };
    let path = format!("/v1/scaling/policy/{}", path_segment(&all[at].id));
    let (answer, _) = client.get::<Value>(&path, &[]).await.map_err(|e| failed(&e))?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &answer);
    }
    let policy: ScalingPolicyAnswer = decode(doing, &answer)?;
    console.line(view::scaling::whole(&policy, &answer["Policy"], args.verbose));
    Ok(0)
}
