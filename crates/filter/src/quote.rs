//! Go's quoted strings, both ways. Bytes that are not UTF-8 become replacement characters.

/// The text between the quotes of a Go string literal; nothing when it is not one.
pub(crate) fn unquote(content: &str, raw: bool) -> Option<String> {
    if raw {
        return Some(content.replace('\r', ""));
    }
    let mut bytes = Vec::with_capacity(content.len());
    let mut rest = content.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' => return None,
            '\\' => escape(&mut rest, &mut bytes)?,
            c => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn escape(rest: &mut std::str::Chars<'_>, bytes: &mut Vec<u8>) -> Option<()> {
    let kind = rest.next()?;
    match kind {
        'a' => bytes.push(7),
        'b' => bytes.push(8),
        't' => bytes.push(b'\t'),
        'n' => bytes.push(b'\n'),
        'v' => bytes.push(11),
        'f' => bytes.push(12),
        'r' => bytes.push(b'\r'),
        '\\' | '"' => bytes.push(if kind == '"' { b'"' } else { b'\\' }),
        'x' => bytes.push(u8::try_from(digits(rest, 0, 2, 16)?).ok()?),
        '0'..='7' => bytes.push(u8::try_from(digits(rest, kind.to_digit(8)?, 2, 8)?).ok()?),
        'u' | 'U' => {
            let c = char::from_u32(digits(rest, 0, if kind == 'u' { 4 } else { 8 }, 16)?)?;
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        _ => return None,
    }
    Some(())
}

fn digits(rest: &mut std::str::Chars<'_>, start: u32, count: usize, radix: u32) -> Option<u32> {
    let mut number = start;
    for _ in 0..count {
        number = number.checked_mul(radix)?.checked_add(rest.next()?.to_digit(radix)?)?;
    }
    Some(number)
}

/// A text as Go's `%q` shows it.
pub(crate) fn quote(text: &str) -> String {
    let mut shown = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => shown.push_str("\\\""),
            '\\' => shown.push_str("\\\\"),
            '\x07' => shown.push_str("\\a"),
            '\x08' => shown.push_str("\\b"),
            '\t' => shown.push_str("\\t"),
            '\n' => shown.push_str("\\n"),
            '\x0b' => shown.push_str("\\v"),
            '\x0c' => shown.push_str("\\f"),
            '\r' => shown.push_str("\\r"),
            c if c.is_ascii_control() => shown.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if c.is_control() || (c.is_whitespace() && c != ' ') => {
                shown.push_str(&format!("\\u{:04x}", u32::from(c)))
            }
            c => shown.push(c),
        }
    }
    shown.push('"');
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_and_shown() {
        assert_eq!(unquote(r#"a\x62\103\u017e\n\"#, false), None);
        assert_eq!(unquote(r"a\x62\103\u017e\n\\", false).as_deref(), Some("abCž\n\\"));
        assert_eq!(unquote(r"\'", false), None);
        assert_eq!(unquote("a\r\\b", true).as_deref(), Some("a\\b"));
        assert_eq!(quote("a\"\\\n\u{1}ž"), r#""a\"\\\n\x01ž""#);
    }
}
