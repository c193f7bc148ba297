//! Variables and their locks. What a variable holds is ciphertext here.

use std::sync::Arc;

use model::Variable;
use model::id::LockId;

use super::DONE;
use crate::apply::Tx;
use crate::outcome::Refusal;
use crate::outcome::answer::Answer;
use crate::row::RowKey;
use crate::table::{Table, variables};

impl Tx<'_> {
    pub(super) fn put_variable(
        &mut self,
        variable: &Variable,
        cas: Option<u64>,
        acquire: bool,
    ) -> Result<Answer, Refusal> {
        let old = self.state.variable(&variable.namespace, &variable.path).cloned();
        let given = variable.lock.as_ref().map(|lock| lock.id);
        if held_by_other(old.as_deref(), given) || (acquire && self.delayed(old.as_deref())) {
            return Ok(hidden(variable));
        }
        if let Some(cas) = cas
            && cas != old.as_ref().map_or(0, |old| old.modify_index)
        {
            return Ok(old.map_or_else(|| hidden(variable), |old| Answer::Conflict(Box::new((*old).clone()))));
        }
        let mut fresh = Variable {
            create_index: self.index,
            create_time_ns: self.now_ns,
            modify_index: self.index,
            modify_time_ns: self.now_ns,
            locked_until_ns: 0,
            ..variable.clone()
        };
        if let Some(old) = &old {
            fresh.create_index = old.create_index;
            fresh.create_time_ns = old.create_time_ns;
            fresh.locked_until_ns = old.locked_until_ns;
            if acquire && fresh.data.is_empty() {
                fresh.key_id.clone_from(&old.key_id);
                fresh.data.clone_from(&old.data);
                fresh.modify_time_ns = old.modify_time_ns;
            }
        }
        if !acquire && old.is_none_or(|old| old.lock.is_none()) {
            // A lock is only ever taken by asking for it.
            fresh.lock = None;
        }
        self.write_variable(fresh.clone());
        Ok(Answer::Variable(Box::new(fresh)))
    }

    pub(super) fn delete_variable(
        &mut self,
        namespace: &str,
        path: &str,
        cas: Option<u64>,
    ) -> Result<Answer, Refusal> {
        let old = self.state.variable(namespace, path).cloned();
        let none = Variable { namespace: namespace.into(), path: path.into(), ..Variable::default() };
        if held_by_other(old.as_deref(), None) {
            return Ok(hidden(&none));
        }
        if let Some(cas) = cas
            && cas != old.as_ref().map_or(0, |old| old.modify_index)
        {
            return Ok(old.map_or_else(|| hidden(&none), |old| Answer::Conflict(Box::new((*old).clone()))));
        }
        if old.is_some() {
            self.state.variables.remove(namespace, path);
            self.dirty.insert(RowKey::variable(&variables::name(namespace, path)));
            self.touch_table(Table::Variables);
        }
        Ok(DONE)
    }

    pub(super) fn release_lock(
        &mut self,
        namespace: &str,
        path: &str,
        id: LockId,
    ) -> Result<Answer, Refusal> {
        let Some(old) = self.state.variable(namespace, path).cloned() else {
            return Err(Refusal::UnknownVariable);
        };
        let Some(lock) = &old.lock else { return Err(Refusal::NotLocked) };
        if lock.id != id {
            return Ok(hidden(&old));
        }
        let free = Variable { lock: None, modify_index: self.index, ..(*old).clone() };
        self.write_variable(free.clone());
        Ok(Answer::Variable(Box::new(free)))
    }

    /// Ends a lock that nobody renewed; for a while nobody gets it.
    pub(super) fn expire_lock(&mut self, namespace: &str, path: &str, id: LockId) -> Result<Answer, Refusal> {
        let old = self.state.variable(namespace, path).cloned();
        let held = old.as_ref().and_then(|old| old.lock.as_ref()).filter(|lock| lock.id == id);
        let (Some(old), Some(delay_ns)) = (&old, held.map(|lock| lock.delay_ns)) else {
            return Err(Refusal::NotLocked);
        };
        let locked_until_ns = self.now_ns.saturating_add(delay_ns);
        self.write_variable(Variable {
            lock: None,
            locked_until_ns,
            modify_index: self.index,
            ..(**old).clone()
        });
        Ok(DONE)
    }

    fn delayed(&self, variable: Option<&Variable>) -> bool {
        variable.is_some_and(|variable| variable.lock.is_none() && variable.locked_until_ns > self.now_ns)
    }

    fn write_variable(&mut self, variable: Variable) {
        self.dirty.insert(RowKey::variable(&variables::name(&variable.namespace, &variable.path)));
        self.state.variables.put(Arc::new(variable));
        self.touch_table(Table::Variables);
    }
}

fn held_by_other(variable: Option<&Variable>, given: Option<LockId>) -> bool {
    let held = variable.and_then(|variable| variable.lock.as_ref());
    held.is_some_and(|lock| Some(lock.id) != given)
}

/// Whoever does not hold the lock learns nothing of the variable.
fn hidden(variable: &Variable) -> Answer {
    let (namespace, path) = (variable.namespace.clone(), variable.path.clone());
    Answer::Conflict(Box::new(Variable { namespace, path, ..Variable::default() }))
}
