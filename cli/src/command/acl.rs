//! `acl …` and `login`: access control, which servers do not have yet. They ask, and say what the servers answered.

use super::edition::{Ask, ask, at, plainly};
use crate::args::{AclCommand, AclNoun, AclPolicyCommand, AclTokenCommand, Login};
use crate::console::{Failure, client};
use serde_json::{Value, json};

pub(super) async fn run(command: &AclCommand) -> Result<u8, Failure> {
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
            plainly(&args.general, Ask::Delete, &at(one, &args.name), "Error deleting token").await
        }
    }
}

pub(super) async fn login(args: &Login) -> Result<u8, Failure> {
    let asked = client(&args.general)?.get::<Value>("/v1/acl/auth-methods", &[]).await;
    asked.map_err(|e| Failure::because("Error listing ACL auth methods", &e))?;
    Err(Failure::new("Signing in is not supported yet"))
}
