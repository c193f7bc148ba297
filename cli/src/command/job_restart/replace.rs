//! An allocation stopped, and waited for the one in its place.

use super::PAUSE;
use crate::args::JobRestart;
use crate::command::alloc_target::whole;
use crate::console::Failure;
use crate::http::{ApiClient, path_segment};
use crate::output;
use api::allocations::{AllocStub, Allocation};
use serde_json::{Value, json};

pub(super) async fn replace(
    client: &ApiClient,
    alloc: &Allocation,
    args: &JobRestart,
) -> Result<(), Failure> {
    let id = output::id(&alloc.id, args.verbose);
    let path = format!("/v1/allocation/{}/stop", path_segment(&alloc.id));
    let mut query = vec![("reschedule", "true")];
    if args.no_shutdown_delay {
        query.push(("no_shutdown_delay", "true"));
    }
    client
        .put::<_, Value>(&path, &query, &json!({}))
        .await
        .map_err(|e| Failure::because(&format!("Error stopping allocation {id:?}"), &e))?;
    loop {
        if let Some(next) = successor(client, alloc).await? {
            match next.client_status.as_str() {
                "running" | "complete" => return Ok(()),
                "pending" => {}
                status => {
                    let next = output::id(&next.id, args.verbose);
                    return Err(Failure::new(format!(
                        "Allocation {id:?} was replaced by {next:?}, which is {status}"
                    )));
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The allocation in its place: the one it names, or with system jobs the newer one on its node.
async fn successor(client: &ApiClient, alloc: &Allocation) -> Result<Option<AllocStub>, Failure> {
    let named = whole(client, &alloc.id).await?.next_allocation;
    let path = format!("/v1/job/{}/allocations", path_segment(&alloc.job_id));
    let (all, _) = client
        .shape::<Vec<AllocStub>>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error querying allocations", &e))?;
    Ok(all.into_iter().find(|other| other.id == named || succeeds(other, alloc)))
}

fn succeeds(other: &AllocStub, alloc: &Allocation) -> bool {
    other.previous_allocation == alloc.id
        || other.job_type == "system"
            && other.node_id == alloc.node_id
            && other.name == alloc.name
            && other.create_index > alloc.create_index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_every_node_the_newer_one_takes_the_place() {
        let alloc = Allocation {
            id: "a".to_owned(),
            name: "s.g[0]".to_owned(),
            node_id: "n".to_owned(),
            create_index: 5,
            ..Allocation::default()
        };
        let other = AllocStub {
            id: "b".to_owned(),
            name: "s.g[0]".to_owned(),
            node_id: "n".to_owned(),
            job_type: "system".to_owned(),
            create_index: 6,
            ..AllocStub::default()
        };
        assert!(succeeds(&other, &alloc));
        assert!(!succeeds(&AllocStub { node_id: "m".to_owned(), ..other.clone() }, &alloc));
        assert!(!succeeds(&AllocStub { job_type: "service".to_owned(), ..other.clone() }, &alloc));
        let named = AllocStub { previous_allocation: "a".to_owned(), ..AllocStub::default() };
        assert!(succeeds(&named, &alloc));
    }
}
