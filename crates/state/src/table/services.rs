//! Registrations of services, by namespace, name and id, and those of each allocation.

use std::sync::Arc;

use imbl::OrdSet;
use model::ServiceRegistration;
use model::id::AllocId;

use super::named::Named;

/// All registrations.
#[derive(Debug, Clone, Default)]
pub(crate) struct Services {
    rows: Named<ServiceRegistration>,
    by_alloc: OrdSet<(AllocId, String)>,
}

/// What registrations of a service begin with; neither namespaces nor names of services have a NUL.
pub(crate) fn prefix(namespace: &str, service: &str) -> String {
    format!("{namespace}\0{service}\0")
}

/// Namespace, name and id as one name.
pub(crate) fn name(registration: &ServiceRegistration) -> String {
    prefix(&registration.namespace, &registration.service_name) + &registration.id
}

impl Services {
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<ServiceRegistration>> {
        self.rows.get(name)
    }

    pub(crate) fn put(&mut self, registration: Arc<ServiceRegistration>) {
        let name = name(&registration);
        self.by_alloc.insert((registration.alloc_id, name.clone()));
        self.rows.put(&name, registration);
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Arc<ServiceRegistration>> {
        let old = self.rows.remove(name)?;
        self.by_alloc.remove(&(old.alloc_id, name.to_owned()));
        Some(old)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.rows.names()
    }

    pub(crate) fn starting_with<'a>(
        &'a self,
        name: &str,
    ) -> impl Iterator<Item = &'a Arc<ServiceRegistration>> + use<'a> {
        self.rows.starting_with(name)
    }

    pub(crate) fn of_alloc(&self, alloc: AllocId) -> impl Iterator<Item = &Arc<ServiceRegistration>> {
        let range = (alloc, String::new())..;
        let mine = self.by_alloc.range(range).take_while(move |(owner, _)| *owner == alloc);
        mine.filter_map(|(_, name)| self.rows.get(name))
    }
}
