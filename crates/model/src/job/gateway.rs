//! Gateways of the Consul service mesh.

use crate::wire::{Dict, Free, List, Map, Ns, wire};

wire! {
    /// A gateway.
    Gateway {
        "Ingress" ingress: Option<Ingress>,
        "Mesh" mesh: Option<Mesh>,
        "Proxy" proxy: Option<GatewayProxy>,
        "Terminating" terminating: Option<Terminating>,
    }
    /// A mesh gateway; being there is all it says.
    Mesh {}
    /// The gateway's proxy.
    GatewayProxy {
        "Config" config: Free,
        "ConnectTimeout" connect_timeout: Option<Ns>,
        "EnvoyDNSDiscoveryType" envoy_dns_discovery_type: String,
        "EnvoyGatewayBindAddresses" envoy_gateway_bind_addresses: Map<BindAddress>,
        "EnvoyGatewayBindTaggedAddresses" envoy_gateway_bind_tagged_addresses: bool,
        "EnvoyGatewayNoDefaultBind" envoy_gateway_no_default_bind: bool,
    }
    /// An address that it listens on.
    BindAddress { "Address" address: String, "Name" name: String, "Port" port: i64 }
    /// Traffic into the mesh.
    Ingress { "Listeners" listeners: List<Listener>, "TLS" tls: Option<GatewayTls> }
    /// A port of it.
    Listener { "Port" port: i64, "Protocol" protocol: String, "Services" services: List<IngressService> }
    /// A service behind it.
    IngressService {
        "Hosts" hosts: List<String>,
        "MaxConcurrentRequests" max_concurrent_requests: Option<u32>,
        "MaxConnections" max_connections: Option<u32>,
        "MaxPendingRequests" max_pending_requests: Option<u32>,
        "Name" name: String,
        "RequestHeaders" request_headers: Option<HeaderModifiers>,
        "ResponseHeaders" response_headers: Option<HeaderModifiers>,
        "TLS" tls: Option<GatewayTls>,
    }
    /// Changes of headers.
    HeaderModifiers { "Add" add: Dict, "Remove" remove: List<String>, "Set" set: Dict }
    /// Encryption of a gateway.
    GatewayTls {
        "CipherSuites" cipher_suites: List<String>,
        "Enabled" enabled: bool,
        "SDS" sds: Option<GatewaySds>,
        "TLSMaxVersion" tls_max_version: String,
        "TLSMinVersion" tls_min_version: String,
    }
    /// Where its certificates come from.
    GatewaySds { "CertResource" cert_resource: String, "ClusterName" cluster_name: String }
    /// Traffic out of the mesh.
    Terminating { "Services" services: List<LinkedService> }
    /// A service outside.
    LinkedService {
        "CAFile" ca_file: String,
        "CertFile" cert_file: String,
        "KeyFile" key_file: String,
        "Name" name: String,
        "SNI" sni: String,
    }
}
