//! A client agent for process tests: `agent-under-test <state dir> <alloc dir> <server>` or `… supervisor <spec>`.
//! Not shipped; the real program is `drover`.

use std::process::ExitCode;

use client_agent::{Options, start, supervisor_main};
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let args: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    if args.first().is_some_and(|first| first == "supervisor") {
        return ExitCode::from(u8::try_from(supervisor_main(args)).unwrap_or(1));
    }
    let [state_dir, alloc_dir, server] = args.as_slice() else {
        return ExitCode::from(64);
    };
    let options = Options {
        state_dir: state_dir.into(),
        alloc_dir: alloc_dir.into(),
        servers: vec![server.to_string_lossy().into_owned()],
        raw_exec_enabled: true,
        mock_driver_enabled: true,
        network_interface: Some("lo".to_owned()),
        reconnect_min_ms: 10,
        reconnect_max_ms: 100,
        ..Options::default()
    };
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter("info,sled=warn").init();
    let Ok(tokio) = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() else {
        return ExitCode::FAILURE;
    };
    tokio.block_on(async {
        match start(options, CancellationToken::new()).await {
            Ok(agent) => {
                // Signals are what the tests send; without one the agent runs until it is killed.
                if tokio::signal::ctrl_c().await.is_ok() {
                    agent.shutdown().await;
                }
                ExitCode::SUCCESS
            }
            Err(error) => {
                tracing::error!(%error, "the agent does not start");
                ExitCode::FAILURE
            }
        }
    })
}
