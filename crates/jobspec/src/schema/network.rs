//! `network` and `resources`.

use super::{Attribute, EMPTY, Form, Kind, Label, Schema, flag, int, sub, text, texts, unsigned};

const PORT: Schema = Schema {
    attributes: &[
        int("static", "Value"),
        int("to", "To"),
        text("host_network", "HostNetwork"),
        flag("ignore_collision", "IgnoreCollision"),
    ],
    labels: &[Label { name: "", json: "Label" }],
    ..EMPTY
};

const DNS: Schema = Schema {
    attributes: &[texts("servers", "Servers"), texts("searches", "Searches"), texts("options", "Options")],
    ..EMPTY
};

const CNI: Schema = Schema {
    attributes: &[Attribute { name: "args", json: "Args", kind: Kind::TextMap, null: true, required: false }],
    ..EMPTY
};

pub(crate) const NETWORK: Schema = Schema {
    attributes: &[
        text("mode", "Mode"),
        text("device", "Device"),
        text("cidr", "CIDR"),
        text("ip", "IP"),
        text("hostname", "Hostname"),
        int("mbits", "MBits").null(),
    ],
    blocks: &[
        sub("dns", "DNS", Form::One(&DNS)),
        sub("reserved_ports", "ReservedPorts", Form::Many(&PORT)),
        sub("port", "DynamicPorts", Form::Many(&PORT)),
        sub("cni", "CNI", Form::One(&CNI)),
    ],
    ..EMPTY
};

const NUMA: Schema =
    Schema { attributes: &[text("affinity", "Affinity"), texts("devices", "Devices")], ..EMPTY };

const DEVICE: Schema = Schema {
    attributes: &[unsigned("count", "Count", 64).null()],
    blocks: &[
        sub("constraint", "Constraints", Form::Constraint),
        sub("affinity", "Affinities", Form::Affinity),
    ],
    labels: &[Label { name: "", json: "Name" }],
    ..EMPTY
};

pub(crate) const RESOURCES: Schema = Schema {
    attributes: &[
        int("cpu", "CPU").null(),
        int("cores", "Cores").null(),
        int("memory", "MemoryMB").null(),
        int("memory_max", "MemoryMaxMB").null(),
        int("disk", "DiskMB").null(),
        int("iops", "IOPS").null(),
        int("secrets", "SecretsMB").null(),
    ],
    blocks: &[
        sub("network", "Networks", Form::Many(&NETWORK)),
        sub("device", "Devices", Form::Many(&DEVICE)),
        sub("numa", "NUMA", Form::One(&NUMA)),
    ],
    ..EMPTY
};
