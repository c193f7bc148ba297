//! `job tag apply|unset`: names for versions of a job.

use crate::args::{JobTagApply, JobTagUnset};
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::path_segment;
use serde_json::{Value, json};

const DOING: &str = "Error tagging job version";

fn name<'a>(given: Option<&'a str>, command: &str) -> Result<&'a str, Failure> {
    given.filter(|name| !name.is_empty()).ok_or_else(|| {
        Failure::new(format!(
            "A version tag name is required\nFor additional help try 'drover job tag {command} -help'"
        ))
    })
}

pub(super) async fn apply(args: &JobTagApply, console: Console) -> Result<u8, Failure> {
    let name = name(args.name.as_deref(), "apply")?;
    let version = args.version.as_deref().map(|text| super::parse_index("version", text)).transpose()?;
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let job = format!("/v1/job/{}", path_segment(&stub.id));
    let failed = |e: &_| Failure::because(DOING, e);
    let version = match version {
        Some(version) => version,
        None => {
            let (job, _) = client.get::<Value>(&job, &[]).await.map_err(|e| failed(&e))?;
            job["Version"].as_u64().unwrap_or(0)
        }
    };
    let body = json!({ "Version": version, "Description": args.description.clone().unwrap_or_default() });
    let path = format!("{job}/versions/{}/tag", path_segment(name));
    client.put::<_, Value>(&path, &[], &body).await.map_err(|e| failed(&e))?;
    console.line(format!("Job version {version} tagged with name {name:?}"));
    Ok(0)
}

pub(super) async fn unset(args: &JobTagUnset, console: Console) -> Result<u8, Failure> {
    let name = name(args.name.as_deref(), "unset")?;
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let path = format!("/v1/job/{}/versions/{}/tag", path_segment(&stub.id), path_segment(name));
    client.delete::<Value>(&path, &[]).await.map_err(|e| Failure::because(DOING, &e))?;
    console.line(format!("Tag {name:?} removed from job {:?}", stub.id));
    Ok(0)
}
