//! Joining two configuration trees.
//!
//! A later file overrides an earlier one, but it cannot unset: an empty text, an empty list, 0 and `false` leave what
//! was there. Blocks are joined key by key. A few lists are appended to instead of replaced, because files add servers
//! to them.

use super::node::{Node, Value};
use std::collections::btree_map::Entry;

/// Lists to which a later file adds.
const APPENDED: &[&str] =
    &["server.retry_join", "server.start_join", "server.enabled_schedulers", "client.servers"];

/// Blocks in which an explicit 0 or `false` overrides.
const EXPLICIT: &[&str] = &["limits", "plugin", "ports"];

/// Lay `later` over `base`.
pub(crate) fn merge(base: &mut Node, later: Node) {
    merge_at(base, later, "", false);
}

fn merge_at(base: &mut Node, mut later: Node, path: &str, explicit: bool) {
    normalize(base);
    normalize(&mut later);
    match (&mut base.value, later.value) {
        (Value::Block(old), Value::Block(new)) => {
            for (key, node) in new {
                let inner_path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let explicit = explicit || EXPLICIT.contains(&inner_path.as_str());
                match old.entry(key) {
                    Entry::Occupied(mut entry) => merge_at(entry.get_mut(), node, &inner_path, explicit),
                    Entry::Vacant(entry) => {
                        entry.insert(node);
                    }
                }
            }
        }
        (Value::List(old), Value::List(new)) if APPENDED.contains(&path) => old.extend(new),
        (_, value) => {
            if overrides(&value, explicit) {
                *base = Node { line: later.line, value };
            }
        }
    }
}

/// A list of blocks, as JSON files write blocks, becomes one block.
fn normalize(node: &mut Node) {
    if let Value::List(items) = &node.value
        && !items.is_empty()
        && let Some(joined) = Node::join_blocks(items)
    {
        node.value = Value::Block(joined);
    }
}

fn overrides(value: &Value, explicit: bool) -> bool {
    match value {
        Value::Null => false,
        Value::Text(t) => !t.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Bool(b) => *b || explicit,
        Value::Integer(i) => *i != 0 || explicit,
        Value::Float(f) => *f != 0.0 || explicit,
        Value::Block(map) => !map.is_empty(),
    }
}
