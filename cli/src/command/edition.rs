//! Commands about what this edition does not have, or not yet: quotas, Sentinel, recommendations, licences, access
//! control, plugins. They ask like every other command, so that what is said is what the servers said.

use super::{Raw, of, print_raw, raw};
use crate::args::{
    AclCommand, AclNoun, AclPolicyCommand, AclTokenCommand, Format, General, LicenseCommand, Login,
    QuotaApply, QuotaCommand, RecommendationCommand, SentinelApply, SentinelCommand,
};
use crate::console::{Failure, client};
use crate::http::{HttpError, path_segment};
use serde_json::{Value, json};

/// What is asked.
enum Ask {
    Get,
    Put(Value),
    Delete,
}

/// Ask, and show what comes back as JSON or through a template. `doing` begins the sentence of an error.
async fn ask(general: &General, format: &Format, ask: Ask, path: &str, doing: &str) -> Result<u8, Failure> {
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
async fn plainly(general: &General, how: Ask, path: &str, doing: &str) -> Result<u8, Failure> {
    ask(general, &Format::default(), how, path, doing).await
}

fn at(base: &str, name: &str) -> String {
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

pub(super) async fn acl(command: &AclCommand) -> Result<u8, Failure> {
    match command {
        AclCommand::Bootstrap(args) => {
            let secret = match &args.file {
                None => String::new(),
                Some(file) => super::spec::text(file)
                    .map_err(|why| Failure::new(format!("Error reading provided token: {why}")))?,
            };
            let body = json!({ "BootstrapSecret": secret.trim() });
            ask(&args.general, &args.format, Ask::Put(body), "/v1/acl/bootstrap", "Error bootstrapping").await
        }
        AclCommand::Policy(command) => acl_policy(command).await,
        AclCommand::Token(command) => acl_token(command).await,
        AclCommand::Role(command) => noun(command, "/v1/acl/role", "ACL role").await,
        AclCommand::AuthMethod(command) => noun(command, "/v1/acl/auth-method", "ACL auth method").await,
        AclCommand::BindingRule(command) => noun(command, "/v1/acl/binding-rule", "ACL binding rule").await,
    }
}

/// Nouns whose lists and members lie side by side: `roles`, `role/x`.
async fn noun(command: &AclNoun, path: &str, name: &str) -> Result<u8, Failure> {
    match command {
        AclNoun::List(args) => {
            let doing = format!("Error listing {name}s");
            ask(&args.general, &args.format, Ask::Get, &format!("{path}s"), &doing).await
        }
        AclNoun::Info(args) => {
            let doing = format!("Error reading {name}");
            ask(&args.general, &args.format, Ask::Get, &at(path, &args.name), &doing).await
        }
        AclNoun::Delete(args) => {
            let doing = format!("Error deleting {name}");
            plainly(&args.general, Ask::Delete, &at(path, &args.name), &doing).await
        }
    }
}

async fn acl_policy(command: &AclPolicyCommand) -> Result<u8, Failure> {
    let one = "/v1/acl/policy";
    match command {
        AclPolicyCommand::List(args) => {
            let doing = "Error listing ACL policies";
            ask(&args.general, &args.format, Ask::Get, "/v1/acl/policies", doing).await
        }
        AclPolicyCommand::Info(args) => {
            let doing = "Error fetching info on ACL policy";
            ask(&args.general, &args.format, Ask::Get, &at(one, &args.name), doing).await
        }
        AclPolicyCommand::Own(args) => {
            let doing = "Error fetching WorkloadIdentity ACL policies";
            ask(&args.general, &args.format, Ask::Get, "/v1/acl/policy/self", doing).await
        }
        AclPolicyCommand::Delete(args) => {
            plainly(&args.general, Ask::Delete, &at(one, &args.name), "Error deleting ACL policy").await
        }
    }
}

async fn acl_token(command: &AclTokenCommand) -> Result<u8, Failure> {
    let one = "/v1/acl/token";
    match command {
        AclTokenCommand::List(args) => {
            let doing = "Error listing ACL tokens";
            ask(&args.general, &args.format, Ask::Get, "/v1/acl/tokens", doing).await
        }
        AclTokenCommand::Info(args) => {
            let doing = "Error fetching token";
            ask(&args.general, &args.format, Ask::Get, &at(one, &args.name), doing).await
        }
        AclTokenCommand::Own(args) => {
            if client(&args.general)?.connection().token.is_empty() {
                return Err(Failure::new("No token present in the environment or set via the CLI flag"));
            }
            plainly(&args.general, Ask::Get, "/v1/acl/token/self", "Error fetching self token").await
        }
        AclTokenCommand::Delete(args) => {
            plainly(&args.general, Ask::Delete, &at(one, &args.name), "Error deleting ACL token").await
        }
    }
}

pub(super) async fn login(args: &Login) -> Result<u8, Failure> {
    let asked = client(&args.general)?.get::<Value>("/v1/acl/auth-methods", &[]).await;
    let failed = |e: &HttpError| Failure::because("Error listing ACL auth methods", e);
    asked.map_err(|e| failed(&e))?;
    Err(Failure::new("Signing in is not supported yet"))
}
