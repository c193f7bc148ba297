//! What if: what would move, and what would not fit, if nodes or jobs were other than they are. Nothing is changed.

use model::described::{Book, Described};
use serde::Deserialize;
use serde_json::Value;

use crate::evaluations::Metric;
use crate::job::Job;
use crate::shape::shape;

/// What to imagine; at least one of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WhatIfRequest {
    /// Id, or the beginning of the id, of a node that is drained.
    pub drain: String,
    /// Id, or the beginning of the id, of a node that is lost.
    pub lost_node: String,
    /// Nodes that are added.
    pub new_node: Option<NewNode>,
    /// A job that is registered.
    pub job: Option<Job>,
}

/// Nodes that are like one that there is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct NewNode {
    /// Id, or the beginning of the id, of the node that they are like.
    pub like: String,
    /// How many; one unless given.
    #[serde(default)]
    pub count: Option<u32>,
}

shape! {
    /// What would become of it.
    WhatIf {
        "Evaluations" evaluations: u64,
        "Index" index: u64,
        "Moves" moves: Vec<Move>,
        "Unplaced" unplaced: Vec<Unplaced>,
    }
    /// An allocation that would stop, start, or do one here and the other there.
    Move {
        "AllocID" alloc_id: String,
        "From" from: String,
        "Group" group: String,
        "JobID" job_id: String,
        "Name" name: String,
        "Namespace" namespace: String,
        "To" to: String,
        "Why" why: String,
    }
    /// Allocations of a group that would find no place.
    Unplaced {
        "Count" count: i64,
        "Group" group: String,
        "JobID" job_id: String,
        "Metric" metric: Option<Metric>,
        "Namespace" namespace: String,
    }
}

impl Described for WhatIfRequest {
    fn schema(book: &mut Book) -> Value {
        book.object(concat!(module_path!(), "::WhatIfRequest"), |book, fields| {
            fields.add("Drain", String::schema(book), false);
            fields.add("Job", Option::<Job>::schema(book), false);
            fields.add("LostNode", String::schema(book), false);
            fields.add("NewNode", Option::<NewNode>::schema(book), false);
        })
    }
}

impl Described for NewNode {
    fn schema(book: &mut Book) -> Value {
        book.object(concat!(module_path!(), "::NewNode"), |book, fields| {
            fields.add("Count", Option::<u32>::schema(book), false);
            fields.add("Like", String::schema(book), true);
        })
    }
}
