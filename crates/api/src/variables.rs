//! The Variables page.

use std::collections::BTreeMap;

use crate::shape::shape;
use crate::time::GoDuration;

shape! {
    /// A variable with what it holds.
    VariableDecrypted {
        "CreateIndex" create_index: u64,
        "CreateTime" create_time: i64,
        "Items" items: Option<BTreeMap<String, String>> = empty,
        "Lock" lock: Option<VariableLock> = empty,
        "ModifyIndex" modify_index: u64,
        "ModifyTime" modify_time: i64,
        "Namespace" namespace: String,
        "Path" path: String,
    }
    /// A hold of a variable.
    VariableLock { "ID" id: String = empty, "LockDelay" lock_delay: GoDuration, "TTL" ttl: GoDuration }
}

impl VariableDecrypted {
    /// A variable, with its items where the reader may know them.
    pub fn new(variable: &model::Variable, items: Option<BTreeMap<String, String>>) -> Self {
        VariableDecrypted {
            create_index: variable.create_index,
            create_time: variable.create_time_ns,
            items: items.filter(|items| !items.is_empty()),
            lock: variable.lock.as_ref().map(VariableLock::from),
            modify_index: variable.modify_index,
            modify_time: variable.modify_time_ns,
            namespace: variable.namespace.clone(),
            path: variable.path.clone(),
        }
    }
}

impl From<&model::variable::Lock> for VariableLock {
    fn from(lock: &model::variable::Lock) -> Self {
        VariableLock {
            id: lock.id.text(),
            lock_delay: GoDuration(lock.delay_ns),
            ttl: GoDuration(lock.ttl_ns),
        }
    }
}
