//! Which of the feasible nodes is best.

pub mod anti_affinity;
pub mod binpack;
