//! Registrations of services: what client agents say their allocations stand for.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::id::AllocId;
use model::{Allocation, ServiceRegistration};

use super::Tx;
use crate::event::Event;
use crate::outcome::Refusal;
use crate::row::RowKey;
use crate::table::{Table, services};

/// Registrations of one allocation; an agent that names more is not heard out.
const SERVICES_MAX: usize = 1000;

impl Tx<'_> {
    /// Makes an allocation's registrations those that its agent names. What it may not say is the servers' affair:
    /// whose they are and where.
    pub(super) fn set_services(&mut self, alloc: &Allocation, wanted: &[ServiceRegistration]) {
        let datacenter =
            self.state.node(alloc.node_id).map(|node| node.datacenter.clone()).unwrap_or_default();
        let mut fresh: BTreeMap<String, ServiceRegistration> = BTreeMap::new();
        let sound = |given: &&ServiceRegistration| {
            !given.service_name.is_empty() && !given.service_name.contains('\0') && !given.id.contains('\0')
        };
        for given in wanted.iter().filter(sound).take(SERVICES_MAX) {
            let registration = ServiceRegistration {
                namespace: alloc.namespace.clone(),
                node_id: alloc.node_id,
                datacenter: datacenter.clone(),
                job_id: alloc.job_id.clone(),
                alloc_id: alloc.id,
                ..given.clone()
            };
            fresh.insert(services::name(&registration), registration);
        }
        let gone: Vec<String> = self
            .state
            .services
            .of_alloc(alloc.id)
            .map(|known| services::name(known))
            .filter(|name| !fresh.contains_key(name))
            .collect();
        for name in gone {
            self.remove_service(&name);
        }
        for (name, registration) in fresh {
            self.put_service(&name, registration);
        }
    }

    /// Removes every registration of an allocation.
    pub(super) fn remove_services_of(&mut self, alloc: AllocId) {
        let names: Vec<String> =
            self.state.services.of_alloc(alloc).map(|known| services::name(known)).collect();
        for name in names {
            self.remove_service(&name);
        }
    }

    /// Removes one registration by name and id.
    pub(super) fn delete_service(&mut self, namespace: &str, service: &str, id: &str) -> Result<(), Refusal> {
        let name = services::prefix(namespace, service) + id;
        if self.remove_service(&name) { Ok(()) } else { Err(Refusal::UnknownService) }
    }

    fn put_service(&mut self, name: &str, registration: ServiceRegistration) {
        let old = self.state.services.named(name);
        if old.is_some_and(|old| old.same(&registration)) {
            return;
        }
        let create_index = old.map_or(self.index, |old| old.create_index);
        let registration =
            Arc::new(ServiceRegistration { create_index, modify_index: self.index, ..registration });
        self.state.services.put(registration.clone());
        self.dirty.insert(RowKey::service(name));
        self.touch_table(Table::Services);
        self.events.push(Event::Service { registration, deleted: false });
    }

    fn remove_service(&mut self, name: &str) -> bool {
        let Some(registration) = self.state.services.remove(name) else {
            return false;
        };
        self.dirty.insert(RowKey::service(name));
        self.touch_table(Table::Services);
        self.events.push(Event::Service { registration, deleted: true });
        true
    }
}
