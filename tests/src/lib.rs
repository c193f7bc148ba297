//! What the suites share: real processes on loopback, and waiting for conditions instead of times.

pub mod agent;
pub mod cluster;
pub mod eventually;
pub mod job;
