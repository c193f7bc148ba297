//! From what a user typed to the one thing that is meant: jobs, allocations and nodes by prefix.
//!
//! Everything goes over the lists of the API, as in the original, so that a short id works wherever a long one does.
//! Several matches are an error that shows them.

use crate::console::Failure;
use crate::http::ApiClient;
use crate::output::list;
use crate::view;
use api::allocations::AllocStub;
use api::jobs::JobStub;
use api::nodes::NodeStub;
use api::search::SearchResponse;

/// Fewer characters than this are not looked up, because they match nearly everything.
const PREFIX_LEAST: usize = 2;

/// The job that `prefix` means. An id that matches exactly wins over longer ones.
pub async fn job(client: &ApiClient, prefix: &str) -> Result<JobStub, Failure> {
    let (mut jobs, _) = client
        .shape::<Vec<JobStub>>("/v1/jobs", &[("prefix", prefix)])
        .await
        .map_err(|e| Failure::because(&format!("Error querying job prefix {prefix:?}"), &e))?;
    let all_namespaces = client.connection().namespace == "*";
    if jobs.is_empty() {
        return Err(Failure::new(format!("No job(s) with prefix or ID {prefix:?} found")));
    }
    let exact = jobs[0].id == prefix && !(all_namespaces && jobs.get(1).is_some_and(|job| job.id == prefix));
    if jobs.len() > 1 && !exact {
        let table = view::job::list(&jobs, all_namespaces);
        return Err(Failure::new(format!("Prefix {prefix:?} matched multiple jobs\n\n{table}")));
    }
    Ok(jobs.swap_remove(0))
}

/// The allocation that `prefix` means.
pub async fn alloc(
    client: &ApiClient,
    prefix: &str,
    verbose: bool,
    now_ns: i64,
) -> Result<AllocStub, Failure> {
    long_enough(prefix)?;
    let (mut allocs, _) = client
        .shape::<Vec<AllocStub>>("/v1/allocations", &[("prefix", even(prefix))])
        .await
        .map_err(|e| Failure::because("Error querying allocation", &e))?;
    if allocs.is_empty() {
        return Err(Failure::new(format!("No allocation(s) with prefix or id {prefix:?} found")));
    }
    if allocs.len() > 1 {
        let table = view::alloc::list(&allocs, verbose, now_ns);
        return Err(Failure::new(format!("Prefix matched multiple allocations\n\n{table}")));
    }
    Ok(allocs.swap_remove(0))
}

/// The node that `prefix` means.
pub async fn node(client: &ApiClient, prefix: &str) -> Result<NodeStub, Failure> {
    long_enough(prefix)?;
    let (mut nodes, _) = client
        .shape::<Vec<NodeStub>>("/v1/nodes", &[("prefix", even(prefix))])
        .await
        .map_err(|e| Failure::because("Error querying node info", &e))?;
    if nodes.is_empty() {
        return Err(Failure::new(format!("No node(s) with prefix {prefix:?} found")));
    }
    if nodes.len() > 1 {
        let table = list(&view::node::rows(&nodes, view::node::Columns::default()));
        return Err(Failure::new(format!("Prefix matched multiple nodes\n\n{table}")));
    }
    Ok(nodes.swap_remove(0))
}

/// What an identifier names, of whatever kind: the kind as searches call it, and the whole id. One that matches exactly
/// wins.
pub async fn anything(client: &ApiClient, id: &str) -> Result<(String, String), Failure> {
    let body = serde_json::json!({ "Prefix": id, "Context": "all" });
    let (answer, _) = client
        .put::<_, serde_json::Value>("/v1/search", &[], &body)
        .await
        .map_err(|e| Failure::because("Error querying search with id", &e))?;
    let answer: SearchResponse = api::json::from_value(&answer)
        .map_err(|e| Failure::new(format!("Error querying search with id: decoding the answer: {e}")))?;
    let matches: Vec<(String, Vec<String>)> =
        answer.matches.into_iter().filter_map(|(kind, found)| Some((kind, found?))).collect();
    one_of(matches, id)
}

