//! Which changes of a running job the original makes in place, which it makes one by one, and what it counts where.

use std::collections::BTreeMap;

use crate::cluster::{self, Cluster};
use serde_json::Value;

const CASES: &str = include_str!("../../../../tests/vectors/jobdiff.json");

/// Cases in which ours is another answer, and why.
const DIFFERENT: [(&str, &str); 2] = [
    ("update canary more than count", "one placement more is counted there than is made"),
    ("sysbatch constraint away", "the count there falls below zero"),
];

/// Counts that are not 0, by group.
type Counts = BTreeMap<String, BTreeMap<String, u64>>;

fn recorded(case: &Value) -> Counts {
    let groups = case["updates"].as_object().cloned().unwrap_or_default();
    let counts = |updates: &Value| {
        let updates = updates.as_object().into_iter().flatten();
        updates
            .map(|(name, count)| (name.clone(), count.as_u64().unwrap_or(0)))
            .filter(|(_, n)| *n > 0)
            .collect()
    };
    groups.iter().map(|(group, updates)| (group.clone(), counts(updates))).collect()
}

#[test]
fn changes_are_made_as_the_original_makes_them() {
    let cases: Vec<Value> = serde_json::from_str(CASES).expect("the vectors are JSON");
    let mut bad = Vec::new();
    let mut looked_at = 0;
    for case in &cases {
        let name = case["name"].as_str().unwrap_or_default();
        let mut cluster = Cluster::with_one_node();
        let old = Some(&case["old"]).filter(|old| !old.is_null());
        let (old, new) = (old.map(cluster::job), cluster::job(&case["new"]));
        let (Some(new), true) = (new, old.as_ref().is_none_or(Option::is_some)) else {
            continue;
        };
        looked_at += 1;
        if let Some(old) = old.flatten() {
            cluster.register(old);
            if case["running"] == true {
                cluster.settle();
            }
        }
        let got = cluster.plan(new);
        let want = recorded(case);
        let known = DIFFERENT.iter().any(|(different, _)| *different == name);
        if (got != want) != known {
            bad.push(format!("{name}\n   want {want:?}\n   got  {got:?}"));
        }
    }
    assert!(bad.is_empty(), "{} of {looked_at}\n{}", bad.len(), bad.join("\n"));
}
