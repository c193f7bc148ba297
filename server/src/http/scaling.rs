//! The Scaling page, and how far the groups of a job are scaled.

use std::sync::Arc;

use api::job_actions::{GroupScale, ScaleStatus, ScalingPolicyAnswer, ScalingPolicyStub};
use model::{ClientStatus, Job};
use state::{State, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::jobs::key;
use super::message::{Request, Response};
use crate::app::App;
use crate::app::jobs::namespace_or_default;

const TABLES: [Table; 2] = [Table::Jobs, Table::Allocs];

pub(super) async fn status(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    blocking::read(app, request, &TABLES, |state, options| match state.job(&key(options, id)) {
        Some(job) => Found::new(status_of(state, job), state.last_index(&TABLES)),
        None => Found::missing("job not found", state.table_index(Table::Jobs)),
    })
    .await
}

fn status_of(state: &State, job: &Job) -> ScaleStatus {
    let key = job.key();
    let events = state.scaling_events(&key);
    let groups = job.task_groups.iter().map(|group| {
        let events = events.and_then(|events| events.groups.get(&group.name)).cloned().unwrap_or_default();
        let mut scale = GroupScale { desired: group.count, events, ..GroupScale::default() };
        let mine = state.allocs_of_job(&key).filter(|alloc| alloc.job_create_index == job.create_index);
        for alloc in mine.filter(|alloc| alloc.task_group == group.name && !alloc.terminal()) {
            scale.placed += 1;
            scale.running += i64::from(alloc.client_status == ClientStatus::Running);
            match alloc.deployment_status.as_ref().and_then(|status| status.healthy) {
                Some(true) => scale.healthy += 1,
                Some(false) => scale.unhealthy += 1,
                None => {}
            }
        }
        (group.name.clone(), scale)
    });
    ScaleStatus {
        job_id: job.id.clone(),
        namespace: job.namespace.clone(),
        job_create_index: job.create_index,
        job_modify_index: job.modify_index,
        job_stopped: job.stop,
        task_groups: groups.collect(),
    }
}

pub(super) async fn policies(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let (job, kind) = (request.param("job"), request.param("type"));
    blocking::read(app, request, &[Table::Jobs], |state, options| {
        let namespace = namespace_or_default(options.namespace.as_deref());
        let mut found = Vec::new();
        for (key, of, _) in state.jobs().filter(|(key, ..)| namespace == "*" || key.namespace() == namespace)
        {
            let wanted = of.scaling_policies().filter(|policy| {
                (job.is_empty() || job == key.id())
                    && policy.kind.starts_with(kind)
                    && policy.id.starts_with(&options.prefix)
            });
            found.extend(wanted.map(|policy| ScalingPolicyStub::new(of, policy)));
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        Found::new(found, state.table_index(Table::Jobs))
    })
    .await
}

pub(super) async fn policy(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    blocking::read(app, request, &[Table::Jobs], |state, _| {
        let mut all = state.jobs().flat_map(|(_, job, _)| job.scaling_policies().map(move |own| (job, own)));
        match all.find(|(_, policy)| policy.id == id && !id.is_empty()) {
            Some((job, policy)) => {
                let answer = ScalingPolicyAnswer::new(job, policy);
                let index = answer.modify_index;
                Found::new(answer, index)
            }
            None => Found::missing("policy not found", state.table_index(Table::Jobs)),
        }
    })
    .await
}
