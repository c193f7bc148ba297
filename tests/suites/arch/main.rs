//! The architecture, executed: arrows between rooms, licences, the purity law, and the shape of files.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

mod arrows;
mod files;
mod licences;
mod purity;
mod recorded;
