//! Which of the feasible nodes is best: each rule gives a part of the score, and the mean of the parts that have
//! something to say decides.

pub mod affinity;
pub mod anti_affinity;
pub mod binpack;
pub mod preempt;
pub mod spread;

/// Names of the parts, as the original gives them.
pub mod part {
    /// How full the node gets, or how empty it stays.
    pub const FIT: &str = "binpack";
    /// Allocations of the group that are there already.
    pub const ANTI_AFFINITY: &str = "job-anti-affinity";
    /// An earlier allocation failed there.
    pub const RESCHEDULE: &str = "node-reschedule-penalty";
    /// What job, group and tasks prefer.
    pub const AFFINITY: &str = "node-affinity";
    /// How the group is spread.
    pub const SPREAD: &str = "allocation-spread";
    /// What tasks prefer among devices.
    pub const DEVICES: &str = "devices";
    /// How important what makes way is.
    pub const PREEMPTION: &str = "preemption";
}

/// The part of a node that an earlier allocation failed on.
pub const RESCHEDULE_PENALTY: f64 = -1.0;
