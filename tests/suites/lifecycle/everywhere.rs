//! Whoever is asked, the answer is the same: the leader, a server that follows, an agent without a server.

use std::collections::BTreeMap;

use serde_json::json;
use tests::cluster::Cluster;
use tests::eventually::eventually;
use tests::job::raw_exec;

use super::{allocs, cluster};

/// What is asked of all of them. `{}` stands for an id that the test fills in.
const ROUTES: &[&str] = &[
    "/v1/jobs",
    "/v1/jobs?namespace=*&meta=true&per_page=1",
    "/v1/jobs?filter=Name%20%3D%3D%20%22web%22&pretty",
    "/v1/jobs?filter=nope%20%3D",
    "/v1/jobs/statuses",
    "/v1/job/web",
    "/v1/job/web/summary",
    "/v1/job/web/versions?diffs=true",
    "/v1/job/web/allocations",
    "/v1/job/web/evaluations",
    "/v1/job/web/deployments",
    "/v1/job/web/deployment",
    "/v1/job/web/services",
    "/v1/job/web/scale",
    "/v1/job/web/actions",
    "/v1/job/web/submission?version=0",
    "/v1/job/none",
    "/v1/allocations?resources=true",
    "/v1/allocation/{alloc}",
    "/v1/allocation/{alloc}/services",
    "/v1/allocation/odd",
    "/v1/evaluations",
    "/v1/evaluations/count",
    "/v1/evaluation/{eval}?related=true",
    "/v1/evaluation/{eval}/allocations",
    "/v1/evaluation/{eval}/explain",
    "/v1/deployments",
    "/v1/nodes?resources=true&os=true",
    "/v1/node/{node}",
    "/v1/node/{node}/allocations",
    "/v1/node/pools",
    "/v1/node/pool/default",
    "/v1/node/pool/default/nodes",
    "/v1/node/pool/default/jobs",
    "/v1/namespaces",
    "/v1/namespace/default",
    "/v1/namespace/none",
    "/v1/services",
    "/v1/service/none",
    "/v1/vars",
    "/v1/var/a/b",
    "/v1/var/none",
    "/v1/volumes?type=csi",
    "/v1/plugins",
    "/v1/scaling/policies",
    "/v1/status/leader",
    "/v1/status/peers",
    "/v1/regions",
    "/v1/operator/raft/configuration",
    "/v1/operator/scheduler/configuration",
    "/v1/operator/autopilot/configuration",
    "/v1/operator/keyring/keys",
    "/v1/operator/license",
    "/.well-known/jwks.json",
    "/v1/openapi.json",
    "/v1/quotas",
    "/v1/acl/policies",
    "/v1/client/allocation/{alloc}/checks",
    "/v1/nothing/there",
];
/// Headers that must agree.
const HEADERS: [&str; 5] =
    ["content-type", "x-nomad-index", "x-nomad-knownleader", "x-nomad-lastcontact", "x-nomad-nexttoken"];

/// Status, headers and body of an answer.
async fn answer(cluster: &Cluster, agent: usize, path: &str) -> Result<(u16, Vec<String>, String), String> {
    let url = format!("{}{path}", cluster.address(agent));
    let answer = reqwest::get(url).await.map_err(|error| error.to_string())?;
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("-");
    let headers = HEADERS.map(|name| format!("{name}: {}", header(name))).to_vec();
    let status = answer.status().as_u16();
    Ok((status, headers, answer.text().await.map_err(|error| error.to_string())?))
}

async fn filled(cluster: &Cluster) -> BTreeMap<&'static str, String> {
    let mut body = raw_exec("web", "service", 2, "/bin/sleep", &["600"]);
    body["Job"]["Meta"] = json!({ "a": "b" });
    cluster.put(0, "/v1/jobs", &body).await.unwrap();
    cluster.put(1, "/v1/var/a/b", &json!({ "Items": { "k": "v" } })).await.unwrap();
    let running = allocs(cluster, "web", "running", 2).await;
    eventually("the deployment is over", || async {
        let latest = cluster.get(0, "/v1/job/web/deployment").await.map_err(|error| error.to_string())?;
        if latest["Status"] == "successful" { Ok(()) } else { Err(latest.to_string()) }
    })
    .await;
    let text = |key: &str| running[0][key].as_str().unwrap().to_owned();
    [("{alloc}", text("ID")), ("{eval}", text("EvalID")), ("{node}", text("NodeID"))].into()
}

#[tokio::test]
async fn everybody_gives_the_same_answer() {
    let cluster = cluster(3, 1).await;
    let ids = filled(&cluster).await;
    let leader = cluster.leader().await.unwrap();
    let others = [(leader + 1) % 3, 3];
    for route in ROUTES {
        let path = ids.iter().fold((*route).to_owned(), |path, (name, id)| path.replace(name, id));
        for other in others {
            // Something may just have been written between the two questions.
            eventually(&format!("{path} is the same at agent {other}"), || async {
                let (first, second) =
                    (answer(&cluster, leader, &path).await?, answer(&cluster, other, &path).await?);
                if first == second { Ok(()) } else { Err(format!("{first:?}\n{second:?}")) }
            })
            .await;
        }
    }
}

/// How a stale read of a server is headed: whether it knows a leader, and when it last heard of one, ms.
async fn contact(cluster: &Cluster, agent: usize) -> Result<(String, u64), String> {
    let (status, headers, body) = answer(cluster, agent, "/v1/jobs?stale").await?;
    let value = |at: usize| headers[at].split(": ").nth(1).unwrap_or_default().to_owned();
    let last = value(3).parse().map_err(|_| format!("{status} {headers:?} {body}"))?;
    Ok((value(2), last))
}

#[tokio::test]
async fn stale_answers_say_how_old_they_may_be() {
    let mut cluster = cluster(3, 0).await;
    let leader = cluster.leader().await.unwrap();
    let (follower, other) = ((leader + 1) % 3, (leader + 2) % 3);
    assert_eq!(contact(&cluster, leader).await.unwrap(), ("true".to_owned(), 0));
    eventually("a follower hears from the leader", || async {
        let (known, last) = contact(&cluster, follower).await?;
        if known == "true" && last < 2_000 { Ok(()) } else { Err(format!("{known} {last}")) }
    })
    .await;
    cluster.kill(leader).unwrap();
    cluster.kill(other).unwrap();
    eventually("a server alone says so", || async {
        let (known, last) = contact(&cluster, follower).await?;
        if known == "false" && last > 2_000 { Ok(()) } else { Err(format!("{known} {last}")) }
    })
    .await;
}
