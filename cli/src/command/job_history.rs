//! `job history`: the versions that the servers keep of a job.

use super::{decode, print_raw, raw};
use crate::args::JobHistory;
use crate::console::{Console, Failure, client};
use crate::http::path_segment;
use crate::output::Paint;
use crate::{find, output, view};
use api::diff::JobDiff;
use serde_json::Value;

const DOING: &str = "Error retrieving job versions";

pub(super) async fn run(args: &JobHistory, console: Console) -> Result<u8, Failure> {
    let compared = args.diff_tag.is_some() || args.diff_version.is_some();
    if compared && !args.p {
        return Err(Failure::new("-diff-tag and -diff-version can only be used with -p"));
    }
    let raw = raw(&args.format)?;
    let wanted = args.version.as_deref().map(|text| super::parse_index("version", text)).transpose()?;
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let mut query = vec![("diffs", if args.p { "true" } else { "false" })];
    query.extend(args.diff_tag.as_deref().map(|tag| ("diff_tag", tag)));
    query.extend(args.diff_version.as_deref().map(|version| ("diff_version", version)));
    let path = format!("/v1/job/{}/versions", path_segment(&stub.id));
    let (answer, _) = client.get::<Value>(&path, &query).await.map_err(|e| Failure::because(DOING, &e))?;
    let versions = answer["Versions"].as_array().cloned().unwrap_or_default();
    let diffs = answer["Diffs"].as_array().cloned().unwrap_or_default();
    // Without something to compare with, a difference is that to the version before, and the oldest has none.
    let mut all: Vec<(&Value, Option<&Value>)> =
        versions.iter().enumerate().map(|(at, job)| (job, diffs.get(at))).collect();
    if let Some(wanted) = wanted {
        all.retain(|(job, _)| job["Version"].as_u64() == Some(wanted));
        if all.is_empty() {
            return Err(Failure::new("Error printing job history for non-existing job or job version"));
        }
    }
    if let Some(raw) = &raw {
        return match (wanted, all.first()) {
            (Some(_), Some((job, _))) => print_raw(console, raw, job),
            _ => print_raw(console, raw, &versions),
        };
    }
    let mut blocks = Vec::with_capacity(all.len());
    for (job, diff) in all {
        blocks.push(block(job, diff, args.full, console.paint())?);
    }
    console.line(blocks.join("\n\n"));
    Ok(0)
}

fn block(job: &Value, diff: Option<&Value>, full: bool, paint: Paint) -> Result<String, Failure> {
    let mut pairs = vec![
        ("Version", job["Version"].as_u64().unwrap_or(0).to_string()),
        ("Stable", job["Stable"].as_bool().unwrap_or(false).to_string()),
        ("Submit Date", output::absolute(job["SubmitTime"].as_i64().unwrap_or(0))),
    ];
    let tag = &job["VersionTag"];
    for (name, member) in [("Tag Name", "Name"), ("Tag Description", "Description")] {
        let text = tag[member].as_str().unwrap_or_default();
        if !text.is_empty() {
            pairs.push((name, text.to_owned()));
        }
    }
    let mut text = match diff.filter(|diff| diff.is_object()) {
        Some(diff) => {
            let diff: JobDiff = decode(DOING, diff)?;
            // The key stands like the others, and the difference below it.
            let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            let diff = view::diff::job(&diff, false, paint);
            format!("{}\n{:width$} = \n{diff}", output::key_values(&pairs), "Diff")
        }
        None => output::key_values(&pairs),
    };
    if full {
        let job = output::pretty(job).map_err(|e| Failure::new(format!("{DOING}: {e}")))?;
        text.push_str(&format!("\nFull        = {job}"));
    }
    Ok(text)
}
