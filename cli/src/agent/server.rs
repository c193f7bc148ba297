//! From the configuration to a server's options.

use super::data_dir::DataDir;
use super::proxy::Local;
use super::sockets::Addresses;
use runtime::{COMPAT_VERSION, Config};
use server::{HeartbeatTimes, Options, RaftOptions, Thresholds};
use std::sync::Arc;
use std::time::Duration;

/// Evaluations processed at a time. Workers mostly wait for commits, so there are more of them than cores.
const WORKERS: usize = 32;

/// A server's options.
pub(super) fn options(
    config: &Config,
    data_dir: &DataDir,
    addresses: &Addresses,
    local: Arc<Local>,
) -> Options {
    let server = &config.server;
    Options {
        raft: raft(config, data_dir, addresses),
        keystore_dir: data_dir.server.join("keystore"),
        heartbeats: HeartbeatTimes {
            ttl_ms: ms(server.min_heartbeat_ttl),
            grace_ms: ms(server.heartbeat_grace),
            failover_ms: ms(server.failover_heartbeat_ttl),
        },
        gc: Thresholds {
            job_ns: ns(server.job_gc_threshold),
            eval_ns: ns(server.eval_gc_threshold),
            batch_eval_ns: ns(server.batch_eval_gc_threshold),
            deployment_ns: ns(server.deployment_gc_threshold),
            node_ns: ns(server.node_gc_threshold),
        },
        gc_interval_ms: ms(server.job_gc_interval),
        workers: server.num_schedulers.map_or(WORKERS, |count| usize::try_from(count).unwrap_or(WORKERS)),
        http_connections_per_address: usize::try_from(config.limits.http_max_conns_per_client).unwrap_or(0),
        prometheus: config.telemetry.prometheus_metrics,
        http_headers: config
            .http_api_response_headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        // A configuration is plain data, so this cannot fail; an empty answer is better than no agent.
        config_json: serde_json::to_value(config).unwrap_or_default(),
        local_agent: config.client.enabled.then_some(local as Arc<dyn server::LocalAgent>),
    }
}

fn raft(config: &Config, data_dir: &DataDir, addresses: &Addresses) -> RaftOptions {
    let (server, timing) = (&config.server, config.server.raft_timing());
    let join = server.join();
    let usual = runtime::config::Server::default();
    let core = RaftOptions::default();
    // The keys' own defaults are the original's; the core has measured ones, which hold until somebody sets the keys.
    let chosen = |set: u64, default: u64, core: u64| if set == default { core } else { set };
    RaftOptions {
        data_dir: data_dir.server.clone(),
        name: config.node_name(),
        region: config.region.clone(),
        datacenter: config.datacenter.clone(),
        rpc_advertise: addresses.rpc_advertise.clone(),
        http_advertise: addresses.http_advertise.clone(),
        version: COMPAT_VERSION.to_owned(),
        bootstrap_expect: usize::try_from(server.bootstrap_expect).unwrap_or(usize::MAX),
        retry_join: join.start_join.into_iter().chain(join.retry_join).collect(),
        heartbeat_ms: ms(timing.heartbeat),
        election_min_ms: ms(timing.election_min),
        election_max_ms: ms(timing.election_max),
        snapshot_after_entries: chosen(
            server.raft_snapshot_threshold,
            usual.raft_snapshot_threshold,
            core.snapshot_after_entries,
        ),
        keep_entries: chosen(server.raft_trailing_logs, usual.raft_trailing_logs, core.keep_entries),
        durable: data_dir.durable(),
        ..core
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn ns(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}
