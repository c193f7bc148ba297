//! What the job specification means beyond its single blocks.

use serde_json::{Value as Json, json};

use crate::schema::group::GROUP;

use super::{Object, empty_object};

fn default(object: &mut Object, name: &str, value: Json) {
    if object.get(name).is_none_or(Json::is_null) {
        object.insert(name.to_owned(), value);
    }
}

pub(crate) fn vault(object: &mut Object) {
    default(object, "Env", json!(true));
    default(object, "DisableFile", json!(false));
    default(object, "ChangeMode", json!("restart"));
}

pub(crate) fn change_script(object: &mut Object) {
    default(object, "Args", json!([]));
    default(object, "Timeout", json!(5_000_000_000_i64));
    default(object, "FailOnError", json!(false));
}

pub(crate) fn template(object: &mut Object) {
    default(object, "ChangeMode", json!("restart"));
    default(object, "Perms", json!("0644"));
    default(object, "Splay", json!(5_000_000_000_i64));
}

/// Ports with a number are reserved ones. Blocks of the old kind `reserved_ports` count for nothing.
fn sort_ports(owner: Option<&mut Json>) {
    for network in owner.and_then(Json::as_array_mut).into_iter().flatten() {
        let Some(network) = network.as_object_mut() else { continue };
        let Some(Json::Array(ports)) = network.remove("DynamicPorts") else {
            network.insert("DynamicPorts".to_owned(), Json::Null);
            network.insert("ReservedPorts".to_owned(), Json::Null);
            continue;
        };
        let is_reserved =
            |port: &Json| port.get("Value").and_then(Json::as_i64).is_some_and(|value| value > 0);
        let (reserved, dynamic): (Vec<Json>, Vec<Json>) = ports.into_iter().partition(is_reserved);
        let or_null = |list: Vec<Json>| if list.is_empty() { Json::Null } else { Json::Array(list) };
        network.insert("DynamicPorts".to_owned(), or_null(dynamic));
        network.insert("ReservedPorts".to_owned(), or_null(reserved));
    }
}

pub(crate) fn task(object: &mut Object) {
    if let Some(Json::Object(resources)) = object.get_mut("Resources") {
        sort_ports(resources.get_mut("Networks"));
    }
    let Some(Json::Array(identities)) = object.remove("Identities") else {
        object.insert("Identity".to_owned(), Json::Null);
        object.insert("Identities".to_owned(), Json::Null);
        return;
    };
    let is_default =
        |identity: &Json| matches!(identity.get("Name").and_then(Json::as_str), Some("" | "default"));
    let (mut defaults, others): (Vec<Json>, Vec<Json>) = identities.into_iter().partition(is_default);
    object.insert("Identity".to_owned(), defaults.pop().unwrap_or_default());
    object.insert("Identities".to_owned(), Json::Array(others));
}

/// Gives its vault block to the tasks that have none.
fn inherit_vault(tasks: Option<&mut Json>, vault: Option<&Json>) {
    let Some(vault) = vault.filter(|vault| !vault.is_null()) else { return };
    for task in tasks.and_then(Json::as_array_mut).into_iter().flatten() {
        if let Some(task) = task.as_object_mut() {
            default(task, "Vault", vault.clone());
        }
    }
}

pub(crate) fn group(object: &mut Object) {
    let vault = object.remove("vault");
    inherit_vault(object.get_mut("Tasks"), vault.as_ref());
    sort_ports(object.get_mut("Networks"));
}

pub(crate) fn job(object: &mut Object) {
    let label = object.remove("label").unwrap_or_default();
    let vault = object.remove("vault");
    default(object, "Name", label.clone());
    default(object, "ID", label);
    if let Some(Json::Array(tasks)) = object.remove("task") {
        let mut groups: Vec<Json> = tasks.into_iter().map(group_of).collect();
        if let Some(Json::Array(others)) = object.remove("TaskGroups") {
            groups.extend(others);
        }
        object.insert("TaskGroups".to_owned(), Json::Array(groups));
    }
    for group in object.get_mut("TaskGroups").and_then(Json::as_array_mut).into_iter().flatten() {
        inherit_vault(group.get_mut("Tasks"), vault.as_ref());
    }
}

/// The group of a task that stands directly in the job.
fn group_of(task: Json) -> Json {
    let mut group = empty_object(&GROUP);
    group.remove("vault");
    group.insert("Name".to_owned(), task.get("Name").cloned().unwrap_or_default());
    group.insert("Tasks".to_owned(), Json::Array(vec![task]));
    Json::Object(group)
}
