//! The Namespaces page.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::codec::encode;
use serde_json::Value;

use crate::shape::shape;

shape! {
    /// A namespace.
    Namespace {
        "Capabilities" capabilities: Option<Capabilities>,
        "ConsulConfiguration" consul_configuration: Option<Value> as Option<Allowance>,
        "CreateIndex" create_index: u64,
        "Description" description: String,
        "Hash" hash: Option<String>,
        "Meta" meta: Option<BTreeMap<String, String>>,
        "ModifyIndex" modify_index: u64,
        "Name" name: String,
        "NodePoolConfiguration" node_pool_configuration: Option<Value> as Option<Allowance>,
        "OptionalExtraClaims" optional_extra_claims: Option<Vec<String>>,
        "Quota" quota: String,
        "RequiredExtraClaims" required_extra_claims: Option<Vec<String>>,
        "VaultConfiguration" vault_configuration: Option<Value> as Option<Allowance>,
    }
    /// Clusters or pools that jobs of a namespace may use, which the free edition knows by name only.
    Allowance {
        "Allowed" allowed: Option<Vec<String>>,
        "Default" default: String,
        "Denied" denied: Option<Vec<String>>,
    }
    /// What jobs of a namespace may use.
    Capabilities {
        "DisabledNetworkModes" disabled_network_modes: Option<Vec<String>>,
        "DisabledTaskDrivers" disabled_task_drivers: Option<Vec<String>>,
        "EnabledNetworkModes" enabled_network_modes: Option<Vec<String>>,
        "EnabledTaskDrivers" enabled_task_drivers: Option<Vec<String>>,
    }
}

/// What an object holds, in short: equal objects have equal texts.
pub(crate) fn hash(content: &[u8]) -> String {
    STANDARD.encode(model::codec::digest(content))
}

impl From<&model::Namespace> for Namespace {
    fn from(namespace: &model::Namespace) -> Self {
        let plain = model::Namespace { create_index: 0, modify_index: 0, ..namespace.clone() };
        Namespace {
            name: namespace.name.clone(),
            description: namespace.description.clone(),
            quota: namespace.quota.clone(),
            meta: (!namespace.meta.is_empty()).then(|| namespace.meta.clone()),
            capabilities: namespace.capabilities.as_ref().map(Capabilities::from),
            hash: Some(hash(&encode(&plain))),
            create_index: namespace.create_index,
            modify_index: namespace.modify_index,
            ..Namespace::default()
        }
    }
}

impl From<Namespace> for model::Namespace {
    fn from(namespace: Namespace) -> Self {
        model::Namespace {
            name: namespace.name,
            description: namespace.description,
            quota: namespace.quota,
            meta: namespace.meta.unwrap_or_default(),
            capabilities: namespace.capabilities.map(model::namespace::Capabilities::from),
            ..model::Namespace::default()
        }
    }
}

impl From<&model::namespace::Capabilities> for Capabilities {
    fn from(capabilities: &model::namespace::Capabilities) -> Self {
        let list = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
        Capabilities {
            disabled_network_modes: list(&capabilities.disabled_network_modes),
            disabled_task_drivers: list(&capabilities.disabled_task_drivers),
            enabled_network_modes: list(&capabilities.enabled_network_modes),
            enabled_task_drivers: list(&capabilities.enabled_task_drivers),
        }
    }
}

impl From<Capabilities> for model::namespace::Capabilities {
    fn from(capabilities: Capabilities) -> Self {
        model::namespace::Capabilities {
            disabled_network_modes: capabilities.disabled_network_modes.unwrap_or_default(),
            disabled_task_drivers: capabilities.disabled_task_drivers.unwrap_or_default(),
            enabled_network_modes: capabilities.enabled_network_modes.unwrap_or_default(),
            enabled_task_drivers: capabilities.enabled_task_drivers.unwrap_or_default(),
        }
    }
}
