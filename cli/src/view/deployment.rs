//! A deployment and the progress of its groups.

use crate::console::Console;
use crate::output::{self, absolute_text};
use api::deployments::{Deployment, GroupDeployment};

/// The table of deployments, the newest first.
pub fn list(deployments: &[Deployment], verbose: bool) -> String {
    if deployments.is_empty() {
        return "No deployments found".to_owned();
    }
    let mut deployments: Vec<&Deployment> = deployments.iter().collect();
    deployments.sort_by_key(|deployment| std::cmp::Reverse(deployment.create_index));
    let mut rows = vec![["ID", "Job ID", "Job Version", "Status", "Description"].map(str::to_owned)];
    for deployment in deployments {
        rows.push([
            output::id(&deployment.id, verbose).to_owned(),
            deployment.job_id.clone(),
            deployment.job_version.to_string(),
            deployment.status.clone(),
            deployment.status_description.clone(),
        ]);
    }
    output::list(&rows)
}

/// The block with id, job and status, without the groups.
pub fn basics(deployment: &Deployment, verbose: bool) -> String {
    output::key_values(&[
        ("ID", output::id(&deployment.id, verbose)),
        ("Job ID", &deployment.job_id),
        ("Job Version", &deployment.job_version.to_string()),
        ("Status", &deployment.status),
        ("Description", &deployment.status_description),
    ])
}

/// The block and the groups.
pub fn whole(console: Console, deployment: &Deployment, verbose: bool) -> String {
    with_groups(console, basics(deployment, verbose), deployment)
}

/// The deployment at the end of a job's status, which names the job already.
pub fn latest(console: Console, deployment: &Deployment, verbose: bool) -> String {
    let block = output::key_values(&[
        ("ID", output::id(&deployment.id, verbose)),
        ("Status", &deployment.status),
        ("Description", &deployment.status_description),
    ]);
    with_groups(console, block, deployment)
}

fn with_groups(console: Console, block: String, deployment: &Deployment) -> String {
    if deployment.task_groups.is_empty() {
        return block;
    }
    let table = groups(deployment);
    format!("{block}\n\n{}", console.heading_with("Deployed", &table))
}

/// The table of groups: columns that no group needs are left out.
fn groups(deployment: &Deployment) -> String {
    let any = |wanted: fn(&GroupDeployment) -> bool| deployment.task_groups.values().any(wanted);
    let reverts = any(|group| group.auto_revert);
    let canaries = any(|group| group.desired_canaries > 0);
    let mut heading = vec!["Task Group"];
    if reverts {
        heading.push("Auto Revert");
    }
    if canaries {
        heading.push("Promoted");
    }
    heading.push("Desired");
    if canaries {
        heading.push("Canaries");
    }
    heading.extend(["Placed", "Healthy", "Unhealthy", "Progress Deadline"]);
    let mut rows: Vec<Vec<String>> = vec![heading.into_iter().map(str::to_owned).collect()];
    for (name, group) in &deployment.task_groups {
        let mut row = vec![name.clone()];
        if reverts {
            row.push(group.auto_revert.to_string());
        }
        if canaries {
            // A group without canaries has nothing to promote.
            row.push(if group.desired_canaries > 0 { group.promoted.to_string() } else { "N/A".to_owned() });
        }
        row.push(group.desired_total.to_string());
        if canaries {
            row.push(group.desired_canaries.to_string());
        }
        row.push(group.placed_allocs.to_string());
        row.push(group.healthy_allocs.to_string());
        row.push(group.unhealthy_allocs.to_string());
        row.push(absolute_text(group.require_progress_by.as_deref()));
        rows.push(row);
    }
    output::list(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(groups: &[(&str, GroupDeployment)]) -> Deployment {
        Deployment {
            id: "54330498-a15d-fa72-8d81-0be4e2d01dfa".to_owned(),
            job_id: "dep".to_owned(),
            job_version: 1,
            status: "running".to_owned(),
            status_description: "Deployment is running but requires manual promotion".to_owned(),
            task_groups: groups.iter().map(|(name, group)| ((*name).to_owned(), group.clone())).collect(),
            ..Deployment::default()
        }
    }

    #[test]
    fn as_recorded() {
        let group = GroupDeployment {
            desired_total: 1,
            desired_canaries: 1,
            placed_allocs: 1,
            healthy_allocs: 1,
            ..GroupDeployment::default()
        };
        let text = whole(Console::plain(), &deployment(&[("g", group)]), false);
        assert_eq!(
            text,
            "ID          = 54330498\n\
             Job ID      = dep\n\
             Job Version = 1\n\
             Status      = running\n\
             Description = Deployment is running but requires manual promotion\n\
             \n\
             Deployed\n\
             Task Group  Promoted  Desired  Canaries  Placed  Healthy  Unhealthy  Progress Deadline\n\
             g           false     1        1         1       1        0          N/A"
        );
        assert!(!latest(Console::plain(), &deployment(&[]), true).contains("Job ID"));
    }
}
