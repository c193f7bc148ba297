//! Templates: text with `${…}` and `%{…}` in it, and the labels that must do without.

use crate::position::Range;
use crate::value::Value;

use super::cursor::{Broken, Parsed, Parser};
use super::template_tree::{Assembler, Piece, PieceKind};
use super::token::{Kind as Token, Token as Read};
use super::tree::{Expression, Kind};

const INTERPOLATION: &str = "Unclosed template interpolation sequence";
const EXTRA: &str = "Extra characters after interpolation expression";
const FOR: &str = "Invalid 'for' directive";

impl Parser {
    /// The label of a block: quoted text without sequences.
    pub(crate) fn label(&mut self) -> (String, Range) {
        let open = self.read().range;
        let mut text = String::new();
        loop {
            let token = self.read();
            match token.kind {
                Token::CloseQuote => return (text, open.to(token.range)),
                Token::QuotedText => text.push_str(&self.unescape(token.range, true)),
                Token::Interpolation { .. } | Token::Directive { .. } => {
                    let sign = if matches!(token.kind, Token::Interpolation { .. }) { "$" } else { "%" };
                    let detail = format!(
                        "Template sequences are not allowed in this string. To include a literal \"{sign}\", double it (as \"{sign}{sign}\") to escape it."
                    );
                    self.report("Invalid string literal", &detail, token.range);
                    self.recover(Token::SequenceEnd { trim: false });
                }
                Token::End => {
                    self.report(
                        "Unterminated string literal",
                        "Unable to find the closing quote mark before the end of the file.",
                        token.range,
                    );
                    return (text, open.to(token.range));
                }
                _ => {
                    self.report_first(
                        "Invalid string literal",
                        "This item is not valid in a string literal.",
                        token.range,
                    );
                    self.recover(Token::CloseQuote);
                    return (text, open.to(token.range));
                }
            }
        }
    }

    /// The template behind an opening quote or heredoc marker.
    pub(crate) fn quoted_template(&mut self, open: Range, end: Token, flush: bool) -> Parsed {
        self.deeper()?;
        let mut levels = 0;
        let pieces = self.pieces(end, &mut levels);
        (0..=levels).for_each(|_| self.shallower());
        let mut pieces = pieces?;
        if flush {
            super::template_tree::unindent(&mut pieces);
        }
        let close = self.previous();
        let range = open.to(close);
        self.assemble(pieces, range)
    }

    /// A text that is a template from its start to its end.
    pub(crate) fn whole_template(&mut self) -> Parsed {
        let open = self.peek().range.at_start();
        let pieces = self.pieces(Token::End, &mut 0)?;
        let range = open.to(self.peek().range);
        self.assemble(pieces, range)
    }

    fn assemble(&mut self, pieces: Vec<Piece>, range: Range) -> Parsed {
        let single = matches!(pieces.as_slice(), [Piece { kind: PieceKind::Sequence(_), .. }, _]);
        let mut assembler = Assembler::new(self, pieces);
        let mut parts = assembler.root()?;
        if single && let Some(part) = parts.pop() {
            return Ok(Expression { kind: Kind::Wrap(Box::new(part)), range });
        }
        Ok(Expression { kind: Kind::Template(parts), range })
    }

