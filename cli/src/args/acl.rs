//! `acl …` and `login`: access control, which servers do not have yet. What they answer is said.

use super::{Format, General, One, Plain, Shown, ShownOne};
use clap::{Args, Subcommand};

/// Commands of the group `acl`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum AclCommand {
    /// Make the first token
    #[command(override_usage = "drover acl bootstrap [options]")]
    Bootstrap(AclBootstrap),
    /// Interact with policies
    #[command(subcommand, override_usage = "drover acl policy <subcommand> [options] [args]")]
    Policy(AclPolicyCommand),
    /// Interact with tokens
    #[command(subcommand, override_usage = "drover acl token <subcommand> [options] [args]")]
    Token(AclTokenCommand),
    /// Interact with roles
    #[command(subcommand, override_usage = "drover acl role <subcommand> [options] [args]")]
    Role(AclNoun),
    /// Interact with authentication methods
    #[command(subcommand, override_usage = "drover acl auth-method <subcommand> [options] [args]")]
    AuthMethod(AclNoun),
    /// Interact with binding rules
    #[command(subcommand, override_usage = "drover acl binding-rule <subcommand> [options] [args]")]
    BindingRule(AclNoun),
}

/// `acl bootstrap`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct AclBootstrap {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// JSON or a template in place of text.
    #[command(flatten)]
    pub format: Format,
    /// File with the secret of the token.
    #[arg(hide = true)]
    pub file: Option<String>,
}

/// What can be asked of each noun of access control.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum AclNoun {
    /// List all of them
    List(Shown),
    /// Display one
    Info(ShownOne),
    /// Delete one
    Delete(One),
}

/// Commands of the group `acl policy`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum AclPolicyCommand {
    /// List policies
    #[command(override_usage = "drover acl policy list [options]")]
    List(Shown),
    /// Display a policy
    #[command(override_usage = "drover acl policy info [options] <name>")]
    Info(ShownOne),
    /// Display the policies of one's own token
    #[command(name = "self", override_usage = "drover acl policy self [options]")]
    Own(Shown),
    /// Delete a policy
    #[command(override_usage = "drover acl policy delete [options] <name>")]
    Delete(One),
}

/// Commands of the group `acl token`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum AclTokenCommand {
    /// List tokens
    #[command(override_usage = "drover acl token list [options]")]
    List(Shown),
    /// Display a token
    #[command(override_usage = "drover acl token info [options] <token_accessor_id>")]
    Info(ShownOne),
    /// Display one's own token
    #[command(name = "self", override_usage = "drover acl token self [options]")]
    Own(Plain),
    /// Delete a token
    #[command(override_usage = "drover acl token delete [options] <token_accessor_id>")]
    Delete(One),
}

/// `login`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct Login {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// The authentication method. Default: the one that the servers take
    #[arg(long, value_name = "name")]
    pub method: Option<String>,
    /// A token of another party
    #[arg(long, value_name = "token")]
    pub login_token: Option<String>,
    /// JSON or a template in place of text.
    #[command(flatten)]
    pub format: Format,
}
