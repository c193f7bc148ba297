//! All fields of a thing, for `-json` and `-t`: the API leaves some out while they say nothing, and the original's
//! client, which reads answers into structures and prints those, shows them all the same. Templates name them.
//!
//! Things are known by fields that only they have.

use serde_json::{Map, Value, json};

/// A kind of thing.
struct Kind {
    /// Fields that it has and that tell it from others.
    marks: &'static [&'static str],
    /// Fields that may be missing, with what they are then.
    fields: fn() -> Value,
}

const KINDS: [Kind; 5] = [
    Kind { marks: &["TaskGroups", "Priority", "Type"], fields: job },
    Kind { marks: &["MaxFiles", "MaxFileSizeMB"], fields: || json!({ "Enabled": null }) },
    Kind { marks: &["AllocModifyIndex", "AllocatedResources"], fields: alloc },
    Kind { marks: &["DisplayMessage", "DriverError", "FailsTask"], fields: || json!({ "DiskSize": 0 }) },
    Kind {
        marks: &["TriggeredBy", "QuotaLimitReached"],
        fields: || json!({ "MissingNonNodeResources": null }),
    },
];

fn job() -> Value {
    json!({ "Migrate": null, "Reschedule": null })
}

fn alloc() -> Value {
    json!({
        "ClientDescription": "", "ClientStatus": "", "DeploymentID": "", "DeploymentStatus": null,
        "DesiredDescription": "", "DesiredStatus": "", "EvalID": "", "FollowupEvalID": "",
        "DesiredTransition": {
            "ForceReschedule": null, "Migrate": null, "MigrateDisablePlacement": null, "NoShutdownDelay": null,
            "Reschedule": null,
        },
        "Job": null, "JobID": "", "Metrics": null, "Name": "", "Namespace": "", "NetworkStatus": null,
        "NextAllocation": "", "NodeID": "", "NodeName": "", "PreemptedAllocations": null,
        "PreemptedByAllocation": "", "PreviousAllocation": "", "RescheduleTracker": null, "Resources": null,
        "Services": null, "TaskGroup": "", "TaskResources": null, "TaskStates": null,
    })
}

/// Add what is missing, also to the things inside.
pub fn complete(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(complete),
        Value::Object(fields) => {
            for kind in KINDS {
                if kind.marks.iter().all(|mark| fields.contains_key(*mark)) {
                    add(fields, (kind.fields)());
                }
            }
            fields.values_mut().for_each(complete);
        }
        _ => {}
    }
}

fn add(fields: &mut Map<String, Value>, missing: Value) {
    let Value::Object(missing) = missing else { return };
    for (name, value) in missing {
        fields.entry(name).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_added_and_nothing_changed() {
        let mut value = json!([{
            "AllocModifyIndex": 1, "AllocatedResources": {}, "Name": "a.g[0]",
            "Job": {"TaskGroups": [{"Tasks": [{"LogConfig": {"MaxFiles": 2, "MaxFileSizeMB": 3}}]}], "Priority": 50,
                "Type": "batch", "Meta": {"TaskGroups": "x"}},
        }]);
        complete(&mut value);
        let alloc = &value[0];
        assert_eq!((&alloc["Name"], &alloc["NextAllocation"]), (&json!("a.g[0]"), &json!("")));
        assert_eq!(alloc["Job"].get("Migrate"), Some(&Value::Null));
        assert_eq!(alloc["Job"]["Meta"], json!({"TaskGroups": "x"}));
        let logs = &alloc["Job"]["TaskGroups"][0]["Tasks"][0]["LogConfig"];
        assert_eq!(logs, &json!({"MaxFiles": 2, "MaxFileSizeMB": 3, "Enabled": null}));
    }
}
