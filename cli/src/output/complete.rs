//! Fields that the original's client has and its API does not send: it prints them empty, and templates ask for them.

use serde_json::{Value, json};

/// Objects that have all of these fields get those, where they are missing.
const NOUNS: &[(&[&str], &[&str])] = &[
    // Evaluations, nodes, events of tasks.
    (&["QueuedAllocations", "TriggeredBy"], &["MissingNonNodeResources"]),
    (&["NodeResources", "ReservedResources", "Attributes", "Drivers", "Links"], &["Reserved", "Resources"]),
    (&["DisplayMessage", "DriverError", "DiskLimit"], &["DiskSize"]),
];
/// Of these fields, those that are numbers.
const NUMBERS: &[&str] = &["DiskSize"];

/// Add them, however deep.
pub fn complete(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(complete),
        Value::Object(fields) => {
            for (signs, missing) in NOUNS {
                if signs.iter().all(|sign| fields.contains_key(*sign)) {
                    for name in *missing {
                        let empty = if NUMBERS.contains(name) { json!(0) } else { Value::Null };
                        fields.entry(*name).or_insert(empty);
                    }
                }
            }
            fields.values_mut().for_each(complete);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_added() {
        let mut value =
            json!([{"Evals": [{"QueuedAllocations": {}, "TriggeredBy": "x"}]}, {"TriggeredBy": "y"}]);
        complete(&mut value);
        let eval = json!({"QueuedAllocations": {}, "TriggeredBy": "x", "MissingNonNodeResources": null});
        assert_eq!(value, json!([{"Evals": [eval]}, {"TriggeredBy": "y"}]));
        let mut event = json!({"DisplayMessage": "", "DriverError": "", "DiskLimit": 1, "DiskSize": 2});
        let before = event.clone();
        complete(&mut event);
        assert_eq!(event, before);
    }
}
