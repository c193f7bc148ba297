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
    assert!(matches!(refused(&Method::GET, "/v1/operator/snapshot"), ApiError::NotBuilt(_)));
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
