//! Percent encoding of path segments and query words, as Go encodes them.

/// A path segment: everything but letters, digits and `$&+-.:=@_~` is encoded, `/` too. Ids of jobs may contain any of
/// them.
pub fn path_segment(text: &str) -> String {
    encode(text, b"$&+-.:=@_~", false)
}

/// A name or value of a query; a blank becomes `+`.
pub(super) fn query_word(text: &str) -> String {
    encode(text, b"-._~", true)
}

fn encode(text: &str, plain: &[u8], blank_as_plus: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            out.push(char::from(byte));
        } else if byte == b' ' && blank_as_plus {
            out.push('+');
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn slashes_blanks_and_letters() {
        assert_eq!(super::path_segment("a/b c:é"), "a%2Fb%20c:%C3%A9");
        assert_eq!(super::query_word("a b&c=*"), "a+b%26c%3D%2A");
    }
}
