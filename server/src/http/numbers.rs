//! Numbers and switches in queries, refused in the words of Go's parser.

/// Reads an unsigned number.
pub(super) fn parse_uint(text: &str) -> Result<u64, String> {
    parsed(text.parse::<u64>().ok(), "ParseUint", text)
}

/// Reads a signed number.
pub(super) fn parse_int(text: &str) -> Result<i64, String> {
    parsed(text.parse::<i64>().ok(), "Atoi", text)
}

/// Reads a switch in any of Go's spellings.
pub(super) fn parse_bool(text: &str) -> Result<bool, String> {
    let value = match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    };
    parsed(value, "ParseBool", text)
}

fn parsed<T>(value: Option<T>, function: &str, text: &str) -> Result<T, String> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let range = function != "ParseBool" && whole && !(function == "ParseUint" && digits != text);
    let why = if range { "value out of range" } else { "invalid syntax" };
    value.ok_or_else(|| format!("strconv.{function}: parsing \"{text}\": {why}"))
}
