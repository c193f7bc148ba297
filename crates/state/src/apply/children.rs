//! Jobs that others launched.

use model::id::JobKey;
use model::{Job, JobStatus};

use super::Tx;
use crate::outcome::Refusal;

impl Tx<'_> {
    /// Keeps the count of a parent's children.
    pub(super) fn count_child(&mut self, parent: &JobKey, from: Option<JobStatus>, to: Option<JobStatus>) {
        self.change_summary(parent, |summary| summary.children.shift(from, to));
    }

    /// Refuses a dispatch whose token an earlier one had, naming the child that came of it.
    pub(super) fn refuse_repeated_dispatch(&self, job: &Job) -> Option<Refusal> {
        if !job.dispatched || job.dispatch_idempotency_token.is_empty() {
            return None;
        }
        let prefix = format!("{}/dispatch-", job.parent_id);
        let mut children = self.state.jobs_with_prefix(&job.namespace, &prefix);
        let same = children.find(|(child, _)| {
            child.parent_id == job.parent_id
                && child.dispatch_idempotency_token == job.dispatch_idempotency_token
        });
        same.map(|(child, _)| Refusal::Dispatched { job: child.id.clone(), create_index: child.create_index })
    }
}
