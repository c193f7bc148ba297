//! What the suites share: real processes on loopback, waiting for conditions instead of times, and what the fault
//! suites need: load, faults, simulated client agents, histories and the promises that are checked of them.

pub mod agent;
pub mod chaos;
pub mod cluster;
pub mod eventually;
pub mod fault;
pub mod history;
pub mod invariant;
pub mod job;
pub mod swarm;
pub mod workload;
