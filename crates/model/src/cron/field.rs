//! One field of a cron text: its range, its names, and what an entry of it can say.

/// What a field may hold.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) first: i16,
    pub(super) last: i16,
    /// Long names from `first` on; three letters of one are enough.
    pub(super) names: &'static [&'static str],
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const fn plain(name: &'static str, first: i16, last: i16) -> Field {
    Field { name, first, last, names: &[] }
}

pub(super) const SECOND: Field = plain("second", 0, 59);
pub(super) const MINUTE: Field = plain("minute", 0, 59);
pub(super) const HOUR: Field = plain("hour", 0, 23);
pub(super) const DAY: Field = plain("day-of-month", 1, 31);
pub(super) const MONTH: Field = Field { name: "month", first: 1, last: 12, names: &MONTHS };
pub(super) const WEEKDAY: Field = Field { name: "day-of-week", first: 0, last: 6, names: &WEEKDAYS };
pub(super) const YEAR: Field = plain("year", 1970, 2099);

/// What one entry of a field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// Everything.
    Every,
    /// From, to, and every how many.
    Range(i16, i16, i16),
    /// `L`: the last day of the month.
    Last,
    /// `LW`: the last working day of the month.
    LastWeekday,
    /// `15W`: the working day nearest to a day of the month.
    NearestWeekday(i16),
    /// `5L`: the last such day of the month.
    LastOf(i16),
    /// `5#3`: such a day for the third time in the month.
    Nth(i16, i16),
}

impl Entry {
    pub(super) fn names(self, value: i16) -> bool {
        match self {
            Entry::Every => true,
            Entry::Range(first, last, step) => (first..=last).contains(&value) && (value - first) % step == 0,
            _ => false,
        }
    }
}

impl Field {
    /// All that its entries name, where they are plain ones.
    pub(super) fn values(&self, entries: &[Entry]) -> std::collections::BTreeSet<i16> {
        (self.first..=self.last).filter(|value| entries.iter().any(|entry| entry.names(*value))).collect()
    }

    /// One value, as a number or by name, in small letters.
    pub(super) fn value(&self, text: &str) -> Option<i16> {
        if let Some(at) = self.names.iter().position(|name| text == *name || text == &name[..3]) {
            return Some(self.first + i16::try_from(at).ok()?);
        }
        let longest = if self.last > 99 { 4..=4 } else { 1..=2 };
        if !longest.contains(&text.len()) || !text.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        // Sunday may be called 7.
        let last = if self.is_weekday() { 7 } else { self.last };
        text.parse().ok().filter(|value| (self.first..=last).contains(value))
    }

    /// A day of the week with Sunday as 0.
    pub(super) fn weekday(&self, text: &str) -> Option<i16> {
        self.value(text).map(|value| value % 7)
    }

    pub(super) fn is_weekday(&self) -> bool {
        self.last == WEEKDAY.last
    }

    pub(super) fn is_day(&self) -> bool {
        self.last == DAY.last
    }
}
