//! `operator scheduler …` and `operator autopilot …`.

use super::{decode, of, parse_index, print_raw, raw};
use crate::args::{
    AutopilotCommand, AutopilotHealth, AutopilotSetConfig, Plain, SchedulerCommand, SchedulerSetConfig, Shown,
};
use crate::console::{Console, Failure, client};
use crate::view;
use api::operator::{
    Autopilot, AutopilotHealth as Health, SchedulerAnswer, SchedulerConfiguration, SchedulerUpdated,
};
use serde_json::{Value, json};

const SCHEDULER: &str = "/v1/operator/scheduler/configuration";
const AUTOPILOT: &str = "/v1/operator/autopilot/configuration";

pub(super) async fn scheduler(command: &SchedulerCommand) -> Result<u8, Failure> {
    match command {
        SchedulerCommand::GetConfig(args) => get(args, of(&args.general)).await,
        SchedulerCommand::SetConfig(args) => set(args, of(&args.general)).await,
    }
}

async fn get(args: &Shown, console: Console) -> Result<u8, Failure> {
    let doing = "Error querying scheduler configuration";
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let (answer, _) = client.get::<Value>(SCHEDULER, &[]).await.map_err(|e| Failure::because(doing, &e))?;
    if let Some(raw) = &raw {
        // The original's clients add what its headers would say, and forget to fill it.
        let shown = json!({
            "KnownLeader": answer["KnownLeader"], "LastContact": answer["LastContact"], "LastIndex": 0,
            "NextToken": "", "RequestTime": 0, "SchedulerConfig": answer["SchedulerConfig"],
        });
        return print_raw(console, raw, &shown);
    }
    let answer: SchedulerAnswer = decode(doing, &answer)?;
    console.line(view::operator::scheduler(&answer.scheduler_config));
    Ok(0)
}

/// The configuration as it is to be: what is not given stays.
fn changed(args: &SchedulerSetConfig, mut config: SchedulerConfiguration) -> SchedulerConfiguration {
    if let Some(algorithm) = args.scheduler_algorithm.as_ref().filter(|name| !name.is_empty()) {
        config.algorithm.clone_from(algorithm);
    }
    let switches = [
        (args.memory_oversubscription, &mut config.memory_oversubscription),
        (args.reject_job_registration, &mut config.reject_job_registration),
        (args.pause_eval_broker, &mut config.pause_eval_broker),
        (args.preempt_batch_scheduler, &mut config.preemption.batch),
        (args.preempt_service_scheduler, &mut config.preemption.service),
        (args.preempt_sysbatch_scheduler, &mut config.preemption.sysbatch),
        (args.preempt_system_scheduler, &mut config.preemption.system),
    ];
    for (given, switch) in switches {
        *switch = given.map_or(*switch, |given| given.0);
    }
    if let Some(limit) = args.node_limit_for_feasibility_checks {
        config.node_limit_for_feasibility_checks = limit.0;
    }
    config
}

async fn set(args: &SchedulerSetConfig, console: Console) -> Result<u8, Failure> {
    let check = args.check_index.as_deref().filter(|text| !text.is_empty());
    let check = check.map(|text| parse_index("check-index", text)).transpose()?;
    let client = client(&args.general)?;
    let (answer, _) = client
        .shape::<SchedulerAnswer>(SCHEDULER, &[])
        .await
        .map_err(|e| Failure::because("Error querying for scheduler configuration", &e))?;
    let config = changed(args, answer.scheduler_config);
    let cas = check.map(|index| index.to_string());
    let query: Vec<_> = cas.iter().map(|index| ("cas", index.as_str())).collect();
    let (done, _) = client
        .put::<_, SchedulerUpdated>(SCHEDULER, &query, &config)
        .await
        .map_err(|e| Failure::because("Error setting scheduler configuration", &e))?;
    if let (Some(index), false) = (check, done.updated) {
        // The words are the original's, twice over.
        let current = config.modify_index;
        return Err(Failure::new(format!(
            "Error performing check index set: check-index {index} does not match does not match current state value {current}"
        )));
    }
    console.line("Scheduler configuration updated!");
    Ok(0)
}

