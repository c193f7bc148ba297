//! A service's part in the Consul mesh.

use super::{Child, EMPTY, How, LOGS, Noun, RESOURCES};

pub(super) static CONNECT: Noun = Noun {
    fields: same!["Native"],
    objects: child![
        "SidecarService" as "SidecarService": How::One(&SIDECAR),
        "SidecarTask" as "SidecarTask": How::Changes(&SIDECAR_TASK),
        "Gateway" as "Gateway": How::One(&GATEWAY),
    ],
    ..EMPTY
};
static SIDECAR: Noun = Noun {
    fields: same!["DisableDefaultTCPCheck", "Port"],
    maps: &["Meta"],
    objects: child!["Proxy" as "ConsulProxy": How::One(&PROXY)],
    ..EMPTY
};
static SIDECAR_TASK: Noun = Noun {
    fields: same!["Driver", "KillSignal", "Name", "User"],
    maps: &["Env", "Meta"],
    objects: child![
        "Config" as "Config": How::Free,
        "Resources" as "Resources": How::One(&RESOURCES),
        "LogConfig" as "LogConfig": How::One(&LOGS),
    ],
    ..EMPTY
};
static PROXY: Noun = Noun {
    fields: same!["LocalServiceAddress", "LocalServicePort"],
    objects: child![
        "Upstreams" as "ConsulUpstreams": How::Keyed(&UPSTREAM, "DestinationName"),
        "Expose" as "Expose": How::One(&EXPOSE),
        "TransparentProxy" as "TransparentProxy": How::Shown(&TRANSPARENT),
    ],
    ..EMPTY
};
static EXPOSE: Noun = Noun { objects: child!["Paths" as "Paths": How::Set(&EXPOSE_PATH)], ..EMPTY };
static EXPOSE_PATH: Noun =
    Noun { fields: same!["ListenerPort", "LocalPathPort", "Path", "Protocol"], ..EMPTY };
static UPSTREAM: Noun = Noun {
    fields: same![
        "Datacenter",
        "DestinationName",
        "DestinationNamespace",
        "DestinationPartition",
        "DestinationPeer",
        "DestinationType",
        "LocalBindAddress",
        "LocalBindPort",
        "LocalBindSocketMode",
        "LocalBindSocketPath",
    ],
    objects: child!["MeshGateway" as "MeshGateway": How::Differing(&MESH_GATEWAY)],
    added_first: true,
    ..EMPTY
};
static MESH_GATEWAY: Noun = Noun { fields: same!["Mode"], typed_by_fields: true, ..EMPTY };
static TRANSPARENT: Noun = Noun {
    fields: same!["NoDNS", "OutboundPort", "UID"],
    objects: child![
        "ExcludeInboundPorts" as "ExcludeInboundPorts": How::Texts,
        "ExcludeOutboundCIDRs" as "ExcludeOutboundCIDRs": How::Texts,
        "ExcludeOutboundPorts" as "ExcludeOutboundPorts": How::Texts,
        "ExcludeUIDs" as "ExcludeUIDs": How::Texts,
    ],
    ..EMPTY
};
static GATEWAY: Noun = Noun {
    objects: child![
        "Proxy" as "Proxy": How::One(&GATEWAY_PROXY),
        "Ingress" as "Ingress": How::One(&INGRESS),
        "Terminating" as "Terminating": How::One(&TERMINATING),
        "Mesh" as "Mesh": How::One(&EMPTY),
    ],
    ..EMPTY
};
static GATEWAY_PROXY: Noun = Noun {
    fields: same!["EnvoyDNSDiscoveryType", "EnvoyGatewayBindTaggedAddresses", "EnvoyGatewayNoDefaultBind",],
    objects: child![
        "EnvoyGatewayBindAddresses" as "EnvoyGatewayBindAddresses": How::Addresses,
        "Config" as "Config": How::Free,
    ],
    ..EMPTY
};
static INGRESS: Noun = Noun {
    objects: child![
        "TLS" as "TLS": How::One(&TLS),
        "Listeners" as "Listener": How::Keyed(&LISTENER, "Port"),
    ],
    ..EMPTY
};
static TLS: Noun = Noun {
    fields: same!["Enabled", "TLSMaxVersion", "TLSMinVersion"],
    objects: child!["CipherSuites" as "CipherSuites": How::Texts],
    ..EMPTY
};
static LISTENER: Noun = Noun {
    fields: same!["Port", "Protocol"],
    objects: child!["Services" as "ConsulIngressService": How::Keyed(&INGRESS_SERVICE, "Name")],
    ..EMPTY
};
static INGRESS_SERVICE: Noun =
    Noun { fields: same!["Name"], objects: child!["Hosts" as "Hosts": How::Texts], ..EMPTY };
static TERMINATING: Noun =
    Noun { objects: child!["Services" as "Service": How::Keyed(&LINKED, "Name")], ..EMPTY };
static LINKED: Noun = Noun { fields: same!["CAFile", "CertFile", "KeyFile", "Name", "SNI"], ..EMPTY };
