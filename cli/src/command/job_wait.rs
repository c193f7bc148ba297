//! `job wait`: until every group of a job has the allocations it wants, running or done.

use crate::args::JobWait;
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::path_segment;
use api::explain::JobExplanation;
use api::jobs::JobSummary;
use std::time::Duration;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) async fn run(args: &JobWait, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let path = format!("/v1/job/{}", path_segment(&stub.id));
    let work = async {
        loop {
            let failed = |e: &_| Failure::because("Error querying job", e);
            let (job, _) = client
                .shape::<JobExplanation>(&format!("{path}/explain"), &[])
                .await
                .map_err(|e| failed(&e))?;
            let (summary, _) =
                client.shape::<JobSummary>(&format!("{path}/summary"), &[]).await.map_err(|e| failed(&e))?;
            let has =
                |name: &str| summary.summary.get(name).map_or(0, |group| group.running + group.complete);
            if job.groups.iter().all(|group| has(&group.name) >= group.wanted) {
                return Ok::<_, Failure>(());
            }
            if args.verbose {
                for group in &job.groups {
                    console.line(format!("Task Group {:?}: {}", group.name, group.summary));
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match args.timeout {
        None => work.await?,
        Some(seconds) => tokio::time::timeout(Duration::from_secs(seconds), work).await.map_err(|_| {
            Failure::new(format!(
                "Job {:?} did not get what it wants within {seconds} s; try: drover job explain {0}",
                stub.id
            ))
        })??,
    }
    console.line(format!("Job {:?} has what it wants", stub.id));
    Ok(0)
}
