//! P1: what was acknowledged is there, on every server, id by id.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::{Promise, Verdict};
use crate::workload::{Record, Wanted, once};

const PER_PAGE: usize = 5_000;
/// A server that has just started catches up first.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// Jobs whose ids begin so, and whether they are stopped, as a consistent read of one server answers. There may be
/// hundreds of thousands, so they come page by page.
///
/// # Errors
/// When the server does not answer in time.
pub async fn stored(address: &str, prefix: &str) -> anyhow::Result<BTreeMap<String, bool>> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
    let mut jobs = BTreeMap::new();
    let mut token = String::new();
    loop {
        let url = format!("{address}/v1/jobs?prefix={prefix}&per_page={PER_PAGE}&next_token={token}");
        let deadline = Instant::now() + PATIENCE;
        let (page, next) = loop {
            match page(&client, &url).await {
                Ok(answer) => break answer,
                Err(error) if Instant::now() >= deadline => return Err(error).context(url),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        };
        jobs.extend(page);
        match next {
            Some(next) => token = next,
            None => return Ok(jobs),
        }
    }
}

type Page = (Vec<(String, bool)>, Option<String>);

async fn page(client: &reqwest::Client, url: &str) -> anyhow::Result<Page> {
    let answer = client.get(url).send().await?.error_for_status()?;
    let next = answer.headers().get("x-nomad-nexttoken");
    let next = next.map(|token| token.to_str().map(str::to_owned)).transpose()?;
    let stubs: Vec<serde_json::Value> = answer.json().await?;
    let job = |stub: &serde_json::Value| {
        Some((stub["ID"].as_str()?.to_owned(), stub["Stop"].as_bool().unwrap_or(false)))
    };
    Ok((stubs.iter().filter_map(job).collect(), next))
}

/// Compares what was acknowledged with what each server has.
///
/// # Errors
/// When a server does not answer in time.
pub async fn check(verdict: &Verdict, addresses: &[String], record: &Record) -> anyhow::Result<()> {
    verdict.checked(Promise::P1, record.read_back);
    for missing in &record.missing {
        verdict.broken(Promise::P1, format!("a read did not show what was acknowledged: {missing}"));
    }
    for address in addresses {
        let stored = stored(address, once::PREFIX).await?;
        for (id, wanted) in &record.once {
            let found = stored.get(id);
            let holds = match wanted {
                Wanted::Running(_) => found == Some(&false),
                Wanted::Stopped => found == Some(&true),
                Wanted::Unknown => found.is_some(),
            };
            verdict.expect(Promise::P1, holds, || {
                format!("{id} was acknowledged as {wanted:?}, {address} has it stopped: {found:?}")
            });
        }
    }
    Ok(())
}
