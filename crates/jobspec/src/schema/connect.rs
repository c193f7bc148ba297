//! `connect`: sidecars of the service mesh.

use super::gateway::GATEWAY;
use super::network::RESOURCES;
use super::task::{LOGS, VOLUME_MOUNT};
use super::{
    Attribute, Constant, EMPTY, Form, Kind, Schema, duration, flag, int, sub, text, texts, unsigned,
};

const MESH_GATEWAY: Schema = Schema { attributes: &[text("mode", "Mode")], ..EMPTY };

const UPSTREAMS: Schema = Schema {
    attributes: &[
        text("destination_name", "DestinationName"),
        text("destination_namespace", "DestinationNamespace"),
        text("destination_partition", "DestinationPartition"),
        text("destination_peer", "DestinationPeer"),
        text("destination_type", "DestinationType"),
        int("local_bind_port", "LocalBindPort"),
        text("local_bind_address", "LocalBindAddress"),
        text("local_bind_socket_path", "LocalBindSocketPath"),
        text("local_bind_socket_mode", "LocalBindSocketMode"),
        text("datacenter", "Datacenter"),
    ],
    blocks: &[
        sub("mesh_gateway", "MeshGateway", Form::One(&MESH_GATEWAY)),
        sub("config", "Config", Form::Free),
    ],
    ..EMPTY
};

const EXPOSE_PATH: Schema = Schema {
    attributes: &[
        text("path", "Path"),
        text("protocol", "Protocol"),
        int("local_path_port", "LocalPathPort"),
        text("listener_port", "ListenerPort"),
    ],
    ..EMPTY
};

const EXPOSE: Schema = Schema {
    blocks: &[sub("path", "Paths", Form::Many(&EXPOSE_PATH))],
    constants: &[("Path", Constant::Null)],
    ..EMPTY
};

const TRANSPARENT_PROXY: Schema = Schema {
    attributes: &[
        text("uid", "UID"),
        unsigned("outbound_port", "OutboundPort", 16),
        texts("exclude_inbound_ports", "ExcludeInboundPorts"),
        Attribute {
            name: "exclude_outbound_ports",
            json: "ExcludeOutboundPorts",
            kind: Kind::Ports,
            null: true,
            required: false,
        },
        texts("exclude_outbound_cidrs", "ExcludeOutboundCIDRs"),
        texts("exclude_uids", "ExcludeUIDs"),
        flag("no_dns", "NoDNS"),
    ],
    ..EMPTY
};

const PROXY: Schema = Schema {
    attributes: &[
        text("local_service_address", "LocalServiceAddress"),
        int("local_service_port", "LocalServicePort"),
    ],
    blocks: &[
        sub("expose", "Expose", Form::One(&EXPOSE)),
        sub("upstreams", "Upstreams", Form::Many(&UPSTREAMS)),
        sub("transparent_proxy", "TransparentProxy", Form::One(&TRANSPARENT_PROXY)),
        sub("config", "Config", Form::Free),
    ],
    constants: &[("ExposeConfig", Constant::Null)],
    ..EMPTY
};

const SIDECAR_SERVICE: Schema = Schema {
    attributes: &[
        texts("tags", "Tags"),
        text("port", "Port"),
        flag("disable_default_tcp_check", "DisableDefaultTCPCheck"),
    ],
    blocks: &[sub("proxy", "Proxy", Form::One(&PROXY)), sub("meta", "Meta", Form::TextMap)],
    ..EMPTY
};

const SIDECAR_TASK: Schema = Schema {
    attributes: &[
        text("name", "Name"),
        text("driver", "Driver"),
        text("user", "User"),
        duration("kill_timeout", "KillTimeout").null(),
        duration("shutdown_delay", "ShutdownDelay").null(),
        text("kill_signal", "KillSignal"),
    ],
    blocks: &[
        sub("config", "Config", Form::Free),
        sub("env", "Env", Form::TextMap),
        sub("resources", "Resources", Form::One(&RESOURCES)),
        sub("meta", "Meta", Form::TextMap),
        sub("logs", "LogConfig", Form::One(&LOGS)),
        sub("volume_mount", "VolumeMounts", Form::Many(&VOLUME_MOUNT)),
    ],
    constants: &[("Identities", Constant::Null)],
    ..EMPTY
};

pub(crate) const CONNECT: Schema = Schema {
    attributes: &[flag("native", "Native")],
    blocks: &[
        sub("gateway", "Gateway", Form::One(&GATEWAY)),
        sub("sidecar_service", "SidecarService", Form::One(&SIDECAR_SERVICE)),
        sub("sidecar_task", "SidecarTask", Form::One(&SIDECAR_TASK)),
    ],
    ..EMPTY
};
