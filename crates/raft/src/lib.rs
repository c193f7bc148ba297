//! Consensus for Drover's servers: the only crate that names openraft, and sled for servers.
//!
//! A server calls [`start`], mounts [`Raft::service`] on its gRPC listeners, and from then on proposes
//! commands, waits for read points and watches states through one [`Raft`] handle. Nothing here knows
//! what a command means; that is `state`'s.

mod bootstrap;
mod contact;
mod disk;
#[cfg(test)]
#[path = "../../../tests/suites/fuzz/harness.rs"]
mod fuzz_harness;
mod handle;
mod identity;
mod known;
mod leadership;
mod lock;
mod member;
mod membership;
mod network;
mod options;
mod proposer;
mod read;
#[cfg(feature = "simulation")]
pub mod simulation;
mod start;
mod stats;
mod store;
mod subscription;
mod transfer;
mod type_config;
mod wal;
mod world;

pub use handle::Raft;
pub use identity::IdentityError;
pub use leadership::Leadership;
pub use member::Member;
pub use membership::MemberError;
pub use network::service::RaftService;
pub use network::tune;
pub use options::{EndpointHook, FatalHook, Options, SyncHook};
pub use proposer::{Committed, ProposeError};
pub use read::ReadError;
pub use start::{StartError, start};
pub use stats::Stats;
pub use store::archive::{SavedSnapshot, SnapshotArchive, SnapshotInfo, SnapshotRows, TableInfo};
pub use store::load::{LoadError, StateSource};
pub use store::snapshot_format::SnapshotError;
pub use subscription::{Batch, Subscription, SubscriptionError};
pub use wal::WalError;
