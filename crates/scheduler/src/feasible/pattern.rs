//! Regular expressions as jobs write them: in the syntax of RE2, where classes such as `\w` mean ASCII.

use regex::{Regex, RegexBuilder};

/// Memory that one compiled pattern may take, bytes.
const SIZE_MAX: usize = 1 << 20;

/// Compiles a pattern; `None` when it is none. The regex crate runs in linear time, so a hostile pattern costs no more
/// than a long one.
pub fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&ascii_classes(pattern)).size_limit(SIZE_MAX).build().ok()
}

fn ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    let mut in_class = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some(escaped) => push_escape(&mut out, escaped),
                None => out.push('\\'),
            },
            // A bracket inside a class is itself there, unless it begins `[:alpha:]`.
            '[' if in_class && !letters.as_str().starts_with(':') => out.push_str("\\["),
            '[' if in_class => {
                let rest = letters.as_str();
                let end = rest.find(":]").map_or(0, |at| at + 2);
                out.push('[');
                out.push_str(&rest[..end]);
                letters = rest[end..].chars();
            }
            '[' => {
                in_class = true;
                out.push('[');
                // `]` directly after the beginning belongs to the class.
                for first in ["^", "]"] {
                    if letters.as_str().starts_with(first) {
                        out.push_str(if first == "]" { "\\]" } else { first });
                        letters.next();
                    }
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            // Doubled, these combine classes; in RE2 they are themselves.
            '-' if in_class && letters.as_str().starts_with('-') => out.push_str("\\-"),
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(letter);
            }
            _ => out.push(letter),
        }
    }
    out
}

fn push_escape(out: &mut String, escaped: char) {
    match escaped {
        'w' => out.push_str("[0-9A-Za-z_]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        'd' => out.push_str("[0-9]"),
        'D' => out.push_str("[^0-9]"),
        's' => out.push_str("[\\t\\n\\f\\r ]"),
        'S' => out.push_str("[^\\t\\n\\f\\r ]"),
        'b' => out.push_str("(?-u:\\b)"),
        other => {
            out.push('\\');
            out.push(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ascii_and_dots_are_not() {
        let matches = |pattern: &str, text: &str| compile(pattern).is_some_and(|regex| regex.is_match(text));
        assert!(!matches(r"\w", "é") && matches(r"^.$", "é") && matches(r"[\w-]+", "a-b"));
        assert!(matches(r"^[[]$", "[") && matches("[[:alpha:]]", "x") && matches(r"\bfoo\b", "a foo b"));
        assert!(matches(r"^[]a]+$", "]a") && matches(r"[^\s]", "x") && !matches(r"^[^]a]$", "a"));
        assert!(compile("(?!y)").is_none() && compile("[").is_none());
    }
}
