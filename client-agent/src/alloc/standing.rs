//! What a running allocation stands for: its services as the servers are told of them, and the checks of those.

use model::{ServiceRegistration, TaskRunState};

use super::order::{Hook, Order};
use super::runner::AllocRunner;
use crate::services::{Up, standing};

impl AllocRunner {
    /// What of it is up. What has been told to end is not: nobody is to send it work any more.
    fn up(&self) -> Up {
        if self.stopping() || self.shutdown.is_some() {
            return Up::default();
        }
        let up = |name: &str| {
            let killed = matches!(self.told.get(name), Some(Order::Kill(_)));
            let state = self.states.get(name);
            !killed && state.is_some_and(|state| state.state == TaskRunState::Running)
        };
        let group = self.places.iter().any(|place| place.hook == Hook::Main && up(&place.name));
        let tasks = self.places.iter().map(|place| place.name.clone()).filter(|name| up(name)).collect();
        Up { group, tasks }
    }

    /// Sees to the checks and says what is registered; `None` for an allocation without services.
    pub(super) fn stand(&mut self) -> Option<Vec<ServiceRegistration>> {
        let alloc = self.alloc.borrow().clone();
        let group = alloc.group()?;
        if group.services.is_empty() && group.tasks.iter().all(|task| task.services.is_empty()) {
            return None;
        }
        let region = self.context.options.region.as_str();
        let stands = standing(&alloc, &self.context.node.now(), region, &self.root, &self.up());
        self.checks.keep(stands.checks);
        Some(stands.registrations)
    }
}
