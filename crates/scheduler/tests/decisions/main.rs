//! What is decided: the recorded updates, and scenarios as text.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

mod cluster;
mod histories;
mod play;
mod request;
mod scenarios;
mod updates;
