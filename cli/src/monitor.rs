//! Watching what comes of a submitted evaluation: its placements, then its deployment.
//!
//! Only what changed since the last look is told. The watch asks again twice a second and ends by itself; interrupting
//! it interrupts nothing on the servers.

mod deployment;

pub use deployment::watch as deployment;

use crate::console::{Console, Failure};
use crate::http::ApiClient;
use crate::output::{self, monitor_line};
use crate::view;
use api::allocations::AllocStub;
use api::evaluations::Evaluation;
use std::collections::BTreeMap;
use std::time::Duration;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// Exit status when the scheduler could not place everything.
const PLACEMENT_FAILURE: u8 = 2;

/// Watch an evaluation, those that follow it, and its deployment. Gives the exit status: 0 when all went well, 2 when
/// not everything could be placed, 1 otherwise.
pub async fn evaluation(
    client: &ApiClient,
    console: Console,
    id: &str,
    verbose: bool,
) -> Result<u8, Failure> {
    let mut id = id.to_owned();
    let mut watch = Watch::new(console, verbose);
    let eval = loop {
        watch.say(true, &format!("Monitoring evaluation {:?}", output::id(&id, verbose)));
        let eval = watch.until_finished(client, &id).await?;
        if !watch.report(&eval) && !eval.next_eval.is_empty() {
            id.clone_from(&eval.next_eval);
            watch = Watch::new(console, verbose);
            continue;
        }
        break eval;
    };
    let failed = eval.failed_tg_allocs.as_ref().is_some_and(|groups| !groups.is_empty());
    if failed {
        return Ok(PLACEMENT_FAILURE);
    }
    if eval.status != "complete" {
        return Ok(1);
    }
    if eval.deployment_id.is_empty() {
        return Ok(0);
    }
    watch.say(true, &format!("Monitoring deployment {:?}", output::id(&eval.deployment_id, verbose)));
    let successful = deployment::watch(client, console, &eval.deployment_id, verbose).await?;
    Ok(if successful { 0 } else { 1 })
}

/// What was told already.
struct Watch {
    console: Console,
    verbose: bool,
    triggered: bool,
    deployment: String,
    status: String,
    /// Client status of each allocation.
    allocs: BTreeMap<String, String>,
}

impl Watch {
    fn new(console: Console, verbose: bool) -> Watch {
        Watch {
            console,
            verbose,
            triggered: false,
            deployment: String::new(),
            status: "pending".to_owned(),
            allocs: BTreeMap::new(),
        }
    }

    fn say(&self, heading: bool, text: &str) {
        let now_ns = runtime::Clock::system().now_ns();
        self.console.line(monitor_line(now_ns, heading, text));
    }

