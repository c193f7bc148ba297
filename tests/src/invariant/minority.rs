//! P9: a server that is cut off from the majority serves no write and no consistent read, and its stale reads say so.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use super::{Promise, Verdict};
use crate::workload::http::{Answer, Http};

/// How long it is asked for a write and a read.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How long until it has to say that its stale reads are old. What was on its way when the links were cut still arrives,
/// and a machine that is busy with other things has it read seconds later: then it was heard, and only then. But that
/// ends; a server that goes on to claim a contact that it cannot have goes on to do so after this time.
const STALE_PATIENCE: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(100);

/// Asks a server that has been cut off for longer than a leader's lease, and has to stay so until this returns. One that
/// is cut off together with a leader still hears that leader and cannot know better: `led` leaves its stale reads out.
pub async fn probe(verdict: &Verdict, http: &Http, address: &str, led: bool, mark: u64) {
    let variable = format!("{address}/v1/var/chaos/minority-{mark}");
    let body = json!({ "Items": { "value": "x" } });
    let (write, read, stale) = tokio::join!(
        http.ask_within(PATIENCE, Method::PUT, variable, Some(&body)),
        http.ask_within(PATIENCE, Method::GET, format!("{address}/v1/jobs?per_page=1"), None),
        stale(http, address),
    );
    verdict.expect(Promise::P9, !write.is_ok_and(|answer| answer.ok()), || {
        format!("{address} took a write in a minority")
    });
    verdict.expect(Promise::P9, !read.is_ok_and(|answer| answer.ok()), || {
        format!("{address} answered a consistent read in a minority")
    });
    // One that does not answer in time says nothing wrong.
    if let (Some(stale), false) = (stale, led) {
        verdict.expect(Promise::P9, says_so(&stale), || {
            format!(
                "{address}: a stale read in a minority says status {}, known leader {:?}, last contact {:?} ms",
                stale.status, stale.known_leader, stale.last_contact
            )
        });
    }
}

fn says_so(stale: &Answer) -> bool {
    stale.ok() && (stale.known_leader == Some(false) || stale.last_contact.is_some_and(|ms| ms > 1_000))
}

/// Its first stale read that says how old it is, or the last one that does not.
async fn stale(http: &Http, address: &str) -> Option<Answer> {
    let deadline = Instant::now() + STALE_PATIENCE;
    let mut last = None;
    while Instant::now() < deadline {
        let url = format!("{address}/v1/jobs?per_page=1&stale");
        match http.ask_within(PATIENCE, Method::GET, url, None).await {
            Ok(answer) if says_so(&answer) => return Some(answer),
            Ok(answer) => last = Some(answer),
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
    last
}
