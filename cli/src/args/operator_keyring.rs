//! `operator root keyring …` and `operator gossip keyring …`.

use super::{General, One, Plain};
use clap::{Args, Subcommand};

/// Commands of the group `operator root`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum RootCommand {
    /// Manages the keys
    #[command(subcommand, override_usage = "drover operator root keyring <subcommand> [options] [args]")]
    Keyring(KeyringCommand),
}

/// Commands of the group `operator root keyring`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum KeyringCommand {
    /// Display the keys
    #[command(override_usage = "drover operator root keyring list [options]")]
    List(KeyringList),
    /// Make a new key
    #[command(override_usage = "drover operator root keyring rotate [options]")]
    Rotate(KeyringRotate),
    /// Remove a key that nothing uses
    #[command(override_usage = "drover operator root keyring remove [options] <key ID>")]
    Remove(KeyringRemove),
}

/// `operator root keyring list`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct KeyringList {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
}

/// `operator root keyring rotate`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct KeyringRotate {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Encrypt everything anew with the new key
    #[arg(long)]
    pub full: bool,
    /// Make the key active at once. Default
    #[arg(long)]
    pub now: bool,
    /// Make the key known this long before it is active
    #[arg(long, value_name = "duration")]
    pub prepublish: Option<String>,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
}

/// `operator root keyring remove`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct KeyringRemove {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Remove it even if something is encrypted with it
    #[arg(long)]
    pub force: bool,
    /// Its id.
    #[arg(hide = true)]
    pub key: String,
}

/// Commands of the group `operator gossip`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum GossipCommand {
    /// Manages the key
    #[command(subcommand, override_usage = "drover operator gossip keyring <subcommand> [options] [args]")]
    Keyring(GossipKeyringCommand),
}

/// Commands of the group `operator gossip keyring`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum GossipKeyringCommand {
    /// Print a new key
    #[command(override_usage = "drover operator gossip keyring generate [options]")]
    Generate(NoFlags),
    /// Display the keys of the servers
    #[command(override_usage = "drover operator gossip keyring list [options]")]
    List(Plain),
    /// Give the servers another key
    #[command(override_usage = "drover operator gossip keyring install [options] <key>")]
    Install(One),
    /// Have the servers use one of their keys
    #[command(override_usage = "drover operator gossip keyring use [options] <key>")]
    Use(One),
    /// Take a key from the servers
    #[command(override_usage = "drover operator gossip keyring remove [options] <key>")]
    Remove(One),
}

/// A command without any flags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct NoFlags {}
