//! The configurations of the whole cluster, and root keys that have had their day.

use std::sync::Arc;

use model::{AutopilotConfiguration, SchedulerConfiguration};

use super::DONE;
use crate::apply::Tx;
use crate::outcome::Refusal;
use crate::outcome::answer::Answer;
use crate::row::RowKey;
use crate::table::Table;

impl Tx<'_> {
    pub(super) fn set_scheduler(
        &mut self,
        config: &SchedulerConfiguration,
        cas: Option<u64>,
    ) -> Result<Answer, Refusal> {
        let old = self.state.scheduler_configuration();
        if cas.is_some_and(|cas| cas != old.modify_index) {
            return Ok(Answer::Updated(false));
        }
        let create_index = if old.create_index == 0 { self.index } else { old.create_index };
        let fresh = SchedulerConfiguration { create_index, modify_index: self.index, ..config.clone() };
        self.dirty.insert(RowKey::scheduler_configuration());
        self.state.cluster.scheduler = Some(Arc::new(fresh));
        self.touch_table(Table::Configurations);
        Ok(Answer::Updated(true))
    }

    pub(super) fn set_autopilot(
        &mut self,
        config: &AutopilotConfiguration,
        cas: Option<u64>,
    ) -> Result<Answer, Refusal> {
        let old = self.state.autopilot_configuration();
        if cas.is_some_and(|cas| cas != old.modify_index) {
            return Ok(Answer::Updated(false));
        }
        let create_index = if old.create_index == 0 { self.index } else { old.create_index };
        let fresh = AutopilotConfiguration { create_index, modify_index: self.index, ..config.clone() };
        self.dirty.insert(RowKey::autopilot_configuration());
        self.state.cluster.autopilot = Some(Arc::new(fresh));
        self.touch_table(Table::Configurations);
        Ok(Answer::Updated(true))
    }

    pub(super) fn ensure_settings(&mut self) {
        // Without a check-and-set neither can be refused.
        if self.state.cluster.scheduler.is_none() {
            let _ = self.set_scheduler(&SchedulerConfiguration::initial(), None);
        }
        if self.state.cluster.autopilot.is_none() {
            let _ = self.set_autopilot(&AutopilotConfiguration::initial(), None);
        }
    }

    pub(super) fn remove_root_key(&mut self, id: &str) -> Result<Answer, Refusal> {
        let Some(key) = self.state.root_keys().find(|key| key.id == id) else {
            return Err(Refusal::UnknownRootKey);
        };
        if key.active {
            return Err(Refusal::ActiveRootKey);
        }
        if self.state.variables_with_prefix(None, "").iter().any(|variable| variable.key_id == id) {
            return Err(Refusal::RootKeyInUse);
        }
        self.state.root_keys.by_id.remove(id);
        self.dirty.insert(RowKey::root_key(id));
        self.touch_table(Table::RootKeys);
        Ok(DONE)
    }
}
