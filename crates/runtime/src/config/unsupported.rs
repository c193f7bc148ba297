//! Keys and blocks that exist in the original and not here.
//!
//! They are taken out of a file's tree before it is decoded. What would change how the cluster behaves (encryption,
//! access control, another secret store) is an error, because running without it unnoticed would be worse than not
//! running; what only tunes something is a warning. A key that neither list nor the typed blocks know is a typing
//! error and stays one.

use super::ConfigError;
use super::node::{Node, Value};
use std::path::Path;

/// Accepted without effect, with a warning when set.
const IGNORED: &[&str] = &[
    "autopilot",
    "disable_anonymous_signature",
    "disable_update_check",
    "enable_syslog",
    "eventlog",
    "log_include_location",
    "log_rotate_bytes",
    "log_rotate_duration",
    "log_rotate_max_files",
    "plugin_dir",
    "reporting",
    "rpc",
    "syslog_facility",
    "ui",
    "acl.policy_ttl",
    "acl.replication_token",
    "acl.role_ttl",
    "acl.token_max_expiration_ttl",
    "acl.token_min_expiration_ttl",
    "acl.token_ttl",
    "client.alloc_mounts_dir",
    "client.artifact",
    "client.bridge_network_subnet_ipv6",
    "client.chroot_env",
    "client.client_max_port",
    "client.client_min_port",
    "client.common_plugin_dir",
    "client.cpu_disable_dmidecode",
    "client.drain_on_shutdown",
    "client.fingerprint",
    "client.gc_volumes_on_node_gc",
    "client.host_volume_plugin_dir",
    "client.host_volumes_dir",
    "client.intro_token",
    "client.no_host_uuid",
    "client.preferred_address_family",
    "client.template",
    "client.users",
    "limits.rpc_default_write_burst",
    "limits.rpc_default_write_rate",
    "server.acl_token_gc_threshold",
    "server.client_introduction",
    "server.csi_plugin_gc_threshold",
    "server.csi_volume_claim_gc_interval",
    "server.csi_volume_claim_gc_threshold",
    "server.deployment_query_rate_limit",
    "server.license_env",
    "server.license_path",
    "server.oidc_issuer",
    "server.plan_rejection_tracker",
    "server.protocol_version",
    "server.raft_boltdb",
    "server.raft_logstore",
    "server.raft_protocol",
    "server.raft_snapshot_interval",
    "server.root_key_gc_interval",
    "server.root_key_gc_threshold",
    "server.root_key_rotation_threshold",
    "server.start_timeout",
    "telemetry.backwards_compatible_metrics",
    "telemetry.disable_allocation_hook_metrics",
    "telemetry.disable_dispatched_job_summary_metrics",
    "telemetry.disable_quota_utilization_metrics",
    "telemetry.disable_rpc_rate_metrics_labels",
    "telemetry.disable_tagged_metrics",
    "telemetry.filter_default",
    "telemetry.in_memory_collection_interval",
    "telemetry.in_memory_retention_period",
    "telemetry.include_alloc_metadata_in_metrics",
    "telemetry.include_namespace_metrics",
    "telemetry.prefix_filter",
    "telemetry.use_node_name",
];

/// An error when the key has a value that means anything (not empty, `false` or 0).
const REFUSED_WHEN_SET: &[&str] = &[
    "keyring",
    "sentinel",
    "server.encrypt",
    "server.non_voting_server",
    "server.redundancy_zone",
    "server.upgrade_version",
    "telemetry.circonus_api_token",
    "telemetry.circonus_submission_url",
    "telemetry.datadog_address",
    "telemetry.statsd_address",
    "telemetry.statsite_address",
];

/// Blocks that are an error when one of their switches is on, and otherwise have no effect.
const REFUSED_WHEN_ON: &[(&str, &[&str])] = &[
    ("tls", &["http", "rpc", "verify_https_client", "verify_server_hostname"]),
    ("vault", &["enabled"]),
    ("audit", &["enabled"]),
];

/// In a `consul` block these may stand, switched off; anything else would be expected to reach Consul.
const CONSUL_SWITCHES: &[&str] =
    &["enabled", "auto_advertise", "client_auto_join", "server_auto_join", "checks_use_advertise"];

/// Take every key of a feature that is not built out of the tree. Gives one warning for each that had no effect.
pub(crate) fn screen(tree: &mut Node, file: &Path) -> Result<Vec<String>, ConfigError> {
    let refuse = |what: &str| Err(ConfigError::Unsupported { file: file.to_owned(), what: what.to_owned() });
    for path in REFUSED_WHEN_SET {
        if take(tree, path).is_some_and(|node| is_set(&node)) {
            return refuse(path);
        }
    }
    for (block, switches) in REFUSED_WHEN_ON {
        let Some(mut node) = take(tree, block) else {
            continue;
        };
        for switch in *switches {
            if take_anywhere(&mut node, switch) {
                return refuse(&format!("{block}.{switch}"));
            }
        }
    }
    if let Some(node) = take(tree, "consul")
        && has_other_keys(&node, CONSUL_SWITCHES)
    {
        return refuse("consul");
    }
    // Access control stays in the typed blocks, because `enabled = false` is an answer the API shows.
    if let Some(acl) = child(tree, "acl")
        && child(acl, "enabled").is_some_and(|enabled| is_set(enabled))
    {
        return refuse("acl.enabled");
    }
    let mut warnings = Vec::new();
    for path in IGNORED {
        if let Some(node) = take(tree, path)
            && is_set(&node)
        {
            warnings.push(format!("{}: {path} is accepted but has no effect", file.display()));
        }
    }
    Ok(warnings)
}

/// Whether a value says anything at all; `false`, 0, `""` and empty blocks do not.
pub(crate) fn is_set(node: &Node) -> bool {
    match &node.value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Integer(i) => *i != 0,
        Value::Float(f) => *f != 0.0,
        Value::Text(t) => !matches!(t.as_str(), "" | "false" | "0"),
        Value::List(items) => items.iter().any(is_set),
        Value::Block(map) => map.values().any(is_set),
    }
}

fn child<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    match &mut node.value {
        Value::Block(map) => map.get_mut(key),
        Value::List(items) => items.iter_mut().find_map(|item| child(item, key)),
        _ => None,
    }
}

/// Remove the node at a dotted path.
fn take(tree: &mut Node, path: &str) -> Option<Node> {
    match path.split_once('.') {
        Some((first, rest)) => take(child(tree, first)?, rest),
        None => match &mut tree.value {
            Value::Block(map) => map.remove(path),
            Value::List(items) => items.iter_mut().find_map(|item| take(item, path)),
            _ => None,
        },
    }
}

/// Whether a switch is on in a block or one level of labels below it (`audit`, `vault "name"`).
fn take_anywhere(node: &mut Node, switch: &str) -> bool {
    if take(node, switch).is_some_and(|n| is_set(&n)) {
        return true;
    }
    match &mut node.value {
        Value::Block(map) => map.values_mut().any(|inner| take(inner, switch).is_some_and(|n| is_set(&n))),
        Value::List(items) => items.iter_mut().any(|inner| take_anywhere(inner, switch)),
        _ => false,
    }
}

fn has_other_keys(node: &Node, allowed: &[&str]) -> bool {
    match &node.value {
        Value::Block(map) => {
            map.iter().any(|(k, v)| is_set(v) && (!allowed.contains(&k.as_str()) || k == "enabled"))
        }
        Value::List(items) => items.iter().any(|item| has_other_keys(item, allowed)),
        _ => is_set(node),
    }
}
