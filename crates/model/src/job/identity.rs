//! Who a task is to others: its signed identities, and the secrets it gets by them.

use crate::wire::{Dict, Free, List, Ns, wire};

wire! {
    /// A signed identity.
    WorkloadIdentity {
        "Audience" audience: List<String>,
        "ChangeMode" change_mode: String,
        "ChangeSignal" change_signal: String,
        "Env" env: bool,
        "ExtraClaims" extra_claims: Dict,
        "File" file: bool,
        "Filepath" filepath: String,
        "Name" name: String,
        "ServiceName" service_name: String,
        "TTL" ttl: Ns,
    }
    /// What a task wants of Vault.
    Vault {
        "AllowTokenExpiration" allow_token_expiration: Option<bool>,
        "ChangeMode" change_mode: Option<String>,
        "ChangeSignal" change_signal: Option<String>,
        "Cluster" cluster: String,
        "DisableFile" disable_file: Option<bool>,
        "Env" env: Option<bool>,
        "Namespace" namespace: Option<String>,
        "Policies" policies: List<String>,
        "Role" role: String,
    }
    /// What a group or task wants of Consul.
    Consul { "Cluster" cluster: String, "Namespace" namespace: String, "Partition" partition: String }
    /// A secret that is fetched before a task starts.
    Secret {
        "Config" config: Free,
        "Env" env: Dict,
        "Name" name: String,
        "Path" path: String,
        "Provider" provider: String,
    }
}

/// Name of the identity that every task has.
pub const DEFAULT_IDENTITY: &str = "default";
/// Audience of that identity.
pub const DEFAULT_AUDIENCE: &str = "nomadproject.io";

impl WorkloadIdentity {
    /// The identity that every task has.
    pub fn default_task() -> Self {
        WorkloadIdentity {
            name: DEFAULT_IDENTITY.to_owned(),
            audience: vec![DEFAULT_AUDIENCE.to_owned()].into(),
            ..WorkloadIdentity::default()
        }
    }
}
