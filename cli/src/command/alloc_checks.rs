//! `alloc checks`: the newest answers of the checks of an allocation's services.

use super::{alloc_target::Target, print_raw, raw};
use crate::args::AllocChecks;
use crate::console::{Console, Failure, client};
use crate::http::path_segment;
use crate::view;
use serde_json::{Map, Value};

pub(super) async fn run(args: &AllocChecks, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let client = client(&args.general)?;
    let target = Target { named: &args.allocation, of_job: false, group: None };
    let (client, alloc) = target.find(&client, args.verbose).await?;
    let path = format!("/v1/client/allocation/{}/checks", path_segment(&alloc.id));
    let (answer, _) = client
        .get::<Option<Map<String, Value>>>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error querying allocation checks", &e))?;
    let checks = answer.unwrap_or_default();
    if let Some(raw) = &raw {
        return print_raw(console, raw, &view::checks::whole(&checks));
    }
    console.write(view::checks::list(&checks).as_bytes());
    Ok(0)
}
