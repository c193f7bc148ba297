//! What the targets of constraints stand for on a node.

use model::Node;

/// The value of a target; `None` when the node does not have what it names.
pub fn resolve<'a>(target: &'a str, node: &'a Node) -> Option<std::borrow::Cow<'a, str>> {
    let Some(name) = target.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else {
        return Some(target.into());
    };
    match name {
        "node.unique.id" => return Some(node.id.to_string().into()),
        "node.datacenter" => return Some(node.datacenter.as_str().into()),
        "node.unique.name" => return Some(node.name.as_str().into()),
        "node.class" => return Some(node.node_class.as_str().into()),
        "node.pool" => return Some(node.node_pool.as_str().into()),
        _ => {}
    }
    let value = match (name.strip_prefix("attr."), name.strip_prefix("meta.")) {
        (Some(attribute), _) => node.attributes.get(attribute),
        (_, Some(meta)) => node.meta.get(meta),
        _ => None,
    };
    value.map(|value| value.as_str().into())
}
