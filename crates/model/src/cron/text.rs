//! Cron texts, read.

use std::str::FromStr;

use super::Cron;
use super::field::{DAY, Entry, Field, HOUR, MINUTE, MONTH, SECOND, WEEKDAY, YEAR};

/// Short forms and what they stand for. They are replaced wherever they stand, as in the original.
const SHORT: [(&str, &str); 6] = [
    ("@yearly", "0 0 0 1 1 * *"),
    ("@annually", "0 0 0 1 1 * *"),
    ("@monthly", "0 0 0 1 * * *"),
    ("@weekly", "0 0 0 * * 0 *"),
    ("@daily", "0 0 0 * * * *"),
    ("@hourly", "0 0 * * * * *"),
];

/// Why a text is no cron text, in the original's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Fewer than five fields.
    #[error("missing field(s)")]
    MissingFields,
    /// An entry that its field does not know.
    #[error("syntax error in {field} field: '{entry}'")]
    Syntax {
        /// Name of the field.
        field: &'static str,
        /// The entry as it was written.
        entry: String,
    },
    /// A step that is longer than its field.
    #[error("invalid interval {0}")]
    Interval(String),
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let text = SHORT.iter().fold(text.to_owned(), |text, (short, long)| text.replace(short, long));
        let given: Vec<&str> = text.split_ascii_whitespace().collect();
        let fields: [&str; 7] = match given[..] {
            [minute, hour, day, month, weekday] => ["0", minute, hour, day, month, weekday, "*"],
            [minute, hour, day, month, weekday, year] => ["0", minute, hour, day, month, weekday, year],
            [second, minute, hour, day, month, weekday, year, ..] => {
                [second, minute, hour, day, month, weekday, year]
            }
            _ => return Err(CronError::MissingFields),
        };
        let [second, minute, hour, day, month, weekday, year] = fields;
        Ok(Cron {
            seconds: SECOND.values(&entries(&SECOND, second)?),
            minutes: MINUTE.values(&entries(&MINUTE, minute)?),
            hours: HOUR.values(&entries(&HOUR, hour)?),
            days: entries(&DAY, day)?,
            months: MONTH.values(&entries(&MONTH, month)?),
            weekdays: entries(&WEEKDAY, weekday)?,
            years: YEAR.values(&entries(&YEAR, year)?),
        })
    }
}

fn entries(field: &Field, text: &str) -> Result<Vec<Entry>, CronError> {
    let syntax = |entry: &str| CronError::Syntax { field: field.name, entry: entry.to_owned() };
    let given: Vec<&str> = text.split(',').filter(|entry| !entry.is_empty()).collect();
    if given.is_empty() {
        return Err(syntax(text));
    }
    let read = |written: &&str| {
        let entry = entry(field, &written.to_ascii_lowercase()).ok_or_else(|| syntax(written))?;
        match entry {
            Entry::Range(_, _, step) if !(1..=field.last).contains(&step) => {
                Err(CronError::Interval((*written).to_owned()))
            }
            entry => Ok(entry),
        }
    };
    given.iter().map(read).collect()
}

fn entry(field: &Field, text: &str) -> Option<Entry> {
    match text {
        "*" | "?" => return Some(Entry::Every),
        "l" if field.is_day() => return Some(Entry::Last),
        "lw" if field.is_day() => return Some(Entry::LastWeekday),
        _ => {}
    }
    if field.is_day()
        && let Some(day) = text.strip_suffix('w')
    {
        return field.value(day).map(Entry::NearestWeekday);
    }
    if field.is_weekday() {
        if let Some(day) = text.strip_suffix('l') {
            return field.weekday(day).map(Entry::LastOf);
        }
        if let Some((day, number)) = text.split_once('#') {
            let number = (1..=5).find(|known: &i16| known.to_string() == number)?;
            return field.weekday(day).map(|day| Entry::Nth(day, number));
        }
    }
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(read_step(step)?)),
        None => (text, None),
    };
    let (first, last) = match range.split_once('-') {
        None if range == "*" => (field.first, field.last),
        None => {
            let first = field.value(range)?;
            (first, if step.is_some() { field.last } else { first })
        }
        Some((first, last)) => (field.value(first)?, field.value(last)?),
    };
    Some(Entry::Range(first, last, step.unwrap_or(1)))
}

/// A step that is no step of any field stays too large for all of them.
fn read_step(text: &str) -> Option<i16> {
    let digits = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(i16::MAX))
}
