//! `service` and its checks.

use super::connect::CONNECT;
use super::task::IDENTITY;
use super::{EMPTY, Form, Schema, duration, flag, int, sub, text, texts};

const CHECK_RESTART: Schema = Schema {
    attributes: &[
        int("limit", "Limit"),
        duration("grace", "Grace").null(),
        flag("ignore_warnings", "IgnoreWarnings"),
    ],
    ..EMPTY
};

const CHECK: Schema = Schema {
    attributes: &[
        text("name", "Name"),
        text("type", "Type"),
        text("command", "Command"),
        texts("args", "Args"),
        text("path", "Path"),
        text("protocol", "Protocol"),
        text("port", "PortLabel"),
        flag("expose", "Expose"),
        text("address_mode", "AddressMode"),
        text("advertise", "Advertise"),
        duration("interval", "Interval"),
        duration("timeout", "Timeout"),
        text("initial_status", "InitialStatus"),
        text("notes", "Notes"),
        text("tls_server_name", "TLSServerName"),
        flag("tls_skip_verify", "TLSSkipVerify"),
        text("method", "Method"),
        text("grpc_service", "GRPCService"),
        flag("grpc_use_tls", "GRPCUseTLS"),
        text("task", "TaskName"),
        int("success_before_passing", "SuccessBeforePassing"),
        int("failures_before_critical", "FailuresBeforeCritical"),
        int("failures_before_warning", "FailuresBeforeWarning"),
        text("body", "Body"),
        text("on_update", "OnUpdate"),
    ],
    blocks: &[
        sub("header", "Header", Form::TextsMap),
        sub("check_restart", "CheckRestart", Form::One(&CHECK_RESTART)),
    ],
    ..EMPTY
};

const WEIGHTS: Schema =
    Schema { attributes: &[int("passing", "Passing"), int("warning", "Warning")], ..EMPTY };

pub(crate) const SERVICE: Schema = Schema {
    attributes: &[
        text("name", "Name"),
        texts("tags", "Tags"),
        texts("canary_tags", "CanaryTags"),
        flag("enable_tag_override", "EnableTagOverride"),
        text("port", "PortLabel"),
        text("address_mode", "AddressMode"),
        text("address", "Address"),
        text("task", "TaskName"),
        text("on_update", "OnUpdate"),
        text("provider", "Provider"),
        text("cluster", "Cluster"),
        text("kind", "Kind"),
    ],
    blocks: &[
        sub("check", "Checks", Form::Many(&CHECK)),
        sub("check_restart", "CheckRestart", Form::One(&CHECK_RESTART)),
        sub("connect", "Connect", Form::One(&CONNECT)),
        sub("meta", "Meta", Form::TextMap),
        sub("canary_meta", "CanaryMeta", Form::TextMap),
        sub("tagged_addresses", "TaggedAddresses", Form::TextMap),
        sub("identity", "Identity", Form::One(&IDENTITY)),
        sub("weights", "Weights", Form::One(&WEIGHTS)),
    ],
    ..EMPTY
};