fn one_of(mut matches: Vec<(String, Vec<String>)>, id: &str) -> Result<(String, String), Failure> {
    matches.retain(|(_, found)| !found.is_empty());
    let exact: Vec<usize> = (0..matches.len()).filter(|at| matches[*at].1[0] == id).collect();
    match (exact.as_slice(), matches.as_mut_slice()) {
        ([at], _) => {
            let (kind, mut found) = matches.swap_remove(*at);
            Ok((kind, found.swap_remove(0)))
        }
        ([], []) => Err(Failure::new(format!("Unable to resolve ID: {id:?}"))),
        ([], [(kind, found)]) if found.len() == 1 => Ok((std::mem::take(kind), found.swap_remove(0))),
        _ => Err(Failure::new(several(&matches, id))),
    }
}

fn several(matches: &[(String, Vec<String>)], id: &str) -> String {
    let mut text = format!("Multiple matches found for id {id:?}");
    for (kind, found) in matches {
        let mut title = kind.clone();
        title[..1].make_ascii_uppercase();
        text.push_str(&format!("\n\n{title}:\n{}", found.join(", ")));
    }
    text
}

/// The failure of `node` in the words of the commands that change nodes.
pub fn or_id(failure: Failure) -> Failure {
    Failure { message: failure.message.replace("with prefix \"", "with prefix or id \""), ..failure }
}

/// Which of several matches of a prefix is meant: the one that is exactly it, or the only one.
pub fn exact_or_only<T>(found: &[T], exact: impl Fn(&T) -> bool) -> Option<usize> {
    let only = (found.len() == 1).then_some(0);
    found.iter().position(exact).or(only)
}

fn long_enough(prefix: &str) -> Result<(), Failure> {
    if prefix.chars().count() < PREFIX_LEAST {
        return Err(Failure::new("Identifier must contain at least two characters."));
    }
    Ok(())
}

/// Prefixes of ids have whole bytes: an odd number of hexadecimal digits loses the last one.
fn even(prefix: &str) -> &str {
    let digits = prefix.bytes().filter(|byte| *byte != b'-').count();
    if digits % 2 == 0 || !prefix.is_ascii() {
        return prefix;
    }
    prefix.get(..prefix.len() - 1).unwrap_or(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_match_wins_over_longer_ones() {
        let of = |matches: &[(&str, &[&str])], id| {
            let owned = |found: &[&str]| found.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
            let matches = matches.iter().map(|(kind, found)| ((*kind).to_owned(), owned(found))).collect();
            one_of(matches, id).map_err(|failure| failure.message)
        };
        let jobs = ("jobs".to_owned(), "a".to_owned());
        assert_eq!(of(&[("jobs", &["a", "ab"]), ("nodes", &["ab"])], "a"), Ok(jobs.clone()));
        assert_eq!(of(&[("jobs", &["a"]), ("nodes", &[])], ""), Ok(jobs));
        assert_eq!(of(&[("vars", &[])], "x"), Err("Unable to resolve ID: \"x\"".to_owned()));
        assert_eq!(
            of(&[("namespaces", &["default"]), ("node_pools", &["default"])], "default"),
            Err("Multiple matches found for id \"default\"\n\nNamespaces:\ndefault\n\nNode_pools:\ndefault"
                .to_owned())
        );
        assert_eq!(
            of(&[("jobs", &["ab", "ac"])], "a"),
            Err("Multiple matches found for id \"a\"\n\nJobs:\nab, ac".to_owned())
        );
    }

    #[test]
    fn odd_digits_are_dropped() {
        for (given, used) in [
            ("7af", "7a"),
            ("7afa3cc9-", "7afa3cc9-"),
            ("7afa3cc9-1", "7afa3cc9-"),
            ("zz", "zz"),
            ("é7a", "é7a"),
        ] {
            assert_eq!(super::even(given), used);
        }
    }
}
