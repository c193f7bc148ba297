//! P9: a server that is cut off from the majority serves no write and no consistent read, and its stale reads say so.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{Promise, Verdict};
use crate::workload::http::Http;

/// How long it is asked. The cut has to last longer.
pub const PATIENCE: Duration = Duration::from_millis(1_500);

/// Asks a server that has been cut off for longer than a leader's lease, and stays so until this returns. One that is
/// cut off together with a leader still hears that leader and cannot know better: `led` leaves its stale reads out.
pub async fn probe(verdict: &Verdict, http: &Http, address: &str, led: bool, mark: u64) {
    let variable = format!("{address}/v1/var/chaos/minority-{mark}");
    let body = json!({ "Items": { "value": "x" } });
    let (write, read, stale) = tokio::join!(
        http.ask_within(PATIENCE, Method::PUT, variable, Some(&body)),
        http.ask_within(PATIENCE, Method::GET, format!("{address}/v1/jobs?per_page=1"), None),
        http.ask_within(PATIENCE, Method::GET, format!("{address}/v1/jobs?per_page=1&stale"), None),
    );
    verdict.expect(Promise::P9, !write.is_ok_and(|answer| answer.ok()), || {
        format!("{address} took a write in a minority")
    });
    verdict.expect(Promise::P9, !read.is_ok_and(|answer| answer.ok()), || {
        format!("{address} answered a consistent read in a minority")
    });
    // One that does not answer in time says nothing wrong.
    if let (Ok(stale), false) = (stale, led) {
        let says_so = stale.known_leader == Some(false) || stale.last_contact.is_some_and(|ms| ms > 1_000);
        verdict.expect(Promise::P9, stale.ok() && says_so, || {
            format!(
                "{address}: a stale read in a minority says status {}, known leader {:?}, last contact {:?} ms",
                stale.status, stale.known_leader, stale.last_contact
            )
        });
    }
}
