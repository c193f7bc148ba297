//! Values that the original reads with functions of its own, which a boolean among them takes as the next word, and
//! whose error texts are those of the functions.

use std::fmt;
use std::str::FromStr;

/// The function's sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct GoError(String);

/// A boolean that is written as a value: `-flag true`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoBool(pub bool);

/// A number without a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoUint(pub u64);

/// A duration, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoDuration(pub i64);

/// True or false by Go's rules.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

impl FromStr for GoBool {
    type Err = GoError;

    fn from_str(text: &str) -> Result<GoBool, GoError> {
        let fault = || GoError(format!("strconv.ParseBool: parsing {text:?}: invalid syntax"));
        boolean(text).map(GoBool).ok_or_else(fault)
    }
}

impl FromStr for GoUint {
    type Err = GoError;

    fn from_str(text: &str) -> Result<GoUint, GoError> {
        text.parse().map(GoUint).map_err(|_| GoError(unsigned_fault(text)))
    }
}

impl FromStr for GoDuration {
    type Err = GoError;

    fn from_str(text: &str) -> Result<GoDuration, GoError> {
        model::go_duration::parse(text).map(GoDuration).map_err(|error| GoError(error.to_string()))
    }
}

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&model::go_duration::format(self.0))
    }
}

/// Why a text is no number without a sign.
pub(crate) fn unsigned_fault(text: &str) -> String {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let why = if digits { "value out of range" } else { "invalid syntax" };
    format!("strconv.ParseUint: parsing {text:?}: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_sentences() {
        assert_eq!("T".parse(), Ok(GoBool(true)));
        let fault = "maybe".parse::<GoBool>().unwrap_err().to_string();
        assert_eq!(fault, "strconv.ParseBool: parsing \"maybe\": invalid syntax");
        assert_eq!("250".parse(), Ok(GoUint(250)));
        for (text, why) in [("-1", "invalid syntax"), ("99999999999999999999", "value out of range")] {
            let fault = text.parse::<GoUint>().unwrap_err().to_string();
            assert_eq!(fault, format!("strconv.ParseUint: parsing {text:?}: {why}"));
        }
        assert_eq!("1m30s".parse::<GoDuration>().unwrap().to_string(), "1m30s");
        assert_eq!("x".parse::<GoDuration>().unwrap_err().to_string(), "time: invalid duration \"x\"");
    }
}
