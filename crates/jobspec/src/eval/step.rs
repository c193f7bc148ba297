//! From a value to a part of it: names, attributes, indexes and splats.

use std::rc::Rc;

use crate::position::Range;
use crate::syntax::tree::{Expression, Step, StepKind};
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::types::Type;

use super::scope::Scope;
use super::{Env, Out};

const ATTRIBUTE: &str = "Unsupported attribute";
const INDEX: &str = "Invalid index";
const KEY: &str = "The given key does not identify an element in this collection value";

impl Env<'_> {
    /// A name and the way from it. Names that nobody declared are for the scheduler and the client: they stay text.
    pub(super) fn root(
        &self,
        name: &str,
        name_range: Range,
        steps: &[Step],
        range: Range,
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Value {
        if scope.literal {
            self.report(out, name_range, "Variables not allowed", "Variables may not be used here.");
            return Value::Unknown;
        }
        match scope.find(name) {
            Some(value) => self.follow(value, steps, out),
            None => Value::text(&format!("${{{}}}", self.source(range))),
        }
    }

    pub(super) fn follow(&self, value: Value, steps: &[Step], out: &mut Out) -> Value {
        let mut value = value;
        for step in steps {
            value = match &step.kind {
                StepKind::Attribute(name) => self.attribute(&value, name, step.range, out),
                StepKind::Index(key) => self.index(&value, key, step.range, out),
            };
        }
        value
    }

    fn attribute(&self, value: &Value, name: &str, range: Range, out: &mut Out) -> Value {
        let detail = match value {
            Value::Unknown => return Value::Unknown,
            Value::Null(_) => {
                self.report(
                    out,
                    range,
                    "Attempt to get attribute from null value",
                    "This value is null, so it does not have any attributes.",
                );
                return Value::Unknown;
            }
            Value::Object(object) => match object.items.get(name) {
                Some(item) => return item.clone(),
                None => format!("This object does not have an attribute named {name:?}."),
            },
            Value::Map(map) => match map.items.get(name) {
                Some(item) => return item.clone(),
                None => {
                    let detail = format!("This map does not have an element with the key {name:?}.");
                    self.report(out, range, "Missing map element", &detail);
                    return Value::Unknown;
                }
            },
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                format!("Can't access attributes on a primitive-typed value ({}).", value.type_of().name())
            }
            Value::Set(_) => "Can't access attributes on a set of objects. Did you mean to access an attribute across all elements of the set?".to_owned(),
            Value::List(list) => match &list.element {
                Type::Object(attributes) if attributes.contains_key(name) => format!("Can't access attributes on a list of objects. Did you mean to access attribute {name:?} for a specific element of the list, or across all elements of the list?"),
                Type::Object(_) => "Can't access attributes on a list of objects. Did you mean to access an attribute for a specific element of the list, or across all elements of the list?".to_owned(),
                _ => "This value does not have any attributes.".to_owned(),
            },
            Value::Tuple(_) => "This value does not have any attributes.".to_owned(),
        };
        self.report(out, range, ATTRIBUTE, &detail);
        Value::Unknown
    }

    pub(super) fn index(&self, value: &Value, key: &Value, range: Range, out: &mut Out) -> Value {
        let detail = match (value, key) {
            (Value::Unknown, _) | (_, Value::Unknown) => return Value::Unknown,
            (Value::Null(_), _) => {
                self.report(
                    out,
                    range,
                    "Attempt to index null value",
                    "This value is null, so it does not have any indices.",
                );
                return Value::Unknown;
            }
            (_, Value::Null(_)) => "Can't use a null value as an indexing key.".to_owned(),
            (Value::List(list) | Value::Tuple(list), key) => match element(&list.items, key) {
                Ok(item) => return item,
                Err(why) => format!("{KEY}: {why}."),
            },
            (Value::Map(entries) | Value::Object(entries), key) => match convert(key, &Type::String) {
                Ok(Value::String(name)) => match entries.items.get(name.as_ref()) {
                    Some(item) => return item.clone(),
                    None => format!("{KEY}."),
                },
                Ok(_) => return Value::Unknown,
                Err(why) => format!("{KEY}: {why}."),
            },
            (Value::Set(_), _) => "Elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to perform operations across all elements of the set.".to_owned(),
            _ => "This value does not have any indices.".to_owned(),
        };
        self.report(out, range, INDEX, &detail);
        Value::Unknown
    }

    pub(super) fn splat(
        &self,
        source: &Expression,
        each: &Expression,
        range: Range,
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Value {
        let value = self.evaluate(source, scope, out);
        let items = match &value {
            Value::Unknown => return Value::Unknown,
            Value::Null(_) => return Value::tuple(Vec::new()),
            other => other.elements().map_or_else(|| vec![other.clone()], <[Value]>::to_vec),
        };
        let before = out.len();
        let mut results = Vec::new();
        for item in items {
            let inner = scope.child([(String::new(), item)]);
            results.push(self.evaluate(each, &inner, out));
        }
        if out.len() > before {
            return Value::Unknown;
        }
        self.sized(Value::tuple(results), 1, range, out)
    }
}

fn element(items: &[Value], key: &Value) -> Result<Value, String> {
    let Value::Number(number) = convert(key, &Type::Number)? else {
        return Err("a number is required".to_owned());
    };
    if !number.is_integer() {
        let shown = number.text();
        return Err(format!(
            "indexing a sequence requires a whole number, but the given index ({shown}) has a fractional part"
        ));
    }
    if number.is_negative() && !number.is_zero() {
        return Err("a negative number is not a valid index for a sequence".to_owned());
    }
    if items.is_empty() {
        return Err("the collection has no elements".to_owned());
    }
    let item = number.to_usize().and_then(|index| items.get(index));
    item.cloned()
        .ok_or_else(|| "the given index is greater than or equal to the length of the collection".to_owned())
}
