//! `job inspect`: the job as the servers hold it.

use super::{Raw, print_raw, print_typed, raw};
use crate::args::JobInspect;
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::{ApiClient, path_segment};
use serde_json::{Value, json};

pub(super) async fn run(args: &JobInspect, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    if args.hcl && raw.is_some() {
        return Err(Failure::new("The -hcl option cannot be used with -json or -t"));
    }
    if args.with_vars && !args.hcl {
        return Err(Failure::new("The -with-vars option can only be used with -hcl"));
    }
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
        return print_typed(console, raw, &job, "*api.Job");
    }
    if args.hcl {
        let version = job["Version"].as_u64().unwrap_or(0);
        let source = submission(&client, &stub.id, version).await?;
        console.write(told(&source, args.with_vars).as_bytes());
        return Ok(0);
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

/// What a version of the job was made of.
async fn submission(client: &ApiClient, id: &str, version: u64) -> Result<Value, Failure> {
    let path = format!("/v1/job/{}/submission", path_segment(id));
    let answer = client.get::<Value>(&path, &[("version", &version.to_string())]).await;
    let (submission, _) = answer.map_err(|error| match error.is_not_found() {
        true => Failure::new(format!(
            "Error inspecting job: the source of job {id:?} with version {version} was not kept"
        )),
        false => Failure::because("Error inspecting job", &error),
    })?;
    Ok(submission)
}

/// The source, and the values of its variables behind it.
fn told(submission: &Value, variables: bool) -> String {
    let text = |name: &str| submission[name].as_str().unwrap_or_default().trim_end().to_owned();
    let mut out = format!("{}\n", text("Source"));
    if !variables {
        return out;
    }
    let flags = submission["VariableFlags"].as_object().into_iter().flatten();
    let flags: String =
        flags.map(|(name, value)| format!("{name} = {:?}\n", value.as_str().unwrap_or_default())).collect();
    let files = text("Variables");
    let files = if files.is_empty() { files } else { format!("{files}\n") };
    let all = format!("{files}{flags}");
    let all = if all.is_empty() { "<none>\n".to_owned() } else { all };
    out.push_str(&format!("\nVariables:\n{all}"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_told_with_its_values() {
        let submission = json!({
            "Source": "job \"a\" {}\n\n", "VariableFlags": {"n": "3"}, "Variables": "m = 4\n",
        });
        assert_eq!(told(&submission, false), "job \"a\" {}\n");
        assert_eq!(told(&submission, true), "job \"a\" {}\n\nVariables:\nm = 4\nn = \"3\"\n");
        assert_eq!(told(&json!({"Source": "x"}), true), "x\n\nVariables:\n<none>\n");
    }
}
