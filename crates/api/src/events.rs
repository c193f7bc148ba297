//! The Events page.

use model::described::{Book, Described};
use serde_json::{Value, json};

use crate::shape::shape;

shape! {
    /// One line of the stream: everything that one index brought. A line without anything says that the stream lives.
    Batch { "Events" events: Vec<Event> = empty, "Index" index: u64 = empty }
    /// Something that happened.
    Event {
        "FilterKeys" filter_keys: Vec<String>,
        "Index" index: u64,
        "Key" key: String,
        "Namespace" namespace: String,
        "Payload" payload: Value as Payload,
        "Topic" topic: String,
        "Type" kind: String,
    }
}

/// The object that it happened to, under the name of its noun.
pub struct Payload;

impl Described for Payload {
    fn schema(book: &mut Book) -> Value {
        // Of a job that is gone only the name is left.
        let gone = json!({
            "type": "object",
            "properties": { "ID": { "type": "string" }, "Namespace": { "type": "string" }, "Stop": { "const": true } },
            "required": ["ID", "Namespace", "Stop"],
        });
        let job = json!({ "anyOf": [crate::job::Job::schema(book), gone] });
        let nouns = [
            ("Allocation", crate::allocations::Allocation::schema(book)),
            ("Deployment", crate::deployments::Deployment::schema(book)),
            ("Evaluation", crate::evaluations::Evaluation::schema(book)),
            ("Job", job),
            ("Node", crate::nodes::Node::schema(book)),
            ("NodePool", crate::node_pools::NodePool::schema(book)),
            ("Service", crate::services::ServiceRegistration::schema(book)),
        ];
        let one = |(noun, schema): (&str, Value)| json!({ "type": "object", "properties": { noun: schema }, "required": [noun] });
        json!({ "oneOf": nouns.into_iter().map(one).collect::<Vec<_>>() })
    }
}
