//! Tasks.

use serde_json::Value as Json;

use super::{
    Default, Defaults, Object, SECOND, each, fill, fill_empty, inner, merge, service, text_of, weights,
};

pub(super) const CONSUL: Defaults = &[("Cluster", Default::Text("default"))];
const TASK: Defaults = &[
    ("Name", Default::Text("")),
    ("KillTimeout", Default::Number(5 * SECOND)),
    ("LogConfig", Default::Map),
    ("Resources", Default::Map),
];
const LOGS: Defaults = &[
    ("MaxFiles", Default::Number(10)),
    ("MaxFileSizeMB", Default::Number(10)),
    ("Disabled", Default::Flag(false)),
];
const VAULT: Defaults = &[
    ("Env", Default::Flag(true)),
    ("DisableFile", Default::Flag(false)),
    ("Namespace", Default::Text("")),
    ("ChangeMode", Default::Text("restart")),
    ("ChangeSignal", Default::Text("SIGHUP")),
    ("AllowTokenExpiration", Default::Flag(false)),
];
const TEMPLATE: Defaults = &[
    ("SourcePath", Default::Text("")),
    ("DestPath", Default::Text("")),
    ("EmbeddedTmpl", Default::Text("")),
    ("ChangeMode", Default::Text("restart")),
    ("Splay", Default::Number(5 * SECOND)),
    ("Perms", Default::Text("0644")),
    ("LeftDelim", Default::Text("{{")),
    ("RightDelim", Default::Text("}}")),
    ("Envvars", Default::Flag(false)),
    ("VaultGrace", Default::Number(0)),
    ("Once", Default::Flag(false)),
];
const CHANGE_SCRIPT: Defaults = &[
    ("Command", Default::Text("")),
    ("Args", Default::List),
    ("Timeout", Default::Number(5 * SECOND)),
    ("FailOnError", Default::Flag(false)),
];
const ARTIFACT: Defaults = &[
    ("GetterSource", Default::Text("")),
    ("GetterMode", Default::Text("any")),
    ("GetterInsecure", Default::Flag(false)),
];
pub(super) const VOLUME_MOUNT: Defaults = &[
    ("PropagationMode", Default::Text("private")),
    ("ReadOnly", Default::Flag(false)),
    ("SELinuxLabel", Default::Text("")),
];
const CSI_PLUGIN: Defaults =
    &[("MountDir", Default::Text("/csi")), ("StagePublishBaseDir", Default::Text("/local/csi"))];

/// A task with cores needs no share of a processor.
pub(super) fn resources(resources: &mut Object) {
    let cores = resources.get("Cores").is_some_and(|cores| !cores.is_null());
    let cpu = if cores { 0 } else { 100 };
    if resources.get("CPU").is_none_or(Json::is_null) {
        resources.insert("CPU".to_owned(), cpu.into());
    }
    fill(resources, &[("Cores", Default::Number(0)), ("MemoryMB", Default::Number(300))]);
    for device in each(resources, "Devices") {
        fill(device, &[("Count", Default::Number(1))]);
        weights(device);
    }
}

pub(super) fn logs(logs: &mut Object) {
    fill(logs, LOGS);
}

fn template(template: &mut Object) {
    fill(template, TEMPLATE);
    let signal = match template.get("ChangeSignal").and_then(Json::as_str) {
        Some(signal) => signal.to_uppercase(),
        None if text_of(template, "ChangeMode") == "signal" => "SIGHUP".to_owned(),
        None => String::new(),
    };
    template.insert("ChangeSignal".to_owned(), signal.into());
    if let Some(script) = inner(template, "ChangeScript") {
        fill(script, CHANGE_SCRIPT);
    }
}

/// A single file goes to its own name, everything else into the task's folder.
fn artifact(artifact: &mut Object) {
    fill(artifact, ARTIFACT);
    if artifact.get("RelativeDest").is_none_or(Json::is_null) {
        let destination = match text_of(artifact, "GetterMode") {
            "file" => {
                let source = text_of(artifact, "GetterSource").trim_end_matches('/');
                format!("local/{}", source.rsplit('/').next().unwrap_or_default())
            }
            _ => "local/".to_owned(),
        };
        artifact.insert("RelativeDest".to_owned(), destination.into());
    }
}

pub(super) fn canonicalize(task: &mut Object, restart: Option<&Json>, names: &[String; 2]) {
    fill(task, TASK);
    if let Some(inner) = inner(task, "Resources") {
        resources(inner);
    }
    if let Some(inner) = inner(task, "LogConfig") {
        logs(inner);
    }
    let merged = merge(restart, task.get("RestartPolicy"));
    task.insert("RestartPolicy".to_owned(), merged.map_or(Json::Null, Json::Object));
    if let Some(vault) = inner(task, "Vault") {
        fill(vault, VAULT);
        fill_empty(vault, CONSUL);
    }
    if let Some(consul) = inner(task, "Consul") {
        fill_empty(consul, CONSUL);
    }
    if let Some(plugin) = inner(task, "CSIPluginConfig") {
        fill_empty(plugin, CSI_PLUGIN);
        if plugin.get("HealthTimeout").and_then(Json::as_i64).unwrap_or_default() == 0 {
            plugin.insert("HealthTimeout".to_owned(), (30 * SECOND).into());
        }
    }
    each(task, "Templates").for_each(template);
    each(task, "Artifacts").for_each(artifact);
    each(task, "VolumeMounts").for_each(|mount| fill(mount, VOLUME_MOUNT));
    weights(task);
    let [job, group] = names;
    let names = [job.clone(), group.clone(), text_of(task, "Name").to_owned()];
    each(task, "Services").for_each(|one| service::canonicalize(one, &names));
}
