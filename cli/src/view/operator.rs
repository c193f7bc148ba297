//! What operators look at: configurations, health, keys.

use crate::output;
use api::operator::{Autopilot, AutopilotHealth, SchedulerConfiguration};
use serde_json::Value;

/// The scheduler's configuration.
pub fn scheduler(config: &SchedulerConfiguration) -> String {
    output::key_values(&[
        ("Scheduler Algorithm", config.algorithm.clone()),
        ("Memory Oversubscription", config.memory_oversubscription.to_string()),
        ("Reject Job Registration", config.reject_job_registration.to_string()),
        ("Pause Eval Broker", config.pause_eval_broker.to_string()),
        ("Preemption System Scheduler", config.preemption.system.to_string()),
        ("Preemption Service Scheduler", config.preemption.service.to_string()),
        ("Preemption Batch Scheduler", config.preemption.batch.to_string()),
        ("Preemption SysBatch Scheduler", config.preemption.sysbatch.to_string()),
        ("Node Limit For Feasibility Checks", config.node_limit_for_feasibility_checks.to_string()),
        ("Modify Index", config.modify_index.to_string()),
    ])
}

/// The autopilot's configuration, not aligned, as the original shows it.
pub fn autopilot(config: &Autopilot) -> String {
    let duration = |ns: i64| model::go_duration::format(ns);
    let pairs = [
        ("CleanupDeadServers", config.cleanup_dead_servers.to_string()),
        ("LastContactThreshold", duration(config.last_contact_threshold.0)),
        ("MaxTrailingLogs", config.max_trailing_logs.to_string()),
        ("MinQuorum", config.min_quorum.to_string()),
        ("ServerStabilizationTime", duration(config.server_stabilization_time.0)),
        ("EnableRedundancyZones", config.enable_redundancy_zones.to_string()),
        ("DisableUpgradeMigration", config.disable_upgrade_migration.to_string()),
        ("EnableCustomUpgrades", config.enable_custom_upgrades.to_string()),
    ];
    pairs.map(|(name, value)| format!("{name} = {value}")).join("\n")
}

/// The health of the servers.
pub fn health(health: &AutopilotHealth) -> String {
    let heading = [
        "ID",
        "Name",
        "Address",
        "SerfStatus",
        "Version",
        "Leader",
        "Voter",
        "Healthy",
        "LastContact",
        "LastTerm",
        "LastIndex",
        "StableSince",
    ];
    let mut rows = vec![heading.map(str::to_owned)];
    rows.extend(health.servers.iter().map(|server| {
        [
            server.id.clone(),
            server.name.clone(),
            server.address.clone(),
            server.serf_status.clone(),
            server.version.clone(),
            server.leader.to_string(),
            server.voter.to_string(),
            server.healthy.to_string(),
            model::go_duration::format(server.last_contact.0),
            server.last_term.to_string(),
            server.last_index.to_string(),
            stable(&server.stable_since),
        ]
    }));
    format!(
        "Healthy: {}\nFailureTolerance: {}\nLeader: {}\nVoters: \n\t{}\nServers: \n{}",
        health.healthy,
        health.failure_tolerance,
        health.leader,
        health.voters.join("\n\t"),
        output::list(&rows)
    )
}

/// A time as Go prints it.
fn stable(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S +0000 UTC").to_string(),
        Err(_) => time.to_owned(),
    }
}

/// The table of root keys, as the API gives them.
pub fn keys(keys: &[Value], verbose: bool) -> String {
    let mut rows = vec![["Key", "State", "Create Time", "Publish Time"].map(str::to_owned)];
    let text = |key: &Value, name: &str| key[name].as_str().unwrap_or_default().to_owned();
    let time = |key: &Value, name: &str| match key[name].as_i64().unwrap_or(0) {
        0 => String::new(),
        ns => output::absolute(ns),
    };
    rows.extend(keys.iter().map(|key| {
        [
            output::id(&text(key, "KeyID"), verbose).to_owned(),
            text(key, "State"),
            time(key, "CreateTime"),
            time(key, "PublishTime"),
        ]
    }));
    output::list(&rows)
}

/// What an agent says of itself, by section.
pub fn agent(stats: &Value) -> String {
    let mut lines = Vec::new();
    for (section, figures) in stats.as_object().into_iter().flatten() {
        lines.push(section.clone());
        for (name, value) in figures.as_object().into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            lines.push(format!("  {name} = {value}"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::operator::ServerHealth;
    use api::time::GoDuration;
    use serde_json::json;

    #[test]
    fn configurations_look_as_recorded() {
        let config = SchedulerConfiguration {
            algorithm: "binpack".to_owned(),
            modify_index: 5,
            ..SchedulerConfiguration::default()
        };
        let text = scheduler(&config);
        assert!(text.starts_with(
            "Scheduler Algorithm               = binpack\nMemory Oversubscription           = false\n"
        ));
        assert!(
            text.ends_with("\nNode Limit For Feasibility Checks = 0\nModify Index                      = 5")
        );
        let config = Autopilot {
            cleanup_dead_servers: true,
            last_contact_threshold: GoDuration(200_000_000),
            ..Autopilot::default()
        };
        assert!(
            autopilot(&config).starts_with(
                "CleanupDeadServers = true\nLastContactThreshold = 200ms\nMaxTrailingLogs = 0\n"
            )
        );
    }

    #[test]
    fn servers_keys_and_figures_are_listed() {
        let server = ServerHealth {
            id: "7".to_owned(),
            stable_since: "2026-11-21T11:59:07.969311937Z".to_owned(),
            ..ServerHealth::default()
        };
        let shown = health(&AutopilotHealth {
            servers: vec![server],
            voters: vec!["7".to_owned(), "8".to_owned()],
            ..AutopilotHealth::default()
        });
        assert!(shown.starts_with(
            "Healthy: false\nFailureTolerance: 0\nLeader: \nVoters: \n\t7\n\t8\nServers: \nID  Name"
        ));
        assert!(shown.ends_with("2026-11-21 11:59:07 +0000 UTC"), "{shown}");
        let key = json!({"KeyID": "be072c16-c064-4650-bc04-cf6e3daea265", "State": "active", "CreateTime": 0, "PublishTime": 0});
        assert_eq!(
            keys(&[key], false),
            "Key       State   Create Time  Publish Time\nbe072c16  active  <none>       <none>"
        );
        let stats = json!({"raft": {"term": "1", "state": "Leader"}, "nomad": {"leader": "true"}});
        assert_eq!(agent(&stats), "nomad\n  leader = true\nraft\n  state = Leader\n  term = 1");
    }
}
