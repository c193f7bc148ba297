//! The same question has the same answer, to the byte.

use model::codec::encode;

use crate::cluster::Cluster;
use crate::resources::{job, node};

fn busy() -> Cluster {
    let mut cluster = Cluster::new();
    for rack in 0..20 {
        let mut node = node(4000, 4000);
        node.meta.insert("rack".into(), format!("r{}", rack % 3));
        cluster.add(node);
    }
    cluster.run(&job("filler", 30, 300, 200));
    cluster
}

#[test]
fn plans_are_the_same_byte_for_byte() {
    let mut wanted = job("web", 50, 200, 100);
    let spread = model::job::Spread { attribute: "${meta.rack}".into(), ..Default::default() };
    wanted.spreads = vec![spread].into();
    wanted.task_groups[0].networks = vec![model::job::NetworkAsk {
        dynamic_ports: vec![model::job::PortAsk { label: "http".into(), ..Default::default() }],
        ..Default::default()
    }];
    let plan = || {
        let mut cluster = busy();
        let eval = cluster.register(&wanted);
        let decision = cluster.decide(&eval);
        (encode(&decision.plan), encode(&decision.eval))
    };
    assert_eq!(plan(), plan());
}
