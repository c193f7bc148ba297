//! Jobs that launch others, by a clock or by a dispatch: what they ask for, and what became of their children.

use crate::console::Console;
use crate::output;
use api::job::Job;
use api::jobs::{JobStub, JobSummary};

/// The line about the next launch by the clock: absolute and relative. Nothing where there is none.
pub fn next_launch(job: &Job, now_ns: i64) -> Option<String> {
    let periodic =
        job.periodic.as_ref().filter(|periodic| periodic.is_enabled() && !job.stop.unwrap_or(false))?;
    periodic.schedule()?.next(now_ns).map(|next| launch_at(next, now_ns))
}

/// A launch at a time, as monitors and plans tell it.
pub fn launch_at(next_ns: i64, now_ns: i64) -> String {
    const SECOND_NS: i64 = 1_000_000_000;
    let rest = next_ns.saturating_sub(now_ns);
    let seconds = rest.saturating_add(SECOND_NS / 2) / SECOND_NS;
    let span = model::go_duration::format(seconds.saturating_mul(SECOND_NS));
    format!("{} ({span} from now)", output::absolute(next_ns))
}

/// The sections of a job that launches others.
pub fn sections(console: Console, job: &Job, summary: Option<&JobSummary>, children: &[JobStub]) -> String {
    let (counts, launched) = if job.parameterized_job.is_some() {
        ("Parameterized Job Summary", "Dispatched Jobs")
    } else {
        ("Children Job Summary", "Previously Launched Jobs")
    };
    let mut parts = Vec::new();
    if let Some(asked) = &job.parameterized_job {
        let payload = if asked.payload.is_empty() { "optional" } else { &asked.payload };
        let names = |names: &[String]| names.join(", ");
        let block = output::key_values(&[
            ("Payload", payload.to_owned()),
            ("Required Metadata", names(&asked.meta_required)),
            ("Optional Metadata", names(&asked.meta_optional)),
        ]);
        parts.push(format!("{}\n{block}", console.heading("Parameterized Job")));
    }
    if let Some(summary) = summary {
        let own = &summary.children;
        let rows = [
            ["Pending", "Running", "Dead"].map(str::to_owned),
            [own.pending, own.running, own.dead].map(|count| count.to_string()),
        ];
        parts.push(format!("{}\n{}", console.heading(counts), output::list(&rows)));
    }
    let table = if children.is_empty() {
        "No instances of ".to_owned()
            + if job.parameterized_job.is_some() { "parameterized job found" } else { "periodic job found" }
    } else {
        let heading = ["ID", "Status"].map(str::to_owned);
        let rows = children.iter().map(|child| [child.id.clone(), super::status(&child.status, child.stop)]);
        format!(
            "{}\n{}",
            console.heading(launched),
            output::list(&std::iter::once(heading).chain(rows).collect::<Vec<_>>())
        )
    };
    parts.push(table);
    parts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn job(value: serde_json::Value) -> Job {
        api::json::from_value(&value).unwrap()
    }

    #[test]
    fn children_are_listed_below_what_is_asked_for() {
        let summary: JobSummary =
            api::json::from_value(&json!({"Children": {"Pending": 0, "Running": 2, "Dead": 1}})).unwrap();
        let child =
            JobStub { id: "e/dispatch-1".to_owned(), status: "running".to_owned(), ..JobStub::default() };
        let parameterized =
            job(json!({"ParameterizedJob": {"Payload": "required", "MetaRequired": ["foo", "bar"]}}));
        assert_eq!(
            sections(Console::plain(), &parameterized, Some(&summary), &[child]),
            "Parameterized Job\nPayload           = required\nRequired Metadata = foo, bar\n\
             Optional Metadata = <none>\n\nParameterized Job Summary\nPending  Running  Dead\n0        2        1\n\n\
             Dispatched Jobs\nID            Status\ne/dispatch-1  running"
        );
        let periodic = job(json!({"Periodic": {"Spec": "0 0 1 1 *"}}));
        assert_eq!(
            sections(Console::plain(), &periodic, Some(&summary), &[]),
            "Children Job Summary\nPending  Running  Dead\n0        2        1\n\nNo instances of periodic job found"
        );
    }

    #[test]
    fn the_next_launch_is_told_twice() {
        // 2026-11-21T01:20:51Z
        let now = 1_795_224_051_000_000_000;
        let periodic = |enabled: bool| {
            job(json!({"Periodic": {"Enabled": enabled, "Specs": ["0 0 1 1 *"], "TimeZone": "UTC"}}))
        };
        let text = next_launch(&periodic(true), now).unwrap();
        assert!(text.ends_with(" (982h39m9s from now)"), "{text}");
        assert_eq!(next_launch(&periodic(false), now), None);
        assert_eq!(next_launch(&job(json!({})), now), None);
    }
}
