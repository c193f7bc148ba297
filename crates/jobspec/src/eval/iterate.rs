//! `for`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::rc::Rc;

use crate::position::Range;
use crate::syntax::tree::For;
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::types::Type;

use super::scope::Scope;
use super::{Env, Out};

impl Env<'_> {
    pub(super) fn for_expression(
        &self,
        parts: &For,
        range: Range,
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Value {
        let collection = self.evaluate(&parts.collection, scope, out);
        let place = parts.collection.range;
        if collection.is_null() {
            self.report(
                out,
                place,
                "Iteration over null value",
                "A null value cannot be used as the collection in a 'for' expression.",
            );
            return Value::Unknown;
        }
        if collection.is_unknown() || !self.spend(collection.weight(), range, out) {
            return Value::Unknown;
        }
        let Some(pairs) = collection.pairs() else {
            let kind = collection.type_of().name();
            let detail =
                format!("A value of type {kind} cannot be used as the collection in a 'for' expression.");
            self.report(out, place, "Iteration over non-iterable value", &detail);
            return Value::Unknown;
        };
        let scopes = pairs.into_iter().map(|(key, value)| {
            let mut names = vec![(parts.value_name.clone(), value)];
            if let Some(name) = &parts.key_name {
                names.push((name.clone(), key));
            }
            scope.child(names)
        });
        if parts.key.is_some() {
            self.for_object(parts, range, scopes, out)
        } else {
            self.for_tuple(parts, range, scopes, out)
        }
    }

    fn for_tuple(
        &self,
        parts: &For,
        range: Range,
        scopes: impl Iterator<Item = Rc<Scope>>,
        out: &mut Out,
    ) -> Value {
        let mut items = Vec::new();
        let mut known = true;
        for scope in scopes {
            if !self.spend(1, range, out) {
                return Value::Unknown;
            }
            match self.included(parts, &scope, out) {
                None => known = false,
                Some(false) => {}
                Some(true) => items.push(self.evaluate(&parts.value, &scope, out)),
            }
        }
        if !known {
            return Value::Unknown;
        }
        self.sized(Value::tuple(items), 1, range, out)
    }

    fn for_object(
        &self,
        parts: &For,
        range: Range,
        scopes: impl Iterator<Item = Rc<Scope>>,
        out: &mut Out,
    ) -> Value {
        let mut items: BTreeMap<String, Value> = BTreeMap::new();
        let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut known = true;
        for scope in scopes {
            if !self.spend(1, range, out) {
                return Value::Unknown;
            }
            match self.included(parts, &scope, out) {
                None => known = false,
                Some(false) => continue,
                Some(true) => {}
            }
            let Some(name) = self.for_key(parts, &scope, out) else {
                known = false;
                continue;
            };
            let value = self.evaluate(&parts.value, &scope, out);
            if parts.group {
                groups.entry(name).or_default().push(value);
            } else if let Entry::Vacant(slot) = items.entry(name.clone()) {
                slot.insert(value);
            } else {
                let place = parts.key.as_ref().map_or(range, |key| key.range);
                let detail = format!(
                    "Two different items produced the key {name:?} in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key."
                );
                self.report(out, place, "Duplicate object key", &detail);
            }
        }
        if !known {
            return Value::Unknown;
        }
        items.extend(groups.into_iter().map(|(name, values)| (name, Value::tuple(values))));
        self.sized(Value::object(items), 1, range, out)
    }

    /// Whether the condition lets this element through; None when that is unknown.
    fn included(&self, parts: &For, scope: &Rc<Scope>, out: &mut Out) -> Option<bool> {
        let Some(condition) = &parts.condition else { return Some(true) };
        let value = self.evaluate(condition, scope, out);
        if value.is_null() {
            self.report(
                out,
                condition.range,
                "Condition is null",
                "The value of the 'if' clause must not be null.",
            );
            return None;
        }
        match convert(&value, &Type::Bool) {
            Ok(Value::Bool(flag)) => Some(flag),
            Ok(_) => None,
            Err(why) => {
                let detail = format!("The 'if' clause value is invalid: {why}.");
                self.report(out, condition.range, "Invalid 'for' condition", &detail);
                None
            }
        }
    }

    fn for_key(&self, parts: &For, scope: &Rc<Scope>, out: &mut Out) -> Option<String> {
        let key = parts.key.as_ref()?;
        let value = self.evaluate(key, scope, out);
        if value.is_null() {
            self.report(
                out,
                key.range,
                "Invalid object key",
                "Key expression in 'for' expression must not produce a null value.",
            );
            return None;
        }
        match convert(&value, &Type::String) {
            Ok(Value::String(text)) => Some(text.to_string()),
            Ok(_) => None,
            Err(why) => {
                let detail = format!("The key expression produced an invalid result: {why}.");
                self.report(out, key.range, "Invalid object key", &detail);
                None
            }
        }
    }
}
