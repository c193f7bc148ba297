//! A configuration file as a tree that remembers the line of every value, before anything is known about its meaning.
//!
//! Both syntaxes (HCL and JSON) end here, merging works here, and only afterwards is the tree decoded into types.
//! The tree judges nothing: whether a key exists is the decoder's question.

use std::collections::BTreeMap;

/// A value and the line it starts on; line 0 means that the syntax did not say (JSON).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) line: u32,
    pub(crate) value: Value,
}

/// What a configuration value can be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Block(BTreeMap<String, Node>),
}

impl Node {
    /// An empty block, the neutral element of merging.
    pub(crate) fn empty_block() -> Node {
        Node { line: 0, value: Value::Block(BTreeMap::new()) }
    }

    /// The tree of a JSON document. Integers outside 64 bits become floats.
    pub(crate) fn from_json(json: serde_json::Value) -> Node {
        let value = match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(b) => Value::Bool(b),
            serde_json::Value::Number(n) => match n.as_i64() {
                Some(i) => Value::Integer(i),
                None => Value::Float(n.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(s) => Value::Text(s),
            serde_json::Value::Array(items) => Value::List(items.into_iter().map(Node::from_json).collect()),
            serde_json::Value::Object(map) => {
                Value::Block(map.into_iter().map(|(k, v)| (k, Node::from_json(v))).collect())
            }
        };
        Node { line: 0, value }
    }

    /// The tree as JSON, without its lines.
    pub(crate) fn into_json(self) -> serde_json::Value {
        match self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => b.into(),
            Value::Integer(i) => i.into(),
            Value::Float(f) => f.into(),
            Value::Text(s) => s.into(),
            Value::List(items) => items.into_iter().map(Node::into_json).collect(),
            Value::Block(map) => map.into_iter().map(|(k, v)| (k, v.into_json())).collect(),
        }
    }

    /// The blocks of a list whose every element is a block, joined; JSON files write blocks as lists of one.
    pub(crate) fn join_blocks(items: &[Node]) -> Option<BTreeMap<String, Node>> {
        let mut joined = BTreeMap::new();
        for item in items {
            let Value::Block(map) = &item.value else {
                return None;
            };
            for (key, value) in map {
                insert(&mut joined, key.clone(), value.clone());
            }
        }
        Some(joined)
    }
}

/// Put a key into a block. Two blocks of one name are joined (`plugin "a" {}` and `plugin "b" {}`); of two plain
/// values the later one stays.
pub(crate) fn insert(block: &mut BTreeMap<String, Node>, key: String, node: Node) {
    match (block.get_mut(&key), node) {
        (Some(Node { value: Value::Block(old), .. }), Node { value: Value::Block(new), .. }) => {
            for (inner_key, inner) in new {
                insert(old, inner_key, inner);
            }
        }
        (_, node) => {
            block.insert(key, node);
        }
    }
}
