//! Where axum ends: requests become [`message::Request`], answers [`message::Response`]; everything between is ours,
//! so that a request forwarded by another server meets the very same router.

pub(crate) mod error;
pub(crate) mod message;
pub(crate) mod proxy;
pub(crate) mod router;
pub(crate) mod serve;

mod absent;
mod agent;
mod agent_actions;
mod allocations;
mod blocking;
pub(crate) mod client;
mod cors;
mod deployment_actions;
mod deployments;
mod encoding;
mod eval_actions;
mod evaluations;
mod events;
mod explain;
mod fuzzy;
mod job_actions;
mod jobs;
mod keyring;
mod lookup;
mod monitor;
mod namespaces;
mod node_actions;
mod node_pools;
mod nodes;
mod numbers;
mod openapi;
mod operator;
mod operator_config;
mod page;
mod parse;
mod routes;
mod scaling;
mod search;
mod services;
mod socket;
mod statuses;
mod stored;
mod system;
mod validate;
mod variables;
