//! The Search page.

use std::collections::BTreeMap;

use crate::shape::shape;

shape! {
    /// Body of a search by prefix.
    SearchRequest { "Context" context: String, "Prefix" prefix: String }
    /// Answer to a search by prefix.
    SearchResponse {
        "Index" index: u64,
        "KnownLeader" known_leader: bool,
        "LastContact" last_contact: u64,
        "Matches" matches: BTreeMap<String, Option<Vec<String>>>,
        "NextToken" next_token: String,
        "Truncations" truncations: BTreeMap<String, bool>,
    }
    /// Body of a fuzzy search.
    FuzzySearchRequest { "Context" context: String, "Text" text: String }
    /// Answer to a fuzzy search.
    FuzzyResponse {
        "Index" index: u64,
        "KnownLeader" known_leader: bool,
        "LastContact" last_contact: u64,
        "Matches" matches: BTreeMap<String, Vec<FuzzyMatch>>,
        "NextToken" next_token: String,
        "Truncations" truncations: BTreeMap<String, bool>,
    }
    /// Something found, and where it is.
    FuzzyMatch { "ID" id: String, "Scope" scope: Option<Vec<String>> = empty }
}
