//! Parameters of paths and queries.

use serde_json::{Value, json};

/// What every request may ask for.
const COMMON: &str = "region pretty";

/// Parameters that stand together in the rows.
const SETS: &[(&str, &str)] = &[
    // Of every read: whose, how new, and how long to wait for that.
    ("@read", "namespace index wait stale"),
    // Of lists.
    ("@page", "prefix per_page next_token reverse filter"),
    // Of an agent that is asked about its node.
    ("@node", "node_id"),
    // Of files that are followed.
    ("@frames", "offset origin follow"),
];

/// What a value looks like.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Switch,
    /// May be given more than once.
    Texts,
}
use Kind::{Number, Switch, Text, Texts};

/// Every parameter of a query.
const QUERY: &[(&str, Kind, &str)] = &[
    ("action", Text, "name of the action"),
    ("address", Texts, "address of a server"),
    ("alloc_id", Text, "id of the allocation"),
    ("all", Switch, "earlier jobs of the same name too"),
    ("cas", Number, "write only if the object's index is still this; 0 for one that is not there yet"),
    ("choose", Text, "`<number>|<key>`: so many registrations, the same ones for the same key"),
    ("command", Text, "the command and its arguments, as a JSON list"),
    ("diff_tag", Text, "compare with the version of this tag"),
    ("diff_version", Number, "compare with this version"),
    ("diffs", Switch, "how the versions differ"),
    ("eval_priority", Number, "priority of the evaluation, 1 to 100"),
    ("filter", Text, "filter expression"),
    ("follow", Switch, "wait for more"),
    ("format", Text, "`prometheus` for its text format"),
    ("full", Switch, "encrypt everything anew with the new key"),
    ("global", Switch, "in every region"),
    ("id", Text, "id of a server"),
    ("idempotency_token", Text, "dispatches with the same token count as one"),
    ("include_children", Switch, "jobs that other jobs started, too"),
    ("index", Number, "answer once there is something newer than this"),
    ("job", Text, "id of a job"),
    ("limit", Number, "most bytes"),
    ("lock-acquire", Text, "take the variable's lock"),
    ("lock-release", Text, "let go of the variable's lock"),
    ("lock-renew", Text, "keep the variable's lock for another while"),
    ("log_json", Switch, "lines as JSON"),
    ("log_level", Text, "least level of what is shown"),
    ("meta", Switch, "the jobs' metadata too"),
    ("namespace", Text, "namespace, `*` for all where that makes sense"),
    ("next_token", Text, "where the page begins: the header X-Nomad-NextToken of the page before"),
    ("no_shutdown_delay", Switch, "do not wait for shutdown delays"),
    ("node", Text, "name of a server"),
    ("node_id", Text, "id of the node; without it the agent's own"),
    ("offset", Number, "bytes from the origin"),
    ("origin", Text, "`start` or `end`"),
    ("os", Switch, "the names of the nodes' systems too"),
    ("path", Text, "path inside the allocation's directory"),
    ("per_page", Number, "items of a page; 0 for all"),
    ("plain", Switch, "as it is, without frames"),
    ("prefix", Text, "only what begins with this"),
    ("pretty", Switch, "indent the answer"),
    ("prune", Switch, "forget the server too"),
    ("purge", Switch, "forget the job too"),
    ("region", Text, "region that is asked"),
    ("related", Switch, "the evaluations that it leads to or comes from, too"),
    ("reschedule", Switch, "count it as a failure that is rescheduled"),
    ("resources", Switch, "resources too"),
    ("reverse", Switch, "from behind"),
    ("server_id", Text, "name or id of a server, or `leader`"),
    ("stale", Switch, "whatever the server that is asked knows, however old"),
    ("status", Text, "only those of this status"),
    ("task", Text, "name of a task"),
    ("task_states", Switch, "states of the tasks; on unless switched off"),
    ("topic", Texts, "`Topic` or `Topic:key`"),
    ("tty", Switch, "with a terminal"),
    ("type", Text, "kind of what is asked for"),
    ("version", Number, "version of the job"),
    ("wait", Text, "how long to wait for something newer: a duration such as 30s"),
    ("ws_handshake", Switch, "the first message carries the token"),
];

/// What the parts of a path that vary are.
const PATH: &[(&str, &str)] = &[
    ("alloc", "id of an allocation"),
    ("deployment", "id of a deployment"),
    ("eval", "id of an evaluation"),
    ("id", "id of a registration"),
    ("job", "id of a job, which may have slashes"),
    ("key", "id of a root key"),
    ("name", "name of a service"),
    ("namespace", "name of a namespace"),
    ("node", "id of a node"),
    ("plugin", "id of a plugin"),
    ("pool", "name of a node pool"),
    ("policy", "id of a scaling policy"),
    ("rest", "anything"),
    ("tag", "name of a tag"),
    ("variable", "path of a variable, which may have slashes"),
    ("volume", "id of a volume"),
    ("what", "what is asked for"),
];

pub(super) fn in_path(name: &str) -> Value {
    let text = PATH.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| *text);
    json!({ "name": name, "in": "path", "required": true, "description": text, "schema": { "type": "string" } })
}

/// The names that a row's text stands for, with those of every request.
fn names(row: &'static str) -> impl Iterator<Item = &'static str> {
    let set = |word: &'static str| {
        SETS.iter().find(|(set, _)| *set == word).map_or(word, |(_, names)| names).split_whitespace()
    };
    row.split_whitespace().flat_map(set).chain(COMMON.split_whitespace())
}

pub(super) fn in_query(row: &'static str) -> impl Iterator<Item = Value> {
    names(row).map(|name| {
        let (kind, text) = QUERY
            .iter()
            .find(|(known, ..)| *known == name)
            .map_or((Text, ""), |(_, kind, text)| (*kind, *text));
        let schema = match kind {
            Text => json!({ "type": "string" }),
            Number => json!({ "type": "integer" }),
            Switch => json!({ "type": "boolean" }),
            Texts => json!({ "type": "array", "items": { "type": "string" } }),
        };
        json!({ "name": name, "in": "query", "description": text, "schema": schema })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::openapi::rows;

    #[test]
    fn every_parameter_has_a_text_and_is_taken_somewhere() {
        let known: BTreeSet<&str> = QUERY.iter().map(|(name, ..)| *name).collect();
        let taken: BTreeSet<&str> = rows::all().flat_map(|row| names(row.query)).collect();
        assert_eq!(known, taken);
        let known: BTreeSet<&str> = PATH.iter().map(|(name, _)| *name).collect();
        let taken: BTreeSet<&str> = rows::all().flat_map(|row| crate::openapi::names(row.path)).collect();
        assert_eq!(known, taken);
    }
}
