//! Answers of checks, one block each.

use crate::output;
use serde_json::{Map, Value, json};

/// Heading and blocks, sorted by group, task, service and name.
pub fn list(checks: &Map<String, Value>) -> String {
    let mut text = format!("Status of {} Nomad Service Checks\n\n", checks.len());
    let mut sorted: Vec<&Value> = checks.values().collect();
    let word = |check: &Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    sorted.sort_by_cached_key(|check| ["Group", "Task", "Service", "Check"].map(|name| word(check, name)));
    for check in sorted {
        let task = word(check, "Task");
        let mut pairs = vec![
            ("ID", word(check, "ID")),
            ("Name", word(check, "Check")),
            ("Group", word(check, "Group")),
            ("Task", if task.is_empty() { "(group)".to_owned() } else { task }),
            ("Service", word(check, "Service")),
            ("Status", word(check, "Status")),
        ];
        if let Some(code) = check["StatusCode"].as_u64().filter(|code| *code > 0) {
            pairs.push(("StatusCode", code.to_string()));
        }
        let seconds = check["Timestamp"].as_i64().unwrap_or(0);
        pairs.extend([
            ("Mode", word(check, "Mode")),
            ("Timestamp", output::absolute(seconds.saturating_mul(1_000_000_000))),
            ("Output", word(check, "Output")),
        ]);
        text.push_str(&format!("{}\n\n", output::key_values(&pairs)));
    }
    text
}

/// The checks with the fields that the API leaves out when they say nothing.
pub fn whole(checks: &Map<String, Value>) -> Map<String, Value> {
    let mut checks = checks.clone();
    for fields in checks.values_mut().filter_map(Value::as_object_mut) {
        fields.entry("StatusCode").or_insert(json!(0));
        fields.entry("Task").or_insert(json!(""));
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_has_its_block() {
        assert_eq!(list(&Map::new()), "Status of 0 Nomad Service Checks\n\n");
        let Value::Object(checks) = json!({
            "b": {"ID": "b", "Check": "alive", "Group": "w.g[0]", "Service": "web", "Task": "t", "Status": "failure",
                "StatusCode": 503, "Mode": "healthiness", "Timestamp": 0, "Output": ""},
            "a": {"ID": "a", "Check": "up", "Group": "w.g[0]", "Service": "web", "Status": "success",
                "Mode": "readiness", "Timestamp": 0, "Output": "nomad: tcp ok"},
        }) else {
            panic!("not an object")
        };
        let text = list(&checks);
        assert!(
            text.starts_with("Status of 2 Nomad Service Checks\n\nID        = a\nName      = up\n"),
            "{text}"
        );
        assert!(text.contains("Task      = (group)\n") && text.contains("StatusCode = 503\n"), "{text}");
        assert!(text.ends_with("Output     = <none>\n\n"), "{text}");
        assert_eq!(whole(&checks)["a"]["StatusCode"], 0);
    }
}
