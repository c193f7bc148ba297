//! Services, their checks, and what belongs to the service mesh.

use serde_json::Value as Json;

use super::{Default, Defaults, Object, SECOND, each, fill, fill_empty, inner, task, text_of};

const SERVICE: Defaults = &[
    ("OnUpdate", Default::Text("require_healthy")),
    ("Provider", Default::Text("consul")),
    ("AddressMode", Default::Text("auto")),
];
const GRACE: Defaults = &[("Grace", Default::Number(SECOND))];

/// The restart rules of a service, over which those of its check go.
fn merge_restart(service: Option<&Json>, check: Option<&Json>) -> Json {
    let (service, check) = (service.and_then(Json::as_object), check.and_then(Json::as_object));
    let Some(mut merged) = service.or(check).cloned() else { return Json::Null };
    for (name, value) in check.into_iter().flatten() {
        let counts = match value {
            Json::Number(number) => number.as_i64().is_some_and(|number| number > 0) || name == "Grace",
            Json::Bool(flag) => *flag,
            _ => false,
        };
        if counts {
            merged.insert(name.clone(), value.clone());
        }
    }
    fill(&mut merged, GRACE);
    Json::Object(merged)
}

fn checks(service: &mut Object) {
    let restart = service.get("CheckRestart").cloned();
    let on_update = service.get("OnUpdate").cloned().unwrap_or_default();
    for check in each(service, "Checks") {
        let merged = merge_restart(restart.as_ref(), check.get("CheckRestart"));
        check.insert("CheckRestart".to_owned(), merged);
        if text_of(check, "OnUpdate").is_empty() {
            check.insert("OnUpdate".to_owned(), on_update.clone());
        }
        for name in ["SuccessBeforePassing", "FailuresBeforeCritical", "FailuresBeforeWarning"] {
            if check.get(name).and_then(Json::as_i64).is_some_and(|count| count < 0) {
                check.insert(name.to_owned(), 0.into());
            }
        }
    }
}

fn connect(connect: &mut Object) {
    if let Some(sidecar) = inner(connect, "SidecarTask") {
        fill(
            sidecar,
            &[
                ("KillTimeout", Default::Number(5 * SECOND)),
                ("ShutdownDelay", Default::Number(0)),
                ("Resources", Default::Map),
                ("LogConfig", Default::Map),
            ],
        );
        if let Some(inner) = inner(sidecar, "Resources") {
            task::resources(inner);
        }
        if let Some(inner) = inner(sidecar, "LogConfig") {
            task::logs(inner);
        }
        each(sidecar, "VolumeMounts").for_each(|mount| fill(mount, task::VOLUME_MOUNT));
    }
    if let Some(inner) = inner(connect, "Gateway") {
        gateway(inner);
    }
}

fn gateway(gateway: &mut Object) {
    if let Some(proxy) = inner(gateway, "Proxy") {
        fill(proxy, &[("ConnectTimeout", Default::Number(5 * SECOND))]);
    }
    if let Some(ingress) = inner(gateway, "Ingress") {
        let defaults: Defaults = &[("Protocol", Default::Text("tcp"))];
        each(ingress, "Listeners").for_each(|listener| fill_empty(listener, defaults));
    }
}

/// `names` are those of the job, the group and, for a service of a task, the task.
pub(super) fn canonicalize(service: &mut Object, names: &[String]) {
    if text_of(service, "Name").is_empty() {
        service.insert("Name".to_owned(), names.join("-").into());
    }
    fill_empty(service, SERVICE);
    fill_empty(service, task::CONSUL);
    checks(service);
    if let Some(inner) = inner(service, "Connect") {
        connect(inner);
    }
}
