//! One run: load, faults, healing, settling, and the checks.

use std::time::{Duration, Instant};

use anyhow::Context;
use runtime::Mint;

use super::outcome::Outcome;
use super::site::{Scene, Site};
use super::{Plan, Step};
use crate::history::Outcome as Answered;
use crate::invariant::indexes::{self, Watchers};
use crate::invariant::snapshot::{self, Saved};
use crate::invariant::{Verdict, acknowledged, fits, registers, replicas, settled};
use crate::workload::http::Http;
use crate::workload::{self, Record, Workload};

/// Load before the first fault.
const WARM: Duration = Duration::from_secs(3);
/// Load after the last one.
const AFTER: Duration = Duration::from_secs(1);
/// How long a healed cluster may take to settle once nothing is left that says when it goes on.
const SETTLE: Duration = Duration::from_secs(60);
/// How long at all. What failed three times is put off for a minute, and that may happen twice.
const SETTLE_MAX: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(500);
/// Blocking queries on each server in calm.
const WAKES: usize = 4;

/// How much load there is.
fn load(addresses: Vec<String>, seed: u64) -> workload::Options {
    workload::Options { addresses, registers: 20, keys: 6, once: 14, services: 2, rate: 400.0, seed }
}

/// Goes through a plan.
///
/// # Errors
/// When the site itself fails; what servers do wrong is in the outcome.
pub async fn run<S: Site>(site: &mut S, plan: &Plan) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let scene = Scene { mint: Mint::seeded(plan.seed ^ 1), verdict: Verdict::default(), http: Http::new()? };
    let (promises, verdict) = (site.promises(), scene.verdict.clone());
    let mut outcome = Outcome { runs: 1, promises, verdict, ..Outcome::default() };
    let addresses = site.addresses();
    let workload = Workload::start(load(addresses.clone(), plan.seed))?;
    let watchers = Watchers::start(&scene.verdict, &scene.http, &addresses);
    tokio::time::sleep(WARM).await;
    outcome.slowest = Some(workload.rate());
    let caught = || plan.hunts && scene.verdict.violations() > 0;
    for step in &plan.steps {
        tokio::time::sleep(step.pause).await;
        look(&scene, &addresses).await;
        if caught() {
            break;
        }
        fault(site, &scene, step).await?;
        *outcome.faults.entry(step.kind).or_default() += 1;
    }
    tokio::time::sleep(AFTER).await;
    outcome.operations = workload.answered();
    let record = workload.stop().await;
    watchers.stop().await;
    outcome.unknown = record.operations.iter().filter(|one| one.outcome == Answered::Unknown).count() as u64;
    if !caught() {
        site.await_whole(&scene).await?;
        judge(site, &scene, &addresses, &record, plan.hunts).await?;
    }
    outcome.took = began.elapsed();
    Ok(outcome)
}

async fn fault<S: Site>(site: &mut S, scene: &Scene, step: &Step) -> anyhow::Result<()> {
    let began = Instant::now();
    site.inflict(scene, step).await.with_context(|| format!("{step:?}"))?;
    site.await_whole(scene).await.with_context(|| format!("after {step:?}"))?;
    println!("  {} for {:?}: whole again after {:.1?}", step.kind, step.length, began.elapsed());
    Ok(())
}

/// A look at what servers hold while the load goes on.
async fn look(scene: &Scene, addresses: &[String]) {
    let saved = futures::future::join_all(addresses.iter().map(|one| snapshot::save(one))).await;
    let saved: Vec<(String, Saved)> = addresses
        .iter()
        .zip(saved)
        .filter_map(|(address, saved)| Some((address.clone(), saved.ok()?)))
        .collect();
    for (address, saved) in &saved {
        fits::check(&scene.verdict, address, saved);
    }
    replicas::compare(&scene.verdict, &saved);
}

/// Every promise, once the faults are over. The quick looks come first: whoever hunts stops there.
async fn judge<S: Site>(
    site: &mut S,
    scene: &Scene,
    addresses: &[String],
    record: &Record,
    hunts: bool,
) -> anyhow::Result<()> {
    let verdict = &scene.verdict;
    registers::judge(verdict, &record.operations);
    site.check_tasks(scene).await;
    indexes::wakes(verdict, &scene.http, addresses, WAKES).await;
    acknowledged::check(verdict, addresses, record).await?;
    if hunts && verdict.violations() > 0 {
        return Ok(());
    }
    settle(site, verdict, addresses, record).await?;
    for saved in replicas::check(verdict, addresses).await {
        fits::check(verdict, "a settled server", &saved);
    }
    Ok(())
}

/// Waits until nothing is left to be done, and judges what is there then.
async fn settle<S: Site>(
    site: &mut S,
    verdict: &Verdict,
    addresses: &[String],
    record: &Record,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let (latest, mut deadline) = (began + SETTLE_MAX, began + SETTLE);
    loop {
        let (state, copies) = (snapshot::save(&addresses[0]).await, site.copies().await);
        let open = |saved: &Saved| !settled::unsettled(&saved.state, &copies, &record.services).is_empty();
        if state.as_ref().is_ok_and(|saved| settled::under_way(&saved.state)) {
            deadline = latest.min(Instant::now() + SETTLE);
        }
        if Instant::now() < deadline && state.as_ref().map_or(true, open) {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        settled::judge(verdict, &state?.state, &copies, &record.services);
        return Ok(());
    }
}
