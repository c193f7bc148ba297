//! `${…}` in a task's environment and configuration. Pure. What nobody knows stays literal, as does `$${…}`.

use std::collections::BTreeMap;

use model::Node;
use serde_json::Value;

/// Deepest nesting of a driver's configuration that is looked into.
const DEPTH_MAX: u32 = 64;

/// What `${…}` may stand for.
pub(crate) struct Variables<'a> {
    env: &'a BTreeMap<String, String>,
    node: &'a Node,
    region: &'a str,
}

impl<'a> Variables<'a> {
    pub(crate) fn new(env: &'a BTreeMap<String, String>, node: &'a Node, region: &'a str) -> Self {
        Variables { env, node, region }
    }

    fn resolve(&self, name: &str) -> Option<String> {
        if let Some(value) = self.env.get(name) {
            return Some(value.clone());
        }
        if let Some(quoted) = name.strip_prefix("env[").and_then(|rest| rest.strip_suffix(']')) {
            return self.env.get(quoted.trim().trim_matches('"')).cloned();
        }
        if let Some(key) = name.strip_prefix("attr.") {
            return self.node.attributes.get(key).cloned();
        }
        if let Some(key) = name.strip_prefix("meta.") {
            return self.node.meta.get(key).cloned();
        }
        Some(match name {
            "node.unique.id" => self.node.id.to_string(),
            "node.unique.name" => self.node.name.clone(),
            "node.datacenter" => self.node.datacenter.clone(),
            "node.region" => self.region.to_owned(),
            "node.class" => self.node.node_class.clone(),
            "node.pool" => self.node.node_pool.clone(),
            _ => return None,
        })
    }

    /// Replaces every `${name}` that is known.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find("${") {
            let escaped = rest[..open].ends_with('$');
            let Some(length) = rest[open..].find('}') else {
                break;
            };
            let whole = &rest[open..=open + length];
            let name = whole[2..whole.len() - 1].trim();
            out.push_str(&rest[..open]);
            match self.resolve(name).filter(|_| !escaped) {
                Some(value) => out.push_str(&value),
                None => out.push_str(whole),
            }
            rest = &rest[open + length + 1..];
        }
        out.push_str(rest);
        out
    }

    /// Replaces in every text of a configuration.
    pub(crate) fn config(&self, config: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
        config.iter().map(|(key, value)| (key.clone(), self.value(value, 0))).collect()
    }

    fn value(&self, value: &Value, depth: u32) -> Value {
        match value {
            _ if depth >= DEPTH_MAX => value.clone(),
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item, depth + 1)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(key, field)| (key.clone(), self.value(field, depth + 1))).collect()
            }
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        let env = BTreeMap::from([("NOMAD_PORT_http".to_owned(), "8080".to_owned())]);
        let mut node = Node { datacenter: "dc1".into(), ..Node::default() };
        node.attributes.insert("kernel.name".into(), "linux".into());
        node.meta.insert("rack".into(), "r1".into());
        let variables = Variables::new(&env, &node, "global");
        let cases = [
            ("-p ${NOMAD_PORT_http}", "-p 8080"),
            ("${env[\"NOMAD_PORT_http\"]}", "8080"),
            ("${attr.kernel.name}/${meta.rack}", "linux/r1"),
            ("${node.datacenter} ${node.region}", "dc1 global"),
            ("${meta.none} ${NOPE}", "${meta.none} ${NOPE}"),
            ("$${NOMAD_PORT_http}", "$${NOMAD_PORT_http}"),
            ("${unclosed", "${unclosed"),
            ("ü${ NOMAD_PORT_http }ü", "ü8080ü"),
        ];
        for (text, expected) in cases {
            assert_eq!(variables.text(text), expected);
        }
    }
}
