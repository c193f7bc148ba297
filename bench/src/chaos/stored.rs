//! What a server has: ids of jobs by prefix, page by page, because there may be hundreds of thousands.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::Context;

const PER_PAGE: usize = 5_000;
/// A server that has just started catches up first.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// All ids that begin so, as a consistent read of one server answers.
pub(crate) async fn ids(address: &str, prefix: &str) -> anyhow::Result<BTreeSet<String>> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
    let mut ids = BTreeSet::new();
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
        ids.extend(page);
        match next {
            Some(next) => token = next,
            None => return Ok(ids),
        }
    }
}

async fn page(client: &reqwest::Client, url: &str) -> anyhow::Result<(Vec<String>, Option<String>)> {
    let answer = client.get(url).send().await?.error_for_status()?;
    let next = answer.headers().get("x-nomad-nexttoken");
    let next = next.map(|token| token.to_str().map(str::to_owned)).transpose()?;
    let stubs: Vec<serde_json::Value> = answer.json().await?;
    let ids = stubs.iter().filter_map(|stub| stub["ID"].as_str().map(str::to_owned));
    Ok((ids.collect(), next))
}
