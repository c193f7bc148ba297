//! Against what the original printed for the same state.

use super::*;
use api::evaluations::Metric;
use api::jobs::GroupSummary;
use std::collections::BTreeMap;

fn stub(id: &str, namespace: &str, stop: bool) -> JobStub {
    JobStub {
        id: id.to_owned(),
        namespace: namespace.to_owned(),
        kind: "batch".to_owned(),
        priority: 50,
        status: "dead".to_owned(),
        stop,
        ..JobStub::default()
    }
}

#[test]
fn lists_show_namespaces_where_there_can_be_several() {
    let jobs = [stub("alpha", "default", false), stub("alpha-one", "other", true)];
    assert_eq!(
        list(&jobs, false),
        "ID         Type   Priority  Status          Submit Date\n\
         alpha      batch  50        dead            N/A\n\
         alpha-one  batch  50        dead (stopped)  N/A"
    );
    assert_eq!(
        list(&jobs[..1], true),
        "ID     Namespace  Type   Priority  Status  Submit Date\nalpha  default    batch  50        dead    N/A"
    );
}

#[test]
fn a_job_is_a_block() {
    let text = |text: &str| Some(text.to_owned());
    let job = Job {
        id: text("bf"),
        name: text("bf"),
        kind: text("batch"),
        priority: Some(50),
        datacenters: Some(vec!["*".to_owned()]),
        namespace: text("default"),
        node_pool: text("default"),
        status: text("pending"),
        ..Job::default()
    };
    assert_eq!(
        block(&job, 0),
        "ID            = bf\n\
         Name          = bf\n\
         Submit Date   = N/A\n\
         Type          = batch\n\
         Priority      = 50\n\
         Datacenters   = *\n\
         Namespace     = default\n\
         Node Pool     = default\n\
         Status        = pending\n\
         Periodic      = false\n\
         Parameterized = false"
    );
}

#[test]
fn what_could_not_be_placed_is_told() {
    let metric = Metric {
        nodes_evaluated: 1,
        constraint_filtered: Some(BTreeMap::from([("${attr.kernel.name} = plan9".to_owned(), 1)])),
        ..Metric::default()
    };
    let eval = |status: &str, create_index, failed: bool| Evaluation {
        status: status.to_owned(),
        create_index,
        failed_tg_allocs: failed.then(|| BTreeMap::from([("g".to_owned(), metric.clone())])),
        ..Evaluation::default()
    };
    let group = GroupSummary { queued: 1, ..GroupSummary::default() };
    let mut all = Details {
        summary: Some(JobSummary {
            summary: BTreeMap::from([("g".to_owned(), group)]),
            ..JobSummary::default()
        }),
        evals: vec![eval("complete", 1, true), eval("blocked", 2, false)],
        ..Details::default()
    };
    assert_eq!(
        details(Console::plain(), &Job::default(), &all, Depth::default()),
        "Summary\n\
         Task Group  Queued  Starting  Running  Failed  Complete  Lost  Unknown\n\
         g           1       0         0        0       0         0     0\n\
         \n\
         Placement Failure\n\
         Task Group \"g\":\n  \
         * Constraint \"${attr.kernel.name} = plan9\": 1 nodes excluded by filter\n\
         \n\
         Allocations\n\
         No allocations placed"
    );
    all.evals.pop();
    assert!(
        !details(Console::plain(), &Job::default(), &all, Depth::default()).contains("Placement Failure")
    );
}
