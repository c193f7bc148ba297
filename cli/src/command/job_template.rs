//! Templates of job files, which are variables below `nomad/job-templates`.

use crate::args::General;
use crate::console::{Console, Failure, client};
use crate::http::path_segment;
use serde_json::Value;

/// Where they are.
const DIRECTORY: &str = "nomad/job-templates";
/// The item that holds the text.
const ITEM: &str = "template";

/// The names of all of them.
pub(super) async fn list(general: &General, console: Console) -> Result<u8, Failure> {
    let client = client(general)?;
    let prefix = format!("{DIRECTORY}/");
    let (answer, _) = client
        .get::<Value>("/v1/vars", &[("prefix", &prefix)])
        .await
        .map_err(|e| Failure::because("Error retrieving job templates from the server; unable to read variables at path nomad/job-templates/", &e))?;
    let paths = answer.as_array().into_iter().flatten().filter_map(|entry| entry["Path"].as_str());
    let names: Vec<&str> = paths.filter_map(|path| path.strip_prefix(&prefix)).collect();
    if names.is_empty() {
        return Err(Failure::new(format!("No variables in {DIRECTORY}")));
    }
    console.line("Use drover job init -template=<template> with any of the following:");
    for name in names {
        console.line(format!("  {name}"));
    }
    Ok(0)
}

/// The text of one.
pub(super) async fn text(general: &General, name: &str) -> Result<String, Failure> {
    let client = client(general)?;
    let path = format!("/v1/var/{DIRECTORY}/{}", path_segment(name));
    let answer = client.get::<Value>(&path, &[]).await;
    let (variable, _) = answer.map_err(|error| match error.is_not_found() {
        true => Failure::new(format!("Template {name:?} not found: there is no variable {DIRECTORY}/{name}")),
        false => Failure::because("Error retrieving the job template", &error),
    })?;
    match variable["Items"][ITEM].as_str().filter(|text| !text.is_empty()) {
        Some(text) => Ok(text.to_owned()),
        None => Err(Failure::new(format!("The variable {DIRECTORY}/{name} has no item {ITEM:?}"))),
    }
}
