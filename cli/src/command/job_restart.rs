//! `job restart`: the allocations of a job restarted where they are, or placed anew, batch after batch.

mod order;
mod replace;

use super::alloc_target::{tasks, whole};
use crate::args::JobRestart;
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::{ApiClient, path_segment};
use crate::output::{self, monitor_line};
use api::allocations::{AllocStub, Allocation};
use order::{Order, Pause};
use serde_json::{Value, json};
use std::io::BufRead;
use std::time::Duration;

/// Pause between two looks at an allocation.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) async fn run(args: &JobRestart, console: Console) -> Result<u8, Failure> {
    let order = Order::of(args)?;
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    if args.reschedule && stub.kind == "sysbatch" {
        return Err(Failure::new("Jobs of type \"sysbatch\" are not allowed to be rescheduled."));
    }
    let client = client.in_namespace(&stub.namespace);
    let allocs = wanted(&client, &stub.id, args).await?;
    if allocs.is_empty() {
        console.line("No allocations to restart");
        return Ok(0);
    }
    let mut restart = Restart { client: &client, console, args, pause: order.pause, failed: 0 };
    restart.say(true, &format!("Restarting {}", counted(allocs.len())));
    let size = order.size.of(allocs.len());
    if !restart.batches(&allocs, size).await? {
        console.line("\nJob restart canceled.");
        return Ok(1);
    }
    if restart.failed > 0 {
        restart.say(true, "Job restart finished with errors");
        return Err(Failure::new(format!(
            "\n{} of {} could not be restarted",
            restart.failed,
            counted(allocs.len())
        )));
    }
    restart.say(true, "Job restart finished");
    console.line("\nJob restarted successfully!");
    Ok(0)
}

/// The running allocations that the flags choose, as a whole, in the order of their names.
async fn wanted(client: &ApiClient, job: &str, args: &JobRestart) -> Result<Vec<Allocation>, Failure> {
    let path = format!("/v1/job/{}/allocations", path_segment(job));
    let (mut stubs, _) = client
        .shape::<Vec<AllocStub>>(&path, &[])
        .await
        .map_err(|e| Failure::because(&format!("Error retrieving allocations for job {job:?}"), &e))?;
    stubs.retain(|stub| stub.client_status == "running" && stub.desired_status == "run");
    stubs.retain(|stub| args.group.is_empty() || args.group.contains(&stub.task_group));
    stubs.sort_by(|a, b| (&a.task_group, &a.name, &a.id).cmp(&(&b.task_group, &b.name, &b.id)));
    let mut allocs = Vec::new();
    for stub in stubs {
        let alloc = whole(client, &stub.id).await?;
        let has = |task: &String| tasks(&alloc).contains(&task.as_str());
        if args.task.is_empty() || args.task.iter().any(has) {
            allocs.push(alloc);
        }
    }
    Ok(allocs)
}

fn counted(count: usize) -> String {
    format!("{count} {}", if count == 1 { "allocation" } else { "allocations" })
}

fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

struct Restart<'a> {
    client: &'a ApiClient,
    console: Console,
    args: &'a JobRestart,
    pause: Pause,
    failed: usize,
}

