//! Dates and times.

use super::{Answer, Failure, text};
use crate::decode::duration::parse_duration;
use crate::options::Options;
use crate::value::Value;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A point in time as it is written down.
struct Time {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    /// Minutes east of Greenwich.
    offset: i64,
}

/// Days since 1970-01-01, by the rule of the Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    (year + era * 400 + i64::from(month <= 2), month, day)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads along a timestamp.
struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn number(&mut self, digits: usize, what: &str) -> Result<i64, String> {
        let part = self.rest.get(..digits).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let number = part.and_then(|part| part.parse().ok());
        let Some(number) = number else {
            return Err(match self.rest.is_empty() {
                true => format!("end of string before {what}"),
                false => format!("cannot use {:?} as {what}", self.rest),
            });
        };
        self.rest = self.rest.get(digits..).unwrap_or_default();
        Ok(number)
    }

    fn sign(&mut self, sign: char) -> Result<(), String> {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None if sign == 'T' => Err("missing required time introducer 'T'".to_owned()),
            None if self.rest.is_empty() => {
                Err(format!("end of string where {:?} is expected", sign.to_string()))
            }
            None => Err(format!("found {:?} where {:?} is expected", self.rest, sign.to_string())),
        }
    }

    fn fraction(&mut self) -> i64 {
        let Some(rest) = self.rest.strip_prefix('.') else { return 0 };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (fraction, rest) = rest.split_at(digits);
        self.rest = rest;
        format!("{fraction:0<9}").get(..9).and_then(|nine| nine.parse().ok()).unwrap_or_default()
    }

    fn offset(&mut self) -> Result<i64, String> {
        let sign = match self.rest.chars().next() {
            Some('Z') => {
                self.rest = self.rest.get(1..).unwrap_or_default();
                return Ok(0);
            }
            Some('+') => 1,
            Some('-') => -1,
            None => return Err("end of string before UTC offset".to_owned()),
            Some(_) => return Err(format!("cannot use {:?} as UTC offset", self.rest)),
        };
        let bad = format!("cannot use {:?} as UTC offset", self.rest);
        self.rest = self.rest.get(1..).unwrap_or_default();
        let hours = self.number(2, "UTC offset").map_err(|_| bad.clone())?;
        self.sign(':').map_err(|_| bad.clone())?;
        let minutes = self.number(2, "UTC offset").map_err(|_| bad)?;
        Ok(sign * (hours * 60 + minutes))
    }
}

fn parse(text: &str) -> Result<Time, String> {
    let fail = |why: String| format!("not a valid RFC3339 timestamp: {why}");
    let mut reader = Reader { rest: text };
    let mut inner = || -> Result<Time, String> {
        let year = reader.number(4, "year")?;
        reader.sign('-')?;
        let month = reader.number(2, "month")?;
        reader.sign('-')?;
        let day = reader.number(2, "day of month")?;
        reader.sign('T')?;
        let hour = reader.number(2, "hour")?;
        reader.sign(':')?;
        let minute = reader.number(2, "minute")?;
        reader.sign(':')?;
        let second = reader.number(2, "second")?;
        let nanosecond = reader.fraction();
        let offset = reader.offset()?;
        if !reader.rest.is_empty() {
            return Err(format!("extra characters {:?} after timestamp", reader.rest));
        }
        Ok(Time { year, month, day, hour, minute, second, nanosecond, offset })
    };
    let time = inner().map_err(fail)?;
    let ranges = [
        ("month", (1..=12).contains(&time.month)),
        ("day", (1..=days_in_month(time.year, time.month)).contains(&time.day)),
        ("hour", time.hour < 24),
        ("minute", time.minute < 60),
        ("second", time.second < 60),
    ];
    match ranges.iter().find(|(_, good)| !good) {
        Some((what, _)) => Err(fail(format!("{what} out of range"))),
        None => Ok(time),
    }
}

fn show_offset(offset: i64, colon: bool) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    format!("{sign}{hours:02}{}{minutes:02}", if colon { ":" } else { "" })
}

