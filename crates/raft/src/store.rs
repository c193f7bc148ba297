//! What raft keeps: the log over [`crate::wal`], the state machine over [`state::State`], its tables on
//! disk and its snapshot files. Everything that openraft's storage traits ask for is below here.

mod apply;
pub(crate) mod archive;
pub(crate) mod load;
pub(crate) mod log;
pub(crate) mod machine;
pub(crate) mod publish;
pub(crate) mod snapshot_file;
pub(crate) mod snapshot_format;
pub(crate) mod snapshots;
pub(crate) mod tables;
#[cfg(test)]
mod tests;
