//! Why: explanations of jobs and evaluations, asked of the newest snapshot of whichever server is asked.

use std::sync::Arc;

use api::evaluations::Score;
use api::explain::{
    EvaluatedGroup, EvaluationExplanation, GroupExplanation, JobExplanation, Nearest, Placement, Rule,
};
use api::whatif::WhatIfRequest;
use model::id::EvalId;
use model::metric::NodeScore;
use model::{Allocation, Evaluation, Job};
use scheduler::explain::{self, explain};
use state::{State, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::jobs::key;
use super::lookup;
use super::message::{Request, Response};
use crate::app::App;

const TABLES: [Table; 4] = [Table::Jobs, Table::Allocs, Table::Evals, Table::Nodes];

pub(super) async fn job(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    blocking::read(app, request, &TABLES, |state, options| match state.job(&key(options, id)) {
        Some(job) => Found::new(of_job(state, job), state.last_index(&TABLES)),
        None => Found::missing("job not found", state.table_index(Table::Jobs)),
    })
    .await
}

pub(super) async fn evaluation(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let id = EvalId(lookup::id(id, "failed to lookup eval: eval")?);
    blocking::read(app, request, &TABLES, |state, _| match state.eval(id) {
        Some(eval) => Found::new(of_eval(state, eval), state.last_index(&TABLES)),
        None => Found::missing(
            "eval not found: of each job only the last evaluations are kept, and this one is gone",
            state.table_index(Table::Evals),
        ),
    })
    .await
}

/// What would move and what would not fit, if things were other than they are.
pub(super) async fn what_if(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let body: WhatIfRequest = api::json::from_slice(&request.body)?;
    let imagining = app.clone();
    // It may take thousands of evaluations: not on a thread that answers requests.
    let imagined = tokio::task::spawn_blocking(move || imagining.what_if(body)).await;
    let answered = imagined.map_err(|error| ApiError::Server(error.to_string()))??;
    Ok(Response::json(&answered, request.params.pretty()).with_header("x-nomad-index", answered.index))
}

fn of_job(state: &State, job: &Job) -> JobExplanation {
    let key = job.key();
    let groups = explain(state, job).into_iter().map(|group| {
        let alive = state.allocs_of_job(&key).filter(|own| own.task_group == group.name && !own.terminal());
        let placements = alive.map(|alloc| placement(state, alloc)).collect();
        let mut shown = GroupExplanation { placements, ..of_group(group) };
        shown.summary = shown.summarize();
        shown
    });
    JobExplanation {
        groups: groups.collect(),
        id: job.id.clone(),
        index: state.index(),
        namespace: job.namespace.clone(),
        status: job.status.as_str().to_owned(),
        version: job.version,
    }
}

fn of_group(group: explain::GroupExplanation) -> GroupExplanation {
    let rule = |rule: explain::Rule| Rule { left: rule.left, rule: rule.rule, ruled_out: rule.ruled_out };
    let nearest = |node: explain::Nearest| Nearest {
        missing: node.missing,
        node_id: node.node_id,
        node_name: node.node_name,
    };
    GroupExplanation {
        alive: group.alive,
        done: group.done,
        best: group.best.iter().map(score).collect(),
        name: group.name,
        nearest: group.nearest.into_iter().map(nearest).collect(),
        rules: group.rules.into_iter().map(rule).collect(),
        wanted: group.wanted,
        ..GroupExplanation::default()
    }
}

fn score(score: &NodeScore) -> Score {
    Score { node_id: score.node_id.clone(), norm_score: score.norm_score, scores: score.scores.clone() }
}

/// Why an allocation is where it is, as far as its evaluation is still remembered.
fn placement(state: &State, alloc: &Allocation) -> Placement {
    let eval = state.eval(alloc.eval_id);
    let seen = eval.and_then(|eval| eval.placed_metrics.get(&alloc.task_group));
    let node = alloc.node_id.text();
    let found = seen.and_then(|metric| metric.scores.iter().find(|score| score.node_id == node));
    let why = match (eval, seen, found) {
        (None, ..) => "the evaluation that placed it is no longer kept".to_owned(),
        (Some(_), None, _) => "the evaluation that placed it kept no scores".to_owned(),
        (Some(_), Some(metric), Some(score)) => {
            let best = metric.scores.first().is_some_and(|first| first.node_id == node);
            let looked_at = metric.nodes_evaluated;
            let left = looked_at.saturating_sub(metric.nodes_filtered + metric.nodes_exhausted);
            let rank = match (looked_at, left, best) {
                (1, ..) => "the only node that was looked at".to_owned(),
                (_, 0 | 1, _) => format!("the only one of {looked_at} nodes that the rules leave"),
                (_, left, true) => format!("the best of {left} nodes"),
                (_, left, false) => format!("one of the best of {left} nodes"),
            };
            format!("{rank}, with a score of {:.3}", score.norm_score)
        }
        (Some(_), Some(metric), None) => format!(
            "one of {} nodes that were looked at; the first allocation of its group went elsewhere",
            metric.nodes_evaluated
        ),
    };
    Placement {
        eval_id: alloc.eval_id.text(),
        id: alloc.id.text(),
        name: alloc.name.clone(),
        node_id: node,
        node_name: alloc.node_name.clone(),
        score: found.map(score),
        why,
    }
}

fn of_eval(state: &State, eval: &Evaluation) -> EvaluationExplanation {
    let annotations = eval.plan_annotations.clone().unwrap_or_default();
    let shown = api::evaluations::Annotations::from(&annotations).desired_tg_updates;
    let mut groups: std::collections::BTreeMap<String, EvaluatedGroup> = shown
        .into_iter()
        .map(|(name, updates)| {
            let group = EvaluatedGroup {
                failed: eval.failed_tg_allocs.get(&name).map(|metric| (&**metric).into()),
                placed: eval.placed_metrics.get(&name).map(|metric| (&**metric).into()),
                queued: eval.queued_allocations.get(&name).copied().unwrap_or(0),
                updates: Some(updates),
                ..EvaluatedGroup::default()
            };
            (name, group)
        })
        .collect();
    for alloc in state.allocs_of_eval(eval.id) {
        groups.entry(alloc.task_group.clone()).or_default().placements.push(placement(state, alloc));
    }
    EvaluationExplanation {
        groups,
        id: eval.id.text(),
        job_id: eval.job_id.clone(),
        namespace: eval.namespace.clone(),
        snapshot_index: eval.snapshot_index,
        status: eval.status.as_str().to_owned(),
        status_description: eval.status_description.clone(),
        triggered_by: eval.triggered_by.as_str().to_owned(),
    }
}
