//! `task` and what stands directly in it.

use super::network::RESOURCES;
use super::service::SERVICE;
use super::{EMPTY, Form, Label, Schema, duration, flag, int, sub, text, texts};

pub(crate) const VAULT: Schema = Schema {
    attributes: &[
        texts("policies", "Policies"),
        text("role", "Role"),
        text("namespace", "Namespace").null(),
        text("cluster", "Cluster"),
        flag("env", "Env").null(),
        flag("disable_file", "DisableFile").null(),
        text("change_mode", "ChangeMode").null(),
        text("change_signal", "ChangeSignal").null(),
        flag("allow_token_expiration", "AllowTokenExpiration").null(),
    ],
    finish: crate::decode::finish::vault,
    ..EMPTY
};

pub(crate) const CONSUL: Schema = Schema {
    attributes: &[text("partition", "Partition"), text("namespace", "Namespace"), text("cluster", "Cluster")],
    ..EMPTY
};

pub(crate) const RESTART: Schema = Schema {
    attributes: &[
        duration("interval", "Interval").null(),
        int("attempts", "Attempts").null(),
        duration("delay", "Delay").null(),
        text("mode", "Mode").null(),
        flag("render_templates", "RenderTemplates").null(),
    ],
    ..EMPTY
};

/// The identity of a workload, of a task or of a service.
pub(crate) const IDENTITY: Schema = Schema {
    attributes: &[
        text("name", "Name"),
        texts("aud", "Audience"),
        text("change_mode", "ChangeMode"),
        text("change_signal", "ChangeSignal"),
        flag("env", "Env"),
        flag("file", "File"),
        text("filepath", "Filepath"),
        text("service_name", "ServiceName"),
        duration("ttl", "TTL"),
        texts("extra_claims", "ExtraClaims"),
    ],
    ..EMPTY
};

const LIFECYCLE: Schema =
    Schema { attributes: &[text("hook", "Hook").required(), flag("sidecar", "Sidecar")], ..EMPTY };

pub(crate) const LOGS: Schema = Schema {
    attributes: &[
        int("max_files", "MaxFiles").null(),
        int("max_file_size", "MaxFileSizeMB").null(),
        flag("enabled", "Enabled").null(),
        flag("disabled", "Disabled").null(),
    ],
    ..EMPTY
};

const ARTIFACT: Schema = Schema {
    attributes: &[
        text("source", "GetterSource").null(),
        text("mode", "GetterMode").null(),
        flag("insecure", "GetterInsecure").null(),
        text("destination", "RelativeDest").null(),
        flag("chown", "Chown"),
    ],
    blocks: &[sub("options", "GetterOptions", Form::TextMap), sub("headers", "GetterHeaders", Form::TextMap)],
    ..EMPTY
};

const CHANGE_SCRIPT: Schema = Schema {
    attributes: &[
        text("command", "Command").null(),
        texts("args", "Args"),
        duration("timeout", "Timeout").null(),
        flag("fail_on_error", "FailOnError").null(),
        flag("run_on_first_render", "RunOnFirstRender"),
    ],
    finish: crate::decode::finish::change_script,
    ..EMPTY
};

const WAIT: Schema =
    Schema { attributes: &[duration("min", "Min").null(), duration("max", "Max").null()], ..EMPTY };

const TEMPLATE: Schema = Schema {
    attributes: &[
        text("source", "SourcePath").null(),
        text("destination", "DestPath").null(),
        text("data", "EmbeddedTmpl").null(),
        text("change_mode", "ChangeMode").null(),
        text("change_signal", "ChangeSignal").null(),
        duration("splay", "Splay").null(),
        text("perms", "Perms").null(),
        int("uid", "Uid").null(),
        int("gid", "Gid").null(),
        text("left_delimiter", "LeftDelim").null(),
        text("right_delimiter", "RightDelim").null(),
        flag("env", "Envvars").null(),
        duration("vault_grace", "VaultGrace").null(),
        flag("error_on_missing_key", "ErrMissingKey"),
        flag("once", "Once").null(),
    ],
    blocks: &[
        sub("change_script", "ChangeScript", Form::One(&CHANGE_SCRIPT)),
        sub("wait", "Wait", Form::One(&WAIT)),
    ],
    finish: crate::decode::finish::template,
    ..EMPTY
};

