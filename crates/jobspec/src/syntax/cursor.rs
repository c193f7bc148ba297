//! The parser's place in the tokens, its state of recovery, and how it finds a place to go on from.

use std::rc::Rc;

use crate::diagnostic::{Diagnostic, Subject};
use crate::limits::MAX_NESTING;
use crate::position::Range;

use super::token::{Kind, Token};
use super::tree::Expression;

pub(crate) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// Whether line feeds count, innermost last.
    newlines: Vec<bool>,
    /// Set once something was wrong: what follows may only be a consequence.
    pub(crate) recovery: bool,
    depth: usize,
    /// Indexes and splats that stand inside one another although no bracket shows it: `a[b][c][d]`.
    pub(crate) chained: usize,
    /// Nested too deeply: everything ends here.
    pub(crate) too_deep: bool,
    pub(crate) source: Rc<str>,
    pub(crate) file: Rc<str>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// What could not be parsed; the diagnostic is already written down.
#[derive(Debug)]
pub(crate) struct Broken;

pub(crate) type Parsed = Result<Expression, Broken>;

impl Parser {
    pub(crate) fn new(tokens: Vec<Token>, source: Rc<str>, file: Rc<str>) -> Self {
        Self {
            tokens,
            at: 0,
            newlines: vec![true],
            recovery: false,
            depth: 0,
            chained: 0,
            too_deep: false,
            source,
            file,
            diagnostics: Vec::new(),
        }
    }

    fn end(&self) -> Token {
        let nowhere =
            Range { text: 0, start: crate::position::Position::START, end: crate::position::Position::START };
        self.tokens.last().copied().unwrap_or(Token { kind: Kind::End, range: nowhere })
    }

    fn next_index(&self) -> usize {
        let skipping = self.newlines.last() == Some(&false);
        let mut at = self.at;
        while skipping && self.tokens.get(at).is_some_and(|token| token.kind == Kind::Newline) {
            at += 1;
        }
        at
    }

    pub(crate) fn peek(&self) -> Token {
        if self.too_deep {
            return self.end();
        }
        self.tokens.get(self.next_index()).copied().unwrap_or_else(|| self.end())
    }

    pub(crate) fn read(&mut self) -> Token {
        let token = self.peek();
        if token.kind != Kind::End {
            self.at = self.next_index() + 1;
        }
        token
    }

    /// The range of the token read last.
    pub(crate) fn previous(&self) -> Range {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map_or_else(|| self.end().range.at_start(), |token| token.range)
    }

    pub(crate) fn text(&self, range: Range) -> &str {
        self.source.get(range.start.byte..range.end.byte).unwrap_or_default()
    }

    pub(crate) fn at_keyword(&self, word: &str) -> bool {
        let next = self.peek();
        next.kind == Kind::Ident && self.text(next.range) == word
    }

    pub(crate) fn push_newlines(&mut self, count: bool) {
        self.newlines.push(count);
    }

    pub(crate) fn pop_newlines(&mut self) {
        if self.newlines.len() > 1 {
            self.newlines.pop();
        }
    }

    /// One level further in. Past the limit everything ends with a diagnostic of its own.
    pub(crate) fn deeper(&mut self) -> Result<(), Broken> {
        self.depth += 1;
        self.within(self.depth)
    }

    /// One more index or splat behind a term.
    pub(crate) fn chain(&mut self) -> Result<(), Broken> {
        self.chained += 1;
        self.within(self.chained)
    }

    fn within(&mut self, depth: usize) -> Result<(), Broken> {
        if depth <= MAX_NESTING {
            return Ok(());
        }
        if !self.too_deep {
            let range = self.peek().range;
            let detail =
                format!("Blocks and expressions may stand inside one another {MAX_NESTING} times at most.");
            self.report("Nesting too deep", &detail, range);
            self.too_deep = true;
            self.recovery = true;
        }
        Err(Broken)
    }

    pub(crate) fn shallower(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    pub(crate) fn subject(&self, range: Range) -> Subject {
        Subject { file: self.file.to_string(), start: range.start, end: range.end }
    }

    pub(crate) fn report(&mut self, summary: &str, detail: &str, range: Range) {
        let subject = Some(self.subject(range));
        if self.too_deep {
            return;
        }
        self.diagnostics.push(Diagnostic::error(subject, summary, detail));
    }

    /// As [`Parser::report`], unless something was wrong before.
    pub(crate) fn report_first(&mut self, summary: &str, detail: &str, range: Range) {
        if !self.recovery {
            self.report(summary, detail, range);
        }
    }

    /// Reads to behind the closing token of the wanted kind, brackets opened on the way balanced.
    pub(crate) fn recover(&mut self, end: Kind) -> Token {
        self.recovery = true;
        let mut open: Vec<Kind> = Vec::new();
        loop {
            let token = self.read();
            if token.kind == Kind::End {
                return token;
            }
            if open.is_empty() && token.kind.same(end) {
                return token;
            }
            if let Some(closer) = token.kind.closer() {
                open.push(closer);
            } else if open.last().is_some_and(|closer| closer.same(token.kind)) {
                open.pop();
            }
        }
    }

    /// Reads to the next line that is not inside brackets opened on the way.
    pub(crate) fn recover_item(&mut self) {
        self.recovery = true;
        let mut open: Vec<Kind> = Vec::new();
        loop {
            let next = self.peek();
            if next.kind == Kind::End {
                return;
            }
            if open.is_empty() && next.kind == Kind::Newline {
                self.read();
                return;
            }
            let token = self.read();
            if let Some(closer) = token.kind.closer() {
                open.push(closer);
            } else if open.last().is_some_and(|closer| closer.same(token.kind)) {
                open.pop();
            }
        }
    }
}
