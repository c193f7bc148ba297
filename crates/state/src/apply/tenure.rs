//! A new leader takes over.

use super::Tx;
use crate::event::Event;
use crate::outcome::{Outcome, Refusal};

impl Tx<'_> {
    pub(super) fn begin_tenure(&mut self, tenure: u64) -> Outcome {
        if tenure <= self.state.tenure {
            return Outcome::Refused(Refusal::StaleTenure);
        }
        self.state.tenure = tenure;
        // Whoever was restoring a snapshot leads no more.
        self.forget_restore();
        self.ensure_built_ins();
        self.events.push(Event::Tenure(tenure));
        Outcome::Done
    }
}
