//! Pictures of clusters that are not there.

use super::*;
use api::deployments::GroupDeployment;

fn picture() -> Picture {
    let server = |name: &str, leads| ServerView {
        name: name.to_owned(),
        http: "127.0.0.1:1".to_owned(),
        pid: Some(7),
        answers: true,
        leads,
    };
    let node = |name: &str| NodeStub {
        id: format!("{name}-0-0"),
        name: name.to_owned(),
        status: "ready".to_owned(),
        ..NodeStub::default()
    };
    Picture {
        servers: vec![server("s1", false), server("s2", true), server("s3", false)],
        clients: BTreeMap::from([("n1".to_owned(), Some(8)), ("n2".to_owned(), None)]),
        nodes: vec![node("n1"), node("n2")],
        ..Picture::default()
    }
}

fn alloc(job: &str, status: &str) -> AllocStub {
    AllocStub {
        job_id: job.to_owned(),
        client_status: status.to_owned(),
        node_id: "n1-0-0".to_owned(),
        ..AllocStub::default()
    }
}

#[test]
fn jobs_are_registered_through_a_follower_once_all_is_there() {
    let mut picture = picture();
    assert!(picture.is_ready());
    // The second client agent does not run, so the first one is needed.
    assert_eq!((picture.leader_to_spare(), picture.client_to_spare()), (Some(7), None));
    assert_eq!(picture.follower().map(|(name, _)| name).as_deref(), Some("s1"));
    picture.nodes[1].status = "down".to_owned();
    assert!(!picture.is_ready());
    picture.nodes[1].status = "ready".to_owned();
    picture.servers[1].leads = false;
    assert!(!picture.is_ready());
}

#[test]
fn all_is_done_when_the_service_is_deployed_and_the_batch_job_complete() {
    let mut picture = picture();
    let group = GroupDeployment { desired_total: 2, healthy_allocs: 1, ..GroupDeployment::default() };
    picture.deployment = Some(Deployment {
        status: "running".to_owned(),
        task_groups: BTreeMap::from([("counters".to_owned(), group)]),
        ..Deployment::default()
    });
    picture.allocs = vec![
        alloc(jobs::SERVICE, "running"),
        alloc(jobs::SERVICE, "running"),
        alloc(jobs::BATCH, "complete"),
    ];
    assert!(!picture.is_done());
    if let Some(deployment) = &mut picture.deployment {
        deployment.status = "successful".to_owned();
    }
    // Its allocation has been seen to end, but not the job.
    assert!(!picture.is_done());
    let (id, status) = (jobs::BATCH.to_owned(), "dead".to_owned());
    picture.jobs = vec![JobStub { id, status, ..JobStub::default() }];
    assert!(picture.is_done());
    picture.allocs.pop();
    assert!(!picture.is_done());
}

#[test]
fn what_does_not_run_is_shown_too() {
    let mut picture = picture();
    picture.servers[0].pid = None;
    picture.servers[2].answers = false;
    let states: Vec<String> = picture.server_rows().into_iter().skip(1).map(|row| row[3].clone()).collect();
    assert_eq!(states, ["stopped", "leader", "does not answer"]);
    assert_eq!(picture.node_rows()[2], ["n2", "n2-0-0", "", "ready", "0"]);
}