const DISPATCH_PAYLOAD: Schema = Schema { attributes: &[text("file", "File")], ..EMPTY };

pub(crate) const VOLUME_MOUNT: Schema = Schema {
    attributes: &[
        text("volume", "Volume").null(),
        text("destination", "Destination").null(),
        flag("read_only", "ReadOnly").null(),
        text("propagation_mode", "PropagationMode").null(),
        text("selinux_label", "SELinuxLabel").null(),
    ],
    ..EMPTY
};

const CSI_PLUGIN: Schema = Schema {
    attributes: &[
        text("id", "ID"),
        text("type", "Type"),
        text("mount_dir", "MountDir"),
        text("stage_publish_base_dir", "StagePublishBaseDir"),
        duration("health_timeout", "HealthTimeout"),
    ],
    ..EMPTY
};

const ACTION: Schema = Schema {
    attributes: &[text("command", "Command").required(), texts("args", "Args")],
    labels: &[Label { name: "name", json: "Name" }],
    ..EMPTY
};

const CRON: Schema = Schema {
    attributes: &[text("start", "Start"), text("end", "End"), text("timezone", "Timezone")],
    ..EMPTY
};

const SCHEDULE: Schema = Schema { blocks: &[sub("cron", "Cron", Form::One(&CRON))], ..EMPTY };

const SECRET: Schema = Schema {
    attributes: &[text("provider", "Provider"), text("path", "Path")],
    blocks: &[sub("config", "Config", Form::Free), sub("env", "Env", Form::TextMap)],
    labels: &[Label { name: "name", json: "Name" }],
    ..EMPTY
};

/// The task block.
pub(crate) const TASK: Schema = Schema {
    attributes: &[
        text("driver", "Driver"),
        text("user", "User"),
        duration("kill_timeout", "KillTimeout").null(),
        text("kill_signal", "KillSignal"),
        flag("leader", "Leader"),
        duration("shutdown_delay", "ShutdownDelay"),
        text("kind", "Kind"),
    ],
    blocks: &[
        sub("scaling", "ScalingPolicies", Form::TaskScaling),
        sub("lifecycle", "Lifecycle", Form::One(&LIFECYCLE)),
        sub("config", "Config", Form::Free),
        sub("constraint", "Constraints", Form::Constraint),
        sub("affinity", "Affinities", Form::Affinity),
        sub("env", "Env", Form::TextMapOrAttribute),
        sub("service", "Services", Form::Many(&SERVICE)),
        sub("resources", "Resources", Form::One(&RESOURCES)),
        sub("restart", "RestartPolicy", Form::One(&RESTART)),
        sub("meta", "Meta", Form::TextMapOrAttribute),
        sub("logs", "LogConfig", Form::One(&LOGS)),
        sub("artifact", "Artifacts", Form::Many(&ARTIFACT)),
        sub("vault", "Vault", Form::One(&VAULT)),
        sub("consul", "Consul", Form::One(&CONSUL)),
        sub("template", "Templates", Form::Many(&TEMPLATE)),
        sub("dispatch_payload", "DispatchPayload", Form::One(&DISPATCH_PAYLOAD)),
        sub("volume_mount", "VolumeMounts", Form::Many(&VOLUME_MOUNT)),
        sub("csi_plugin", "CSIPluginConfig", Form::One(&CSI_PLUGIN)),
        sub("identity", "Identities", Form::Many(&IDENTITY)),
        sub("action", "Actions", Form::Many(&ACTION)),
        sub("schedule", "Schedule", Form::One(&SCHEDULE)),
        sub("secret", "Secrets", Form::Many(&SECRET)),
    ],
    labels: &[Label { name: "name", json: "Name" }],
    finish: crate::decode::finish::task,
    ..EMPTY
};
