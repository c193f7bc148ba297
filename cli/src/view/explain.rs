//! Why: a job's placement group by group, an allocation's score, and what an imagined change would move.

use super::metric;
use crate::output;
use api::evaluations::{Metric, Score};
use api::explain::{GroupExplanation, JobExplanation};
use api::whatif::WhatIf;

/// A job's explanation.
pub fn job(job: &JobExplanation, verbose: bool) -> String {
    let head = output::key_values(&[
        ("ID", job.id.clone()),
        ("Namespace", job.namespace.clone()),
        ("Status", job.status.clone()),
        ("Version", job.version.to_string()),
    ]);
    let groups = job.groups.iter().map(|entry| group(entry, verbose));
    std::iter::once(head).chain(groups).collect::<Vec<_>>().join("\n\n")
}

fn group(group: &GroupExplanation, verbose: bool) -> String {
    let mut parts = vec![format!("Task Group {:?}: {}", group.name, group.summary)];
    if !group.rules.is_empty() {
        let mut rows = vec![["Rule", "Ruled Out", "Left"].map(str::to_owned)];
        rows.extend(
            group
                .rules
                .iter()
                .map(|rule| [rule.rule.clone(), rule.ruled_out.to_string(), rule.left.to_string()]),
        );
        parts.push(format!("Rules\n{}", output::list(&rows)));
    }
    if !group.placements.is_empty() {
        let mut rows = vec![["Allocation", "Name", "Node", "Why"].map(str::to_owned)];
        rows.extend(group.placements.iter().map(|placement| {
            [
                output::id(&placement.id, verbose).to_owned(),
                placement.name.clone(),
                placement.node_name.clone(),
                placement.why.clone(),
            ]
        }));
        parts.push(format!("Placements\n{}", output::list(&rows)));
    }
    if !group.nearest.is_empty() {
        let mut rows = vec![["Node ID", "Node", "Missing"].map(str::to_owned)];
        rows.extend(group.nearest.iter().map(|nearest| {
            let lacks = nearest.missing.iter().map(|(what, much)| {
                let unit = if what == "cpu" { "MHz" } else { "MiB" };
                format!("{much} {unit} of {what}")
            });
            let lacks: Vec<String> = lacks.collect();
            [output::id(&nearest.node_id, verbose).to_owned(), nearest.node_name.clone(), lacks.join(", ")]
        }));
        parts.push(format!("Nearest Nodes\n{}", output::list(&rows)));
    }
    parts.join("\n\n")
}

/// The nodes that were scored, the best first, with what their score is made of.
pub fn scores(metric: &Metric, verbose: bool) -> String {
    let mut all: Vec<&Score> = metric.score_meta_data.iter().flatten().collect();
    all.sort_by(|a, b| b.norm_score.total_cmp(&a.norm_score));
    let mut names: Vec<&str> = all.iter().flat_map(|s| s.scores.keys()).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let heading = ["Node"].into_iter().chain(names.iter().copied()).chain(["final score"]);
    let mut rows: Vec<Vec<String>> = vec![heading.map(str::to_owned).collect()];
    for score in all {
        let mut row = vec![output::id(&score.node_id, verbose).to_owned()];
        row.extend(names.iter().map(|name| short(score.scores.get(*name).copied().unwrap_or(0.0))));
        row.push(short(score.norm_score));
        rows.push(row);
    }
    output::list(&rows)
}