pub(super) async fn autopilot(command: &AutopilotCommand) -> Result<u8, Failure> {
    match command {
        AutopilotCommand::GetConfig(args) => get_autopilot(args, of(&args.general)).await,
        AutopilotCommand::SetConfig(args) => set_autopilot(args, of(&args.general)).await,
        AutopilotCommand::Health(args) => health(args, of(&args.general)).await,
    }
}

async fn get_autopilot(args: &Plain, console: Console) -> Result<u8, Failure> {
    let (config, _) = client(&args.general)?
        .shape::<Autopilot>(AUTOPILOT, &[])
        .await
        .map_err(|e| Failure::because("Error querying Autopilot configuration", &e))?;
    console.line(view::operator::autopilot(&config));
    Ok(0)
}

async fn set_autopilot(args: &AutopilotSetConfig, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let (mut config, _) = client
        .shape::<Autopilot>(AUTOPILOT, &[])
        .await
        .map_err(|e| Failure::because("Error querying Autopilot configuration", &e))?;
    let switches = [
        (args.cleanup_dead_servers, &mut config.cleanup_dead_servers),
        (args.enable_redundancy_zones, &mut config.enable_redundancy_zones),
        (args.disable_upgrade_migration, &mut config.disable_upgrade_migration),
        (args.enable_custom_upgrades, &mut config.enable_custom_upgrades),
    ];
    for (given, switch) in switches {
        *switch = given.map_or(*switch, |given| given.0);
    }
    let numbers =
        [(args.max_trailing_logs, &mut config.max_trailing_logs), (args.min_quorum, &mut config.min_quorum)];
    for (given, number) in numbers {
        *number = given.map_or(*number, |given| given.0);
    }
    let durations = [
        (args.last_contact_threshold, &mut config.last_contact_threshold),
        (args.server_stabilization_time, &mut config.server_stabilization_time),
    ];
    for (given, duration) in durations {
        duration.0 = given.map_or(duration.0, |given| given.0);
    }
    let index = config.modify_index.to_string();
    let (done, _) = client
        .put::<_, bool>(AUTOPILOT, &[("cas", &index)], &config)
        .await
        .map_err(|e| Failure::because("Error setting Autopilot configuration", &e))?;
    if !done {
        return Err(Failure::new("Configuration could not be atomically updated, please try again"));
    }
    console.line("Configuration updated!");
    Ok(0)
}

async fn health(args: &AutopilotHealth, console: Console) -> Result<u8, Failure> {
    let (health, _) = client(&args.general)?
        .shape::<Health>("/v1/operator/autopilot/health", &[])
        .await
        .map_err(|e| Failure::because("Error querying Autopilot health", &e))?;
    if args.json {
        let text = serde_json::to_string(&health);
        console.line(text.map_err(|e| Failure::new(format!("Error formatting the data: {e}")))?);
    } else {
        console.line(view::operator::health(&health));
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{GoBool, GoUint};

    #[test]
    fn what_is_not_given_stays() {
        let before = SchedulerConfiguration {
            algorithm: "spread".to_owned(),
            pause_eval_broker: true,
            ..SchedulerConfiguration::default()
        };
        let args = SchedulerSetConfig {
            memory_oversubscription: Some(GoBool(true)),
            pause_eval_broker: Some(GoBool(false)),
            node_limit_for_feasibility_checks: Some(GoUint(7)),
            ..SchedulerSetConfig::default()
        };
        let after = changed(&args, before);
        assert_eq!(after.algorithm, "spread");
        assert_eq!((after.memory_oversubscription, after.pause_eval_broker), (true, false));
        assert_eq!(after.node_limit_for_feasibility_checks, 7);
    }
}
