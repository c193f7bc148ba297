//! Whether a canonical job may be registered at all, as far as namespaces and node pools have a say in it.

use model::Job;
use model::job::validate::Faults;

use super::App;
use super::jobs::namespace_or_default;
use crate::http::error::ApiError;

impl App {
    /// Everything that is wrong with a job, its place first.
    pub(crate) fn check_admission(&self, job: &Job) -> Result<(), ApiError> {
        if let Some(text) = job.incomplete() {
            return Err(ApiError::Server(text));
        }
        let mut lines = self.place_faults(job);
        if let Err(faults) = job.validate() {
            lines.extend(faults.lines().iter().cloned());
        }
        if lines.is_empty() { Ok(()) } else { Err(ApiError::Server(Faults::from_lines(lines).to_string())) }
    }

    /// What is wrong with a job, and what its author should know beside that.
    pub(crate) fn validate_job(
        &self,
        job: api::job::Job,
        namespace: Option<&str>,
    ) -> Result<(Faults, Vec<String>), ApiError> {
        let asked = namespace_or_default(namespace).to_owned();
        if job.namespace.as_deref() == Some("") {
            let text = format!("mismatched request namespace in request: \"{asked}\", \"\"");
            return Err(ApiError::Server(text));
        }
        let nowhere = job.region.as_deref() == Some("");
        let named = job.namespace.is_some();
        let mut job = match job.into_model() {
            Ok(job) => job,
            Err(faults) => return Ok((faults, Vec::new())),
        };
        if !named {
            job.namespace = asked;
        }
        if nowhere {
            job.region.clear();
        }
        if let Some(text) = job.incomplete() {
            return Err(ApiError::Server(text));
        }
        let mut lines = self.place_faults(&job);
        lines.extend(job.validate().err().iter().flat_map(|faults| faults.lines().to_vec()));
        Ok((Faults::from_lines(lines), job.warnings(self.oversubscribes())))
    }

    /// Tasks may use more memory than they reserve: warnings say so where they may not.
    pub(crate) fn oversubscribes(&self) -> bool {
        self.state().scheduler_configuration().memory_oversubscription
    }

    /// What is wrong with where a job is to live.
    pub(crate) fn place_faults(&self, job: &Job) -> Vec<String> {
        let state = self.state();
        let mut faults = Vec::new();
        match state.namespace(&job.namespace) {
            Some(namespace) => faults.extend(namespace.forbidden(job)),
            None if state.has_namespace(&job.namespace) => {}
            None => {
                let (job, namespace) = (&job.id, &job.namespace);
                faults.push(format!("job \"{job}\" is in nonexistent namespace \"{namespace}\""));
            }
        }
        if !job.node_pool.is_empty() && !state.has_node_pool(&job.node_pool) {
            faults.push(format!("job \"{}\" is in nonexistent node pool \"{}\"", job.id, job.node_pool));
        }
        faults
    }
}
