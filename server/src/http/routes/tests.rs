//! The table is consistent, and paths find their rows.

use super::*;

fn found(method: &Method, path: &str) -> (&'static str, String) {
    let route = Route::find(method, path).unwrap_or_else(|error| panic!("{path}: {error:?}"));
    (route.row.path, route.args.get("job").to_owned())
}

fn refused(method: &Method, path: &str) -> ApiError {
    match Route::find(method, path) {
        Ok(route) => panic!("{path} is {}", route.row.path),
        Err(error) => error,
    }
}

#[test]
fn job_ids_may_contain_slashes() {
    assert_eq!(found(&Method::GET, "/v1/job/a%2Fb/c"), ("/v1/job/*job", "a/b/c".into()));
    assert_eq!(found(&Method::GET, "/v1/job/a/b/summary"), ("/v1/job/*job/summary", "a/b".into()));
    assert_eq!(found(&Method::PUT, "/v1/job/x"), found(&Method::POST, "/v1/job/x"));
    assert_eq!(found(&Method::DELETE, "/v1/job/"), ("/v1/job/*job", String::new()));
}

#[test]
fn what_is_not_there_is_told_apart() {
    assert_eq!(refused(&Method::GET, "/v1/jobs/nope/nope"), ApiError::NoRoute);
    assert_eq!(refused(&Method::DELETE, "/v1/jobs"), ApiError::MethodNotAllowed);
    assert!(matches!(
        refused(&Method::GET, "/v1/operator/upgrade-check/vault-workload-identity"),
        ApiError::NotBuilt(_)
    ));
}

#[test]
fn rows_of_one_path_stand_together_and_no_row_hides_another() {
    let mut seen: Vec<(&str, Verb)> = Vec::new();
    for row in table::ROWS {
        assert!(!seen.contains(&(row.path, row.verb)), "{:?} {} stands twice", row.verb, row.path);
        if let Some(at) = seen.iter().rposition(|(path, _)| *path == row.path) {
            assert_eq!(at, seen.len() - 1, "rows of {} stand apart", row.path);
        }
        let example: String =
            row.path.split('/').map(|part| part.trim_start_matches([':', '*'])).collect::<Vec<_>>().join("/");
        let hiding =
            seen.iter().find(|(path, _)| *path != row.path && pattern::fit(path, &example).is_some());
        assert!(hiding.is_none(), "{} is hidden by {hiding:?}", row.path);
        seen.push((row.path, row.verb));
    }
}

#[test]
fn every_row_is_described_and_every_description_has_its_row() {
    use std::collections::BTreeSet;
    let (served, described): (BTreeSet<_>, BTreeSet<_>) =
        (served().collect(), api::openapi::rows().collect());
    let missing: Vec<_> = served.difference(&described).collect();
    assert!(missing.is_empty(), "rows that `api::openapi` does not describe: {missing:?}");
    let stale: Vec<_> = described.difference(&served).collect();
    assert!(stale.is_empty(), "descriptions of rows that are gone: {stale:?}");
}

#[test]
fn what_is_free_of_form_is_listed_with_a_reason() {
    let found = api::openapi::free_form(&api::openapi::document(served()));
    let listed: Vec<String> = api::openapi::FREE.iter().map(|(place, _)| (*place).to_owned()).collect();
    let unlisted: Vec<_> = found.iter().filter(|place| !listed.contains(place)).collect();
    assert!(unlisted.is_empty(), "no type says what stands there: {unlisted:#?}");
    let typed: Vec<_> = listed.iter().filter(|place| !found.contains(place)).collect();
    assert!(typed.is_empty(), "has a type by now, and is to be taken off the list: {typed:#?}");
    assert!(api::openapi::FREE.iter().all(|(_, why)| !why.is_empty()));
}
