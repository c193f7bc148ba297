//! The table has every route of the contract, and none besides.

use super::*;

const CONTRACT: &str = include_str!("../../../../tests/contract/routes.txt");

/// Routes of the contract that are not there yet, by how they begin, with the reason.
const LACKING: &[(&str, &str)] = &[
    ("PUT /v1/acl/bootstrap", "access control is off"),
    ("GET /v1/acl/policies", "access control is off"),
    ("GET /v1/acl/policy/:policy", "access control is off"),
    ("PUT /v1/acl/policy/", "access control is off"),
    ("DELETE /v1/acl/policy/", "access control is off"),
    ("GET /v1/acl/tokens", "access control is off"),
    ("PUT /v1/acl/token", "access control is off"),
    ("GET /v1/acl/token/:token", "access control is off"),
    ("DELETE /v1/acl/token/", "access control is off"),
    ("GET /v1/acl/role", "access control is off"),
    ("PUT /v1/acl/role", "access control is off"),
    ("DELETE /v1/acl/role", "access control is off"),
    ("GET /v1/acl/auth-method", "access control is off"),
    ("PUT /v1/acl/auth-method", "access control is off"),
    ("DELETE /v1/acl/auth-method", "access control is off"),
    ("GET /v1/acl/binding-rule", "access control is off"),
    ("PUT /v1/acl/binding-rule", "access control is off"),
    ("DELETE /v1/acl/binding-rule", "access control is off"),
    ("PUT /v1/acl/oidc/", "access control is off"),
    ("PUT /v1/acl/login", "access control is off"),
    ("PUT /v1/agent/reload", "answers 501"),
    ("GET /v1/agent/keyring/", "answers 501"),
    ("PUT /v1/agent/keyring/", "answers 501"),
    ("GET /v1/operator/upgrade-check/", "answers 501"),
    ("GET /v1/client/identity", "answers 501"),
    ("PUT /v1/client/identity/renew", "answers 501"),
    ("PUT /v1/volume/host/", "answers 501"),
    ("GET /v1/volumes/", "there is no volume to ask about"),
    ("DELETE /v1/volumes/", "there is no volume to ask about"),
];

/// Rows that the contract does not have, with the reason.
const OURS: &[(&str, &str)] = &[
    ("GET /v1/openapi.json", "the document of this interface"),
    ("GET /v1/job/*job/explain", "why a job is where it is"),
    ("GET /v1/evaluation/:eval/explain", "what an evaluation saw"),
    ("PUT /v1/operator/whatif", "what would move"),
    ("GET /v1/allocation/:alloc/:what", "refuses in a way of its own"),
    ("GET /v1/client/fs/:what", "refuses in a way of its own"),
    ("GET /v1/client/allocation/:alloc/:what", "refuses in a way of its own"),
    ("PUT /v1/client/allocation/:alloc/:what", "refuses in a way of its own"),
    ("GET /v1/client/allocation/:alloc", "refuses in a way of its own"),
];

fn contract() -> impl Iterator<Item = &'static str> {
    CONTRACT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn named(row: &Row) -> String {
    format!("{} {}", format!("{:?}", row.verb).to_uppercase(), row.path)
}

/// The row that serves a route of the contract; rows that refuse a whole family serve none of it.
fn row_of(line: &str) -> Option<&'static Row> {
    let (method, path) = line.split_once(' ').expect("a method and a path");
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let example: Vec<&str> = path.split('/').map(|part| part.strip_prefix(':').unwrap_or(part)).collect();
    let row = Route::find(&method, &example.join("/")).ok()?.row;
    let same_length = row.path.split('/').count() == example.len();
    (row.verb != Verb::Other && same_length && !row.path.ends_with("/:what")).then_some(row)
}

#[test]
fn the_table_has_every_route_of_the_contract() {
    assert!(contract().count() > 150, "the list of routes is too short to be true");
    for line in contract() {
        let lacking = LACKING.iter().find(|(begin, _)| line.starts_with(begin));
        match (row_of(line), lacking) {
            (Some(_), None) | (None, Some(_)) => {}
            (None, None) => panic!("{line} is not served"),
            (Some(row), Some(_)) => panic!("{line} is served by {}, and listed as lacking", named(row)),
        }
    }
    for (begin, reason) in LACKING {
        assert!(
            !reason.is_empty() && contract().any(|line| line.starts_with(begin)),
            "{begin} names nothing"
        );
    }
}

#[test]
fn the_table_has_no_route_that_is_not_of_the_contract() {
    let served: Vec<String> = contract().filter_map(row_of).map(named).collect();
    let ours: Vec<&str> = OURS.iter().map(|(row, _)| *row).collect();
    for row in table::ROWS.iter().filter(|row| row.verb != Verb::Other) {
        let name = named(row);
        let (known, own) = (served.contains(&name), ours.contains(&name.as_str()));
        assert!(known || own, "{name} is not of the contract, and not named as ours");
        assert!(!(known && own), "{name} is of the contract, and named as ours");
    }
    for (name, reason) in OURS {
        let there = table::ROWS.iter().any(|row| named(row) == *name);
        assert!(there && !reason.is_empty(), "{name} is no row");
    }
}
