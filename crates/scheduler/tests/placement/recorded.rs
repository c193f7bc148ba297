//! Every case of `placement.json`: what a recorded plan said of groups that found no place.

use std::collections::BTreeMap;

use model::node::{Eligibility, HostNetwork, HostVolume, NodeNetwork, NodeResources, ReservedResources};
use model::{Job, Node};
use serde_json::Value;
use state::Command;

use crate::cluster::{Cluster, driver};
use crate::vectors;

/// Cases that differ on purpose, with the reason.
const DIFFERENT: [(&str, &str); 0] = [];

/// The node of `plan-node.json`, with what its agent fingerprinted.
fn node() -> Node {
    let texts = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let network = |ip: &str, aliases: &[&str]| NodeNetwork {
        mode: "host".into(),
        device: "lo".into(),
        ip: ip.into(),
        mbits: 1000,
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        ..NodeNetwork::default()
    };
    let volume = |name: &str, path: &str, read_only| {
        (name.to_owned(), HostVolume { name: name.into(), path: path.into(), read_only })
    };
    let lan = HostNetwork {
        name: "lan".into(),
        cidr: "10.213.0.0/24".into(),
        reserved_ports: "9100".into(),
        ..HostNetwork::default()
    };
    Node {
        name: "node".into(),
        datacenter: "dc1".into(),
        node_class: "big".into(),
        node_pool: "default".into(),
        attributes: texts(&[
            ("kernel.name", "linux"),
            ("nomad.version", "1.10.0"),
            ("nomad.service_discovery", "true"),
            ("os.signals", "SIGHUP,SIGINT,SIGKILL,SIGTERM,SIGUSR1"),
        ]),
        meta: texts(&[("rack", "r1"), ("ssd", "true"), ("gen", "7"), ("ver", "1.4.2")]),
        resources: NodeResources {
            cpu_shares: 8000,
            cpu_cores: 2,
            memory_mb: 8192,
            disk_mb: 20_000,
            networks: vec![
                network("127.0.0.1", &["default"]),
                network("10.213.0.1", &["default", "lan"]),
                network("::1", &["default"]),
            ],
            ..NodeResources::default()
        },
        reserved: ReservedResources {
            cpu_shares: 500,
            memory_mb: 512,
            disk_mb: 1000,
            ports: (8500..=8502).collect(),
            ..ReservedResources::default()
        },
        drivers: [("raw_exec".into(), driver())].into(),
        host_networks: [("lan".into(), lan)].into(),
        host_volumes: [volume("data", "/tmp", false), volume("fixed", "/usr", true)].into(),
        ..Node::default()
    }
}

fn job(value: &Value) -> Job {
    let job: api::job::Job = serde_json::from_value(value.clone()).unwrap();
    let mut job = job.into_model().unwrap();
    job.add_implied_constraints();
    job
}

fn answer(case: &Value) -> Value {
    let mut cluster = Cluster::new();
    let node_id = cluster.add(node());
    if case["ineligible"] == true {
        let seed = crate::cluster::seed();
        cluster.apply(Command::SetNodeEligibility { node_id, eligibility: Eligibility::Ineligible, seed });
    }
    for before in case["setup"].as_array().into_iter().flatten() {
        cluster.run(&job(before));
    }
    let failed = cluster.plan(&job(&case["job"]));
    let shown = failed.iter().map(|(group, metric)| {
        (group.clone(), serde_json::to_value(api::evaluations::Metric::from(&**metric)).unwrap())
    });
    if failed.is_empty() { Value::Null } else { Value::Object(shown.collect()) }
}

/// Every key of the recording is there and equal; nothing is as good as empty.
fn compare(want: &Value, got: &Value, at: &str, out: &mut Vec<String>) {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        other => *other == 0 || *other == "" || *other == false,
    };
    match (want, got) {
        (Value::Object(want), Value::Object(got)) => {
            for (key, value) in want {
                compare(value, got.get(key).unwrap_or(&Value::Null), &format!("{at}.{key}"), out);
            }
            // What was filtered or exhausted has to be all of it.
            let counted = at.ends_with("Filtered") || at.ends_with("Exhausted");
            let more = got.keys().filter(|key| counted && !want.contains_key(*key));
            out.extend(more.map(|key| format!("{at}.{key}: not recorded")));
        }
        _ if empty(want) && empty(got) || want == got => {}
        _ => out.push(format!("{at}: want {want}, got {got}")),
    }
}

#[test]
fn every_recorded_case() {
    let cases = vectors(include_str!("../../../../tests/vectors/placement.json"));
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        if DIFFERENT.iter().any(|(different, _)| *different == name) {
            continue;
        }
        let mut differences = Vec::new();
        compare(&case["FailedTGAllocs"], &answer(case), "FailedTGAllocs", &mut differences);
        wrong.extend(differences.into_iter().map(|difference| format!("{name}: {difference}")));
    }
    assert!(wrong.is_empty(), "of {} cases:\n{}", cases.len(), wrong.join("\n"));
}