/// At most three significant digits, as the original writes scores.
fn short(score: f64) -> String {
    let text = format!("{score:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What would move, and what would find no place.
pub fn whatif(answer: &WhatIf, verbose: bool) -> String {
    let mut parts = Vec::new();
    if answer.moves.is_empty() {
        parts.push("Nothing would move".to_owned());
    } else {
        let mut rows = vec![["Allocation", "Job", "Group", "From", "To", "Why"].map(str::to_owned)];
        rows.extend(answer.moves.iter().map(|entry| {
            [
                output::id(&entry.alloc_id, verbose).to_owned(),
                entry.job_id.clone(),
                entry.group.clone(),
                output::id(&entry.from, verbose).to_owned(),
                output::id(&entry.to, verbose).to_owned(),
                entry.why.clone(),
            ]
        }));
        parts.push(format!("Moves\n{}", output::list(&rows)));
    }
    if answer.unplaced.is_empty() {
        parts.push("Everything would find a place".to_owned());
    }
    for unplaced in &answer.unplaced {
        let count = unplaced.count;
        let noun = if count == 1 { "allocation" } else { "allocations" };
        let mut lines = vec![format!(
            "Job {:?}, group {:?}: {count} {noun} would find no place",
            unplaced.job_id, unplaced.group
        )];
        lines.extend(unplaced.metric.iter().flat_map(|entry| metric::lines(entry, "  ")));
        parts.push(lines.join("\n"));
    }
    parts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::explain::{Nearest, Placement, Rule};
    use api::whatif::{Move, Unplaced};

    #[test]
    fn a_job_is_explained_group_by_group() {
        let text = |text: &str| text.to_owned();
        let explanation = JobExplanation {
            id: text("web"),
            namespace: text("default"),
            status: text("running"),
            version: 3,
            groups: vec![GroupExplanation {
                name: text("g"),
                summary: text(
                    "1 of 2 are placed; no node has room, and the nearest, n2, lacks 40 MiB of memory",
                ),
                rules: vec![Rule { rule: text("datacenter is dc1"), ruled_out: 1, left: 2 }],
                placements: vec![Placement {
                    id: text("c678d685-3afd-de3a-07d5-000938ae6183"),
                    name: text("web.g[0]"),
                    node_name: text("n1"),
                    why: text("best of 2"),
                    ..Placement::default()
                }],
                nearest: vec![Nearest {
                    node_id: text("b08ef1e9-44c3-05be-dc50-951a897f323e"),
                    node_name: text("n2"),
                    missing: [(text("memory"), 40)].into(),
                }],
                ..GroupExplanation::default()
            }],
            ..JobExplanation::default()
        };
        assert_eq!(
            job(&explanation, false),
            "ID        = web\nNamespace = default\nStatus    = running\nVersion   = 3\n\n\
             Task Group \"g\": 1 of 2 are placed; no node has room, and the nearest, n2, lacks 40 MiB of memory\n\n\
             Rules\nRule               Ruled Out  Left\ndatacenter is dc1  1          2\n\n\
             Placements\nAllocation  Name      Node  Why\nc678d685    web.g[0]  n1    best of 2\n\n\
             Nearest Nodes\nNode ID   Node  Missing\nb08ef1e9  n2    40 MiB of memory"
        );
    }

    #[test]
    fn moves_and_what_finds_no_place() {
        assert_eq!(whatif(&WhatIf::default(), false), "Nothing would move\n\nEverything would find a place");
        let answer = WhatIf {
            moves: vec![Move {
                alloc_id: "c678d685-3afd-de3a-07d5-000938ae6183".to_owned(),
                job_id: "web".to_owned(),
                group: "g".to_owned(),
                from: "n1".to_owned(),
                to: "n2".to_owned(),
                why: "alloc is being migrated".to_owned(),
                ..Move::default()
            }],
            unplaced: vec![Unplaced {
                job_id: "db".to_owned(),
                group: "g".to_owned(),
                count: 1,
                metric: Some(Metric::default()),
                ..Unplaced::default()
            }],
            ..WhatIf::default()
        };
        assert_eq!(
            whatif(&answer, false),
            "Moves\nAllocation  Job  Group  From  To  Why\n\
             c678d685    web  g      n1    n2  alloc is being migrated\n\n\
             Job \"db\", group \"g\": 1 allocation would find no place\n  * No nodes were eligible for evaluation"
        );
    }
}
