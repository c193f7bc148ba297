//! Consul service mesh: the sidecar and its proxy.

use super::gateway::Gateway;
use super::{RequestedDevice, VolumeMount, WorkloadIdentity};
use crate::wire::{Dict, Free, List, Ns, wire};

wire! {
    /// A service's part in the mesh.
    Connect {
        "Gateway" gateway: Option<Gateway>,
        "Native" native: bool,
        "SidecarService" sidecar_service: Option<SidecarService>,
        "SidecarTask" sidecar_task: Option<SidecarTask>,
    }
    /// The sidecar as a service.
    SidecarService {
        "DisableDefaultTCPCheck" disable_default_tcp_check: bool,
        "Meta" meta: Dict,
        "Port" port: String,
        "Proxy" proxy: Option<Proxy>,
        "Tags" tags: List<String>,
    }
    /// The sidecar as a task: what differs from the default one.
    SidecarTask {
        "Config" config: Free,
        "Driver" driver: String,
        "Env" env: Dict,
        "Identities" identities: List<WorkloadIdentity>,
        "KillSignal" kill_signal: String,
        "KillTimeout" kill_timeout: Option<Ns>,
        "LogConfig" log_config: Option<SidecarLogs>,
        "Meta" meta: Dict,
        "Name" name: String,
        "Resources" resources: Option<SidecarResources>,
        "ShutdownDelay" shutdown_delay: Option<Ns>,
        "User" user: String,
        "VolumeMounts" volume_mounts: List<VolumeMount>,
    }
    /// Log files of the sidecar.
    SidecarLogs {
        "Disabled" disabled: bool,
        "MaxFileSizeMB" max_file_size_mb: Option<i64>,
        "MaxFiles" max_files: Option<i64>,
    }
    /// Resources of the sidecar.
    SidecarResources {
        "CPU" cpu: Option<i64>,
        "Cores" cores: Option<i64>,
        "Devices" devices: List<RequestedDevice>,
        "DiskMB" disk_mb: Option<i64>,
        "IOPS" iops: Option<i64>,
        "MemoryMB" memory_mb: Option<i64>,
        "MemoryMaxMB" memory_max_mb: Option<i64>,
        "SecretsMB" secrets_mb: Option<i64>,
    }
    /// The sidecar's proxy.
    Proxy {
        "Config" config: Free,
        "Expose" expose: Option<Expose>,
        "LocalServiceAddress" local_service_address: String,
        "LocalServicePort" local_service_port: i64,
        "TransparentProxy" transparent_proxy: Option<TransparentProxy>,
        "Upstreams" upstreams: List<Upstream>,
    }
    /// A service that the proxy makes reachable.
    Upstream {
        "Config" config: Free,
        "Datacenter" datacenter: String,
        "DestinationName" destination_name: String,
        "DestinationNamespace" destination_namespace: String,
        "DestinationPartition" destination_partition: String,
        "DestinationPeer" destination_peer: String,
        "DestinationType" destination_type: String,
        "LocalBindAddress" local_bind_address: String,
        "LocalBindPort" local_bind_port: i64,
        "LocalBindSocketMode" local_bind_socket_mode: String,
        "LocalBindSocketPath" local_bind_socket_path: String,
        "MeshGateway" mesh_gateway: Option<MeshGateway>,
    }
    /// How traffic leaves the datacenter.
    MeshGateway { "Mode" mode: String }
    /// Paths that the proxy lets through.
    Expose { "Paths" paths: List<ExposePath> }
    /// One of them.
    ExposePath {
        "ListenerPort" listener_port: String,
        "LocalPathPort" local_path_port: i64,
        "Path" path: String,
        "Protocol" protocol: String,
    }
    /// Redirects all traffic through the proxy.
    TransparentProxy {
        "ExcludeInboundPorts" exclude_inbound_ports: List<String>,
        "ExcludeOutboundCIDRs" exclude_outbound_cidrs: List<String>,
        "ExcludeOutboundPorts" exclude_outbound_ports: List<u16>,
        "ExcludeUIDs" exclude_uids: List<String>,
        "NoDNS" no_dns: bool,
        "OutboundPort" outbound_port: u16,
        "UID" uid: String,
    }
}
