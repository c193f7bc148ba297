//! `system gc`, `system reconcile summaries`.

use crate::args::Plain;
use crate::console::{Failure, client};
use serde_json::{Value, json};

pub(super) async fn gc(args: &Plain) -> Result<u8, Failure> {
    put(args, "/v1/system/gc", "Error running system garbage-collection").await
}

pub(super) async fn summaries(args: &Plain) -> Result<u8, Failure> {
    put(args, "/v1/system/reconcile/summaries", "Error running system summary reconciliation").await
}

async fn put(args: &Plain, path: &str, doing: &str) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    client.put::<_, Value>(path, &[], &json!({})).await.map_err(|e| Failure::because(doing, &e))?;
    Ok(0)
}