impl Restart<'_> {
    fn say(&self, heading: bool, text: &str) {
        self.console.line(monitor_line(super::now_ns(), heading, text));
    }

    /// Batch after batch. `false` when somebody wanted no more of it.
    async fn batches(&mut self, allocs: &[Allocation], size: usize) -> Result<bool, Failure> {
        let count = allocs.len().div_ceil(size);
        for (index, batch) in allocs.chunks(size).enumerate() {
            if size > 1 && count > 1 {
                let what = counted(batch.len());
                self.say(true, &format!("Restarting {} batch of {what}", ordinal(index + 1)));
            }
            let done = futures::future::join_all(batch.iter().map(|alloc| self.one(alloc))).await;
            let errors: Vec<Failure> = done.into_iter().filter_map(Result::err).collect();
            self.failed += errors.len();
            for error in &errors {
                self.console.error(&error.message);
            }
            let last = index + 1 == count;
            if !errors.is_empty() && !self.goes_on(last)? {
                return Ok(false);
            }
            if !last && !self.between().await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn one(&self, alloc: &Allocation) -> Result<(), Failure> {
        let id = output::id(&alloc.id, self.args.verbose);
        let place = format!("allocation {id:?} for group {:?}", alloc.task_group);
        if self.args.reschedule {
            self.say(false, &format!("Rescheduling {place}"));
            return replace::replace(self.client, alloc, self.args).await;
        }
        if self.args.task.is_empty() {
            let which = if self.args.all_tasks { "all tasks" } else { "running tasks" };
            self.say(false, &format!("Restarting {which} in {place}"));
            self.restart(alloc, json!({ "AllTasks": self.args.all_tasks })).await?;
        }
        let there = tasks(alloc);
        for task in self.args.task.iter().filter(|task| there.contains(&task.as_str())) {
            self.say(false, &format!("Restarting task {task:?} in {place}"));
            self.restart(alloc, json!({ "AllTasks": false, "TaskName": task })).await?;
        }
        self.until_running(alloc).await
    }

    async fn restart(&self, alloc: &Allocation, body: Value) -> Result<(), Failure> {
        let path = format!("/v1/client/allocation/{}/restart", path_segment(&alloc.id));
        let query: &[(&str, &str)] =
            if self.args.no_shutdown_delay { &[("no_shutdown_delay", "true")] } else { &[] };
        let answer = self.client.put::<_, Value>(&path, query, &body).await;
        answer.map(drop).map_err(|error| {
            let id = output::id(&alloc.id, self.args.verbose);
            Failure::because(&format!("Error restarting allocation {id:?}"), &error)
        })
    }

    async fn until_running(&self, alloc: &Allocation) -> Result<(), Failure> {
        loop {
            let now = whole(self.client, &alloc.id).await?;
            match now.client_status.as_str() {
                "running" => return Ok(()),
                "pending" => tokio::time::sleep(PAUSE).await,
                status => {
                    let id = output::id(&alloc.id, self.args.verbose);
                    return Err(Failure::new(format!("Allocation {id:?} is {status} after its restart")));
                }
            }
        }
    }

    /// Whether the next batch follows one with errors.
    fn goes_on(&self, last: bool) -> Result<bool, Failure> {
        if self.args.yes {
            return Ok(true);
        }
        if self.args.on_error.as_deref() == Some("fail") {
            return Ok(false);
        }
        if last {
            return Ok(true);
        }
        Ok(matches!(self.ask("Proceed with the next batch? [Y/n] ")?.as_str(), "" | "y" | "Y"))
    }

    /// What lies between two batches. `false` when somebody wanted no more.
    async fn between(&mut self) -> Result<bool, Failure> {
        if self.pause == Pause::Ask && !self.args.yes {
            let answer = self.ask("Proceed with next batch? [Y/n/<duration>] ")?;
            match answer.as_str() {
                "" | "y" | "Y" => return Ok(true),
                "n" | "N" => return Ok(false),
                text => {
                    self.pause = Pause::read(text)
                        .map_err(|why| Failure::new(format!("Invalid answer {text:?}: {why}")))?;
                    let wait = self.pause.text();
                    self.say(true, &format!("Proceeding restarts with new wait time of {wait}"));
                }
            }
        }
        if let Pause::Time(time) = self.pause
            && !time.is_zero()
        {
            self.say(true, &format!("Waiting {} before restarting the next batch", self.pause.text()));
            tokio::time::sleep(time).await;
        }
        Ok(true)
    }

    /// A line of standard input; its end is no answer, and nothing is done without one.
    fn ask(&self, question: &str) -> Result<String, Failure> {
        self.console.write(monitor_line(super::now_ns(), true, question).as_bytes());
        let mut answer = String::new();
        match std::io::stdin().lock().read_line(&mut answer) {
            Ok(0) => Err(Failure::new(
                "\nNo answer: use -yes, -batch-wait and -on-error to restart without questions",
            )),
            Ok(_) => Ok(answer.trim().to_owned()),
            Err(error) => Err(Failure::new(format!("Failed to read the answer: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_as_people_count() {
        for (number, text) in
            [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (21, "21st"), (112, "112th")]
        {
            assert_eq!(super::ordinal(number), text);
        }
        assert_eq!(super::counted(1), "1 allocation");
    }
}
