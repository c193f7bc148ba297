//! From text to tokens. The scanner never fails: what it does not know becomes [`Kind::Invalid`].

use hcl_primitives::ident::{is_id_continue, is_id_start};
use unicode_segmentation::UnicodeSegmentation;

use crate::position::{Position, Range};

use super::token::{Kind, Token};

/// What the scanner stands in.
enum Mode {
    /// Expressions and bodies; the count is that of braces opened inside a template sequence.
    Plain {
        braces: usize,
        in_template: bool,
    },
    Quoted,
    Heredoc {
        marker: String,
        line_start: bool,
    },
}

pub(crate) struct Scanner<'a> {
    source: &'a str,
    text: usize,
    place: Position,
    /// Added to byte offsets when a part of a text is scanned.
    base: usize,
    modes: Vec<Mode>,
    tokens: Vec<Token>,
}

/// All tokens of a text, [`Kind::End`] last. `start` is where its first character stands.
pub(crate) fn scan(source: &str, text: usize, start: Position) -> Vec<Token> {
    run(source, text, start, Mode::Plain { braces: 0, in_template: false })
}

/// The tokens of a text that is a template without quotes around it, as JSON strings are.
pub(crate) fn scan_template(source: &str, text: usize, start: Position) -> Vec<Token> {
    run(source, text, start, Mode::Heredoc { marker: String::new(), line_start: false })
}

fn run(source: &str, text: usize, start: Position, mode: Mode) -> Vec<Token> {
    let place = Position { byte: 0, ..start };
    let mut scanner = Scanner { source, text, place, base: 0, modes: vec![mode], tokens: Vec::new() };
    if let Some(rest) = source.strip_prefix('\u{feff}') {
        scanner.place.byte = source.len() - rest.len();
    }
    while scanner.step() {}
    let range = Range { text, start: scanner.place, end: scanner.place };
    scanner.tokens.push(Token { kind: Kind::End, range });
    scanner.tokens
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.place.byte - self.base..).unwrap_or_default()
    }

    fn emit(&mut self, kind: Kind, length: usize) {
        let start = self.place;
        let end = start.after(self.rest().get(..length).unwrap_or_default());
        self.tokens.push(Token { kind, range: Range { text: self.text, start, end } });
        self.place = end;
    }

    fn skip(&mut self, length: usize) {
        self.place = self.place.after(self.rest().get(..length).unwrap_or_default());
    }

    fn step(&mut self) -> bool {
        if self.rest().is_empty() {
            return false;
        }
        match self.modes.last() {
            Some(Mode::Quoted) => self.quoted(),
            Some(Mode::Heredoc { .. }) => self.heredoc(),
            _ => self.plain(),
        }
        true
    }

    fn plain(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        match first {
            ' ' | '\t' => {
                let length = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                self.skip(length);
            }
            '\n' => self.emit(Kind::Newline, 1),
            '\r' if rest.starts_with("\r\n") => self.emit(Kind::Newline, 2),
            '#' => self.line_comment(),
            '/' if rest.starts_with("//") => self.line_comment(),
            '/' if rest.starts_with("/*") => match rest.get(2..).and_then(|inner| inner.find("*/")) {
                Some(length) => self.skip(length + 4),
                None => self.emit(Kind::Slash, 1),
            },
            '"' => {
                self.emit(Kind::OpenQuote, 1);
                self.modes.push(Mode::Quoted);
            }
            '<' if rest.starts_with("<<") && self.open_heredoc() => {}
            '0'..='9' => {
                let length = number_length(rest);
                self.emit(Kind::Number, length);
            }
            '{' | '}' | '~' if self.brace(first) => {}
            _ if first == '_' || is_id_start(first) => {
                let end = rest.find(|next: char| !is_id_continue(next) && next != '-' && next != '_');
                let length = end.unwrap_or(rest.len());
                self.emit(Kind::Ident, length);
            }
            _ => self.operator(),
        }
    }

    /// A comment to the end of the line counts as the line feed it ends with.
    fn line_comment(&mut self) {
        match self.rest().find('\n') {
            Some(length) => self.emit(Kind::Newline, length + 1),
            None => self.skip(self.rest().len()),
        }
    }

    /// Braces, which may end a template sequence. False when the character is nothing of the sort.
    fn brace(&mut self, first: char) -> bool {
        let tilde_end = self.rest().starts_with("~}");
        let Some(Mode::Plain { braces, in_template }) = self.modes.last_mut() else { return false };
        let ends = *in_template && *braces == 0;
        match first {
            '{' => {
                *braces += 1;
                self.emit(Kind::OpenBrace, 1);
            }
            '}' if ends => {
                self.modes.pop();
                self.emit(Kind::SequenceEnd { trim: false }, 1);
            }
            '}' => {
                *braces = braces.saturating_sub(1);
                self.emit(Kind::CloseBrace, 1);
            }
            _ if ends && tilde_end => {
                self.modes.pop();
                self.emit(Kind::SequenceEnd { trim: true }, 2);
            }
            _ => return false,
        }
        true
    }

    fn open_heredoc(&mut self) -> bool {
        let rest = self.rest();
        let after = rest.get(2..).unwrap_or_default();
        let (flush, name) = match after.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, after),
        };
        let Some(line_end) = name.find('\n') else { return false };
        let marker = name.get(..line_end).unwrap_or_default().trim_end_matches('\r').to_owned();
        let mut letters = marker.chars();
        let starts = letters.next().is_some_and(|first| first == '_' || is_id_start(first));
        if !starts || !letters.all(|next| is_id_continue(next) || next == '-' || next == '_') {
            return false;
        }
        let length = 2 + usize::from(flush) + line_end + 1;
        self.emit(Kind::OpenHeredoc { flush }, length);
        self.modes.push(Mode::Heredoc { marker, line_start: true });
        true
    }

    fn quoted(&mut self) {
        let rest = self.rest();
        match rest.as_bytes() {
            [b'"', ..] => {
                self.modes.pop();
                self.emit(Kind::CloseQuote, 1);
            }
            [b'\n', ..] => self.emit(Kind::QuotedNewline, 1),
            [b'\r', b'\n', ..] => self.emit(Kind::QuotedNewline, 2),
            _ if self.open_sequence() => {}
            _ => {
                let length = literal_length(self.rest(), true);
                self.emit(Kind::QuotedText, length);
            }
        }
    }

    fn heredoc(&mut self) {
        let closing = match self.modes.last() {
            Some(Mode::Heredoc { marker, line_start: true }) => {
                let line = self.rest().split('\n').next().unwrap_or_default();
                (line.trim() == marker && !marker.is_empty()).then(|| line.trim_end_matches('\r').len())
            }
            _ => None,
        };
        if let Some(length) = closing {
            self.modes.pop();
            self.emit(Kind::CloseHeredoc, length);
            return;
        }
        if self.open_sequence() {
            return;
        }
        let length = literal_length(self.rest(), false);
        let ends_line = self.rest().get(..length).is_some_and(|text| text.ends_with('\n'));
        self.emit(Kind::HeredocText, length);
        if let Some(Mode::Heredoc { line_start, .. }) = self.modes.last_mut() {
            *line_start = ends_line;
        }
    }

    /// `${` or `%{` where it stands for a sequence; escaped ones are literal text.
    fn open_sequence(&mut self) -> bool {
        let rest = self.rest();
        let kind = match rest.get(..2) {
            Some("${") => Kind::Interpolation { trim: rest.starts_with("${~") },
            Some("%{") => Kind::Directive { trim: rest.starts_with("%{~") },
            _ => return false,
        };
        let trim = matches!(kind, Kind::Interpolation { trim: true } | Kind::Directive { trim: true });
        self.emit(kind, if trim { 3 } else { 2 });
        if let Some(Mode::Heredoc { line_start, .. }) = self.modes.last_mut() {
            *line_start = false;
        }
        self.modes.push(Mode::Plain { braces: 0, in_template: true });
        true
    }

    fn operator(&mut self) {
        let rest = self.rest();
        for (text, kind) in OPERATORS {
            if rest.starts_with(text) {
                self.emit(kind, text.len());
                return;
            }
        }
        let length = rest.graphemes(true).next().map_or(1, str::len);
        self.emit(Kind::Invalid, length);
    }
}

