//! Escapes in literal text.

use crate::position::{Position, Range};

use super::cursor::Parser;

impl Parser {
    /// The meaning of literal text; bad escapes are reported and left out.
    pub(crate) fn unescape(&mut self, range: Range, quoted: bool) -> String {
        let source = self.text(range).to_owned();
        let mut meaning = String::with_capacity(source.len());
        let mut rest = source.as_str();
        let mut done = 0;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '\\' if quoted => {
                    let place = range.start.after(source.get(..done).unwrap_or_default());
                    self.escape(rest, place, range.text, &mut meaning)
                }
                '$' | '%' => doubled(rest, first, &mut meaning),
                _ => {
                    meaning.push(first);
                    first.len_utf8()
                }
            };
            done += length;
            rest = source.get(done..).unwrap_or_default();
        }
        meaning
    }

    fn escape(&mut self, rest: &str, place: Position, text: usize, meaning: &mut String) -> usize {
        let selector = rest.chars().nth(1);
        let plain = match selector {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('"') => Some('"'),
            Some('\\') => Some('\\'),
            _ => None,
        };
        if let Some(plain) = plain {
            meaning.push(plain);
            return 2;
        }
        let digits = match selector {
            Some('u') => 4,
            Some('U') => 8,
            _ => {
                let length = 1 + selector.map_or(0, char::len_utf8);
                let detail = match selector {
                    Some(other) => format!("The symbol \"{other}\" is not a valid escape sequence selector."),
                    None => {
                        "A backslash must be followed by an escape sequence selector character.".to_owned()
                    }
                };
                self.bad_escape(rest, length, &detail, place, text);
                return length;
            }
        };
        let found = rest.bytes().skip(2).take(digits).take_while(u8::is_ascii_hexdigit).count();
        if found < digits {
            let detail = match digits {
                4 => "The \\u escape sequence must be followed by four hexadecimal digits.",
                _ => "The \\U escape sequence must be followed by eight hexadecimal digits.",
            };
            self.bad_escape(rest, 2 + found, detail, place, text);
            return 2 + found;
        }
        let code = rest.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        meaning.push(code.and_then(char::from_u32).unwrap_or('\u{fffd}'));
        2 + digits
    }

    fn bad_escape(&mut self, rest: &str, length: usize, detail: &str, place: Position, text: usize) {
        let end = place.after(rest.get(..length).unwrap_or_default());
        self.report("Invalid escape sequence", detail, Range { text, start: place, end });
    }
}

/// A run of `$` or `%`: in front of a brace the last but one escapes the last.
fn doubled(rest: &str, sign: char, meaning: &mut String) -> usize {
    let run = rest.chars().take_while(|next| *next == sign).count();
    let brace = rest.get(run..).is_some_and(|behind| behind.starts_with('{'));
    let kept = if brace && run > 1 { run - 1 } else { run };
    meaning.extend(std::iter::repeat_n(sign, kept));
    run
}
