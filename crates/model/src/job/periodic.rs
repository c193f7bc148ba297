//! Jobs that are templates of others: launched by a clock, or by a dispatch.

use super::Job;
use crate::cron::{Cron, Zone};
use crate::wire::{List, wire};

wire! {
    /// Launches children by a clock.
    PeriodicConfig {
        "Enabled" enabled: Option<bool>,
        "ProhibitOverlap" prohibit_overlap: Option<bool>,
        "Spec" spec: Option<String>,
        "SpecType" spec_type: Option<String>,
        "Specs" specs: List<String>,
        "TimeZone" time_zone: Option<String>,
    }
    /// Launches children on request, with a payload and metadata.
    ParameterizedJob {
        "MetaOptional" meta_optional: List<String>,
        "MetaRequired" meta_required: List<String>,
        "Payload" payload: String,
    }
}

/// How far back to look for the last of many missed launches: a minute, an hour, a day, a month, a year.
const LOOK_BACK_NS: [i64; 5] =
    [60_000_000_000, 3_600_000_000_000, 86_400_000_000_000, 2_678_400_000_000_000, 31_622_400_000_000_000];

/// When a periodic job launches children: its cron texts and their zone, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodicSchedule {
    crons: Vec<Cron>,
    zone: Zone,
}

impl PeriodicSchedule {
    /// The next launch after a time, both ns since 1970; `None` when there is none any more.
    pub fn next(&self, after_ns: i64) -> Option<i64> {
        self.crons.iter().filter_map(|cron| cron.next(&self.zone, after_ns)).min()
    }

    /// The last launch after one time and not after another, both ns since 1970.
    pub fn last(&self, after_ns: i64, until_ns: i64) -> Option<i64> {
        let due = |after_ns: i64| self.next(after_ns).filter(|at| *at <= until_ns);
        // A clock that strikes every second may have been missed for a year: look at the end first.
        let recent = LOOK_BACK_NS.iter().map(|back| until_ns.saturating_sub(*back));
        let begin = recent.filter(|begin| *begin > after_ns).find(|begin| due(*begin).is_some());
        let first = due(begin.unwrap_or(after_ns))?;
        std::iter::successors(Some(first), |at| due(*at)).last()
    }

    /// A time as clocks of its zone show it, in RFC 3339.
    pub fn local_text(&self, at_ns: i64) -> String {
        self.zone.text(at_ns)
    }
}

impl PeriodicConfig {
    /// False for one that is switched off; until somebody says so it is on.
    pub fn is_enabled(&self) -> bool {
        self.enabled != Some(false)
    }

    /// True when no child is launched while another one is not dead.
    pub fn prohibits_overlap(&self) -> bool {
        self.prohibit_overlap == Some(true)
    }

    /// Its cron texts: the one, or the list.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let one = self.spec.as_deref().filter(|text| !text.is_empty());
        one.into_iter().chain(self.specs.iter().map(String::as_str))
    }

    /// What it comes to; `None` for texts or a zone that validation refuses.
    pub fn schedule(&self) -> Option<PeriodicSchedule> {
        let zone = Zone::named(self.time_zone.as_deref().unwrap_or_default()).ok()?;
        let crons = self.texts().map(|text| text.parse().ok()).collect::<Option<_>>()?;
        Some(PeriodicSchedule { crons, zone })
    }
}

impl Job {
    /// True while its clock runs.
    pub fn is_clocked(&self) -> bool {
        !self.stop && self.periodic.as_ref().is_some_and(PeriodicConfig::is_enabled)
    }

    /// A job that it launches: as it is itself, under another name.
    pub fn child(&self, id: String) -> Job {
        Job {
            name: id.clone(),
            id,
            parent_id: self.id.clone(),
            version: 0,
            version_tag: None,
            ..self.clone()
        }
    }

    /// The child that its clock launches at a time, ns since 1970.
    pub fn periodic_child(&self, launch_ns: i64) -> Job {
        let stamp = launch_ns.div_euclid(1_000_000_000);
        Job { periodic: None, ..self.child(format!("{}/periodic-{stamp}", self.id)) }
    }
}
