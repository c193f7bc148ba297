//! A job from a few words: `web count=3 max_parallel=2 constraint=${meta.rack}=r1`.

use serde_json::{Map, Value, json};

/// Nanoseconds from `90`, `90s` or `5m`.
pub(crate) fn ns(text: &str) -> i64 {
    let (number, unit) = match text.strip_suffix('m') {
        Some(number) => (number, 60),
        None => (text.strip_suffix('s').unwrap_or(text), 1),
    };
    number.parse::<i64>().unwrap() * unit * 1_000_000_000
}

fn number(text: &str) -> i64 {
    text.parse().unwrap()
}

/// `left=right`, as a constraint or an affinity.
fn compared(text: &str) -> Map<String, Value> {
    let (left, right) = text.split_once('=').unwrap();
    let fields = json!({ "LTarget": left, "RTarget": right, "Operand": "=" });
    fields.as_object().unwrap().clone()
}

/// The request that registers such a job.
pub(crate) fn job(words: &str) -> Value {
    let mut words = words.split_whitespace();
    let id = words.next().unwrap();
    let mut task = json!({
        "Name": "t", "Driver": "raw_exec", "Config": { "command": "/bin/sleep" },
        "Resources": { "CPU": 100, "MemoryMB": 100 }, "LogConfig": { "MaxFiles": 1, "MaxFileSizeMB": 1 },
    });
    let mut group = json!({ "Name": "g", "Count": 1, "EphemeralDisk": { "SizeMB": 10 } });
    let mut job = json!({ "ID": id, "Name": id, "Datacenters": ["dc1"], "Type": "service" });
    for word in words {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        match key {
            "type" => job["Type"] = value.into(),
            "priority" => job["Priority"] = number(value).into(),
            "datacenters" => job["Datacenters"] = value.split(',').collect(),
            "pool" => job["NodePool"] = value.into(),
            "meta" => job["Meta"] = json!({ "m": value }),
            "constraint" => job["Constraints"] = json!([compared(value)]),
            "distinct_hosts" => {
                group["Constraints"] = json!([{ "Operand": "distinct_hosts", "RTarget": "true" }]);
            }
            "distinct_property" => {
                group["Constraints"] = json!([{ "Operand": "distinct_property", "LTarget": value }]);
            }
            "affinity" => {
                let mut affinity = compared(value);
                affinity.insert("Weight".into(), 100.into());
                group["Affinities"] = json!([affinity]);
            }
            "spread" => group["Spreads"] = json!([{ "Attribute": value, "Weight": 100 }]),
            "count" => group["Count"] = number(value).into(),
            "sticky" => group["EphemeralDisk"]["Sticky"] = true.into(),
            "max_parallel" => group["Update"]["MaxParallel"] = number(value).into(),
            "canary" => group["Update"]["Canary"] = number(value).into(),
            "auto_promote" => group["Update"]["AutoPromote"] = true.into(),
            "auto_revert" => group["Update"]["AutoRevert"] = true.into(),
            "progress" => {
                group["Update"]["ProgressDeadline"] = ns(value).into();
                group["Update"]["HealthyDeadline"] = (ns(value) / 2).into();
            }
            "reschedule" => group["ReschedulePolicy"] = reschedule(value),
            "lost_after" => group["Disconnect"]["LostAfter"] = ns(value).into(),
            "replace" => group["Disconnect"]["Replace"] = (value == "true").into(),
            "reconcile" => group["Disconnect"]["Reconcile"] = value.into(),
            "stop_after" => group["Disconnect"]["StopOnClientAfter"] = ns(value).into(),
            "cpu" => task["Resources"]["CPU"] = number(value).into(),
            "memory" => task["Resources"]["MemoryMB"] = number(value).into(),
            "env" => task["Env"] = json!({ "E": value }),
            "kill_timeout" => task["KillTimeout"] = ns(value).into(),
            other => panic!("no word of a job: {other}"),
        }
    }
    group["Tasks"] = json!([task]);
    job["TaskGroups"] = json!([group]);
    job
}

/// `never`, or a function and its first delay: `constant:30s`, with `/2` for two attempts an hour.
fn reschedule(text: &str) -> Value {
    let Some((function, delay)) = text.split_once(':') else {
        return json!({ "Attempts": 0, "Unlimited": false });
    };
    let (delay, attempts) = delay.split_once('/').unwrap_or((delay, "0"));
    json!({
        "DelayFunction": function, "Delay": ns(delay), "MaxDelay": ns("60m"), "Interval": ns("60m"),
        "Attempts": number(attempts), "Unlimited": attempts == "0",
    })
}
