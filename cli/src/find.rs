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
