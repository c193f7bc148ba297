//! The environment of a task: what the host gives, what is known of the allocation, what the job file adds.

use std::collections::BTreeMap;
use std::path::Path;

use model::{Allocation, Node, Task};

use super::interpolate::Variables;
use crate::alloc::dir::TaskDirs;

/// Variables of the agent that no task gets, because they open doors.
const HOST_DENIED: &[&str] = &[
    "CONSUL_TOKEN",
    "CONSUL_HTTP_TOKEN",
    "CONSUL_HTTP_AUTH",
    "VAULT_TOKEN",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
];

/// Environment of the agent's process, as tasks without isolation inherit it.
pub(crate) fn host_env() -> BTreeMap<String, String> {
    let inherited = |name: &str| {
        !name.starts_with("NOMAD_") && !name.starts_with("DROVER_") && !HOST_DENIED.contains(&name)
    };
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let pair = (name.into_string().ok()?, value.into_string().ok()?);
        inherited(&pair.0).then_some(pair)
    });
    variables.collect()
}

/// Everything but letters, digits and `_` becomes `_`.
fn clean(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

/// The whole environment of a task, interpolated.
pub(crate) fn task_env(
    host: &BTreeMap<String, String>,
    alloc: &Allocation,
    task: &Task,
    node: &Node,
    region: &str,
    dirs: &TaskDirs,
) -> BTreeMap<String, String> {
    let mut env = host.clone();
    env.extend(known(alloc, task, node, region, dirs));
    let given: BTreeMap<String, String> = {
        let variables = Variables::new(&env, node, region);
        task.env.iter().map(|(name, value)| (clean(name), variables.text(value))).collect()
    };
    env.extend(given);
    env
}

fn known(
    alloc: &Allocation,
    task: &Task,
    node: &Node,
    region: &str,
    dirs: &TaskDirs,
) -> BTreeMap<String, String> {
    let path = |path: &Path| path.display().to_string();
    let job = &alloc.job;
    let region = if job.region.is_empty() { region } else { &job.region };
    let mut env: BTreeMap<String, String> = [
        ("NOMAD_ALLOC_DIR", path(&dirs.shared)),
        ("NOMAD_TASK_DIR", path(&dirs.local)),
        ("NOMAD_SECRETS_DIR", path(&dirs.secrets)),
        ("NOMAD_ALLOC_ID", alloc.id.to_string()),
        ("NOMAD_SHORT_ALLOC_ID", alloc.id.short()),
        ("NOMAD_ALLOC_NAME", alloc.name.clone()),
        ("NOMAD_ALLOC_INDEX", alloc.index().map(|index| index.to_string()).unwrap_or_default()),
        ("NOMAD_TASK_NAME", task.name.clone()),
        ("NOMAD_GROUP_NAME", alloc.task_group.clone()),
        ("NOMAD_JOB_ID", job.id.clone()),
        ("NOMAD_JOB_NAME", job.name.clone()),
        ("NOMAD_DC", node.datacenter.clone()),
        ("NOMAD_NAMESPACE", alloc.namespace.clone()),
        ("NOMAD_REGION", region.to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    if !job.parent_id.is_empty() {
        env.insert("NOMAD_JOB_PARENT_ID".into(), job.parent_id.clone());
    }
    if !node.cgroup_parent.is_empty() {
        env.insert("NOMAD_PARENT_CGROUP".into(), node.cgroup_parent.clone());
    }
    let resources = alloc.resources.tasks.get(&task.name).cloned().unwrap_or_default();
    let mut limit = |name: &str, value: i64| {
        if value > 0 {
            env.insert(name.to_owned(), value.to_string());
        }
    };
    limit("NOMAD_CPU_LIMIT", resources.cpu_shares);
    limit("NOMAD_MEMORY_LIMIT", resources.memory_mb);
    limit("NOMAD_MEMORY_MAX_LIMIT", resources.memory_max_mb);
    if !resources.cores.is_empty() {
        env.insert("NOMAD_CPU_CORES".to_owned(), crate::cores::list(&resources.cores));
    }
    meta(&mut env, alloc, task);
    ports(&mut env, alloc);
    env
}

fn meta(env: &mut BTreeMap<String, String>, alloc: &Allocation, task: &Task) {
    let group = alloc.group().map(|group| &group.meta);
    // The narrower one wins.
    for (key, value) in alloc.job.meta.iter().chain(group.into_iter().flatten()).chain(&task.meta) {
        env.insert(format!("NOMAD_META_{}", clean(key)), value.clone());
        env.insert(format!("NOMAD_META_{}", clean(&key.to_uppercase())), value.clone());
    }
}

fn ports(env: &mut BTreeMap<String, String>, alloc: &Allocation) {
    for port in &alloc.resources.ports {
        let label = clean(&port.label);
        // In the host's network a task listens on the host's port unless it is mapped, which needs a bridge.
        let inside = if port.to > 0 { port.to } else { i64::from(port.value) };
        let address = |number: i64| match port.host_ip.contains(':') {
            true => format!("[{}]:{number}", port.host_ip),
            false => format!("{}:{number}", port.host_ip),
        };
        let host = i64::from(port.value);
        let variables = [
            ("NOMAD_IP_", port.host_ip.clone()),
            ("NOMAD_PORT_", inside.to_string()),
            ("NOMAD_ADDR_", address(host)),
            ("NOMAD_HOST_IP_", port.host_ip.clone()),
            ("NOMAD_HOST_PORT_", host.to_string()),
            ("NOMAD_HOST_ADDR_", address(host)),
            ("NOMAD_ALLOC_PORT_", inside.to_string()),
        ];
        for (prefix, value) in variables {
            env.insert(format!("{prefix}{label}"), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::resources::AllocatedPort;
    use std::sync::Arc;

    #[test]
    fn what_a_task_is_told() {
        let job = model::Job {
            id: "web".into(),
            name: "Web".into(),
            region: "global".into(),
            ..Default::default()
        };
        let mut alloc =
            Allocation { name: "web.g[3]".into(), task_group: "g".into(), ..Allocation::default() };
        alloc.job = Arc::new(job);
        alloc.resources.ports = vec![AllocatedPort {
            label: "http-x".into(),
            value: 20_001,
            to: 0,
            host_ip: "10.0.0.1".into(),
            shared: false,
        }];
        let mut task = Task { name: "t".into(), ..Task::default() };
        task.meta.insert("own-er".into(), "me".into());
        task.env.insert("URL".into(), "http://${NOMAD_ADDR_http_x}/${NOMAD_META_own_er}".into());
        let node = Node { datacenter: "dc9".into(), ..Node::default() };
        let dirs = TaskDirs::beneath(Path::new("/a"), "t");
        let env = task_env(&BTreeMap::new(), &alloc, &task, &node, "global", &dirs);
        assert_eq!(env["URL"], "http://10.0.0.1:20001/me");
        assert_eq!(env["NOMAD_ALLOC_INDEX"], "3");
        assert_eq!(env["NOMAD_META_OWN_ER"], "me");
        assert_eq!(env["NOMAD_DC"], "dc9");
        assert_eq!(env["NOMAD_TASK_DIR"], "/a/t/local");
        assert_eq!(env["NOMAD_PORT_http_x"], "20001");
    }
}
