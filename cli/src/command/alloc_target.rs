//! The allocation and the task that a command's arguments mean.

use super::now_ns;
use crate::console::Failure;
use crate::find;
use crate::http::{ApiClient, path_segment};
use api::allocations::{AllocStub, Allocation};

/// What a user typed for an allocation.
pub(super) struct Target<'a> {
    /// Id or prefix of an allocation, or of a job.
    pub(super) named: &'a str,
    /// It names a job.
    pub(super) of_job: bool,
    /// With a job: the group of the allocation.
    pub(super) group: Option<&'a str>,
}

impl Target<'_> {
    /// The allocation as a whole, and a client for its namespace.
    pub(super) async fn find(
        &self,
        client: &ApiClient,
        verbose: bool,
    ) -> Result<(ApiClient, Allocation), Failure> {
        let stub = if self.of_job {
            of_job(client, self.named, self.group.unwrap_or_default()).await?
        } else {
            find::alloc(client, self.named, verbose, now_ns()).await?
        };
        let client = client.in_namespace(&stub.namespace);
        let alloc = whole(&client, &stub.id).await?;
        Ok((client, alloc))
    }
}

/// An allocation by its whole id.
pub(super) async fn whole(client: &ApiClient, id: &str) -> Result<Allocation, Failure> {
    let path = format!("/v1/allocation/{}", path_segment(id));
    let answer = client.shape::<Allocation>(&path, &[]).await;
    answer.map(|(alloc, _)| alloc).map_err(|e| Failure::because("Error querying allocation", &e))
}

/// An allocation of a job, a running one if there is any; an empty group stands for all.
async fn of_job(client: &ApiClient, prefix: &str, group: &str) -> Result<AllocStub, Failure> {
    let job = find::job(client, prefix).await?;
    let client = client.in_namespace(&job.namespace);
    let path = format!("/v1/job/{}/allocations", path_segment(&job.id));
    let (allocs, _) = client
        .shape::<Vec<AllocStub>>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error fetching allocations", &e))?;
    let newest = |running: bool| {
        allocs
            .iter()
            .filter(|alloc| group.is_empty() || alloc.task_group == group)
            .filter(|alloc| !running || alloc.client_status == "running")
            .max_by_key(|alloc| alloc.create_index)
            .cloned()
    };
    newest(true).or_else(|| newest(false)).ok_or_else(|| {
        let of = if group.is_empty() { String::new() } else { format!(" and group {group}") };
        Failure::new(format!("Error fetching allocations: no allocations found for job {}{of}", job.id))
    })
}

/// Names of the tasks of an allocation's group, in the order of the job.
pub(super) fn tasks(alloc: &Allocation) -> Vec<&str> {
    let groups = alloc.job.as_ref().and_then(|job| job.task_groups.as_ref());
    let group = groups.into_iter().flatten().find(|group| group.name.as_deref() == Some(&alloc.task_group));
    let tasks = group.and_then(|group| group.tasks.as_ref());
    tasks.into_iter().flatten().filter_map(|task| task.name.as_deref()).collect()
}

/// The task that is meant when none is named.
pub(super) fn only_task(alloc: &Allocation) -> Result<String, Failure> {
    match tasks(alloc).as_slice() {
        [] => Err(Failure::new(format!(
            "Failed to validate task: could not find allocated task group {:?} in job {:?}",
            alloc.task_group, alloc.job_id
        ))),
        [only] => Ok((*only).to_owned()),
        several => Err(Failure::new(format!(
            "Allocation {:?} is running the following tasks:\n  * {}\n\nPlease specify the task.",
            crate::output::id(&alloc.id, false),
            several.join("\n  * ")
        ))),
    }
}

/// A task that was named has to be there.
pub(super) fn check_task(alloc: &Allocation, task: &str) -> Result<(), Failure> {
    let names = tasks(alloc);
    if names.contains(&task) {
        return Ok(());
    }
    Err(Failure::new(format!("Could not find task named: {task}, found:\n{}", names.join("\n"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_the_only_one_or_is_named() {
        let alloc = |tasks: &[&str]| {
            Allocation {
            id: "5760a811-0000-0000-0000-000000000000".to_owned(),
            task_group: "g".to_owned(),
            job: api::json::from_value(&serde_json::json!({ "TaskGroups": [
                {"Name": "other", "Tasks": [{"Name": "x"}]},
                {"Name": "g", "Tasks": tasks.iter().map(|name| serde_json::json!({"Name": name})).collect::<Vec<_>>()},
            ]}))
            .unwrap(),
            ..Allocation::default()
        }
        };
        assert_eq!(only_task(&alloc(&["t"])), Ok("t".to_owned()));
        let two = alloc(&["a", "b"]);
        assert_eq!(
            only_task(&two).unwrap_err().message,
            "Allocation \"5760a811\" is running the following tasks:\n  * a\n  * b\n\nPlease specify the task."
        );
        assert_eq!(check_task(&two, "b"), Ok(()));
        assert_eq!(check_task(&two, "x").unwrap_err().message, "Could not find task named: x, found:\na\nb");
    }
}
