//! Services that a group or task registers.

use super::{Connect, WorkloadIdentity};
use crate::wire::{Dict, List, Map, Ns, wire};

wire! {
    /// A service registration that a running allocation stands for.
    Service {
        "Address" address: String,
        "AddressMode" address_mode: String,
        "CanaryMeta" canary_meta: Dict,
        "CanaryTags" canary_tags: List<String>,
        "CheckRestart" check_restart: Option<CheckRestart>,
        "Checks" checks: List<ServiceCheck>,
        "Cluster" cluster: String,
        "Connect" connect: Option<Connect>,
        "EnableTagOverride" enable_tag_override: bool,
        "Identity" identity: Option<WorkloadIdentity>,
        "Kind" kind: String,
        "Meta" meta: Dict,
        "Name" name: String,
        "Namespace" namespace: String,
        "OnUpdate" on_update: String,
        "PortLabel" port_label: String,
        "Provider" provider: String,
        "TaggedAddresses" tagged_addresses: Dict,
        "Tags" tags: List<String>,
        "TaskName" task_name: String,
        "Weights" weights: Option<ServiceWeights>,
    }
    /// A check of a service.
    ServiceCheck {
        "AddressMode" address_mode: String,
        "Advertise" advertise: String,
        "Args" args: List<String>,
        "Body" body: String,
        "CheckRestart" check_restart: Option<CheckRestart>,
        "Command" command: String,
        "Expose" expose: bool,
        "FailuresBeforeCritical" failures_before_critical: i64,
        "FailuresBeforeWarning" failures_before_warning: i64,
        "GRPCService" grpc_service: String,
        "GRPCUseTLS" grpc_use_tls: bool,
        "Header" header: Map<List<String>>,
        "InitialStatus" initial_status: String,
        "Interval" interval: Ns,
        "Method" method: String,
        "Name" name: String,
        "Notes" notes: String,
        "OnUpdate" on_update: String,
        "Path" path: String,
        "PortLabel" port_label: String,
        "Protocol" protocol: String,
        "SuccessBeforePassing" success_before_passing: i64,
        "TLSServerName" tls_server_name: String,
        "TLSSkipVerify" tls_skip_verify: bool,
        "TaskName" task_name: String,
        "Timeout" timeout: Ns,
        "Type" kind: String,
    }
    /// When failing checks restart a task.
    CheckRestart {
        "Grace" grace: Option<Ns>,
        "IgnoreWarnings" ignore_warnings: bool,
        "Limit" limit: i64,
    }
    /// Weights of a service in name resolution.
    ServiceWeights { "Passing" passing: i64, "Warning" warning: i64 }
}
