//! Rows that belong to a job or to one of its versions, beside the job itself.

use std::sync::Arc;

use model::codec::encode;
use model::id::JobKey;

use super::{RowError, RowKey, read};
use crate::snapshot::State;
use crate::table::jobs::VersionKey;

pub(super) const SUBMISSION: u8 = 64;
pub(super) const SCALING_EVENTS: u8 = 65;
pub(super) const LAUNCH: u8 = 66;

impl RowKey {
    pub(crate) fn submission(name: &VersionKey) -> Self {
        Self::of_version(SUBMISSION, name)
    }

    pub(crate) fn scaling_events(key: &JobKey) -> Self {
        Self::of_job(SCALING_EVENTS, key)
    }

    pub(crate) fn launch(key: &JobKey) -> Self {
        Self::of_job(LAUNCH, key)
    }
}

impl State {
    pub(super) fn row_of_job(&self, key: &RowKey) -> Option<Vec<u8>> {
        match key.tag() {
            SUBMISSION => self.jobs.submissions.get(&key.version_key()?).map(|row| encode(&**row)),
            LAUNCH => self.jobs.launches.get(&key.job_key()?).map(encode),
            _ => self.jobs.scaling_events.get(&key.job_key()?).map(|row| encode(&**row)),
        }
    }

    pub(super) fn keys_of_jobs(&self) -> impl Iterator<Item = RowKey> + '_ {
        let submissions = self.jobs.submissions.keys().map(RowKey::submission);
        submissions
            .chain(self.jobs.scaling_events.keys().map(RowKey::scaling_events))
            .chain(self.jobs.launches.keys().map(RowKey::launch))
    }

    pub(super) fn load_row_of_job(&mut self, key: RowKey, value: &[u8]) -> Result<(), RowError> {
        let unknown = || RowError::UnknownKey(key.clone());
        if key.tag() == SUBMISSION {
            let name = key.version_key().ok_or_else(unknown)?;
            self.jobs.submissions.insert(name, Arc::new(read(&key, value)?));
        } else if key.tag() == LAUNCH {
            let name = key.job_key().ok_or_else(unknown)?;
            self.jobs.launches.insert(name, read(&key, value)?);
        } else {
            let name = key.job_key().ok_or_else(unknown)?;
            self.jobs.scaling_events.insert(name, Arc::new(read(&key, value)?));
        }
        Ok(())
    }
}
