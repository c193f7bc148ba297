//! Constraints and affinities, which have short forms.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::body::{Block, Shape};
use crate::eval::{Env, Out};
use crate::number::Number;
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::types::Type;

/// The attributes of both; the short forms of a constraint in the order in which they override one another.
const TEXTS: [&str; 12] = [
    "attribute",
    "value",
    "operator",
    "version",
    "semver",
    "regexp",
    "set_contains",
    "set_contains_all",
    "set_contains_any",
    "distinct_property",
    "is_set",
    "is_not_set",
];
const CONSTRAINT_SHORT: [&str; 4] = ["version", "semver", "regexp", "set_contains"];
const AFFINITY_SHORT: [&str; 6] =
    ["version", "semver", "regexp", "set_contains_any", "set_contains_all", "set_contains"];

/// The values of the attributes that were given, by name.
type Given = BTreeMap<String, Value>;

fn text<'g>(given: &'g Given, name: &str) -> &'g str {
    match given.get(name) {
        Some(Value::String(text)) => text,
        _ => "",
    }
}

/// The two sides and the operator, after the short forms.
fn sides(given: &Given, short: &[&str]) -> (String, String, String) {
    let left = text(given, "attribute").to_owned();
    let mut right = text(given, "value").to_owned();
    let mut operator = text(given, "operator").to_owned();
    for name in short {
        let value = text(given, name);
        if !value.is_empty() {
            operator = (*name).to_owned();
            right = value.to_owned();
        }
    }
    (left, operator, right)
}

fn or_equal(operator: String) -> String {
    if operator.is_empty() { "=".to_owned() } else { operator }
}

impl Env<'_> {
    pub(super) fn decode_constraint(&self, block: &Block, out: &mut Out) -> Option<Json> {
        let given = self.condition(block, ("distinct_hosts", Type::Bool), &[], out)?;
        let (mut left, mut operator, mut right) = sides(&given, &CONSTRAINT_SHORT);
        if let Some(Value::Bool(flag)) = given.get("distinct_hosts") {
            operator = "distinct_hosts".to_owned();
            right = flag.to_string();
        }
        let property = text(&given, "distinct_property");
        if !property.is_empty() {
            operator = "distinct_property".to_owned();
            left = property.to_owned();
        }
        if operator == "distinct_hosts" && right.is_empty() {
            right = "true".to_owned();
        }
        Some(json!({ "LTarget": left, "Operand": or_equal(operator), "RTarget": right }))
    }

    pub(super) fn decode_affinity(&self, block: &Block, out: &mut Out) -> Option<Json> {
        let without = ["distinct_property", "is_set", "is_not_set"];
        let given = self.condition(block, ("weight", Type::Number), &without, out)?;
        let (left, operator, right) = sides(&given, &AFFINITY_SHORT);
        let weight = match given.get("weight") {
            Some(Value::Number(number)) => Json::from(wrap(number)),
            _ => Json::Null,
        };
        Some(json!({ "LTarget": left, "Operand": or_equal(operator), "RTarget": right, "Weight": weight }))
    }

    fn condition(&self, block: &Block, own: (&str, Type), without: &[&str], out: &mut Out) -> Option<Given> {
        let mut attributes: Vec<(&str, bool)> =
            TEXTS.iter().filter(|name| !without.contains(name)).map(|name| (*name, false)).collect();
        attributes.push((own.0, false));
        // The names of this decoder are not suggested for misspelled ones.
        let shape = Shape { attributes, blocks: Vec::new(), dynamic: true, quiet: Vec::new() };
        let before = out.len();
        let content = self.content(&block.body, &shape, out);
        let mut given = Given::new();
        for attribute in content.attributes {
            let want = if attribute.name == own.0 { &own.1 } else { &Type::String };
            let value = self.evaluate(&attribute.value, &block.body.scope, out);
            match convert(&value, want) {
                Ok(value) => {
                    given.insert(attribute.name, value);
                }
                Err(why) => {
                    let detail = format!("Inappropriate value for attribute {:?}: {why}.", attribute.name);
                    self.report(out, attribute.value.range, "Incorrect attribute value type", &detail);
                }
            }
        }
        (out.len() == before).then_some(given)
    }
}

/// The whole part in eight bits, as the original takes it.
fn wrap(number: &Number) -> i8 {
    let whole = number.truncate().to_i64().unwrap_or_default();
    i8::from_le_bytes([whole.to_le_bytes()[0]])
}
