//! Rows that are told apart by a text. The text is the key after the tag, as it is.

use std::sync::Arc;

use model::codec::encode;

use super::{RowError, RowKey, read};
use crate::snapshot::State;

pub(super) const NAMESPACE: u8 = 32;
pub(super) const NODE_POOL: u8 = 33;
pub(super) const CONFIGURATION: u8 = 34;
pub(super) const VARIABLE: u8 = 35;
pub(super) const SERVICE: u8 = 36;

const SCHEDULER: &str = "scheduler";
const AUTOPILOT: &str = "autopilot";

impl RowKey {
    fn of_name(tag: u8, name: &str) -> Self {
        RowKey::new([&[tag], name.as_bytes()].concat())
    }

    pub(super) fn name(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes.get(1..)?).ok()
    }

    pub(crate) fn namespace(name: &str) -> Self {
        Self::of_name(NAMESPACE, name)
    }

    pub(crate) fn node_pool(name: &str) -> Self {
        Self::of_name(NODE_POOL, name)
    }

    pub(crate) fn scheduler_configuration() -> Self {
        Self::of_name(CONFIGURATION, SCHEDULER)
    }

    pub(crate) fn autopilot_configuration() -> Self {
        Self::of_name(CONFIGURATION, AUTOPILOT)
    }

    /// `name` is namespace NUL name NUL id.
    pub(crate) fn service(name: &str) -> Self {
        Self::of_name(SERVICE, name)
    }

    /// `name` is namespace NUL path.
    pub(crate) fn variable(name: &str) -> Self {
        Self::of_name(VARIABLE, name)
    }
}

impl State {
    pub(super) fn cluster_row(&self, key: &RowKey) -> Option<Vec<u8>> {
        let name = key.name()?;
        match (key.tag(), name) {
            (NAMESPACE, _) => self.cluster.namespaces.get(name).map(|row| encode(&**row)),
            (NODE_POOL, _) => self.cluster.pools.get(name).map(|row| encode(&**row)),
            (CONFIGURATION, SCHEDULER) => self.cluster.scheduler.as_ref().map(|row| encode(&**row)),
            (CONFIGURATION, AUTOPILOT) => self.cluster.autopilot.as_ref().map(|row| encode(&**row)),
            (VARIABLE, _) => self.variables.named(name).map(|row| encode(&**row)),
            (SERVICE, _) => self.services.named(name).map(|row| encode(&**row)),
            _ => None,
        }
    }

    pub(super) fn cluster_keys(&self) -> impl Iterator<Item = RowKey> + '_ {
        let configurations = [
            self.cluster.scheduler.as_ref().map(|_| RowKey::scheduler_configuration()),
            self.cluster.autopilot.as_ref().map(|_| RowKey::autopilot_configuration()),
        ];
        let namespaces = self.cluster.namespaces.names().map(|name| RowKey::namespace(name));
        namespaces
            .chain(self.cluster.pools.names().map(|name| RowKey::node_pool(name)))
            .chain(configurations.into_iter().flatten())
            .chain(self.variables.names().map(|name| RowKey::variable(name)))
            .chain(self.services.names().map(|name| RowKey::service(name)))
    }

    pub(super) fn load_cluster_row(&mut self, key: RowKey, value: &[u8]) -> Result<(), RowError> {
        let Some(name) = key.name().map(str::to_owned) else {
            return Err(RowError::UnknownKey(key));
        };
        match (key.tag(), name.as_str()) {
            (NAMESPACE, name) => self.cluster.namespaces.put(name, Arc::new(read(&key, value)?)),
            (NODE_POOL, name) => self.cluster.pools.put(name, Arc::new(read(&key, value)?)),
            (CONFIGURATION, SCHEDULER) => self.cluster.scheduler = Some(Arc::new(read(&key, value)?)),
            (CONFIGURATION, AUTOPILOT) => self.cluster.autopilot = Some(Arc::new(read(&key, value)?)),
            (VARIABLE, _) => self.variables.put(Arc::new(read(&key, value)?)),
            (SERVICE, _) => self.services.put(Arc::new(read(&key, value)?)),
            _ => return Err(RowError::UnknownKey(key)),
        }
        Ok(())
    }
}
