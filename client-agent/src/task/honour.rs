//! What of a task this agent cannot do yet. A task that asks for it is not started without it.

use model::Task;

/// Why a task is refused; `None` when all that it asks for can be done.
pub(crate) fn refusal(task: &Task) -> Option<String> {
    let own_identity = task.identity.iter().any(|identity| identity.env || identity.file);
    let asked = [
        ("artifact", !task.artifacts.is_empty()),
        ("template", !task.templates.is_empty()),
        ("volume_mount", !task.volume_mounts.is_empty()),
        ("csi_plugin", task.csi_plugin_config.is_some()),
        ("vault", task.vault.is_some()),
        ("secret", !task.secrets.is_empty()),
        ("schedule", task.schedule.is_some()),
        ("identity", own_identity || !task.identities.is_empty()),
    ];
    let names: Vec<&str> = asked.into_iter().filter_map(|(name, used)| used.then_some(name)).collect();
    match names.as_slice() {
        [] => None,
        [name] => Some(format!("the {name} block is not built yet, and the task is not started without it")),
        names => {
            let names = names.join(", ");
            Some(format!("the blocks {names} are not built yet, and the task is not started without them"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::job::{Artifact, Template};
    use model::wire::List;

    #[test]
    fn what_is_not_built_is_named() {
        assert_eq!(refusal(&Task::default()), None);
        let mut task = Task { artifacts: List(vec![Artifact::default()]), ..Task::default() };
        let one = "the artifact block is not built yet, and the task is not started without it";
        assert_eq!(refusal(&task).as_deref(), Some(one));
        task.templates = List(vec![Template::default()]);
        assert!(refusal(&task).unwrap().contains("artifact, template"));
    }
}
