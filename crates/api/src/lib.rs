//! The documented JSON, one file per page of the API, and its conversions to and from the model.
//!
//! Only spelling lives here: names of fields, shapes of answers, what may be left out of a request. Defaults come
//! from `model::job::canonicalize`, decisions from nowhere in this crate.

pub mod acl;
pub mod actions;
pub mod agent;
pub mod allocations;
pub mod client;
pub mod deployments;
pub mod diff;
pub mod evaluations;
pub mod events;
pub mod explain;
pub mod job;
pub mod job_actions;
pub mod jobs;
pub mod json;
pub mod keyring;
pub mod metrics;
pub mod namespaces;
pub mod node_pools;
pub mod nodes;
pub mod number;
pub mod openapi;
pub mod operator;
pub mod parse;
pub mod plan;
pub mod query;
pub mod search;
pub mod services;
mod shape;
pub mod statuses;
pub mod time;
pub mod validate;
pub mod variables;
pub mod volumes;
pub mod whatif;
