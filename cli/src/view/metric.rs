//! Why a group could not be placed.

use api::evaluations::Metric;

/// The lines about one group, each with `indent` in front; empty when the scheduler gave no reason.
pub fn lines(metric: &Metric, indent: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |text: String| lines.push(format!("{indent}* {text}"));
    if metric.nodes_evaluated == 0 {
        say("No nodes were eligible for evaluation".to_owned());
    }
    for (datacenter, available) in &metric.nodes_available {
        if *available == 0 {
            say(format!("No nodes are available in datacenter {datacenter:?}"));
        }
    }
    for (class, count) in metric.class_filtered.iter().flatten() {
        say(format!("Class {class:?}: {count} nodes excluded by filter"));
    }
    for (constraint, count) in metric.constraint_filtered.iter().flatten() {
        // The attribute's name is part of the text as it stands, so it is not escaped.
        say(format!("Constraint \"{constraint}\": {count} nodes excluded by filter"));
    }
    if metric.nodes_exhausted > 0 {
        say(format!("Resources exhausted on {} nodes", metric.nodes_exhausted));
    }
    for (class, count) in metric.class_exhausted.iter().flatten() {
        say(format!("Class {class:?} exhausted on {count} nodes"));
    }
    for (dimension, count) in metric.dimension_exhausted.iter().flatten() {
        say(format!("Dimension {dimension:?} exhausted on {count} nodes"));
    }
    for dimension in metric.quota_exhausted.iter().flatten() {
        say(format!("Quota limit hit {dimension:?}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_reason_has_its_line() {
        let count = |name: &str| Some(BTreeMap::from([(name.to_owned(), 1)]));
        let metric = Metric {
            nodes_evaluated: 1,
            nodes_available: BTreeMap::from([("dc1".to_owned(), 1), ("dc2".to_owned(), 0)]),
            constraint_filtered: count("${attr.kernel.name} = plan9"),
            nodes_exhausted: 1,
            dimension_exhausted: count("memory"),
            ..Metric::default()
        };
        assert_eq!(
            lines(&metric, "  "),
            [
                "  * No nodes are available in datacenter \"dc2\"",
                "  * Constraint \"${attr.kernel.name} = plan9\": 1 nodes excluded by filter",
                "  * Resources exhausted on 1 nodes",
                "  * Dimension \"memory\" exhausted on 1 nodes",
            ]
        );
        assert_eq!(lines(&Metric::default(), ""), ["* No nodes were eligible for evaluation"]);
    }
}
