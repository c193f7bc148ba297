//! `server members` and `operator raft list-peers`.

use super::{Format, General, OperatorWhatIf};
use clap::{Args, Subcommand};

/// Commands of the group `server`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum ServerCommand {
    /// Display the known servers and their status
    #[command(override_usage = "drover server members [options]")]
    Members(ServerMembers),
}

/// `server members`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ServerMembers {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Older name of -verbose
    #[arg(long)]
    pub detailed: bool,
    /// Display the tags of each server
    #[arg(long)]
    pub verbose: bool,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
}

/// Commands of the group `operator`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum OperatorCommand {
    /// Provides access to the consensus between the servers
    #[command(subcommand, override_usage = "drover operator raft <subcommand> [options]")]
    Raft(RaftCommand),
    /// Tell what would move, and what would find no place, if nodes or jobs were other than they are
    #[command(name = "whatif", override_usage = "drover operator whatif [options]")]
    WhatIf(OperatorWhatIf),
}

/// Commands of the group `operator raft`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum RaftCommand {
    /// Display the current members of the consensus
    #[command(override_usage = "drover operator raft list-peers [options]")]
    ListPeers(RaftListPeers),
}

/// `operator raft list-peers`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct RaftListPeers {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Let a server that is not the leader answer
    #[arg(long)]
    pub stale: bool,
}
