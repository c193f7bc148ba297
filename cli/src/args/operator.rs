//! `operator …`, as far as it is not of a room of its own.

use super::{
    AutopilotCommand, General, GossipCommand, OperatorApi, OperatorDebug, OperatorMetrics, OperatorWhatIf,
    Plain, RootCommand, SchedulerCommand, SnapshotCommand,
};
use clap::{Args, Subcommand};

/// Commands of the group `operator`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum OperatorCommand {
    /// Query the HTTP API
    #[command(override_usage = "drover operator api [options] <path>")]
    Api(OperatorApi),
    /// Provides tools for how servers look after each other
    #[command(subcommand, override_usage = "drover operator autopilot <subcommand> [options]")]
    Autopilot(AutopilotCommand),
    /// Gather what is needed to find a fault
    #[command(override_usage = "drover operator debug [options]")]
    Debug(OperatorDebug),
    /// Manages the key that encrypts the servers' gossip
    #[command(subcommand, override_usage = "drover operator gossip <subcommand> [options] [args]")]
    Gossip(GossipCommand),
    /// Retrieve metrics
    #[command(override_usage = "drover operator metrics [options]")]
    Metrics(OperatorMetrics),
    /// Provides access to the consensus between the servers
    #[command(subcommand, override_usage = "drover operator raft <subcommand> [options]")]
    Raft(RaftCommand),
    /// Manages the keys that encrypt variables and sign identities
    #[command(subcommand, override_usage = "drover operator root <subcommand> [options] [args]")]
    Root(RootCommand),
    /// Provides access to the scheduler's configuration
    #[command(subcommand, override_usage = "drover operator scheduler <subcommand> [options]")]
    Scheduler(SchedulerCommand),
    /// Saves, inspects and restores what the servers hold
    #[command(subcommand, override_usage = "drover operator snapshot <subcommand> [options]")]
    Snapshot(SnapshotCommand),
    /// Generate a report of how the cluster is used
    #[command(override_usage = "drover operator utilization [options]")]
    Utilization(Plain),
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
    /// Remove a server from the consensus
    #[command(override_usage = "drover operator raft remove-peer [options]")]
    RemovePeer(RaftPeer),
    /// Have another server lead
    #[command(override_usage = "drover operator raft transfer-leadership [options]")]
    TransferLeadership(RaftPeer),
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

/// `operator raft remove-peer|transfer-leadership`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct RaftPeer {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Address of the server, host:port
    #[arg(long, value_name = "host:port")]
    pub peer_address: Option<String>,
    /// Id of the server
    #[arg(long, value_name = "id")]
    pub peer_id: Option<String>,
}
