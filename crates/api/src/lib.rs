//! The documented JSON, one file per page of the API, and its conversions to and from the model.
//!
//! Only spelling lives here: names of fields, shapes of answers, what may be left out of a request. Defaults come
//! from `model::job::canonicalize`, decisions from nowhere in this crate.

pub mod agent;
pub mod allocations;
pub mod deployments;
pub mod evaluations;
pub mod job;
pub mod jobs;
pub mod json;
pub mod nodes;
pub mod query;
mod shape;
pub mod time;
