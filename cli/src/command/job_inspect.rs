//! `job inspect`: the job as the servers hold it.

use super::{Raw, print_raw, raw};
use crate::args::JobInspect;
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::{ApiClient, path_segment};
use serde_json::{Value, json};

pub(super) async fn run(args: &JobInspect, console: Console) -> Result<u8, Failure> {
    if args.hcl || args.with_vars {
        return Err(Failure::new("job inspect -hcl is not supported yet: sources are not kept"));
    }
    let raw = raw(&args.format)?;
    let version = args.version.as_deref().filter(|text| !text.is_empty());
    let version = version.map(|text| super::parse_index("version", text)).transpose()?;
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let job = match version {
        None => newest(&client, &stub.id).await?,
        Some(version) => at(&client, &stub.id, version).await?,
    };
    if let Some(raw) = &raw {
        return print_raw(console, raw, &job);
    }
    print_raw(console, &Raw::Json, &json!({ "Job": job }))
}

async fn newest(client: &ApiClient, id: &str) -> Result<Value, Failure> {
    let path = format!("/v1/job/{}", path_segment(id));
    let (job, _) =
        client.get::<Value>(&path, &[]).await.map_err(|e| Failure::because("Error inspecting job", &e))?;
    Ok(job)
}

async fn at(client: &ApiClient, id: &str, version: u64) -> Result<Value, Failure> {
    let path = format!("/v1/job/{}/versions", path_segment(id));
    let (answer, _) =
        client.get::<Value>(&path, &[]).await.map_err(|e| Failure::because("Error inspecting job", &e))?;
    let versions = answer["Versions"].as_array().into_iter().flatten();
    versions.into_iter().find(|job| job["Version"].as_u64() == Some(version)).cloned().ok_or_else(|| {
        Failure::new(format!("Error inspecting job: job {id:?} with version {version} couldn't be found"))
    })
}
