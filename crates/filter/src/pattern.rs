//! Patterns of `matches`: Go's syntax, compiled once, its mistakes told only when an item is asked.
//! Only patterns matched in linear time exist here; a pattern that compiles to too much is refused.

use crate::error::EvalError;
use crate::quote::quote;
use regex::bytes::{Regex, RegexBuilder};

/// The most memory one compiled pattern may take, in bytes.
const MAX_COMPILED: usize = 1024 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    compiled: Result<Regex, EvalError>,
}

impl Pattern {
    pub(crate) fn new(text: String) -> Self {
        let build = |text: &str| {
            RegexBuilder::new(text).size_limit(MAX_COMPILED).dfa_size_limit(MAX_COMPILED).build()
        };
        let compiled = build(&translate(&text)).map_err(|translated| {
            // The untranslated text tells its mistake in its own words, unless only the translation has one.
            let error = build(&text).err().unwrap_or(translated);
            EvalError::Pattern { pattern: quote(&text), reason: reason(&text, &error.to_string()) }
        });
        Self { compiled }
    }

    pub(crate) fn is_match(&self, bytes: &[u8]) -> Result<bool, EvalError> {
        self.compiled.as_ref().map(|regex| regex.is_match(bytes)).map_err(Clone::clone)
    }
}

/// Rewrites what Go reads differently: its `\d \w \s \b` are ASCII only, and inside a class `[`, `&`, `~` and a doubled
/// `-` are plain characters.
fn translate(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    let mut class = false;
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('d') => out.push_str("[0-9]"),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.push_str("[0-9A-Za-z_]"),
                Some('W') => out.push_str("[^0-9A-Za-z_]"),
                Some('s') => out.push_str(r"[\t\n\f\r ]"),
                Some('S') => out.push_str(r"[^\t\n\f\r ]"),
                Some('b') if !class => out.push_str(r"(?-u:\b)"),
                other => out.extend(['\\'].into_iter().chain(other)),
            },
            '[' if class && rest.peek() == Some(&':') => out.push('['),
            '[' if class => out.push_str(r"\["),
            '&' | '~' if class => out.extend(['\\', c]),
            '-' if class && rest.peek() == Some(&'-') => out.push_str(r"\-"),
            '[' => {
                class = true;
                out.push('[');
                out.extend(rest.next_if_eq(&'^'));
                // A bracket standing first closes nothing.
                if rest.next_if_eq(&']').is_some() {
                    out.push_str(r"\]");
                }
            }
            ':' if class && rest.peek() == Some(&']') && named_class(&out) => {
                out.push(':');
                out.extend(rest.next());
            }
            ']' => {
                class = false;
                out.push(']');
            }
            c => out.push(c),
        }
    }
    out
}

/// Whether the text ends in an unclosed `[:name`.
fn named_class(out: &str) -> bool {
    out.rfind("[:").is_some_and(|start| out[start + 2..].chars().all(|c| c.is_ascii_alphabetic() || c == '^'))
}

/// The mistake in Go's words, as far as they are known; otherwise in the engine's.
fn reason(pattern: &str, report: &str) -> String {
    let message = report.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or(report);
    let marked = marked(pattern, report);
    let at = marked.start.min(pattern.len());
    let tail = pattern.get(at..).unwrap_or(pattern);
    let part = pattern.get(marked).unwrap_or(tail);
    match message {
        text if text.starts_with("unclosed group") => format!("missing closing ): `{pattern}`"),
        text if text.starts_with("unopened group") => format!("unexpected ): `{pattern}`"),
        text if text.starts_with("unclosed character class") => format!("missing closing ]: `{tail}`"),
        text if text.starts_with("repetition operator missing") => {
            format!("missing argument to repetition operator: `{part}`")
        }
        text if text.starts_with("invalid repetition count range") => {
            format!("invalid repeat count: `{part}`")
        }
        text if text.starts_with("Unicode") || text.starts_with("invalid character class range") => {
            format!("invalid character class range: `{part}`")
        }
        text if text.starts_with("unrecognized escape") || text.starts_with("backreferences") => {
            format!("invalid escape sequence: `{part}`")
        }
        text if text.starts_with("incomplete escape") => {
            "trailing backslash at end of expression: ``".to_owned()
        }
        text if text.starts_with("look-around") => format!("invalid or unsupported Perl syntax: `{part}`"),
        text if text.starts_with("Compiled regex exceeds") => "expression too large".to_owned(),
        text => format!("{text}: `{pattern}`"),
    }
}

/// The bytes of the pattern under the report's first row of carets.
fn marked(pattern: &str, report: &str) -> std::ops::Range<usize> {
    let carets = report.lines().find(|line| line.contains('^') && line.trim_matches([' ', '^']).is_empty());
    let Some(carets) = carets else { return 0..pattern.len() };
    let row = carets.strip_prefix("    ").unwrap_or(carets);
    let offset = |column: usize| pattern.char_indices().nth(column).map_or(pattern.len(), |(at, _)| at);
    let start = row.find('^').unwrap_or_default();
    offset(start)..offset(row.rfind('^').map_or(start, |last| last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern.to_owned()).is_match(text.as_bytes()).unwrap()
    }

    #[test]
    fn patterns_mean_what_go_means() {
        assert!(!matches(r"^\w+$", "žluť"));
        assert!(matches(r"^[\w-]+$", "a-b_9"));
        assert!(matches("^[[a]+$", "[a"));
        assert!(matches("^[]&&~]+$", "]&~"));
        assert!(matches("^[[:alpha:]]+[0-9]$", "ab1"));
        assert!(matches(r"\bb\b", "a b"));
        assert!(matches("^.$", "ž"));
    }

    #[test]
    fn endless_patterns_are_refused() {
        assert!(Pattern::new("(a{1000}){1000}".to_owned()).is_match(b"a").is_err());
    }
}
