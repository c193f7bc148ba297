//! From the text of a job file to a job.

use std::rc::Rc;

use serde_json::Value as Json;

use crate::body::{Body, Form};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::eval::Env;
use crate::eval::scope::Scope;
use crate::limits::MAX_TEXT;
use crate::options::{Given, Options};
use crate::schema::job::JOB;
use crate::syntax::{json, parse_file};
use crate::variables::{top_shape, values_body};

/// Reads a job file. The answer is the job as the API writes it, with nothing filled in that the file leaves open.
///
/// `name` is what diagnostics call the file: `input.hcl` at the endpoint.
///
/// # Errors
///
/// Everything that is wrong with the file or with the values given to it. The text of the error begins behind
/// `Failed to parse job: `.
pub fn parse(name: &str, text: &str, options: &Options<'_>) -> Result<Json, Diagnostics> {
    check_size(name, text)?;
    let env = Env::new(options);
    for given in &options.given {
        if let Given::File { name, text } = given {
            check_size(name, text)?;
            values_body(&env, name, text)
                .map_err(|found| Diagnostics::collapsed(found, "unable to parse var content: "))?;
        }
    }
    let body = file_body(&env, name, text)?;
    let mut out = Vec::new();
    let content = env.content(&body, &top_shape(), &mut out);
    if !out.is_empty() {
        return Err(Diagnostics::lines(out));
    }
    let Some(scope) = env.names(&content.blocks, &mut out) else {
        return Err(Diagnostics::lines(out));
    };
    let mut jobs = content.blocks.into_iter().filter(|block| block.kind == "job");
    let Some(mut job) = jobs.next() else {
        let missing = Diagnostic::error(None, "Missing job block", "A job block is required");
        return Err(Diagnostics::lines(vec![missing]));
    };
    if let Some(second) = jobs.next() {
        let place = env.subject(job.header);
        let detail =
            format!("Only one block of type \"job\" is allowed. Previous definition was at {place}.");
        env.report(&mut out, second.header, "Duplicate job block", &detail);
        return Err(Diagnostics::lines(out));
    }
    job.body.scope = scope;
    let object = env.decode_block(&job, &JOB, &mut out);
    if out.is_empty() && env.is_exhausted() {
        // The diagnostic was lost inside of `try` or `can`.
        out.push(Diagnostic::error(
            None,
            "Job file too costly",
            "Its expressions take more work than is allowed.",
        ));
    }
    if out.is_empty() { Ok(Json::Object(object)) } else { Err(Diagnostics::lines(out)) }
}

pub(crate) fn check_size(name: &str, text: &str) -> Result<(), Diagnostics> {
    if text.len() <= MAX_TEXT {
        return Ok(());
    }
    let detail = format!("The text of {name} has {} bytes; {MAX_TEXT} are allowed.", text.len());
    Err(Diagnostics::lines(vec![Diagnostic::error(None, "Job file too large", &detail)]))
}

fn file_body(env: &Env<'_>, name: &str, text: &str) -> Result<Body, Diagnostics> {
    let source: Rc<str> = text.into();
    let file: Rc<str> = name.into();
    let index = env.add_text(&source, &file);
    let scope = Scope::root(std::collections::BTreeMap::new());
    if text.trim_start_matches([' ', '\t']).starts_with('{') {
        let node = json::parse(text, index, name).map_err(|found| Diagnostics::collapsed(found, ""))?;
        return Ok(Body { form: Form::Json(Rc::new(node)), scope });
    }
    let (body, found) = parse_file(&source, index, &file);
    if !found.is_empty() {
        return Err(Diagnostics::collapsed(found, ""));
    }
    Ok(Body { form: Form::Native(Rc::new(body)), scope })
}
