//! Runs the commands of a committed range, and contains those that panic (decision 8).
//!
//! The range is applied in place on one copy of the state. Only when a command panics is it applied
//! again, this time with a copy before each command, so that the panicking one can be undone alone.
//! Both ways give the same answer, because apply is deterministic.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use state::{Applied, Envelope, Event, RowKey, State};

use crate::type_config::{Batch, Reply};

/// The commands of some entries, and how many belong to each.
#[derive(Default)]
pub(crate) struct Ranges {
    envelopes: Vec<Envelope>,
    /// What they were read from: applying uses them up.
    batches: Vec<Batch>,
    per_entry: Vec<usize>,
}

impl Ranges {
    /// Adds an entry's commands and says how many there are.
    pub(crate) fn decode(&mut self, batch: &Batch) -> io::Result<usize> {
        let before = self.envelopes.len();
        read(batch, &mut self.envelopes)?;
        self.batches.push(batch.clone());
        Ok(self.envelopes.len() - before)
    }

    pub(crate) fn end_entry(&mut self, commands: usize) {
        self.per_entry.push(commands);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.envelopes.is_empty()
    }
}

fn read(batch: &Batch, envelopes: &mut Vec<Envelope>) -> io::Result<()> {
    for part in batch.split()? {
        envelopes.push(state::codec::decode::<Envelope>(&part).map_err(io::Error::other)?);
    }
    Ok(())
}

/// What a range did.
pub(crate) struct Done {
    /// The state after it; `None` when there was no command.
    pub(crate) state: Option<State>,
    /// One per entry.
    pub(crate) replies: Vec<Reply>,
    pub(crate) events: Vec<(u64, Event)>,
    pub(crate) dirty: Vec<RowKey>,
    pub(crate) poisoned: u64,
    /// A snapshot was restored: rows and events do not tell what changed.
    pub(crate) replaced: bool,
}

/// Applies a range to a copy of `base`.
///
/// # Errors
/// A command that could be read before cannot be read again.
pub(crate) fn apply_commands(base: &State, ranges: Ranges) -> io::Result<Done> {
    let Ranges { envelopes, batches, per_entry } = ranges;
    let mut poisoned = 0;
    let mut applied = Vec::new();
    let mut state = None;
    if !envelopes.is_empty() {
        let (after, results) = match in_place(base, envelopes, State::apply) {
            Some(done) => done,
            None => {
                let mut again = Vec::new();
                batches.iter().try_for_each(|batch| read(batch, &mut again))?;
                one_by_one(base, &again, State::apply, &mut poisoned)
            }
        };
        state = Some(after);
        applied = results;
    }
    let replaced = applied.iter().any(|one| one.replaced);
    let (replies, events, dirty) = (Vec::new(), Vec::new(), Vec::new());
    let mut done = Done { state, replies, events, dirty, poisoned, replaced };
    let mut applied = applied.into_iter();
    for commands in per_entry {
        let mut reply = Reply::default();
        for one in applied.by_ref().take(commands) {
            let index = one.index;
            reply.0.push((index, one.outcome));
            done.events.extend(one.events.into_iter().map(|event| (index, event)));
            done.dirty.extend(one.dirty);
        }
        done.replies.push(reply);
    }
    Ok(done)
}

fn in_place(
    base: &State,
    envelopes: Vec<Envelope>,
    apply: impl Fn(&mut State, Envelope) -> Applied,
) -> Option<(State, Vec<Applied>)> {
    let mut state = base.clone();
    let mut results = Vec::with_capacity(envelopes.len());
    for envelope in envelopes {
        let _entered = span_of(&envelope).entered();
        results.push(catch_unwind(AssertUnwindSafe(|| apply(&mut state, envelope))).ok()?);
    }
    Some((state, results))
}

fn one_by_one(
    base: &State,
    envelopes: &[Envelope],
    apply: impl Fn(&mut State, Envelope) -> Applied,
    poisoned: &mut u64,
) -> (State, Vec<Applied>) {
    let mut state = base.clone();
    let mut results = Vec::with_capacity(envelopes.len());
    for envelope in envelopes {
        let mut next = state.clone();
        let applied = catch_unwind(AssertUnwindSafe(|| apply(&mut next, envelope.clone())));
        let result = applied.unwrap_or_else(|_panic| {
            next = state.clone();
            *poisoned += 1;
            let result = next.apply_poisoned(envelope.now_ns);
            tracing::error!(index = result.index, "a command panicked in apply and changed nothing");
            result
        });
        state = next;
        results.push(result);
    }
    (state, results)
}

/// Only traced commands get a span; one for each of 100,000 a second would cost more than applying them.
fn span_of(envelope: &Envelope) -> tracing::Span {
    if envelope.trace.is_empty() {
        return tracing::Span::none();
    }
    let span = tracing::info_span!("state.apply", traceparent = %envelope.trace);
    runtime::trace::set_parent(&span, &envelope.trace);
    span
}

#[cfg(test)]
mod tests {
    use super::*;
    use state::{Command, Outcome};

    fn noop(number: i64) -> Envelope {
        Envelope { trace: String::new(), now_ns: number, command: Command::Noop }
    }

    #[test]
    fn a_panicking_command_is_refused_alone() {
        let apply = |state: &mut State, envelope: Envelope| {
            let now_ns = envelope.now_ns;
            let applied = state.apply(envelope);
            assert!(now_ns != 2, "poison");
            applied
        };
        let commands: Vec<_> = (0..5).map(noop).collect();
        assert!(in_place(&State::new(), commands.clone(), apply).is_none());
        let mut poisoned = 0;
        let (state, results) = one_by_one(&State::new(), &commands, apply, &mut poisoned);
        assert_eq!((state.index(), poisoned), (5, 1));
        let outcomes: Vec<_> = results.into_iter().map(|one| (one.index, one.outcome)).collect();
        assert_eq!(outcomes[1], (2, Outcome::Done));
        assert_eq!(outcomes[2], (3, Outcome::Internal));
        assert_eq!(outcomes[4], (5, Outcome::Done));
    }
}