    /// The pieces up to the end. What stands between `%{ if }` and `%{ endif }` is a level deeper, as it will be in the
    /// tree: `levels` is how many of them are left open.
    fn pieces(&mut self, end: Token, levels: &mut usize) -> Result<Vec<Piece>, Broken> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut trim_next = false;
        let end_range = loop {
            let next = self.read();
            if next.kind == end {
                break next.range;
            }
            let trim = std::mem::take(&mut trim_next);
            match next.kind {
                Token::HeredocText | Token::QuotedText => {
                    let mut text = self.unescape(next.range, next.kind == Token::QuotedText);
                    if trim {
                        text = text.trim_start().to_owned();
                    }
                    pieces.push(Piece { kind: PieceKind::Text(text), range: next.range });
                }
                Token::Interpolation { trim } => {
                    trim_before(&mut pieces, trim);
                    let piece = self.interpolation(next, end)?;
                    trim_next = self.previous_trims();
                    pieces.push(piece);
                }
                Token::Directive { trim } => {
                    trim_before(&mut pieces, trim);
                    let piece = self.directive(next)?;
                    match piece.kind {
                        PieceKind::If(_) | PieceKind::For { .. } => {
                            *levels += 1;
                            self.deeper()?;
                        }
                        PieceKind::EndIf | PieceKind::EndFor if *levels > 0 => {
                            *levels -= 1;
                            self.shallower();
                        }
                        _ => {}
                    }
                    trim_next = self.previous_trims();
                    pieces.push(piece);
                }
                _ => {
                    self.report_first(
                        "Unterminated template string",
                        "No closing marker was found for the string.",
                        next.range,
                    );
                    self.recover(end);
                    return Err(Broken);
                }
            }
        };
        if pieces.is_empty() {
            // The place of nothing is behind the closing mark.
            let range = Range { start: end_range.end, ..end_range };
            pieces.push(Piece { kind: PieceKind::Text(String::new()), range });
        }
        pieces.push(Piece { kind: PieceKind::End, range: end_range });
        Ok(pieces)
    }

    fn previous_trims(&self) -> bool {
        self.text(self.previous()) == "~}"
    }

    fn interpolation(&mut self, start: Read, end: Token) -> Result<Piece, Broken> {
        self.push_newlines(false);
        let inner = self.expression();
        let close = self.peek();
        let closed = matches!(close.kind, Token::SequenceEnd { .. });
        if closed {
            self.read();
        } else {
            self.bad_interpolation(start.range, close, end);
            self.recover(Token::SequenceEnd { trim: false });
        }
        self.pop_newlines();
        let inner = Box::new(inner?);
        if !closed {
            return Err(Broken);
        }
        let whole = start.range.to(close.range);
        let range = inner.range;
        let kind = PieceKind::Sequence(Expression { kind: Kind::Sequence { inner, whole }, range });
        Ok(Piece { kind, range: whole })
    }

    fn bad_interpolation(&mut self, start: Range, close: Read, end: Token) {
        match close.kind {
            Token::End => self.report_first(INTERPOLATION, "There is no closing brace for this interpolation sequence before the end of the file. This might be caused by incorrect nesting inside the given expression.", start),
            Token::Colon => self.report_first(EXTRA, "Template interpolation doesn't expect a colon at this location. Did you intend this to be a literal sequence to be processed as part of another language? If so, you can escape it by starting with \"$${\" instead of just \"${\".", close.range),
            Token::CloseQuote | Token::OpenQuote if end == Token::CloseQuote => self.report_first(INTERPOLATION, "There is no closing brace for this interpolation sequence before the end of the quoted template. This might be caused by incorrect nesting inside the given expression.", start),
            _ => self.report_first(EXTRA, "Expected a closing brace to end the interpolation expression, but found extra characters.\n\nThis can happen when you include interpolation syntax for another language, such as shell scripting, but forget to escape the interpolation start token. If this is an embedded sequence for another language, escape it by starting with \"$${\" instead of just \"${\".", close.range),
        }
    }

    fn directive(&mut self, start: Read) -> Result<Piece, Broken> {
        self.push_newlines(false);
        let kind = self.directive_inner();
        let close = self.peek();
        let kind = match kind {
            Ok((kind, word)) => {
                if matches!(close.kind, Token::SequenceEnd { .. }) {
                    self.read();
                    Ok(kind)
                } else {
                    let summary = format!("Extra characters in {word} marker");
                    self.report_first(
                        &summary,
                        "Expected a closing brace to end the sequence, but found extra characters.",
                        close.range,
                    );
                    self.recover(Token::SequenceEnd { trim: false });
                    Err(Broken)
                }
            }
            Err(Broken) => {
                self.recover(Token::SequenceEnd { trim: false });
                Err(Broken)
            }
        };
        self.pop_newlines();
        Ok(Piece { kind: kind?, range: start.range.to(close.range) })
    }

    fn directive_inner(&mut self) -> Result<(PieceKind, String), Broken> {
        let word = self.peek();
        if word.kind != Token::Ident {
            self.report_first("Invalid template directive", "A template directive keyword (\"if\", \"for\", etc) is expected at the beginning of a %{ sequence.", word.range);
            return Err(Broken);
        }
        self.read();
        let name = self.text(word.range).to_owned();
        let kind = match name.as_str() {
            "if" => PieceKind::If(self.expression()?),
            "else" => PieceKind::Else,
            "endif" => PieceKind::EndIf,
            "endfor" => PieceKind::EndFor,
            "for" => self.for_directive()?,
            _ => {
                let known = ["if", "for", "else", "endif", "endfor"];
                let hint = crate::suggest::did_you_mean(&name, known);
                let detail = format!("\"{name}\" is not a valid template control keyword.{hint}");
                self.report_first("Invalid template control keyword", &detail, word.range);
                return Err(Broken);
            }
        };
        Ok((kind, name))
    }

    fn directive_name(&mut self, detail: &str) -> Result<String, Broken> {
        let next = self.peek();
        if next.kind != Token::Ident {
            self.report_first(FOR, detail, next.range);
            return Err(Broken);
        }
        self.read();
        Ok(self.text(next.range).to_owned())
    }

    fn for_directive(&mut self) -> Result<PieceKind, Broken> {
        let mut value_name = self.directive_name("For directive requires variable name after 'for'.")?;
        let mut key_name = None;
        if self.peek().kind == Token::Comma {
            self.read();
            key_name = Some(value_name);
            value_name = self.directive_name("For directive requires value variable name after comma.")?;
        }
        if !self.at_keyword("in") {
            let range = self.peek().range;
            self.report_first(FOR, "For directive requires 'in' keyword after names.", range);
            return Err(Broken);
        }
        self.read();
        let collection = self.expression()?;
        Ok(PieceKind::For { key_name, value_name, collection })
    }
}

fn trim_before(pieces: &mut [Piece], trim: bool) {
    if let (true, Some(Piece { kind: PieceKind::Text(text), .. })) = (trim, pieces.last_mut()) {
        text.truncate(text.trim_end().len());
    }
}

/// A part that is text.
pub(crate) fn text_part(text: &str, range: Range) -> Expression {
    Expression { kind: Kind::Literal(Value::text(text)), range }
}
