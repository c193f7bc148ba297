//! Names that are used once: registered, read back from another server, and some of them stopped.

use std::sync::Arc;

use reqwest::Method;

use super::{Desk, Wanted};
use crate::job::unplaceable;

/// All names begin so.
pub const PREFIX: &str = "once-";
/// One of so many is stopped again.
const STOPPED: u64 = 4;
/// One of so many is read back at once.
const READ_BACK: u64 = 3;

pub(super) async fn work(desk: Arc<Desk>, worker: usize) {
    let mut number = 0;
    while desk.turn().await {
        number += 1;
        let id = format!("{PREFIX}{worker}-{number}");
        let url = format!("{}/v1/jobs", desk.anybody());
        let answer = desk.http.ask(Method::PUT, url, Some(&unplaceable(&id))).await;
        if !answer.is_ok_and(|answer| answer.ok()) {
            continue;
        }
        desk.answered();
        desk.record().once.insert(id.clone(), Wanted::Running(1));
        if desk.mint.below(READ_BACK) == 0 {
            read_back(&desk, &id, false).await;
        }
        if desk.mint.below(STOPPED) == 0 {
            let url = format!("{}/v1/job/{id}", desk.anybody());
            let stopped = desk.http.ask(Method::DELETE, url, None).await;
            let stopped = stopped.is_ok_and(|answer| answer.ok());
            let wanted = if stopped { Wanted::Stopped } else { Wanted::Unknown };
            desk.record().once.insert(id.clone(), wanted);
            if stopped {
                desk.answered();
                read_back(&desk, &id, true).await;
            }
        }
    }
}

/// What was acknowledged is in every later read.
async fn read_back(desk: &Desk, id: &str, stopped: bool) {
    let address = desk.anybody();
    let Ok(answer) = desk.http.get(format!("{address}/v1/job/{id}")).await else { return };
    let shown = match answer.status {
        200 => answer.body["Stop"].as_bool() == Some(stopped),
        404 => false,
        _ => return,
    };
    desk.answered();
    let mut record = desk.record();
    record.read_back += 1;
    if !shown {
        record.missing.push(format!("{id} at {address}: {} {}", answer.status, answer.body["Stop"]));
    }
}
