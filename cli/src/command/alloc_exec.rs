//! `alloc exec`: a command beside a task.

use super::alloc_target::{Target, check_task, only_task};
use super::misused;
use crate::args::AllocExec;
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, path_segment};
use crate::session::{self, Manner, terminal};

/// The command's name, for its help.
const NAME: &str = "alloc exec";

pub(super) async fn run(args: &AllocExec, console: Console) -> Result<u8, Failure> {
    let Some((named, command)) = args.words.split_first().filter(|(named, _)| !named.is_empty()) else {
        let what = if args.of.job { "A job ID is required" } else { "An allocation ID is required" };
        return Err(misused(NAME, what));
    };
    if command.is_empty() {
        return Err(misused(NAME, "A command is required"));
    }
    let manner = Manner::of(&args.talk, terminal::both_ways()).map_err(Failure::new)?;
    let client = client(&args.general)?;
    let target = Target { named, of_job: args.of.job, group: args.of.group.as_deref() };
    let (client, alloc) = target.find(&client, false).await?;
    let task = match args.task.as_deref().filter(|task| !task.is_empty()) {
        Some(task) => {
            check_task(&alloc, task)?;
            task.to_owned()
        }
        None => only_task(&alloc)?,
    };
    let words = serde_json::to_string(command).map_err(|error| failed(&error.to_string()))?;
    let path = format!("/v1/client/allocation/{}/exec", path_segment(&alloc.id));
    converse(&client, console, &path, &[("task", &task), ("command", &words)], manner).await
}

/// Open the session at that path and hold it to its end.
pub(super) async fn converse(
    client: &ApiClient,
    console: Console,
    path: &str,
    query: &[(&str, &str)],
    manner: Manner,
) -> Result<u8, Failure> {
    let tty = if manner.tty { "true" } else { "false" };
    let query: Vec<(&str, &str)> = query.iter().chain(&[("tty", tty)]).copied().collect();
    let socket = client.converse(path, &query).await.map_err(|error| failed(&error.to_string()))?;
    session::talk(socket, console, manner).await.map_err(|why| failed(&why))
}

fn failed(why: &str) -> Failure {
    // An ended session has nothing to do with the task.
    match why.strip_prefix('\n') {
        Some(_) => Failure::new(why),
        None => Failure::new(format!("failed to exec into task: {why}")),
    }
}
