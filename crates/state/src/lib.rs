//! The replicated state machine as a pure function: commands in; rows, events and outcomes out.
//!
//! [`State`] is made of persistent maps, so a clone is O(1) and readers hold an immutable snapshot for as long
//! as they like. Nothing below here reads a clock, draws a number, logs or waits; apply cannot fail halfway,
//! because a command changes nothing before everything that could refuse it has been looked at.

pub mod apply;
pub mod check;
pub mod command;
pub mod event;
pub mod outcome;
pub mod row;
pub mod snapshot;
pub mod table;

pub use apply::Applied;
pub use command::job_operation::JobOperation;
pub use command::operation::{DeploymentAction, Operation};
pub use command::restore::{RestoreStep, RestoredRow};
pub use command::{Collect, Command, Envelope, Seed};
pub use event::Event;
pub use model::codec;
pub use outcome::answer::Answer;
pub use outcome::{Outcome, Refusal};
pub use row::load::DecodedRow;
pub use row::{RowError, RowKey};
pub use snapshot::State;
pub use table::Table;
pub use table::jobs::JobSummary;
