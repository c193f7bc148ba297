//! `gateway`: ways in and out of the service mesh.

use super::{EMPTY, Form, Label, Schema, duration, flag, int, sub, text, texts, unsigned};

const BIND_ADDRESS: Schema = Schema {
    attributes: &[text("address", "Address"), int("port", "Port")],
    labels: &[Label { name: "", json: "Name" }],
    ..EMPTY
};

const PROXY: Schema = Schema {
    attributes: &[
        duration("connect_timeout", "ConnectTimeout").null(),
        flag("envoy_gateway_bind_tagged_addresses", "EnvoyGatewayBindTaggedAddresses"),
        flag("envoy_gateway_no_default_bind", "EnvoyGatewayNoDefaultBind"),
        text("envoy_dns_discovery_type", "EnvoyDNSDiscoveryType"),
    ],
    blocks: &[
        sub("envoy_gateway_bind_addresses", "EnvoyGatewayBindAddresses", Form::Keyed(&BIND_ADDRESS)),
        sub("config", "Config", Form::Free),
    ],
    ..EMPTY
};

const SDS: Schema = Schema {
    attributes: &[text("cluster_name", "ClusterName"), text("cert_resource", "CertResource")],
    ..EMPTY
};

const TLS: Schema = Schema {
    attributes: &[
        flag("enabled", "Enabled"),
        text("tls_min_version", "TLSMinVersion"),
        text("tls_max_version", "TLSMaxVersion"),
        texts("cipher_suites", "CipherSuites"),
    ],
    blocks: &[sub("sds", "SDS", Form::One(&SDS))],
    ..EMPTY
};

const HEADERS: Schema = Schema {
    attributes: &[texts("remove", "Remove")],
    blocks: &[sub("add", "Add", Form::TextMap), sub("set", "Set", Form::TextMap)],
    ..EMPTY
};

const INGRESS_SERVICE: Schema = Schema {
    attributes: &[
        text("name", "Name"),
        texts("hosts", "Hosts"),
        unsigned("max_connections", "MaxConnections", 32).null(),
        unsigned("max_pending_requests", "MaxPendingRequests", 32).null(),
        unsigned("max_concurrent_requests", "MaxConcurrentRequests", 32).null(),
    ],
    blocks: &[
        sub("tls", "TLS", Form::One(&TLS)),
        sub("request_headers", "RequestHeaders", Form::One(&HEADERS)),
        sub("response_headers", "ResponseHeaders", Form::One(&HEADERS)),
    ],
    ..EMPTY
};

const LISTENER: Schema = Schema {
    attributes: &[int("port", "Port"), text("protocol", "Protocol")],
    blocks: &[sub("service", "Services", Form::Many(&INGRESS_SERVICE))],
    ..EMPTY
};

const INGRESS: Schema = Schema {
    blocks: &[sub("tls", "TLS", Form::One(&TLS)), sub("listener", "Listeners", Form::Many(&LISTENER))],
    ..EMPTY
};

const LINKED_SERVICE: Schema = Schema {
    attributes: &[
        text("name", "Name"),
        text("ca_file", "CAFile"),
        text("cert_file", "CertFile"),
        text("key_file", "KeyFile"),
        text("sni", "SNI"),
    ],
    ..EMPTY
};

const TERMINATING: Schema =
    Schema { blocks: &[sub("service", "Services", Form::Many(&LINKED_SERVICE))], ..EMPTY };

pub(crate) const GATEWAY: Schema = Schema {
    blocks: &[
        sub("proxy", "Proxy", Form::One(&PROXY)),
        sub("ingress", "Ingress", Form::One(&INGRESS)),
        sub("terminating", "Terminating", Form::One(&TERMINATING)),
        sub("mesh", "Mesh", Form::One(&EMPTY)),
    ],
    ..EMPTY
};
