//! The flags of a restart that have to be understood: how many at once, and what lies between.

use crate::args::JobRestart;
use crate::command::misused;
use crate::console::Failure;
use std::time::Duration;

/// The command's name, for its help.
const NAME: &str = "job restart";

/// Flags that were understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) size: Size,
    pub(super) pause: Pause,
}

/// How many allocations are restarted at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Count(usize),
    Percent(usize),
}

/// What lies between two batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    Time(Duration),
    Ask,
}

impl Order {
    pub(super) fn of(args: &JobRestart) -> Result<Order, Failure> {
        let given = |flag: &Option<String>, default: &str| match flag.as_deref() {
            Some(text) => text.to_owned(),
            None => default.to_owned(),
        };
        let invalid = |name: &str, text: &str, why: &str| {
            Err(misused(NAME, &format!("Invalid -{name} value {text:?}: {why}")))
        };
        if args.all_tasks && !args.task.is_empty() {
            return Err(misused(NAME, "The -all-tasks option cannot be used with -task"));
        }
        if args.reschedule && !args.task.is_empty() {
            return Err(misused(NAME, "The -reschedule option cannot be used with -task"));
        }
        let text = given(&args.batch_size, "1");
        let size = match Size::read(&text) {
            Ok(size) => size,
            Err(why) => return invalid("batch-size", &text, &why),
        };
        let text = given(&args.batch_wait, "0s");
        let pause = match Pause::read(&text) {
            Ok(pause) => pause,
            Err(why) => return invalid("batch-wait", &text, &why),
        };
        let text = given(&args.on_error, "ask");
        if !matches!(text.as_str(), "ask" | "fail") {
            return invalid("on-error", &text, "valid options are \"ask\" and \"fail\"");
        }
        Ok(Order { size, pause })
    }
}

impl Size {
    fn read(text: &str) -> Result<Size, String> {
        let (digits, percent) = match text.strip_suffix('%') {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        let number: i64 =
            digits.parse().map_err(|_| format!("strconv.Atoi: parsing {digits:?}: invalid syntax"))?;
        let size = usize::try_from(number).unwrap_or(0);
        match percent {
            _ if size == 0 && !percent => Err("number value must be greater than zero".to_owned()),
            true if size == 0 || size > 100 => Err("percentage value must be between 1 and 100".to_owned()),
            true => Ok(Size::Percent(size)),
            false => Ok(Size::Count(size)),
        }
    }

    /// Of so many; never none.
    pub(super) fn of(self, all: usize) -> usize {
        match self {
            Size::Count(count) => count,
            Size::Percent(percent) => (all * percent).div_ceil(100).max(1),
        }
    }
}

impl Pause {
    /// A duration, or `ask`; otherwise what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Pause, String> {
        if text == "ask" {
            return Ok(Pause::Ask);
        }
        let ns = model::go_duration::parse(text).map_err(|error| error.to_string())?;
        // Time does not run backwards.
        Ok(Pause::Time(Duration::from_nanos(u64::try_from(ns).unwrap_or(0))))
    }

    /// As Go writes durations.
    pub(super) fn text(self) -> String {
        match self {
            Pause::Ask => "ask".to_owned(),
            Pause::Time(time) => {
                model::go_duration::format(i64::try_from(time.as_nanos()).unwrap_or(i64::MAX))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_or_percentages() {
        assert_eq!(Size::read("3"), Ok(Size::Count(3)));
        for (text, all, size) in [("1%", 5, 1), ("50%", 5, 3), ("100%", 5, 5), ("7", 5, 7)] {
            assert_eq!(Size::read(text).unwrap().of(all), size, "{text}");
        }
        assert_eq!(Size::read("0"), Err("number value must be greater than zero".to_owned()));
        assert_eq!(Size::read("-1"), Err("number value must be greater than zero".to_owned()));
        assert!(Size::read("0%").is_err() && Size::read("101%").is_err());
        assert_eq!(Size::read("x"), Err("strconv.Atoi: parsing \"x\": invalid syntax".to_owned()));
    }

    #[test]
    fn pauses_are_durations_or_questions() {
        assert_eq!(Pause::read("ask"), Ok(Pause::Ask));
        assert_eq!(Pause::read("1m30s").unwrap().text(), "1m30s");
        assert_eq!(Pause::read("0"), Ok(Pause::Time(Duration::ZERO)));
        assert_eq!(Pause::read("x"), Err("time: invalid duration \"x\"".to_owned()));
    }
}
