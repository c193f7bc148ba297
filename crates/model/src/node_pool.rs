//! A node pool: nodes set apart for some jobs. Mirrors the Node Pools API page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::named::{check_description, check_name};
use crate::operator::SchedulerAlgorithm;

/// The pool that every node is in.
pub const ALL: &str = "all";
/// The pool of nodes and jobs that name none.
pub const DEFAULT: &str = "default";
/// How long the identity of a node lasts unless its pool says otherwise, ns.
pub const IDENTITY_TTL_NS: i64 = 86_400_000_000_000;

/// A node pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct NodePool {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Free metadata.
    pub meta: BTreeMap<String, String>,
    /// How long the identity of its nodes lasts, ns.
    pub node_identity_ttl_ns: i64,
    /// How jobs are placed in it; `None` as in the rest of the cluster.
    pub scheduler: Option<PoolScheduler>,
    /// Index of its creation.
    pub create_index: u64,
    /// Index of its last change.
    pub modify_index: u64,
}

/// How jobs are placed in a pool; what is `None` is as the cluster has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct PoolScheduler {
    /// How nodes are chosen.
    pub algorithm: Option<SchedulerAlgorithm>,
    /// Tasks may use more memory than they reserve.
    pub memory_oversubscription: Option<bool>,
}

impl NodePool {
    /// The pools that every cluster has.
    pub fn built_in() -> [Self; 2] {
        let pool = |name: &str, description: &str| NodePool {
            description: description.to_owned(),
            ..NodePool::of_nodes(name)
        };
        [pool(ALL, "Node pool with all nodes in the cluster."), pool(DEFAULT, "Default node pool.")]
    }

    /// The pool that comes to be when its first node does.
    pub fn of_nodes(name: &str) -> Self {
        NodePool { name: name.to_owned(), node_identity_ttl_ns: IDENTITY_TTL_NS, ..NodePool::default() }
    }

    /// True for pools that cannot be changed or deleted.
    pub fn is_built_in(name: &str) -> bool {
        name == ALL || name == DEFAULT
    }

    /// Everything that is wrong with it by itself.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if check_name(&self.name, true).is_err() {
            faults.push(format!("invalid name \"{}\", must match regex ^[a-zA-Z0-9-_]{{1,128}}$", self.name));
        }
        if let Err(fault) = check_description(&self.description) {
            faults.push(fault.to_string());
        }
        faults
    }
}