pub(super) fn timeadd(values: &[Value], _: &Options<'_>) -> Answer {
    let time = parse(text(values, 0))?;
    let nanoseconds = i128::from(parse_duration(text(values, 1))?);
    let days = days_from_civil(time.year, time.month, time.day);
    let seconds = ((days * 24 + time.hour) * 60 + time.minute) * 60 + time.second;
    let total = i128::from(seconds) * 1_000_000_000 + i128::from(time.nanosecond) + nanoseconds;
    let seconds = i64::try_from(total.div_euclid(1_000_000_000)).unwrap_or_default();
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    if !(0..=9999).contains(&year) {
        return Err(Failure::Call("the year is out of range".to_owned()));
    }
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let zone = if time.offset == 0 { "Z".to_owned() } else { show_offset(time.offset, true) };
    Ok(Value::text(&format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}")))
}

pub(super) fn formatdate(values: &[Value], _: &Options<'_>) -> Answer {
    let time = parse(text(values, 1)).map_err(|why| Failure::Argument(1, why))?;
    let bad = |why: String| Failure::Argument(0, why);
    let mut shown = String::new();
    let mut rest = text(values, 0);
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (literal, length) = quoted(rest).ok_or_else(|| bad("unterminated literal '".to_owned()))?;
            shown.push_str(&literal);
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        let length = rest.chars().take_while(|next| *next == first).count();
        if first.is_ascii_alphabetic() {
            let verb = rest.get(..length).unwrap_or_default();
            shown.push_str(&field(verb, &time).map_err(bad)?);
            rest = rest.get(length..).unwrap_or_default();
        } else {
            shown.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    Ok(Value::text(&shown))
}

/// Text in single quotes, in which two of them stand for one; and how long it is with its quotes.
fn quoted(text: &str) -> Option<(String, usize)> {
    let mut literal = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '\'' {
            literal.push(letter);
        } else if letters.next_if(|(_, next)| *next == '\'').is_some() {
            literal.push('\'');
        } else {
            return Some((literal, at + 1));
        }
    }
    None
}

fn field(verb: &str, time: &Time) -> Result<String, String> {
    let name = |list: &[&str], at: i64| {
        let name = usize::try_from(at).ok().and_then(|at| list.get(at)).copied().unwrap_or_default();
        name.to_owned()
    };
    let short = |name: String| name.get(..3).unwrap_or_default().to_owned();
    let weekday = (days_from_civil(time.year, time.month, time.day) + 4).rem_euclid(7);
    let half = if time.hour % 12 == 0 { 12 } else { time.hour % 12 };
    let zone = |colon| show_offset(time.offset, colon);
    Ok(match verb {
        "YY" => format!("{:02}", time.year % 100),
        "YYYY" => format!("{:04}", time.year),
        "M" => time.month.to_string(),
        "MM" => format!("{:02}", time.month),
        "MMM" => short(name(&MONTHS, time.month - 1)),
        "MMMM" => name(&MONTHS, time.month - 1),
        "D" => time.day.to_string(),
        "DD" => format!("{:02}", time.day),
        "EEE" => short(name(&DAYS, weekday)),
        "EEEE" => name(&DAYS, weekday),
        "h" => time.hour.to_string(),
        "hh" => format!("{:02}", time.hour),
        "H" => half.to_string(),
        "HH" => format!("{half:02}"),
        "AA" => (if time.hour < 12 { "AM" } else { "PM" }).to_owned(),
        "aa" => (if time.hour < 12 { "am" } else { "pm" }).to_owned(),
        "m" => time.minute.to_string(),
        "mm" => format!("{:02}", time.minute),
        "s" => time.second.to_string(),
        "ss" => format!("{:02}", time.second),
        "Z" if time.offset == 0 => "Z".to_owned(),
        "Z" | "ZZZZZ" => zone(true),
        "ZZZ" if time.offset == 0 => "UTC".to_owned(),
        "ZZZ" | "ZZZZ" => zone(false),
        _ => return Err(bad_verb(verb)),
    })
}

fn bad_verb(verb: &str) -> String {
    let hint = match verb.chars().next() {
        Some('Y') => ": year must either be \"YY\" or \"YYYY\"",
        Some('M') => ": month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"",
        Some('D') => ": day of month must either be \"D\" or \"DD\"",
        Some('E') => ": day of week must either be \"EEE\" or \"EEEE\"",
        Some('h') => ": 24-hour must either be \"h\" or \"hh\"",
        Some('H') => ": 12-hour must either be \"H\" or \"HH\"",
        Some('A') => ": must be \"AA\"",
        Some('a') => ": must be \"aa\"",
        Some('m') => ": minute must either be \"m\" or \"mm\"",
        Some('s') => ": second must either be \"s\" or \"ss\"",
        Some('Z') => ": timezone must be Z, ZZZZ, or ZZZZZ",
        _ => "",
    };
    format!("invalid date format verb {verb:?}{hint}")
}
