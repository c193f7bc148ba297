//! Services that a group or task offers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A service registration that a running allocation stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Service {
    /// Name under which it is found.
    pub name: String,
    /// Task that it belongs to, for a group service.
    pub task_name: String,
    /// Label of the port that it listens on.
    pub port_label: String,
    /// `auto`, `host`, `alloc` or `driver`.
    pub address_mode: String,
    /// Fixed address.
    pub address: String,
    /// `nomad`; `consul` is refused.
    pub provider: String,
    /// Namespace of the registration.
    pub namespace: String,
    /// Consul cluster; `default`.
    pub cluster: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Tags of a canary.
    pub canary_tags: Vec<String>,
    /// Metadata.
    pub meta: BTreeMap<String, String>,
    /// Metadata of a canary.
    pub canary_meta: BTreeMap<String, String>,
    /// `require_healthy`, `ignore_warnings` or `ignore`.
    pub on_update: String,
    /// Lets an outside catalog change the tags.
    pub enable_tag_override: bool,
}
