//! The Node Pools page.

use std::collections::BTreeMap;

use model::codec::encode;
use model::node_pool::IDENTITY_TTL_NS;
use serde_json::Value;

use crate::namespaces::hash;
use crate::shape::shape;
use crate::time::Ns;

shape! {
    /// A node pool.
    NodePool {
        "CreateIndex" create_index: u64,
        "Description" description: String,
        "Hash" hash: Option<String>,
        "Meta" meta: Option<BTreeMap<String, String>>,
        "ModifyIndex" modify_index: u64,
        "Name" name: String,
        "NodeIdentityTTL" node_identity_ttl: Ns,
        "SchedulerConfiguration" scheduler_configuration: Option<Value> as Option<PoolScheduler>,
    }
    /// How jobs of a pool are scheduled, which the free edition knows by name only.
    PoolScheduler {
        "MemoryOversubscriptionEnabled" memory_oversubscription: Option<bool>,
        "SchedulerAlgorithm" algorithm: String,
    }
}

impl From<&model::NodePool> for NodePool {
    fn from(pool: &model::NodePool) -> Self {
        let plain = model::NodePool { create_index: 0, modify_index: 0, ..pool.clone() };
        // Pools that nobody wrote have never been hashed in the original.
        let written = !model::NodePool::is_built_in(&pool.name);
        NodePool {
            name: pool.name.clone(),
            description: pool.description.clone(),
            meta: (!pool.meta.is_empty()).then(|| pool.meta.clone()),
            node_identity_ttl: Ns(pool.node_identity_ttl_ns),
            hash: written.then(|| hash(&encode(&plain))),
            create_index: pool.create_index,
            modify_index: pool.modify_index,
            ..NodePool::default()
        }
    }
}

impl From<NodePool> for model::NodePool {
    fn from(pool: NodePool) -> Self {
        let ttl = pool.node_identity_ttl.0;
        model::NodePool {
            name: pool.name,
            description: pool.description,
            meta: pool.meta.unwrap_or_default(),
            node_identity_ttl_ns: if ttl == 0 { IDENTITY_TTL_NS } else { ttl },
            ..model::NodePool::default()
        }
    }
}
