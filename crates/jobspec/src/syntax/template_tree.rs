//! From the pieces of a template to a tree: what stands between `%{ if }` and `%{ endif }` belongs together.

use unicode_segmentation::UnicodeSegmentation;

use crate::position::Range;
use crate::value::Value;

use super::cursor::{Broken, Parsed, Parser};
use super::template::text_part;
use super::tree::{Expression, For, Kind};

pub(crate) struct Piece {
    pub(crate) kind: PieceKind,
    pub(crate) range: Range,
}

pub(crate) enum PieceKind {
    Text(String),
    Sequence(Expression),
    If(Expression),
    Else,
    EndIf,
    For { key_name: Option<String>, value_name: String, collection: Expression },
    EndFor,
    End,
}

/// Takes the indentation that all lines share from the text of a `<<-` heredoc.
pub(crate) fn unindent(pieces: &mut [Piece]) {
    let mut shared = usize::MAX;
    let mut at_start = true;
    let mut starts = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let text = match &piece.kind {
            PieceKind::Text(text) => Some(text.as_str()),
            _ => None,
        };
        if std::mem::take(&mut at_start) {
            match (text, &piece.kind) {
                (Some(text), _) => {
                    let trimmed = text.trim_start();
                    if !trimmed.is_empty() || !text.ends_with('\n') {
                        let indent = text.get(..text.len() - trimmed.len()).unwrap_or_default();
                        shared = shared.min(indent.graphemes(true).count());
                        starts.push(index);
                    }
                }
                (None, PieceKind::End) => {}
                (None, _) => shared = 0,
            }
        }
        at_start = text.is_some_and(|text| text.ends_with('\n'));
    }
    for index in starts {
        let Some(Piece { kind: PieceKind::Text(text), range }) = pieces.get_mut(index) else { continue };
        let cut: usize = text.graphemes(true).take(shared).map(str::len).sum();
        range.start.column += shared;
        range.start.byte += cut;
        text.replace_range(..cut, "");
    }
}

pub(crate) struct Assembler<'a> {
    parser: &'a mut Parser,
    pieces: std::iter::Peekable<std::vec::IntoIter<Piece>>,
}

/// What a group of parts ended with.
enum Ended {
    End(Range),
    Else(Range),
    EndIf(Range),
    EndFor(Range),
}

impl<'a> Assembler<'a> {
    pub(crate) fn new(parser: &'a mut Parser, pieces: Vec<Piece>) -> Self {
        Self { parser, pieces: pieces.into_iter().peekable() }
    }

    pub(crate) fn root(&mut self) -> Result<Vec<Expression>, Broken> {
        let (parts, ended) = self.parts()?;
        let (word, range) = match ended {
            Ended::End(_) => return Ok(parts),
            Ended::Else(range) => ("else", range),
            Ended::EndIf(range) => ("endif", range),
            Ended::EndFor(range) => ("endfor", range),
        };
        let summary = format!("Unexpected {word} directive");
        self.parser.report(&summary, "The control directives within this template are unbalanced.", range);
        Err(Broken)
    }

    /// Parts up to the next directive that ends something. Texts that follow one another become one.
    fn parts(&mut self) -> Result<(Vec<Expression>, Ended), Broken> {
        let mut parts: Vec<Expression> = Vec::new();
        loop {
            let Some(piece) = self.pieces.next() else { return Err(Broken) };
            let range = piece.range;
            let part = match piece.kind {
                PieceKind::End => return Ok((parts, Ended::End(range))),
                PieceKind::Else => return Ok((parts, Ended::Else(range))),
                PieceKind::EndIf => return Ok((parts, Ended::EndIf(range))),
                PieceKind::EndFor => return Ok((parts, Ended::EndFor(range))),
                PieceKind::Text(text) => {
                    let mut text = text;
                    let mut range = range;
                    while let Some(PieceKind::Text(more)) = self.pieces.peek().map(|next| &next.kind) {
                        text.push_str(more);
                        if let Some(next) = self.pieces.next() {
                            range = range.to(next.range);
                        }
                    }
                    text_part(&text, range)
                }
                PieceKind::Sequence(expression) => expression,
                PieceKind::If(condition) => self.if_part(condition, range)?,
                PieceKind::For { key_name, value_name, collection } => {
                    self.for_part(key_name, value_name, collection, range)?
                }
            };
            parts.push(part);
        }
    }

    fn template(parts: Vec<Expression>, range: Range) -> Expression {
        let parts = if parts.is_empty() { vec![text_part("", range)] } else { parts };
        let first = parts.first().map_or(range, |part| part.range);
        let range = parts.last().map_or(range, |part| first.to(part.range));
        Expression { kind: Kind::Template(parts), range }
    }

    fn if_part(&mut self, condition: Expression, start: Range) -> Parsed {
        let (yes, ended) = self.parts()?;
        let (no, ended) = match ended {
            Ended::Else(_) => {
                let (no, ended) = self.parts()?;
                (Some(no), ended)
            }
            ended => (None, ended),
        };
        let end = match ended {
            Ended::EndIf(range) => range,
            Ended::End(range) => return self.unfinished("if", start, range),
            Ended::Else(range) => {
                let place = self.parser.subject(start);
                let detail = format!("Already in the else clause for the if started at {place}.");
                self.parser.report("Unexpected else directive", &detail, range);
                return Err(Broken);
            }
            Ended::EndFor(range) => {
                let place = self.parser.subject(start);
                let detail = format!("Expecting an endif directive for the if started at {place}.");
                self.parser.report("Unexpected endfor directive", &detail, range);
                return Err(Broken);
            }
        };
        let yes = Box::new(Self::template(yes, start));
        let no = Box::new(Self::template(no.unwrap_or_default(), end));
        let kind = Kind::Conditional { condition: Box::new(condition), yes, no };
        Ok(Expression { kind, range: start.to(end) })
    }

    fn unfinished(&mut self, word: &str, start: Range, end: Range) -> Parsed {
        let place = self.parser.subject(start);
        let detail =
            format!("The {word} directive at {place} is missing its corresponding end{word} directive.");
        self.parser.report("Unexpected end of template", &detail, end);
        Err(Broken)
    }

    fn for_part(
        &mut self,
        key_name: Option<String>,
        value_name: String,
        collection: Expression,
        start: Range,
    ) -> Parsed {
        let (parts, ended) = self.parts()?;
        let place = self.parser.subject(start);
        let end = match ended {
            Ended::EndFor(range) => range,
            Ended::End(range) => return self.unfinished("for", start, range),
            Ended::Else(range) => {
                self.parser.report(
                    "Unexpected else directive",
                    "An else clause is not expected for a for directive.",
                    range,
                );
                return Err(Broken);
            }
            Ended::EndIf(range) => {
                let detail =
                    format!("Expecting an endfor directive corresponding to the for directive at {place}.");
                self.parser.report("Unexpected endif directive", &detail, range);
                return Err(Broken);
            }
        };
        let value = Self::template(parts, start);
        let range = start.to(end);
        let parts = For {
            open: start,
            key_name,
            value_name,
            collection,
            key: None,
            value,
            condition: None,
            group: false,
        };
        let tuple = Expression { kind: Kind::For(Box::new(parts)), range };
        Ok(Expression { kind: Kind::Join(Box::new(tuple)), range })
    }
}

/// The text of an expression that is nothing but text.
pub(crate) fn as_text(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        Kind::Literal(Value::String(text)) => Some(text),
        _ => expression.plain_text(),
    }
}
