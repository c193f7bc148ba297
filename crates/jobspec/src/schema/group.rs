//! `group` and what stands directly in it.

use super::network::NETWORK;
use super::service::SERVICE;
use super::task::{CONSUL, RESTART, TASK, VAULT};
use super::{
    Attribute, Constant, EMPTY, Form, Kind, Label, Schema, duration, flag, int, sub, text, texts, unsigned,
};

pub(crate) const UPDATE: Schema = Schema {
    attributes: &[
        duration("stagger", "Stagger").null(),
        int("max_parallel", "MaxParallel").null(),
        text("health_check", "HealthCheck").null(),
        duration("min_healthy_time", "MinHealthyTime").null(),
        duration("healthy_deadline", "HealthyDeadline").null(),
        duration("progress_deadline", "ProgressDeadline").null(),
        int("canary", "Canary").null(),
        flag("auto_revert", "AutoRevert").null(),
        flag("auto_promote", "AutoPromote").null(),
    ],
    ..EMPTY
};

pub(crate) const MIGRATE: Schema = Schema {
    attributes: &[
        int("max_parallel", "MaxParallel").null(),
        text("health_check", "HealthCheck").null(),
        duration("min_healthy_time", "MinHealthyTime").null(),
        duration("healthy_deadline", "HealthyDeadline").null(),
    ],
    ..EMPTY
};

pub(crate) const RESCHEDULE: Schema = Schema {
    attributes: &[
        int("attempts", "Attempts").null(),
        duration("interval", "Interval").null(),
        duration("delay", "Delay").null(),
        text("delay_function", "DelayFunction").null(),
        duration("max_delay", "MaxDelay").null(),
        flag("unlimited", "Unlimited").null(),
    ],
    ..EMPTY
};

const TARGET: Schema = Schema {
    attributes: &[unsigned("percent", "Percent", 8)],
    labels: &[Label { name: "", json: "Value" }],
    ..EMPTY
};

pub(crate) const SPREAD: Schema = Schema {
    attributes: &[
        text("attribute", "Attribute"),
        Attribute { name: "weight", json: "Weight", kind: Kind::Signed(8), null: true, required: false },
    ],
    blocks: &[sub("target", "SpreadTarget", Form::Many(&TARGET))],
    ..EMPTY
};

const DISCONNECT: Schema = Schema {
    attributes: &[
        duration("lost_after", "LostAfter").null(),
        duration("stop_on_client_after", "StopOnClientAfter").null(),
        flag("replace", "Replace").null(),
        text("reconcile", "Reconcile").null(),
    ],
    ..EMPTY
};

const EPHEMERAL_DISK: Schema = Schema {
    attributes: &[
        flag("sticky", "Sticky").null(),
        flag("migrate", "Migrate").null(),
        int("size", "SizeMB").null(),
    ],
    ..EMPTY
};

const MOUNT_OPTIONS: Schema =
    Schema { attributes: &[text("fs_type", "FSType"), texts("mount_flags", "MountFlags")], ..EMPTY };

const VOLUME: Schema = Schema {
    attributes: &[
        text("type", "Type"),
        text("source", "Source"),
        flag("read_only", "ReadOnly"),
        flag("sticky", "Sticky"),
        text("access_mode", "AccessMode"),
        text("attachment_mode", "AttachmentMode"),
        flag("per_alloc", "PerAlloc"),
    ],
    blocks: &[sub("mount_options", "MountOptions", Form::One(&MOUNT_OPTIONS))],
    labels: &[Label { name: "name", json: "Name" }],
    ..EMPTY
};

/// The scaling policy of a group; that of a task has the same members.
pub(crate) const SCALING: Schema = Schema {
    attributes: &[
        flag("enabled", "Enabled").null(),
        int("min", "Min").null(),
        int("max", "Max").null().required(),
        text("type", "Type"),
    ],
    blocks: &[sub("policy", "Policy", Form::Free)],
    constants: &[
        ("CreateIndex", Constant::Zero),
        ("ID", Constant::Empty),
        ("ModifyIndex", Constant::Zero),
        ("Namespace", Constant::Empty),
        ("Target", Constant::Null),
    ],
    ..EMPTY
};

/// The group block.
pub(crate) const GROUP: Schema = Schema {
    attributes: &[
        int("count", "Count").null(),
        duration("shutdown_delay", "ShutdownDelay").null(),
        duration("stop_after_client_disconnect", "StopAfterClientDisconnect").null(),
        duration("max_client_disconnect", "MaxClientDisconnect").null(),
        duration("max_run_duration", "MaxRunDuration").null(),
        flag("prevent_reschedule_on_lost", "PreventRescheduleOnLost").null(),
    ],
    blocks: &[
        sub("vault", "vault", Form::Lenient(&VAULT)),
        sub("constraint", "Constraints", Form::Constraint),
        sub("affinity", "Affinities", Form::Affinity),
        sub("task", "Tasks", Form::Many(&TASK)),
        sub("spread", "Spreads", Form::Many(&SPREAD)),
        sub("volume", "Volumes", Form::Keyed(&VOLUME)),
        sub("restart", "RestartPolicy", Form::One(&RESTART)),
        sub("disconnect", "Disconnect", Form::One(&DISCONNECT)),
        sub("reschedule", "ReschedulePolicy", Form::One(&RESCHEDULE)),
        sub("ephemeral_disk", "EphemeralDisk", Form::One(&EPHEMERAL_DISK)),
        sub("update", "Update", Form::One(&UPDATE)),
        sub("migrate", "Migrate", Form::One(&MIGRATE)),
        sub("network", "Networks", Form::Many(&NETWORK)),
        sub("meta", "Meta", Form::TextMapOrAttribute),
        sub("service", "Services", Form::Many(&SERVICE)),
        sub("scaling", "Scaling", Form::GroupScaling),
        sub("consul", "Consul", Form::One(&CONSUL)),
    ],
    labels: &[Label { name: "name", json: "Name" }],
    finish: crate::decode::finish::group,
    ..EMPTY
};
