//! Scaling policies.

use crate::output;
use api::job_actions::{ScalingPolicyAnswer, ScalingPolicyStub};
use serde_json::Value;
use std::collections::BTreeMap;

/// Parts of a target, from the outside to the inside.
const PARTS: [&str; 4] = ["Namespace", "Job", "Group", "Task"];

/// The table of policies.
pub fn list(all: &[ScalingPolicyStub], verbose: bool) -> String {
    let mut rows = vec![["ID", "Enabled", "Type", "Target"].map(str::to_owned)];
    rows.extend(all.iter().map(|policy| {
        [
            output::id(&policy.id, verbose).to_owned(),
            policy.enabled.to_string(),
            policy.kind.clone(),
            target(&policy.target.0),
        ]
    }));
    output::list(&rows)
}

/// Everything about one. `content` is what the policy says to autoscalers.
pub fn whole(policy: &ScalingPolicyAnswer, content: &Value, verbose: bool) -> String {
    let block = output::key_values(&[
        ("ID", output::id(&policy.id, verbose).to_owned()),
        ("Enabled", policy.enabled.to_string()),
        ("Target", target(&policy.target.0)),
        ("Min", policy.min.to_string()),
        ("Max", policy.max.to_string()),
    ]);
    let content = match content {
        Value::Object(map) if !map.is_empty() => output::pretty(content).unwrap_or_default(),
        _ => "<empty>".to_owned(),
    };
    format!("{block}\n\nPolicy:\n{content}")
}

fn target(target: &BTreeMap<String, String>) -> String {
    let known = PARTS.iter().filter_map(|name| Some(format!("{name}:{}", target.get(*name)?)));
    known.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_recorded() {
        let target = [("Group", "g"), ("Job", "sca"), ("Namespace", "default")];
        let target: BTreeMap<String, String> =
            target.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let policy = ScalingPolicyAnswer {
            id: "f341be94-e922-448c-42d1-5fb32f2b5556".to_owned(),
            enabled: true,
            max: 3,
            target: model::wire::Map(target.clone()),
            ..ScalingPolicyAnswer::default()
        };
        assert_eq!(
            whole(&policy, &Value::Null, false),
            "ID      = f341be94\nEnabled = true\nTarget  = Namespace:default,Job:sca,Group:g\nMin     = 0\nMax     = 3\n\n\
             Policy:\n<empty>"
        );
        let content = serde_json::json!({"cooldown": "1m"});
        assert!(whole(&policy, &content, true).ends_with("Policy:\n{\n    \"cooldown\": \"1m\"\n}"));
        let stub = ScalingPolicyStub {
            id: policy.id,
            enabled: true,
            kind: "horizontal".to_owned(),
            target: policy.target,
            ..ScalingPolicyStub::default()
        };
        assert_eq!(
            list(&[stub], false),
            "ID        Enabled  Type        Target\nf341be94  true     horizontal  Namespace:default,Job:sca,Group:g"
        );
    }
}
