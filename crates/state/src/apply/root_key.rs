//! Signing keys: a new one becomes the only active one, the others stay published.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::RootKey;

use super::Tx;
use crate::outcome::Outcome;
use crate::row::RowKey;
use crate::table::Table;

/// Keys that stay published; the oldest inactive ones go first.
const KEYS_MAX: usize = 16;

impl Tx<'_> {
    pub(super) fn put_root_key(&mut self, key: &RootKey) -> Outcome {
        let mut keys: Vec<RootKey> = self.state.root_keys().map(|key| (**key).clone()).collect();
        for old in keys.iter_mut().filter(|old| old.active && old.id != key.id) {
            old.active = false;
            old.modify_index = self.index;
            self.write_root_key(old.clone());
        }
        let fresh = RootKey {
            active: true,
            create_time_ns: self.now_ns,
            create_index: self.index,
            modify_index: self.index,
            ..key.clone()
        };
        self.write_root_key(fresh);
        keys.sort_by_key(|key| key.create_index);
        let excess = (keys.len() + 1).saturating_sub(KEYS_MAX);
        let variables = self.state.variables_with_prefix(None, "");
        let used: BTreeSet<String> = variables.iter().map(|variable| variable.key_id.clone()).collect();
        // What is encrypted with a key keeps it.
        for old in keys.iter().take(excess).filter(|old| !used.contains(&old.id)) {
            self.state.root_keys.by_id.remove(&old.id);
            self.dirty.insert(RowKey::root_key(&old.id));
        }
        Outcome::Done
    }

    fn write_root_key(&mut self, key: RootKey) {
        self.dirty.insert(RowKey::root_key(&key.id));
        self.state.root_keys.by_id.insert(key.id.clone(), Arc::new(key));
        self.touch_table(Table::RootKeys);
    }
}
