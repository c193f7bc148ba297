//! Every case of `constraint.json`: recorded answers of a plan for a node with what the case says.

use model::Node;
use model::job::Constraint;
use serde_json::Value;

use crate::cluster::Cluster;
use crate::resources::{self, job};
use crate::vectors;

/// The name under which a case's left value stands in the node's metadata.
const LEFT: &str = "left";

/// Cases that registration refuses: no node ever sees them.
fn refused(case: &Value) -> bool {
    case.get("error").is_some()
}

fn node(case: &Value) -> Node {
    let mut node = Node { name: "n".into(), ..resources::node(1000, 1000) };
    let attributes = [("kernel.name", "linux"), ("driver.raw_exec", "1"), ("os.signals", "SIGINT,SIGTERM")];
    node.attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    node.meta =
        [("same", "same"), ("ver", ">= 0.5")].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    if let Some(left) = case["lvalue"].as_str() {
        node.meta.insert(LEFT.into(), left.into());
    }
    node
}

fn constraint(case: &Value) -> Constraint {
    let text = |name: &str| case[name].as_str().map(str::to_owned);
    Constraint {
        l_target: text("ltarget").unwrap_or_else(|| format!("${{meta.{LEFT}}}")),
        operand: text("operand").unwrap(),
        r_target: text("rtarget").or_else(|| text("rvalue")).unwrap_or_default(),
    }
}

fn eligible(case: &Value) -> bool {
    let mut cluster = Cluster::new();
    cluster.add(node(case));
    let mut job = job("j", 1, 10, 10);
    job.constraints = vec![constraint(case)].into();
    cluster.plan(&job).is_empty()
}

#[test]
fn every_recorded_case() {
    let cases = vectors(include_str!("../../../../tests/vectors/constraint.json"));
    let read = cases.iter().filter(|case| !refused(case));
    let wrong: Vec<String> =
        read.filter(|case| eligible(case) != case["result"]).map(Value::to_string).collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
