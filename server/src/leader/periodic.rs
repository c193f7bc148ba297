//! Launches children of periodic jobs while this server leads.

use std::sync::Arc;
use std::time::Duration;

use controllers::periodic::{Clocks, Launch};
use futures::StreamExt;
use model::id::EvalId;
use state::{Command, Event, JobOperation, Outcome};

use crate::app::{App, CommandError};

/// Batches between raft and the clocks; if they fall further behind they are made anew from a snapshot.
const CAPACITY: usize = 16_384;
/// Launches that are under way at the same time.
const LAUNCHES_MAX: usize = 64;
/// How often the clocks are looked at when none of them is due: the cluster's time may be set.
const IDLE: Duration = Duration::from_secs(1);

/// Runs until it is dropped with its tenure.
pub(crate) async fn run(app: Arc<App>, tenure: u64) {
    loop {
        follow(&app, tenure).await;
    }
}

/// Runs until there is a gap between raft and the clocks.
async fn follow(app: &Arc<App>, tenure: u64) {
    let mut batches = app.raft.subscribe(CAPACITY);
    let mut clocks = Clocks::new(batches.start());
    loop {
        let wait_ns = clocks.next_tick().map_or(i64::MAX, |at| at.saturating_sub(app.clock.now_ns()));
        let wait = Duration::from_nanos(wait_ns.max(0).unsigned_abs()).min(IDLE);
        tokio::select! {
            batch = batches.next() => {
                let Ok(batch) = batch else { return };
                for (_, event) in &batch.events {
                    if let Event::Job(key) | Event::Launched(key) = event {
                        clocks.note(&batch.state, key);
                    }
                }
            }
            () = tokio::time::sleep(wait) => {
                let due = clocks.tick(app.clock.now_ns(), LAUNCHES_MAX);
                let launches = futures::stream::iter(due).map(|due| launch(app, tenure, due));
                launches.buffer_unordered(LAUNCHES_MAX).collect::<()>().await;
                app.metrics.gauge("nomad.periodic.tracked", &[]).set(clocks.count() as f64);
            }
        }
    }
}

/// What fails is due again a little later.
async fn launch(app: &App, tenure: u64, due: Launch) {
    let operation = JobOperation::LaunchPeriodic {
        tenure: Some(tenure),
        job: due.job.clone(),
        launch_ns: due.launch_ns,
        eval_id: EvalId(app.mint.uuid()),
    };
    match app.propose(Command::OperateJob { operation }).await {
        Ok(committed) => match committed.outcome {
            Outcome::Job { .. } => tracing::debug!(job = %due.job.id(), "a periodic job launched a child"),
            Outcome::Done => tracing::debug!(job = %due.job.id(), "a launch was skipped"),
            other => tracing::debug!(job = %due.job.id(), ?other, "a launch was refused"),
        },
        Err(CommandError::Busy) => tracing::debug!(job = %due.job.id(), "a launch has to wait"),
        Err(error) => tracing::warn!(job = %due.job.id(), %error, "a periodic job could not launch a child"),
    }
}
