//! `job scale`: another count for a group.

use super::watched;
use crate::args::JobScale;
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::path_segment;
use serde_json::{Value, json};

pub(super) async fn run(args: &JobScale, console: Console) -> Result<u8, Failure> {
    let (prefix, group, count) = match &args.arguments[..] {
        [job, count] => (job, None, count),
        [job, group, count] => (job, Some(group.clone()), count),
        _ => return Err(Failure::new("Command requires at least two arguments and no more than three")),
    };
    let wanted: i64 = count.parse().map_err(|_| {
        Failure::new(format!(
            "Failed to convert count string to int: strconv.Atoi: parsing {count:?}: invalid syntax"
        ))
    })?;
    let client = client(&args.general)?;
    let stub = find::job(&client, prefix).await?;
    let client = client.in_namespace(&stub.namespace);
    let path = format!("/v1/job/{}", path_segment(&stub.id));
    let failed = |e: &_| Failure::because("Error querying job", e);
    let (job, _) = client.get::<Value>(&path, &[]).await.map_err(|e| failed(&e))?;
    let members = job["TaskGroups"].as_array().into_iter().flatten();
    let groups: Vec<String> = members.filter_map(|group| Some(group["Name"].as_str()?.to_owned())).collect();
    let group = match group {
        Some(group) if groups.contains(&group) => group,
        Some(group) => return Err(Failure::new(format!("Group {group} not found within job"))),
        None if groups.len() == 1 => groups[0].clone(),
        None => {
            return Err(Failure::new(format!("Group name required: the job has {}", groups.join(", "))));
        }
    };
    let mut body = json!({
        "Count": wanted, "Target": { "Group": group }, "Message": "submitted using the Nomad CLI",
    });
    if let Some(text) = args.check_index.as_deref().filter(|text| !text.is_empty()) {
        body["EnforceIndex"] = json!(true);
        body["JobModifyIndex"] = json!(super::parse_index("check-index", text)?);
    }
    let (answer, _) = client
        .put::<_, Value>(&format!("{path}/scale"), &[], &body)
        .await
        .map_err(|e| Failure::because("Error submitting scaling request", &e))?;
    if let Some(warnings) = answer["Warnings"].as_str().filter(|text| !text.is_empty()) {
        console.line(format!("Job Warnings:\n{warnings}\n"));
    }
    watched(&client, console, &answer["EvalID"], args.watch, "Job scale successful\n").await
}
