//! Tables whose rows are told apart by a text: namespaces, node pools, variables and the like.

use std::sync::Arc;

use imbl::OrdMap;

/// Rows by name.
#[derive(Debug, Clone)]
pub(crate) struct Named<T> {
    rows: OrdMap<String, Arc<T>>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named { rows: OrdMap::new() }
    }
}

impl<T> Named<T> {
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<T>> {
        self.rows.get(name)
    }

    pub(crate) fn put(&mut self, name: &str, row: Arc<T>) {
        self.rows.insert(name.to_owned(), row);
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Arc<T>> {
        self.rows.remove(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.rows.keys()
    }

    /// Rows whose name begins so, by name.
    pub(crate) fn starting_with<'a>(&'a self, prefix: &str) -> impl Iterator<Item = &'a Arc<T>> + use<'a, T> {
        let prefix = prefix.to_owned();
        let rows = self.rows.range(prefix.clone()..);
        rows.take_while(move |(name, _)| name.starts_with(&prefix)).map(|(_, row)| row)
    }
}
