//! Less important work makes way where the scheduler's configuration lets it, and nowhere else.

use model::Job;
use model::job::{NetworkAsk, PortAsk};
use scheduler::stack::{Refused, Wish};

use crate::cluster::Cluster;
use crate::resources::{job, node};

fn important(cpu: i64, priority: i64) -> Job {
    Job { priority, ..job("important", 1, cpu, 10) }
}

/// One node of 1000 MHz with 400 MHz of priority 20, 300 and 200 MHz of priority 30.
fn cluster(preempts: bool) -> Cluster {
    let mut cluster = Cluster::new();
    cluster.add(node(1000, 1000));
    for (id, cpu, priority) in [("a", 400, 20), ("b", 300, 30), ("c", 200, 30)] {
        cluster.run(&Job { priority, ..job(id, 1, cpu, 10) });
    }
    cluster.configure(|config| config.preemption.service = preempts);
    cluster
}

fn preempted(cluster: &mut Cluster, job: &Job) -> Result<Vec<String>, Refused> {
    cluster.register(job);
    let job = cluster.state.job(&job.key()).unwrap();
    let (mut found, _) = cluster.place(job, 1, &Wish::default());
    let choice = found.remove(0)?;
    Ok(choice.preempted.iter().map(|id| cluster.state.alloc(*id).unwrap().job_id.clone()).collect())
}

#[test]
fn the_least_important_first_and_only_what_is_needed() {
    let take = |cpu, priority| preempted(&mut cluster(true), &important(cpu, priority));
    assert_eq!(take(100, 70), Ok(vec![]), "there is room");
    assert_eq!(take(300, 70), Ok(vec!["a".into()]));
    assert_eq!(take(600, 70), Ok(vec!["a".into(), "c".into()]));
    assert_eq!(take(600, 35), Err(Refused::Exhausted), "30 is too close to 35");
    assert_eq!(take(1001, 70), Err(Refused::Exhausted));
}

#[test]
fn nothing_makes_way_where_that_is_switched_off() {
    assert_eq!(preempted(&mut cluster(false), &important(300, 70)), Err(Refused::Exhausted));
}

#[test]
fn whoever_holds_the_port_makes_way() {
    let with_port = |job: Job| {
        let mut job = job;
        let port = PortAsk { label: "http".into(), value: 80, ..PortAsk::default() };
        job.task_groups[0].networks =
            vec![NetworkAsk { reserved_ports: vec![port], ..NetworkAsk::default() }];
        job
    };
    let mut cluster = Cluster::new();
    cluster.add(node(1000, 1000));
    cluster.run(&Job { priority: 10, ..job("bystander", 1, 100, 10) });
    cluster.run(&with_port(Job { priority: 20, ..job("holder", 1, 100, 10) }));
    cluster.configure(|config| config.preemption.service = true);
    let found = preempted(&mut cluster, &with_port(important(100, 70)));
    assert_eq!(found, Ok(vec!["holder".into()]));
}

#[test]
fn the_plan_that_preempts_is_applied() {
    let mut cluster = cluster(true);
    let eval = cluster.register(&important(600, 70));
    let decision = cluster.decide(&eval);
    assert!(decision.eval.failed_tg_allocs.is_empty());
}