const OPERATORS: [(&str, Kind); 36] = [
    ("...", Kind::Ellipsis),
    ("::", Kind::DoubleColon),
    ("=>", Kind::Arrow),
    ("==", Kind::Equal),
    ("!=", Kind::NotEqual),
    ("<=", Kind::LessEqual),
    (">=", Kind::GreaterEqual),
    ("&&", Kind::And),
    ("||", Kind::Or),
    ("[", Kind::OpenBracket),
    ("]", Kind::CloseBracket),
    ("(", Kind::OpenParen),
    (")", Kind::CloseParen),
    (".", Kind::Dot),
    (",", Kind::Comma),
    (":", Kind::Colon),
    ("?", Kind::Question),
    ("=", Kind::Assign),
    ("*", Kind::Star),
    ("/", Kind::Slash),
    ("%", Kind::Percent),
    ("+", Kind::Plus),
    ("-", Kind::Minus),
    ("<", Kind::Less),
    (">", Kind::Greater),
    ("!", Kind::Bang),
    ("&", Kind::BitAnd),
    ("|", Kind::BitOr),
    ("^", Kind::BitXor),
    ("~", Kind::BitNot),
    ("`", Kind::Backtick),
    ("'", Kind::Apostrophe),
    (";", Kind::Semicolon),
    ("{", Kind::OpenBrace),
    ("}", Kind::CloseBrace),
    ("\"", Kind::OpenQuote),
];

/// Digits, with a fraction and an exponent where they are complete.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.bytes().take_while(u8::is_ascii_digit).count()
    };
    let mut length = digits(0);
    if text.get(length..).is_some_and(|rest| rest.starts_with('.')) && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if text.get(length..).is_some_and(|rest| rest.starts_with(['e', 'E'])) {
        let sign = usize::from(text.get(length + 1..).is_some_and(|rest| rest.starts_with(['+', '-'])));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

/// How far literal text goes: to a sequence, to the end of quotes, or over the end of the line in a heredoc.
fn literal_length(text: &str, quoted: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' if quoted => break,
            b'\n' if quoted => break,
            b'\r' if quoted && bytes.get(at + 1) == Some(&b'\n') => break,
            b'\n' => return at + 1,
            b'\\' if quoted => at += escape_length(text, at),
            b'$' | b'%' => {
                let run = bytes.iter().skip(at).take_while(|next| *next == byte).count();
                let brace = bytes.get(at + run) == Some(&b'{');
                if brace && run == 1 {
                    break;
                }
                at += run + usize::from(brace);
            }
            _ => at += 1,
        }
    }
    at
}

/// A backslash and the character behind it, unless the line ends there.
fn escape_length(text: &str, at: usize) -> usize {
    match text.get(at + 1..).and_then(|rest| rest.chars().next()) {
        Some('\n') | None => 1,
        Some(next) => 1 + next.len_utf8(),
    }
}
