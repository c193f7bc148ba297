//! When a clock strikes: cron texts as hashicorp/cronexpr reads them, and time zones.
//!
//! Five fields are minute, hour, day of the month, month, day of the week; a sixth is the **year**; with seven the first
//! is the second. Days of the month and of the week that are both given are alternatives. An hour that a zone skips is
//! skipped, an hour that comes twice strikes twice. Years are 1970 to 2099.

mod field;
mod text;
mod zone;

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time, Weekday};

use field::Entry;
pub use text::CronError;
pub use zone::{UnknownZone, Zone};

/// A cron text, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    seconds: BTreeSet<i16>,
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    days: Vec<Entry>,
    months: BTreeSet<i16>,
    weekdays: Vec<Entry>,
    years: BTreeSet<i16>,
}

impl Cron {
    /// The first local time at or after `from` that it names; `None` when there is none before 2100.
    fn at_or_after(&self, from: DateTime) -> Option<DateTime> {
        let first = self.time_at_or_after(Time::midnight())?;
        let date = self.day_at_or_after(from.date())?;
        if date > from.date() {
            return Some(date.to_datetime(first));
        }
        if let Some(time) = self.time_at_or_after(from.time()) {
            return Some(date.to_datetime(time));
        }
        let date = self.day_at_or_after(from.date().tomorrow().ok()?)?;
        Some(date.to_datetime(first))
    }

    fn time_at_or_after(&self, from: Time) -> Option<Time> {
        let [hour, minute, second] = [from.hour(), from.minute(), from.second()].map(i16::from);
        for &at in self.hours.range(hour..) {
            let least = if at == hour { minute } else { 0 };
            for &at_minute in self.minutes.range(least..) {
                let least = if (at, at_minute) == (hour, minute) { second } else { 0 };
                if let Some(&at_second) = self.seconds.range(least..).next() {
                    return Time::new(narrow(at), narrow(at_minute), narrow(at_second), 0).ok();
                }
            }
        }
        None
    }

    fn day_at_or_after(&self, from: Date) -> Option<Date> {
        for &year in self.years.range(from.year()..) {
            let month = if year == from.year() { i16::from(from.month()) } else { 1 };
            for &month in self.months.range(month..) {
                let begin = Date::new(year, narrow(month), 1).ok()?;
                let same = (begin.year(), begin.month()) == (from.year(), from.month());
                let least = if same { from.day() } else { 1 };
                let mut days =
                    (least..=begin.days_in_month()).filter_map(|day| begin.with().day(day).build().ok());
                if let Some(found) = days.find(|date| self.names_day(*date)) {
                    return Some(found);
                }
            }
        }
        None
    }

    /// A field of days that leaves all open says nothing where the other one does not.
    fn names_day(&self, date: Date) -> bool {
        let open = |entries: &[Entry]| entries.contains(&Entry::Every);
        let of_month = || self.days.iter().any(|entry| names_day_of_month(*entry, date));
        let of_week = || self.weekdays.iter().any(|entry| names_weekday(*entry, date));
        match (open(&self.days), open(&self.weekdays)) {
            (true, true) => true,
            (true, false) => of_week(),
            (false, true) => of_month(),
            (false, false) => of_month() || of_week(),
        }
    }
}

fn names_day_of_month(entry: Entry, date: Date) -> bool {
    let last = date.days_in_month();
    match entry {
        Entry::Last => date.day() == last,
        Entry::LastWeekday => Some(date) == nearest_weekday(date, last),
        Entry::NearestWeekday(day) => {
            day <= i16::from(last) && Some(date) == nearest_weekday(date, narrow(day))
        }
        of_any_field => of_any_field.names(date.day().into()),
    }
}

fn names_weekday(entry: Entry, date: Date) -> bool {
    let weekday = i16::from(date.weekday().to_sunday_zero_offset());
    match entry {
        Entry::LastOf(wanted) => weekday == wanted && date.day() + 7 > date.days_in_month(),
        Entry::Nth(wanted, number) => weekday == wanted && i16::from((date.day() - 1) / 7) + 1 == number,
        // Sunday is both 0 and 7.
        of_any_field => of_any_field.names(weekday) || weekday == 0 && of_any_field.names(7),
    }
}

/// The working day that is nearest to a day of the same month, and in it.
fn nearest_weekday(date: Date, day: i8) -> Option<Date> {
    let wanted = date.with().day(day).build().ok()?;
    let shift = match wanted.weekday() {
        Weekday::Saturday if day == 1 => 2,
        Weekday::Saturday => -1,
        Weekday::Sunday if day == date.days_in_month() => -2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    date.with().day(day + shift).build().ok()
}

/// Parts of dates and times are small; a larger one is none.
fn narrow(part: i16) -> i8 {
    i8::try_from(part).unwrap_or(i8::MAX)
}
