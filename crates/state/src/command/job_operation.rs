//! What clients change of a job besides registering and stopping it. Variants and fields are frozen once shipped.

use model::Evaluation;
use model::id::{EvalId, JobKey};
use model::job::scaling::ScalingEvent;
use serde::{Deserialize, Serialize};

/// One change of one job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum JobOperation {
    /// Gives a version a name.
    Tag {
        /// Which job.
        job: JobKey,
        /// The name, unique within the job.
        name: String,
        /// The version; the newest where it is left out.
        version: Option<u64>,
        /// What people say of it.
        description: String,
    },
    /// Takes a name away.
    Untag {
        /// Which job.
        job: JobKey,
        /// The name.
        name: String,
    },
    /// Marks a version as good, or not.
    SetStability {
        /// Which job.
        job: JobKey,
        /// The version.
        version: u64,
        /// Whether it is good.
        stable: bool,
    },
    /// Changes a group's count, or notes an event without doing so.
    Scale {
        /// Which job.
        job: JobKey,
        /// Which of its groups.
        group: String,
        /// The new count.
        count: Option<i64>,
        /// What is remembered of it.
        event: ScalingEvent,
        /// Check-and-set: the job's `job_modify_index`.
        enforce_index: Option<u64>,
        /// The evaluation that follows a new count.
        eval: Box<Evaluation>,
    },
    /// Launches a child of a periodic job and remembers the time, in one step: no leader's end loses or doubles it.
    LaunchPeriodic {
        /// The tenure of the leader whose clock it was; `None` when somebody asked for it.
        tenure: Option<u64>,
        /// The parent.
        job: JobKey,
        /// The launch, ns since 1970.
        launch_ns: i64,
        /// Id of the child's evaluation.
        eval_id: EvalId,
    },
}
