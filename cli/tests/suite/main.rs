//! The real binary, as a user runs it: agents on free ports, commands against them.

mod agent;
mod boot;
mod demo;
mod jobs;
