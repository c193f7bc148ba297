//! Reading the text while remembering the furthest place reached and what was expected there, which is what a parse
//! error reports. Knows no grammar.

use crate::boundary::{MAX_DEPTH, MAX_PATTERNS};
use crate::error::ParseError;
use std::collections::BTreeSet;

const SPACE: &str = r"[ \t\r\n]";
const END: &str = "EOF";

pub(crate) struct Cursor<'a> {
    text: &'a str,
    pub(crate) at: usize,
    furthest: usize,
    expected: BTreeSet<&'static str>,
    errors: Vec<String>,
    depth: usize,
    patterns: usize,
    over: Option<ParseError>,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            furthest: 0,
            expected: BTreeSet::new(),
            errors: Vec::new(),
            depth: 0,
            patterns: 0,
            over: None,
        }
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    fn missed(&mut self, wanted: &'static str) {
        if self.at > self.furthest {
            self.furthest = self.at;
            self.expected.clear();
        }
        if self.at == self.furthest {
            self.expected.insert(wanted);
        }
    }

    /// Consumes `text`, shown as `wanted` (quoted) when it is missing.
    pub(crate) fn literal(&mut self, text: &str, wanted: &'static str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        } else {
            self.missed(wanted);
        }
        found
    }

    /// Consumes one character of a class, shown as `wanted` when it is missing.
    pub(crate) fn class(&mut self, wanted: &'static str, belongs: impl Fn(char) -> bool) -> bool {
        match self.rest().chars().next() {
            Some(c) if belongs(c) => self.at += c.len_utf8(),
            _ => {
                self.missed(wanted);
                return false;
            }
        }
        true
    }

    /// Consumes as many characters of a class as there are; tells whether there was one.
    pub(crate) fn class_run(&mut self, wanted: &'static str, belongs: impl Fn(char) -> bool) -> bool {
        let start = self.at;
        while self.class(wanted, &belongs) {}
        self.at > start
    }

    /// Consumes white space; tells whether there was any.
    pub(crate) fn space(&mut self) -> bool {
        self.class_run(SPACE, |c| matches!(c, ' ' | '\t' | '\r' | '\n'))
    }

    /// Space, a word and, where asked, space again.
    pub(crate) fn word(&mut self, word: &str, wanted: &'static str, then_space: bool) -> bool {
        self.space() && self.literal(word, wanted) && (!then_space || self.space())
    }

    pub(crate) fn end(&mut self) -> bool {
        let ended = self.rest().is_empty();
        if !ended {
            self.missed(END);
        }
        ended
    }

    /// Tries one alternative; when it does not match, the place is restored so that the next can be tried.
    pub(crate) fn attempt<T>(&mut self, rule: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let start = self.at;
        let found = rule(self);
        if found.is_none() {
            self.at = start;
        }
        found
    }

    /// Runs a rule one level deeper; past the limit nothing matches any more.
    pub(crate) fn deeper<T>(&mut self, rule: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.over = Some(ParseError::TooDeep);
            return None;
        }
        self.depth += 1;
        let found = rule(self);
        self.depth -= 1;
        found
    }

    /// Counts a pattern; past the limit it is not to be compiled.
    pub(crate) fn pattern(&mut self) -> Option<()> {
        self.patterns += 1;
        if self.patterns > MAX_PATTERNS {
            self.over = Some(ParseError::TooManyPatterns);
            return None;
        }
        Some(())
    }

    /// Notes a mistake of a rule at `offset`. It stands even if another alternative matches later.
    pub(crate) fn complain(&mut self, offset: usize, rule: &str, mistake: &str) {
        let error = format!("{}: rule \"{rule}\": {mistake}", self.place(offset));
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// The verdict over the whole text.
    pub(crate) fn finish<T>(self, parsed: Option<T>) -> Result<T, ParseError> {
        if let Some(limit) = self.over {
            return Err(limit);
        }
        if !self.errors.is_empty() {
            return Err(ParseError::Syntax(self.errors.join("\n")));
        }
        parsed.ok_or_else(|| {
            let mut wanted: Vec<&str> = self.expected.iter().copied().filter(|want| *want != END).collect();
            if self.expected.contains(END) {
                wanted.push(END);
            }
            let list = match wanted.split_last() {
                Some((last, [])) => (*last).to_owned(),
                Some((last, before)) => format!("{} or {last}", before.join(", ")),
                None => String::new(),
            };
            ParseError::Syntax(format!("{}: no match found, expected: {list}", self.place(self.furthest)))
        })
    }

    /// `line:column (offset)`; a line break counts as column 0 of the line it starts.
    fn place(&self, offset: usize) -> String {
        let through = self.text[offset..].chars().next().map_or(0, char::len_utf8);
        let seen = &self.text[..offset + through];
        let line = 1 + seen.matches('\n').count();
        let column = seen.rsplit('\n').next().unwrap_or_default().chars().count() + usize::from(through == 0);
        format!("{line}:{column} ({offset})")
    }
}
