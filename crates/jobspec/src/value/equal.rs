//! Equality and order of values.

use std::cmp::Ordering;

use super::Value;

/// Whether two values are of one type and the same.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null(_), Value::Null(_)) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => left == right,
        (Value::String(left), Value::String(right)) => left == right,
        (Value::List(left), Value::List(right)) | (Value::Set(left), Value::Set(right)) => {
            left.element == right.element && all_equal(&left.items, &right.items)
        }
        (Value::Tuple(left), Value::Tuple(right)) => all_equal(&left.items, &right.items),
        (Value::Map(left), Value::Map(right)) | (Value::Object(left), Value::Object(right)) => {
            let pairs = left.items.iter().zip(right.items.iter());
            left.items.len() == right.items.len()
                && left.element == right.element
                && pairs.into_iter().all(|((a, x), (b, y))| a == b && equal(x, y))
        }
        _ => false,
    }
}

fn all_equal(left: &[Value], right: &[Value]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
}

/// An order over all values, in which sets are kept.
pub(crate) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => left.cmp(right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        _ => {
            if let (Some(left), Some(right)) = (left.elements(), right.elements()) {
                let mut pairs = left.iter().zip(right).map(|(left, right)| compare(left, right));
                return pairs.find(|one| one.is_ne()).unwrap_or(left.len().cmp(&right.len()));
            }
            if let (Some(left), Some(right)) = (left.entries(), right.entries()) {
                let pairs = left.iter().zip(right);
                let mut orders = pairs.map(|((a, x), (b, y))| a.cmp(b).then_with(|| compare(x, y)));
                return orders.find(|one| one.is_ne()).unwrap_or(left.len().cmp(&right.len()));
            }
            rank(left).cmp(&rank(right))
        }
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Bool(_) => 0,
        Value::Number(_) => 1,
        Value::String(_) => 2,
        Value::List(_) | Value::Set(_) | Value::Tuple(_) => 3,
        Value::Map(_) | Value::Object(_) => 4,
        Value::Null(_) => 5,
        Value::Unknown => 6,
    }
}

pub(crate) fn sorted_unique(mut items: Vec<Value>) -> Vec<Value> {
    items.sort_by(compare);
    items.dedup_by(|left, right| compare(left, right).is_eq());
    items
}
