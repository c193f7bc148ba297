//! `ui`: the web interface of the agent, opened in a browser.

use crate::args::Ui;
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::path_segment;
use serde_json::Value;
use std::process::{Command, Stdio};

pub(super) async fn run(args: &Ui, console: Console) -> Result<u8, Failure> {
    if args.authenticate {
        return Err(Failure::new("ui -authenticate is not supported: there is no access control yet"));
    }
    let client = client(&args.general)?;
    let base = client.url("", &[("region", ""), ("namespace", "")]);
    let base = base.split('?').next().unwrap_or_default();
    let url = match args.identifier.as_deref().filter(|id| !id.is_empty()) {
        None => base.to_owned(),
        Some(id) => {
            let (context, id) = find::anything(&client, id).await?;
            let path = match context.as_str() {
                "jobs" => format!("jobs/{}", path_segment(&id)),
                "allocs" => format!("allocations/{id}"),
                "nodes" => format!("clients/{id}"),
                "deployment" => {
                    let (deployment, _) = client
                        .get::<Value>(&format!("/v1/deployment/{id}"), &[])
                        .await
                        .map_err(|e| Failure::because("Error retrieving deployment", &e))?;
                    let job = deployment["JobID"].as_str().unwrap_or_default();
                    format!("jobs/{}/deployments", path_segment(job))
                }
                "evals" => format!("evaluations?currentEval={id}"),
                _ => return Err(Failure::new(format!("Unable to resolve ID: {id:?}"))),
            };
            format!("{base}/ui/{path}")
        }
    };
    if args.show_url {
        console.line(format!("URL for web UI: {url}"));
        return Ok(0);
    }
    console.line(format!("Opening URL {url:?}"));
    open(&url)?;
    Ok(0)
}

fn open(url: &str) -> Result<(), Failure> {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let opened = Command::new(program)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match opened {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("Error opening URL: {program} ended with {status}"))),
        Err(error) => Err(Failure::new(format!("Error opening URL: {program}: {error}"))),
    }
}
