//! The tables: rows with their secondary indexes. `put_*` is the only way in, so that no index is forgotten.

pub mod allocs;
pub mod deployments;
pub mod evals;
pub mod jobs;
pub mod nodes;
pub mod root_keys;

/// Tables whose last change clients can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Table {
    /// Jobs and their versions.
    Jobs,
    /// Summaries of jobs.
    JobSummaries,
    /// Evaluations.
    Evals,
    /// Allocations.
    Allocs,
    /// Deployments.
    Deployments,
    /// Nodes.
    Nodes,
    /// Signing keys.
    RootKeys,
}

impl Table {
    /// Every table, in the order of its number.
    pub const ALL: [Table; 7] = [
        Table::Jobs,
        Table::JobSummaries,
        Table::Evals,
        Table::Allocs,
        Table::Deployments,
        Table::Nodes,
        Table::RootKeys,
    ];

    /// Position in arrays that hold something for each table.
    pub fn number(self) -> usize {
        self as usize
    }
}
