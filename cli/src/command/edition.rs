//! Commands about what this edition does not have: quotas, Sentinel, recommendations, licences. They ask like every
//! other command, so that what is said is what the servers said.

use super::{Raw, of, print_raw, raw};
use crate::args::{
    Format, General, LicenseCommand, QuotaApply, QuotaCommand, RecommendationCommand, SentinelApply,
    SentinelCommand,
};
use crate::console::{Failure, client};
use crate::http::path_segment;
use serde_json::{Value, json};

/// What is asked.
pub(super) enum Ask {
    Get,
    Put(Value),
    Delete,
}

/// Ask, and show what comes back as JSON or through a template. `doing` begins the sentence of an error.
pub(super) async fn ask(
    general: &General,
    format: &Format,
    ask: Ask,
    path: &str,
    doing: &str,
) -> Result<u8, Failure> {
    let raw = raw(format)?;
    let client = client(general)?;
    let answer = match ask {
        Ask::Get => client.get::<Value>(path, &[]).await,
        Ask::Put(body) => client.put::<_, Value>(path, &[], &body).await,
        Ask::Delete => client.delete::<Value>(path, &[]).await,
    };
    let (answer, _) = answer.map_err(|e| Failure::because(doing, &e))?;
    print_raw(of(general), &raw.unwrap_or(Raw::Json), &answer)
}

/// The same for commands without a format of their own.
pub(super) async fn plainly(general: &General, how: Ask, path: &str, doing: &str) -> Result<u8, Failure> {
    ask(general, &Format::default(), how, path, doing).await
}

/// The path of one thing.
pub(super) fn at(base: &str, name: &str) -> String {
    format!("{base}/{}", path_segment(name))
}

pub(super) async fn quota(command: &QuotaCommand) -> Result<u8, Failure> {
    let (one, reading) = ("/v1/quota", "Error retrieving quota");
    match command {
        QuotaCommand::List(args) => {
            ask(&args.general, &args.format, Ask::Get, "/v1/quotas", "Error retrieving quotas").await
        }
        QuotaCommand::Status(args) | QuotaCommand::Inspect(args) => {
            ask(&args.general, &args.format, Ask::Get, &at(one, &args.name), reading).await
        }
        QuotaCommand::Delete(args) => {
            plainly(&args.general, Ask::Delete, &at(one, &args.name), "Error deleting quota").await
        }
        QuotaCommand::Apply(args) => apply_quota(args).await,
    }
}

async fn apply_quota(args: &QuotaApply) -> Result<u8, Failure> {
    let input = &args.input;
    let text = super::spec::text(input)
        .map_err(|why| Failure::new(format!("Failed to read file {input:?}: {why}")))?;
    let failed = |why: String| Failure::new(format!("Error parsing quota file: {why}"));
    let body = if args.json {
        serde_json::from_str(&text).map_err(|e| failed(e.to_string()))?
    } else {
        runtime::config::values(&text, std::path::Path::new(input)).map_err(|e| failed(e.to_string()))?
    };
    plainly(&args.general, Ask::Put(body), "/v1/quota", "Error applying quota specification").await
}

pub(super) async fn sentinel(command: &SentinelCommand) -> Result<u8, Failure> {
    let one = "/v1/sentinel/policy";
    match command {
        SentinelCommand::List(args) => {
            plainly(&args.general, Ask::Get, "/v1/sentinel/policies", "Error listing Sentinel policies").await
        }
        SentinelCommand::Read(args) => {
            plainly(&args.general, Ask::Get, &at(one, &args.name), "Error querying Sentinel policy").await
        }
        SentinelCommand::Delete(args) => {
            plainly(&args.general, Ask::Delete, &at(one, &args.name), "Error deleting Sentinel policy").await
        }
        SentinelCommand::Apply(args) => apply_policy(args).await,
    }
}

async fn apply_policy(args: &SentinelApply) -> Result<u8, Failure> {
    let Some(scope) = args.scope.as_deref().filter(|scope| !scope.is_empty()) else {
        return Err(Failure::new("-scope flag is required"));
    };
    let policy =
        super::spec::text(&args.file).map_err(|why| Failure::new(format!("Failed to read file: {why}")))?;
    let level = args.level.as_deref().filter(|level| !level.is_empty()).unwrap_or("advisory");
    let body = json!({
        "Name": args.name, "Description": args.description.as_deref().unwrap_or_default(), "Scope": scope,
        "EnforcementLevel": level, "Policy": policy,
    });
    let path = at("/v1/sentinel/policy", &args.name);
    plainly(&args.general, Ask::Put(body), &path, "Error writing Sentinel policy").await
}

pub(super) async fn recommendation(command: &RecommendationCommand) -> Result<u8, Failure> {
    match command {
        RecommendationCommand::List(args) => {
            let doing = "Error listing recommendations";
            ask(&args.general, &args.format, Ask::Get, "/v1/recommendations", doing).await
        }
        RecommendationCommand::Info(args) => {
            let path = at("/v1/recommendation", &args.name);
            ask(&args.general, &args.format, Ask::Get, &path, "Error reading recommendation").await
        }
    }
}

pub(super) async fn license(command: &LicenseCommand) -> Result<u8, Failure> {
    let LicenseCommand::Get(args) = command;
    let doing = "Error getting license";
    let asked = client(&args.general)?.get::<Value>("/v1/operator/license", &[]).await;
    match asked {
        // An edition without a license answers with nothing.
        Ok((Value::Null, _)) => Err(Failure::new(format!("{doing}: Nomad Enterprise only endpoint"))),
        Ok((license, _)) => print_raw(of(&args.general), &Raw::Json, &license),
        Err(error) => Err(Failure::because(doing, &error)),
    }
}
