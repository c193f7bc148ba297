//! What clients did and what they were told, and whether one register could have answered so.
//!
//! # Why the check is right
//!
//! A key is a register: `absent` at index 0, then whatever its writes made of it. Every write that happened has an
//! index of its own, given by the state machine, and every answer names the index of the write that it shows. So the
//! order in which the writes took effect is told, not searched for; what is left is to see whether that order can be
//! an order of real time too.
//!
//! Give every operation a place: a write its own index, a read the index that it saw, a refused check-and-set the index
//! that refused it. Sort by place, the write of a place before its reads, reads of one place by their start. A history
//! is linearizable exactly if
//!
//! 1. no two writes have one index, and what a read saw was written by the write of that index;
//! 2. a check-and-set that was taken names the index of the write right before it, and one that was refused another
//!    index than the one it was refused at;
//! 3. nothing that had ended before something else began is sorted after it: of X ended before Y began, X's place is at
//!    most Y's, and less than it where Y is a write.
//!
//! *Enough:* by 3 the sorted order respects real time (reads of one place began in that order, so none of them ended
//! before an earlier one began), and by 1 and 2 every answer in it is what a register would have said. *Needed:* in any
//! linearization writes stand in the order of their indexes, because the state machine counts them one by one, and a
//! read stands behind the write that it saw and before the next; that is the sorted order but for reads of one place,
//! whose order among themselves changes no answer.
//!
//! Operations whose outcome nobody knows (the server died, the answer was lost) are kept as such. A value is written
//! once in a history, so an answer that shows it proves that the write happened, and names its index; it may have
//! taken effect at any time after it was sent, so it never counts as ended. One that no answer shows is left out, and
//! that is no loss of strength: nobody's answer depends on it, and by 2 no check-and-set that was taken can stand right
//! behind it, since its author would have had to see its index. One that surely did not happen must be seen by nobody.
//!
//! The sweep takes `n log n`, so there is no history that is too long to be checked.

pub mod check;

pub use check::{Checked, check};

/// What was asked of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Writes a value that nobody else writes; with `expected`, only if the key is still at that index.
    Write {
        /// The value.
        value: String,
        /// The index that it is to have before; 0 for absent.
        expected: Option<u64>,
    },
    /// Reads, linearizably.
    Read,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was written at that index.
    Written(u64),
    /// It read so: index 0 and `None` for absent.
    Read(u64, Option<String>),
    /// A check-and-set was refused, because the key was at that index.
    Refused(u64),
    /// Nobody knows.
    Unknown,
    /// It never reached a server, or was turned away at the door.
    NotDone,
}

/// One operation, as its client saw it. Times are of one clock for the whole history, µs.
#[derive(Debug, Clone)]
pub struct Operation {
    /// What it was done to.
    pub key: String,
    /// Who did it, for people.
    pub client: String,
    /// When it was sent.
    pub start: u64,
    /// When its answer came. Of no account where the outcome is unknown.
    pub end: u64,
    /// What was asked.
    pub call: Call,
    /// What was answered.
    pub outcome: Outcome,
}
