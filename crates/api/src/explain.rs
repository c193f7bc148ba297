//! Why: what no page of the original has. The current placement of a job, and what one evaluation saw and did.

use std::collections::BTreeMap;

use crate::evaluations::{Metric, Score, Updates};
use crate::shape::shape;

shape! {
    /// Why a job is where it is.
    JobExplanation {
        "Groups" groups: Vec<GroupExplanation>,
        "ID" id: String,
        "Index" index: u64,
        "Namespace" namespace: String,
        "Status" status: String,
        "Version" version: u64,
    }
    /// One group: where its allocations are, and which nodes could take one more.
    GroupExplanation {
        "Alive" alive: i64,
        "Best" best: Vec<Score>,
        "Done" done: i64,
        "Name" name: String,
        "Nearest" nearest: Vec<Nearest>,
        "Placements" placements: Vec<Placement>,
        "Rules" rules: Vec<Rule>,
        "Summary" summary: String,
        "Wanted" wanted: i64,
    }
    /// One rule, in the order in which they are looked at, and what it leaves.
    Rule { "Left" left: u64, "Rule" rule: String, "RuledOut" ruled_out: u64 }
    /// A node that may hold the group, and what it lacks: `cpu` in MHz, `memory` and `disk` in MiB.
    Nearest {
        "Missing" missing: BTreeMap<String, i64>,
        "NodeID" node_id: String,
        "NodeName" node_name: String,
    }
    /// An allocation, and what the scheduler saw when it chose the node.
    Placement {
        "EvalID" eval_id: String,
        "ID" id: String,
        "Name" name: String,
        "NodeID" node_id: String,
        "NodeName" node_name: String,
        "Score" score: Option<Score>,
        "Why" why: String,
    }
    /// What one evaluation saw and did.
    EvaluationExplanation {
        "Groups" groups: BTreeMap<String, EvaluatedGroup>,
        "ID" id: String,
        "JobID" job_id: String,
        "Namespace" namespace: String,
        "SnapshotIndex" snapshot_index: u64,
        "Status" status: String,
        "StatusDescription" status_description: String,
        "TriggeredBy" triggered_by: String,
    }
    /// What it did about one group.
    EvaluatedGroup {
        "Failed" failed: Option<Metric>,
        "Placed" placed: Option<Metric>,
        "Placements" placements: Vec<Placement>,
        "Queued" queued: i64,
        "Updates" updates: Option<Updates>,
    }
}

impl GroupExplanation {
    /// The explanation in one sentence.
    pub fn summarize(&self) -> String {
        if self.wanted == 0 && self.alive == 0 && self.done == 0 {
            return "none is wanted".to_owned();
        }
        let mut placed = format!("{} of {} are placed", self.alive, self.wanted);
        if self.done > 0 {
            placed.push_str(&format!(", and {} have done their work", self.done));
        }
        if self.alive.saturating_add(self.done) >= self.wanted {
            return placed;
        }
        if !self.best.is_empty() {
            return format!("{placed}; there is room for more, and the next evaluation uses it");
        }
        if let Some(nearest) = self.nearest.first() {
            let unit = |dimension: &str| if dimension == "cpu" { "MHz" } else { "MiB" };
            let missing =
                nearest.missing.iter().map(|(name, much)| format!("{much} {} of {name}", unit(name)));
            let missing: Vec<_> = missing.collect();
            let lacks =
                if missing.is_empty() { "a port, core or device".to_owned() } else { missing.join(" and ") };
            return format!(
                "{placed}; no node has room, and the nearest, {}, lacks {lacks}",
                nearest.node_name
            );
        }
        let last = self.rules.iter().find(|rule| rule.left == 0);
        match last {
            Some(rule) => format!("{placed}; no node is left after: {}", rule.rule),
            None => placed,
        }
    }
}
