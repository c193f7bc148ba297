//! The real binary, as a user runs it: agents on free ports, commands against them.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which clippy only knows as such inside a test function"
)]

mod addresses;
mod agent;
mod boot;
mod demo;
mod golden;
mod inside;
mod jobs;
mod operators;
