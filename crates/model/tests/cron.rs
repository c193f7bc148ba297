//! Every recorded answer of the original's cron library.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

use model::cron::{Cron, Zone};
use serde_json::Value;

const CASES: &str = include_str!("../../../tests/vectors/cron.json");
const SECOND_NS: i64 = 1_000_000_000;

fn at(text: &Value) -> i64 {
    text.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second() * SECOND_NS
}

/// Cases that we answer otherwise: text, zone and time, and why.
const OURS: [(&str, &str, &str, &str); 1] = [(
    "30 2 * * *",
    "Australia/Lord_Howe",
    "2024-10-05T20:10:00+10:30",
    "only 02:00 to 02:30 are skipped there; the original takes every gap for a whole hour when it begins in it, and
     misses a time that exists",
)];

fn ours(case: &Value) -> bool {
    OURS.iter()
        .any(|(spec, zone, from, _)| case["spec"] == *spec && case["tz"] == *zone && case["from"] == *from)
}

/// What we answer to a case, in the words of the case.
fn differs(case: &Value) -> Option<String> {
    let cron = match case["spec"].as_str().unwrap().parse::<Cron>() {
        Err(error) if case["error"] == true && case["text"] == error.to_string() => return None,
        Err(error) => return Some(error.to_string()),
        Ok(_) if case["error"] == true => return Some("accepted".into()),
        Ok(cron) => cron,
    };
    let zone = Zone::named(case["tz"].as_str().unwrap_or("")).unwrap();
    let mut now = at(&case["from"]);
    for want in case["next"].as_array().unwrap_or(&Vec::new()) {
        match cron.next(&zone, now) {
            Some(next) if next == at(want) => now = next,
            other => return Some(format!("{other:?} instead of {want}")),
        }
    }
    let more = cron.next(&zone, now).filter(|_| case["none"] == true);
    more.map(|next| format!("{next} after the last"))
}

#[test]
fn every_recorded_answer_is_given() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    assert_eq!(cases.iter().filter(|case| ours(case)).count(), OURS.len());
    let bad: Vec<_> = cases
        .iter()
        .filter(|case| !ours(case))
        .filter_map(|case| differs(case).map(|answer| format!("{case}\n   {answer}")))
        .collect();
    assert!(bad.is_empty(), "{} of {} differ:\n{}", bad.len(), cases.len(), bad.join("\n"));
}

#[test]
fn a_week_may_end_on_its_seventh_day() {
    let cron: Cron = "0 0 * * fri-7".parse().unwrap();
    let mut days = Vec::new();
    let mut now = 0;
    for _ in 0..4 {
        now = cron.next(&Zone::named("").unwrap(), now).unwrap();
        days.push(now / SECOND_NS / 86_400);
    }
    // 1970 began on a Thursday.
    assert_eq!(days, [1, 2, 3, 8]);
}

#[test]
fn zones_have_one_spelling() {
    assert!(Zone::named("Europe/Berlin").is_ok());
    let refused = Zone::named("europe/berlin").unwrap_err();
    assert_eq!(refused.to_string(), "unknown time zone europe/berlin");
}
