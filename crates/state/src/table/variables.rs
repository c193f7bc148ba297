//! Variables, by namespace and path, and which of them are locked.

use std::sync::Arc;

use imbl::OrdSet;
use model::Variable;

use super::named::Named;

/// All variables.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables {
    rows: Named<Variable>,
    locked: OrdSet<String>,
}

/// Namespace and path as one name; no namespace has a NUL.
pub(crate) fn name(namespace: &str, path: &str) -> String {
    format!("{namespace}\0{path}")
}

impl Variables {
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<Variable>> {
        self.rows.get(name)
    }

    pub(crate) fn get(&self, namespace: &str, path: &str) -> Option<&Arc<Variable>> {
        self.rows.get(&name(namespace, path))
    }

    pub(crate) fn put(&mut self, variable: Arc<Variable>) {
        let name = name(&variable.namespace, &variable.path);
        match variable.lock {
            Some(_) => self.locked.insert(name.clone()),
            None => self.locked.remove(&name),
        };
        self.rows.put(&name, variable);
    }

    pub(crate) fn remove(&mut self, namespace: &str, path: &str) {
        let name = name(namespace, path);
        self.locked.remove(&name);
        self.rows.remove(&name);
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.rows.names()
    }

    pub(crate) fn starting_with<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Arc<Variable>> {
        self.rows.starting_with(name)
    }

    pub(crate) fn locked(&self) -> impl Iterator<Item = &Arc<Variable>> {
        self.locked.iter().filter_map(|name| self.rows.get(name))
    }
}
