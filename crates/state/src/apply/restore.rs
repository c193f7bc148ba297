//! A saved snapshot takes the place of everything.

use std::sync::Arc;

use model::RootKey;
use model::id::Seed;

use super::Tx;
use crate::command::restore::{RestorePart, RestoreStep, RestoredRow, chain};
use crate::outcome::answer::Answer;
use crate::outcome::{Outcome, Refusal};
use crate::row::RowKey;
use crate::snapshot::State;
use crate::table::Table;

/// How far the clients' index leaps beyond the highest that is known here. The cluster that the snapshot is of may have
/// gone on after it was saved, and nobody here knows how far: no index that it gave out may come back.
const LEAP: u64 = 1_000_000_000;

impl Tx<'_> {
    pub(super) fn restore(&mut self, step: &RestoreStep) -> Outcome {
        let done = match step {
            RestoreStep::Begin { id } => {
                self.forget_restore();
                self.keep_part(*id, 0, &[]);
                Ok(())
            }
            RestoreStep::Part { id, number, rows } => self.take_part(*id, *number, rows),
            RestoreStep::Commit { id, parts, digest } => self.finish_restore(*id, *parts, digest),
            RestoreStep::Abandon { id } => {
                if self.restoring(*id) {
                    self.forget_restore();
                }
                Ok(())
            }
        };
        match done {
            Ok(()) => Outcome::Operated(Answer::Done),
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    /// Part 0 is there from the beginning: it says which restore is under way.
    fn restoring(&self, id: Seed) -> bool {
        self.state.restore.get(&0).is_some_and(|part| part.id == Some(id))
    }

    pub(super) fn forget_restore(&mut self) {
        for number in std::mem::take(&mut self.state.restore).keys() {
            self.dirty.insert(RowKey::restore_part(*number));
        }
    }

    fn keep_part(&mut self, id: Seed, number: u64, rows: &[RestoredRow]) {
        self.state.restore.insert(number, Arc::new(RestorePart { id: Some(id), rows: rows.to_vec() }));
        self.dirty.insert(RowKey::restore_part(number));
    }

    fn take_part(&mut self, id: Seed, number: u64, rows: &[RestoredRow]) -> Result<(), Refusal> {
        if !self.restoring(id) {
            return Err(Refusal::RestoreInterrupted);
        }
        self.keep_part(id, number, rows);
        Ok(())
    }

    fn finish_restore(&mut self, id: Seed, parts: u64, digest: &[u8]) -> Result<(), Refusal> {
        if !self.restoring(id) {
            return Err(Refusal::RestoreInterrupted);
        }
        let restored = restored_state(self.state, parts, digest);
        let mut restored = restored.map_err(|why| {
            self.forget_restore();
            Refusal::RestoreRefused { why }
        })?;
        let index = self.index.max(restored.index).saturating_add(LEAP);
        restored.index = index;
        restored.restored_index = index;
        restored.table_index = [index; Table::ALL.len()];
        restored.epoch = Some(id);
        // Commands of this tenure were made of what is no more.
        restored.tenure = self.state.tenure.max(restored.tenure).saturating_add(1);
        restored.restore.clear();
        let keys: Vec<Arc<RootKey>> = self.state.root_keys().cloned().collect();
        *self.state = restored;
        self.index = index;
        self.replaced = true;
        self.dirty.clear();
        self.keep_root_keys(keys);
        self.ensure_built_ins();
        Ok(())
    }

    /// The servers hold the secrets of the keys that they had; those of the snapshot's keys perhaps not. So none is
    /// forgotten, and the active one stays the active one.
    fn keep_root_keys(&mut self, own: Vec<Arc<RootKey>>) {
        if own.iter().any(|key| key.active) {
            let saved: Vec<Arc<RootKey>> = self.state.root_keys().cloned().collect();
            for key in saved.iter().filter(|key| key.active) {
                let retired = RootKey { active: false, ..(**key).clone() };
                self.state.root_keys.by_id.insert(key.id.clone(), Arc::new(retired));
            }
        }
        for key in own {
            let known = self.state.root_keys.by_id.contains_key(&key.id);
            if !known || key.active {
                self.state.root_keys.by_id.insert(key.id.clone(), key);
            }
        }
    }
}

/// The state that the parts make; the error says why they make none.
fn restored_state(now: &State, parts: u64, digest: &[u8]) -> Result<State, String> {
    let all_there = now.restore.keys().copied().eq(0..parts);
    if !all_there {
        return Err(format!("{} of {parts} parts have arrived", now.restore.len()));
    }
    let sum = now.restore.values().fold(Vec::new(), |before, part| chain(&before, &part.rows));
    if sum != digest {
        return Err("the parts are not those that were sent".to_owned());
    }
    let rows = now.restore.values().flat_map(|part| &part.rows);
    let state = State::from_rows(rows.map(|row| (row.key(), row.value().to_vec())));
    let state = state.map_err(|error| error.to_string())?;
    state.check_rows()?;
    Ok(state)
}
