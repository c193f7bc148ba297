//! The tables: rows with their secondary indexes. `put_*` is the only way in, so that no index is forgotten.

pub mod allocs;
pub mod capacity;
pub(crate) mod cluster;
pub mod deployments;
pub mod evals;
pub mod jobs;
pub(crate) mod named;
pub mod nodes;
pub mod root_keys;
pub(crate) mod services;
pub(crate) mod variables;

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
    /// Namespaces.
    Namespaces,
    /// Node pools.
    NodePools,
    /// The configurations of the whole cluster.
    Configurations,
    /// Variables.
    Variables,
    /// Registrations of services.
    Services,
}

impl Table {
    /// Every table, in the order of its number.
    pub const ALL: [Table; 12] = [
        Table::Jobs,
        Table::JobSummaries,
        Table::Evals,
        Table::Allocs,
        Table::Deployments,
        Table::Nodes,
        Table::RootKeys,
        Table::Namespaces,
        Table::NodePools,
        Table::Configurations,
        Table::Variables,
        Table::Services,
    ];

    /// Position in arrays that hold something for each table.
    pub fn number(self) -> usize {
        self as usize
    }
}
