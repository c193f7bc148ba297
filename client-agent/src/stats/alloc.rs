//! What the processes of an allocation use, as `GET /v1/client/allocation/:id/stats` shows it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use model::AllocId;
use nix::unistd::{SysconfVar, sysconf};
use serde_json::{Map, Value, json};

use crate::alloc::dir::TaskDirs;
use crate::clock::now_ns;
use crate::context::{Context, Listing};
use crate::supervisor::files;
use crate::supervisor::process::{self, Usage};

/// Tasks whose last figures are remembered; beyond that all are forgotten.
const TASKS_MAX: usize = 10_000;

/// When a task was last looked at and what it had used by then.
#[derive(Default)]
pub(crate) struct Samples(Mutex<BTreeMap<(AllocId, String), Sample>>);

#[derive(Debug, Clone, Copy, Default)]
struct Sample {
    at_ns: i64,
    user_ticks: u64,
    system_ticks: u64,
}

/// What something uses: of one process or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Used {
    rss: u64,
    swap: u64,
    user_percent: f64,
    system_percent: f64,
    total_ticks: f64,
}

impl Used {
    fn add(&mut self, other: &Used) {
        self.rss += other.rss;
        self.swap += other.swap;
        self.user_percent += other.user_percent;
        self.system_percent += other.system_percent;
        self.total_ticks += other.total_ticks;
    }

    fn json(&self, measured: bool) -> Value {
        let list = |names: &[&str]| if measured { json!(names) } else { Value::Null };
        json!({
            "MemoryStats": {
                "RSS": self.rss, "Cache": 0, "Swap": self.swap, "Usage": self.rss, "MappedFile": 0,
                "MaxUsage": 0, "KernelUsage": 0, "KernelMaxUsage": 0, "Measured": list(&["RSS", "Swap", "Usage"]),
            },
            "CpuStats": {
                "SystemMode": self.system_percent, "UserMode": self.user_percent,
                "TotalTicks": self.total_ticks, "ThrottledPeriods": 0, "ThrottledTime": 0,
                "Percent": self.user_percent + self.system_percent,
                "Measured": list(&["System Mode", "User Mode", "Percent", "Total Ticks"]),
            },
            "DeviceStats": [],
        })
    }
}

/// Figures of an allocation, of all of its tasks unless `task` names one.
pub(crate) async fn usage(context: &Arc<Context>, id: AllocId, listing: &Arc<Listing>, task: &str) -> Value {
    let (context, listing, task) = (Arc::clone(context), Arc::clone(listing), task.to_owned());
    tokio::task::spawn_blocking(move || read(&context, id, &listing, &task)).await.unwrap_or_default()
}

fn read(context: &Context, id: AllocId, listing: &Listing, only: &str) -> Value {
    let mhz =
        context.node.now().attributes.get("cpu.frequency").and_then(|mhz| mhz.parse().ok()).unwrap_or(0.0);
    let wanted = |name: &&String| only.is_empty() || name.as_str() == only;
    let processes = process::usage();
    let mut tasks = Map::new();
    let (mut sum, mut latest) = (Used::default(), 0);
    for name in listing.tasks.iter().filter(wanted) {
        let Some(members) = members(&listing.root, name, &processes) else { continue };
        let now = now_ns();
        let since = context.samples.take(id, name, now, &members);
        let (used, pids) = figures(&members, now, since, mhz);
        sum.add(&used);
        latest = now;
        tasks.insert(name.clone(), json!({"ResourceUsage": used.json(true), "Timestamp": now, "Pids": pids}));
    }
    json!({"ResourceUsage": sum.json(!tasks.is_empty()), "Tasks": tasks, "Timestamp": latest})
}

/// The processes of a running task: its supervisor's descendants.
fn members(root: &Path, task: &str, processes: &[Usage]) -> Option<Vec<Usage>> {
    let control = TaskDirs::beneath(root, task).control;
    let start = files::read_start(&control).ok().flatten().filter(|start| start.supervisor.runs())?;
    let mut known = vec![start.supervisor.pid];
    let mut members = Vec::new();
    // A parent may stand behind its child: as many rounds as there are generations.
    loop {
        let found: Vec<Usage> = processes
            .iter()
            .filter(|process| known.contains(&process.parent) && !known.contains(&process.pid))
            .copied()
            .collect();
        if found.is_empty() {
            return Some(members);
        }
        known.extend(found.iter().map(|process| process.pid));
        members.extend(found);
    }
}

impl Samples {
    /// Notes what is used now and says what was used when it was last noted.
    fn take(&self, id: AllocId, task: &str, now_ns: i64, members: &[Usage]) -> Option<Sample> {
        let mut samples = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if samples.len() >= TASKS_MAX {
            samples.clear();
        }
        let now = Sample {
            at_ns: now_ns,
            user_ticks: members.iter().map(|process| process.user_ticks).sum(),
            system_ticks: members.iter().map(|process| process.system_ticks).sum(),
        };
        samples.insert((id, task.to_owned()), now)
    }
}

/// What the processes use together, and each by itself. Their time is counted since the last look, or else since
/// they started.
fn figures(members: &[Usage], now: i64, since: Option<Sample>, mhz: f64) -> (Used, Map<String, Value>) {
    let unit = |var: SysconfVar, usual: f64| sysconf(var).ok().flatten().map_or(usual, |value| value as f64);
    let per_second = unit(SysconfVar::CLK_TCK, 100.0);
    let page = unit(SysconfVar::PAGE_SIZE, 4096.0) as u64;
    let mut pids = Map::new();
    let mut all = Used::default();
    let percent = |ticks: f64, seconds: f64| ticks / per_second / seconds.max(0.01) * 100.0;
    for process in members {
        let lifetime = process::age_seconds(process, per_second);
        let used = Used {
            rss: process.rss_pages.saturating_mul(page),
            swap: 0,
            user_percent: percent(process.user_ticks as f64, lifetime),
            system_percent: percent(process.system_ticks as f64, lifetime),
            total_ticks: 0.0,
        };
        all.add(&used);
        pids.insert(process.pid.to_string(), used.json(true));
    }
    if let Some(since) = since {
        let seconds = now.saturating_sub(since.at_ns) as f64 / 1e9;
        let spent = |now: u64, before: u64| percent(now.saturating_sub(before) as f64, seconds);
        all.user_percent = spent(members.iter().map(|process| process.user_ticks).sum(), since.user_ticks);
        all.system_percent =
            spent(members.iter().map(|process| process.system_ticks).sum(), since.system_ticks);
    }
    all.total_ticks = (all.user_percent + all.system_percent) / 100.0 * mhz;
    (all, pids)
}
