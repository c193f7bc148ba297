//! Every decoder of what comes from outside, fuzzed for a moment at every run: see `harness.rs`.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

mod harness;
mod paths;
mod request;
mod session;
mod snapshot;

use std::path::Path;

use harness::{Target, fuzz};
use serde_json::json;

/// The text of an input, if it is one: bytes that are none never get as far as these decoders.
fn text(input: &[u8]) -> &str {
    std::str::from_utf8(input).unwrap_or_default()
}

#[test]
fn jobs_as_json() {
    fuzz(&Target {
        name: "job-json",
        words: &["null", "{}", "[]", "\"TaskGroups\":", "\"Config\":{", "\"Periodic\":{", "1e999", "\"30s\""],
        more: None,
        run: |input| {
            let Ok(body) = api::json::from_slice::<api::jobs::RegisterRequest>(input) else { return };
            let Some(Ok(mut job)) = body.job.map(api::job::Job::into_model) else { return };
            let _ = job.validate();
            let _ = (job.warnings(true), api::json::to_vec(&api::job::Job::from(&job), true).unwrap());
            job.version += 1;
            assert_eq!(model::codec::decode::<model::Job>(&model::codec::encode(&job)).unwrap(), job);
        },
    });
}

#[test]
fn jobs_as_files() {
    fuzz(&Target {
        name: "job-hcl",
        words: &[
            "${",
            "%{ if true }",
            "for x in ",
            "dynamic \"task\" {",
            "<<EOT\n",
            "..",
            "...",
            "range(",
            "null",
        ],
        more: Some(("jobspecs", ".nomad.hcl")),
        run: |input| {
            let options = jobspec::Options {
                given: Vec::new(),
                undeclared_is_error: false,
                files: None,
                mint: &|| [7; 16],
            };
            if let Ok(job) = jobspec::parse("fuzz.hcl", text(input), &options) {
                let job = jobspec::canonicalize(job);
                let job: Result<api::job::Job, _> = api::json::from_value(&job);
                let _ = job.map(api::job::Job::into_model);
            }
        },
    });
}

#[test]
fn filters() {
    let run = |input: &[u8]| {
        let Ok(filter) = filter::Filter::parse(text(input)) else { return };
        let datum =
            json!({ "ID": "web", "Priority": 50, "Meta": { "a": "b" }, "Tags": ["x"], "Stop": false });
        let _ = filter.matches(&datum);
    };
    let words =
        &[" and ", " or ", "not ", " in ", " matches ", " is empty", "any Tags as x {", "`", "\"", "[0]"];
    fuzz(&Target { name: "filter", words, more: None, run });
}

#[test]
fn queries() {
    let run = |input: &[u8]| {
        let params = api::query::Params::parse(text(input));
        let _ = (params.read_options(), params.pretty(), params.flag("all"));
        let path = api::query::percent_decode(text(input), false);
        assert!(path.len() <= 3 * input.len());
    };
    let words = &["%", "%2F", "%f", "&", "=", "+", "index=", "wait=", "next_token=", "per_page=-1", "stale"];
    fuzz(&Target { name: "query", words, more: None, run });
}

#[test]
fn durations() {
    let run = |input: &[u8]| {
        if let Ok(ns) = model::go_duration::parse(text(input)) {
            assert_eq!(model::go_duration::parse(&model::go_duration::format(ns)), Ok(ns));
        }
        let quoted = serde_json::to_vec(text(input)).unwrap();
        let _ = api::json::from_slice::<api::time::GoDuration>(&quoted);
    };
    let words = &["h", "m", "s", "ms", "us", "µs", "ns", ".", "-", "+", "9223372036854775807ns"];
    fuzz(&Target { name: "duration", words, more: None, run });
}

#[test]
fn cron_texts() {
    let run = |input: &[u8]| {
        let (zone, text) = text(input).split_once('|').unwrap_or(("UTC", text(input)));
        let (Ok(cron), Ok(zone)) = (text.parse::<model::cron::Cron>(), model::cron::Zone::named(zone)) else {
            return;
        };
        let mut from = 1_709_074_710_000_000_000;
        for _ in 0..3 {
            let Some(next) = cron.next(&zone, from) else { return };
            assert!(next > from, "the clock strikes in the past");
            from = next;
        }
    };
    let words = &["*", "*/", "-", ",", "L", "W", "#", "?", "@daily", "JAN", "SUN", "Europe/Berlin|", "2099"];
    fuzz(&Target { name: "cron", words, more: None, run });
}

#[test]
fn configurations_of_agents() {
    let run = |input: &[u8]| {
        if let Ok(config) = runtime::config::parse(text(input), Path::new("fuzz.hcl")) {
            let _ = (config.validate(), config.warnings(), config.http_listen());
        }
    };
    let words =
        &["server {", "client {", "}", "= [", "\"", "<<EOT\n", "plugin \"raw_exec\" {", "true", "/*", "#"];
    fuzz(&Target { name: "agent-config", words, more: None, run });
}

#[test]
fn encodings() {
    let run = |input: &[u8]| {
        // What was taken is written as something that is taken again.
        if let Ok(job) = model::codec::decode::<model::Job>(input) {
            assert!(model::codec::decode::<model::Job>(&model::codec::encode(&job)).is_ok());
        }
        let _ = model::codec::decode::<model::Node>(input);
        let _ = model::codec::decode::<model::Plan>(input);
    };
    let words = &["\u{81}", "id", "task_groups", "\u{dc}\u{7f}", "\u{dd}\u{7f}\u{7f}\u{7f}\u{7f}", "name"];
    fuzz(&Target { name: "codec", words, more: None, run });
}
