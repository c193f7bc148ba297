//! What every row of the route table takes and answers, in the order of that table.

mod agent;
mod client;
mod cluster;
mod jobs;

use super::operation::Operation;

/// Every row.
pub(super) fn all() -> impl Iterator<Item = &'static Operation> {
    [jobs::ROWS, client::ROWS, cluster::ROWS, agent::ROWS].into_iter().flatten()
}
