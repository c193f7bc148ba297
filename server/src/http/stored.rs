//! What filters see: the original's stored objects, field by field, whatever a list shows of them.
//!
//! A selector is looked up in the declared type, so that one which the stored object does not have is refused even
//! where a list shows a field of that name (`JobSummary` of jobs, `Drain` of nodes, `JobVersion` of allocations).

mod cluster;
mod job;
mod work;

use std::sync::LazyLock;

use filter::{EvalError, Filter, Shape, Shapes};
use serde::Serialize;
use serde_json::Value;

/// A struct's name and its fields with their types, `Field type` and separated by commas.
type Struct = (&'static str, &'static str);

/// How items of a list look to a filter.
pub(super) struct Stored<T> {
    shape: Shape,
    json: fn(&T) -> Value,
}

impl<T> Stored<T> {
    /// Items of the declared type `name`, whose JSON `json` makes.
    pub(super) fn new(name: &str, json: fn(&T) -> Value) -> Self {
        // A name that is no type would be a struct without fields: every selector is refused.
        Stored { shape: Shape::parse(name).unwrap_or(Shape::Any), json }
    }

    /// True when the filter lets an item pass.
    pub(super) fn passes(&self, filter: &Filter, item: &T) -> Result<bool, EvalError> {
        filter.matches_as(&(self.json)(item), &SHAPES, &self.shape)
    }
}

/// A documented object as JSON.
pub(super) fn json<S: Serialize>(object: S) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    let mut shapes = Shapes::default();
    for (name, fields) in [job::STRUCTS, work::STRUCTS, cluster::STRUCTS].into_iter().flatten() {
        for field in fields.split(',') {
            let (field, kind) = field.trim().split_once(' ').expect("a field stands before its type");
            shapes.define(name, &[(field, kind.trim())]).expect("the types of fields are Go's");
        }
    }
    shapes
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_type_can_be_read_and_every_struct_is_declared() {
        let known: Vec<&str> = [job::STRUCTS, work::STRUCTS, cluster::STRUCTS]
            .into_iter()
            .flatten()
            .map(|(name, _)| *name)
            .collect();
        LazyLock::force(&SHAPES);
        for (name, fields) in [job::STRUCTS, work::STRUCTS, cluster::STRUCTS].into_iter().flatten() {
            for kind in fields.split(',').filter_map(|field| field.trim().split_once(' ')) {
                let inner = kind.1.trim_start_matches(['*', '[', ']']).trim_start_matches("map[string]");
                let inner = inner.trim_start_matches(['*', '[', ']']);
                let basic = !matches!(Shape::parse(inner), Ok(Shape::Struct(_)));
                assert!(
                    basic || known.contains(&inner),
                    "{name}.{} is of the undeclared type {inner}",
                    kind.0
                );
            }
        }
    }

    #[test]
    fn filters_see_the_stored_object() {
        let node = |node: &model::Node| json(api::nodes::Node::from(node));
        let passes = |text: &str| {
            let stored = Stored::new("*Node", node);
            let node = model::Node { name: "n".into(), ..model::Node::default() };
            stored.passes(&Filter::parse(text).unwrap(), &node)
        };
        assert_eq!(passes("Name == \"n\""), Ok(true));
        assert!(passes("Drain == true").is_err() && passes("Address == \"x\"").is_err());
        assert_eq!(passes("DrainStrategy is nil"), Ok(true));
    }
}
