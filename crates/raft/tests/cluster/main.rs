//! Real servers over real gRPC on loopback: what a cluster promises, and what happens when parts of it go.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its servers has failed")]

mod formation;
mod life;
mod server;
mod snapshot;
