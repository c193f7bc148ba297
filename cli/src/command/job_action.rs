//! `job action`: a command that the job file gives a name, beside its task.

use super::alloc_exec::converse;
use super::alloc_target::{Target, check_task, only_task};
use super::misused;
use crate::args::JobAction;
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::path_segment;
use crate::session::{Manner, terminal};

/// The command's name, for its help.
const NAME: &str = "job action";

pub(super) async fn run(args: &JobAction, console: Console) -> Result<u8, Failure> {
    let given = |flag: &Option<String>| flag.clone().filter(|text| !text.is_empty());
    let Some(job) = given(&args.job) else {
        return Err(misused(NAME, "A job ID is required"));
    };
    let (group, task, alloc) = (given(&args.group), given(&args.task), given(&args.alloc));
    if alloc.is_none() && (group.is_none() || task.is_none()) {
        return Err(misused(NAME, "A group name and a task name are required if no allocation is specified"));
    }
    let manner = Manner::of(&args.talk, terminal::both_ways()).map_err(Failure::new)?;
    let client = client(&args.general)?;
    let stub = find::job(&client, &job).await?;
    let client = client.in_namespace(&stub.namespace);
    let target = match &alloc {
        Some(alloc) => Target { named: alloc, of_job: false, group: None },
        None => Target { named: &stub.id, of_job: true, group: group.as_deref() },
    };
    let (client, alloc) = target.find(&client, false).await?;
    let task = match task {
        Some(task) => {
            check_task(&alloc, &task)?;
            task
        }
        None => only_task(&alloc)?,
    };
    let path = format!("/v1/job/{}/action", path_segment(&stub.id));
    let query = [
        ("action", args.action.as_str()),
        ("allocID", &alloc.id),
        ("group", &alloc.task_group),
        ("task", &task),
    ];
    converse(&client, console, &path, &query, manner).await
}
