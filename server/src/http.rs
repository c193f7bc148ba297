//! Where axum ends: requests become [`message::Request`], answers [`message::Response`]; everything between is ours,
//! so that a request forwarded by another server meets the very same router.

pub(crate) mod error;
pub(crate) mod message;
pub(crate) mod proxy;
pub(crate) mod router;
pub(crate) mod serve;

mod agent;
mod allocations;
mod blocking;
mod client;
mod deployments;
mod evaluations;
mod jobs;
mod nodes;
mod operator;
mod page;
mod routes;
