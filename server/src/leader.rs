//! What only a leader does: shells around the controllers. They live for one tenure and hold no truth.

pub(crate) mod autopilot;
pub(crate) mod drainer;
pub(crate) mod gc;
pub(crate) mod keys;
pub(crate) mod liveness;
pub(crate) mod locks;
pub(crate) mod periodic;
pub(crate) mod tenure;
pub(crate) mod worker;
