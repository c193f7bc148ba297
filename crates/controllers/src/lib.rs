//! What a leader owns, without I/O: queues, timers and decisions as plain data.
//!
//! Every controller is fed events in order and answers with effects; shells in the server carry them out. A
//! controller holds no truth: a new leader builds it anew from a snapshot, so losing one loses nothing.
//! Times are a leader's own monotonic milliseconds, except where a name ends in `_ns`: those are the cluster's.

pub mod autopilot;
pub mod blocked_evals;
pub mod deployment;
pub mod drain;
pub mod eval_broker;
pub mod evaluations;
pub mod gc;
pub mod heartbeat;
mod offers;
pub mod periodic;
pub mod plan_check;