    fn id<'a>(&self, id: &'a str) -> &'a str {
        output::id(id, self.verbose)
    }

    async fn until_finished(&mut self, client: &ApiClient, id: &str) -> Result<Evaluation, Failure> {
        loop {
            let path = format!("/v1/evaluation/{id}");
            let (eval, _) = client
                .shape::<Evaluation>(&path, &[])
                .await
                .map_err(|e| Failure::because("Error reading evaluation", &e))?;
            let (allocs, _) = client
                .shape::<Vec<AllocStub>>(&format!("{path}/allocations"), &[])
                .await
                .map_err(|e| Failure::because("Error reading allocations", &e))?;
            for line in self.changes(&eval, &allocs) {
                self.say(false, &line);
            }
            if matches!(eval.status.as_str(), "complete" | "failed" | "canceled") {
                return Ok(eval);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The lines about what is new.
    fn changes(&mut self, eval: &Evaluation, allocs: &[AllocStub]) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.triggered {
            self.triggered = true;
            if !eval.node_id.is_empty() {
                lines.push(format!("Evaluation triggered by node {:?}", self.id(&eval.node_id)));
            } else if !eval.job_id.is_empty() {
                lines.push(format!("Evaluation triggered by job {:?}", eval.job_id));
            }
        }
        if self.deployment.is_empty() && !eval.deployment_id.is_empty() {
            self.deployment.clone_from(&eval.deployment_id);
            let id = self.id(&eval.deployment_id);
            lines.push(format!("Evaluation within deployment: {id:?}"));
        }
        for alloc in allocs {
            lines.extend(self.change(eval, alloc));
        }
        if eval.status != self.status {
            lines.push(format!("Evaluation status changed: {:?} -> {:?}", self.status, eval.status));
            self.status.clone_from(&eval.status);
        }
        lines
    }

    fn change(&mut self, eval: &Evaluation, alloc: &AllocStub) -> Option<String> {
        let id = self.id(&alloc.id);
        let before = self.allocs.insert(alloc.id.clone(), alloc.client_status.clone());
        match before {
            None => {
                let what = if alloc.create_index < eval.create_index {
                    "modified"
                } else if alloc.desired_status == "run" {
                    "created"
                } else {
                    return None;
                };
                Some(format!(
                    "Allocation {id:?} {what}: node {:?}, group {:?}",
                    self.id(&alloc.node_id),
                    alloc.task_group
                ))
            }
            Some(before) if before != alloc.client_status => {
                let description = if alloc.client_description.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", alloc.client_description)
                };
                Some(format!(
                    "Allocation {id:?} status changed: {before:?} -> {:?}{description}",
                    alloc.client_status
                ))
            }
            Some(_) => None,
        }
    }

    /// The end of an evaluation. Gives whether something could not be placed.
    fn report(&self, eval: &Evaluation) -> bool {
        let failed: Vec<_> = eval.failed_tg_allocs.iter().flatten().collect();
        let finished = format!("Evaluation {:?} finished with status {:?}", self.id(&eval.id), eval.status);
        if failed.is_empty() {
            self.say(true, &finished);
            return false;
        }
        self.say(true, &format!("{finished} but failed to place all allocations:"));
        for (group, metric) in failed {
            let count = metric.coalesced_failures + 1;
            let noun = if count == 1 { "allocation" } else { "allocations" };
            self.say(false, &format!("Task Group {group:?} (failed to place {count} {noun}):"));
            for line in view::metric::lines(metric, "      ") {
                self.console.line(line);
            }
        }
        if !eval.blocked_eval.is_empty() {
            self.say(
                false,
                &format!(
                    "Evaluation {:?} waiting for additional capacity to place remainder",
                    self.id(&eval.blocked_eval)
                ),
            );
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eval(status: &str, deployment: &str) -> Evaluation {
        Evaluation {
            id: "1ca5fbc3-0000-0000-0000-000000000000".to_owned(),
            job_id: "r".to_owned(),
            status: status.to_owned(),
            deployment_id: deployment.to_owned(),
            create_index: 5,
            ..Evaluation::default()
        }
    }

    fn alloc(status: &str, create_index: u64) -> AllocStub {
        AllocStub {
            id: "509d2c14-0000-0000-0000-000000000000".to_owned(),
            node_id: "3b2df682-0000-0000-0000-000000000000".to_owned(),
            task_group: "g".to_owned(),
            desired_status: "run".to_owned(),
            client_status: status.to_owned(),
            client_description: "Tasks are running".to_owned(),
            create_index,
            ..AllocStub::default()
        }
    }

    #[test]
    fn only_what_is_new_is_told() {
        let mut watch = Watch::new(Console::plain(), false);
        assert_eq!(
            watch.changes(&eval("pending", ""), &[alloc("pending", 6)]),
            [
                "Evaluation triggered by job \"r\"",
                "Allocation \"509d2c14\" created: node \"3b2df682\", group \"g\""
            ]
        );
        let complete = eval("complete", "6c9aa227-0000-0000-0000-000000000000");
        assert_eq!(
            watch.changes(&complete, &[alloc("running", 6)]),
            [
                "Evaluation within deployment: \"6c9aa227\"",
                "Allocation \"509d2c14\" status changed: \"pending\" -> \"running\" (Tasks are running)",
                "Evaluation status changed: \"pending\" -> \"complete\"",
            ]
        );
        assert!(watch.changes(&complete, &[alloc("running", 6)]).is_empty());
        let mut later = Watch::new(Console::plain(), true);
        let lines = later.changes(&eval("pending", ""), &[alloc("running", 4)]);
        assert!(
            lines[1].starts_with("Allocation \"509d2c14-0000-0000-0000-000000000000\" modified: node"),
            "{lines:?}"
        );
    }
}
