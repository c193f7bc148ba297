//! What hangs behind a term: attributes, indexes and splats.

use crate::number::Number;
use crate::position::Range;
use crate::value::Value;

use super::cursor::{Broken, Parsed, Parser};
use super::token::{Kind as Token, Token as Read};
use super::tree::{Expression, Kind, Step, StepKind};

const NAME: &str = "Invalid attribute name";
const NAME_DETAIL: &str = "An attribute name is required after a dot.";

/// Hangs a step behind an expression.
fn follow(from: Expression, step: Step) -> Expression {
    let range = from.range.to(step.range);
    let kind = match from.kind {
        Kind::Root { name, name_range, mut steps } => {
            steps.push(step);
            Kind::Root { name, name_range, steps }
        }
        Kind::Relative { source, mut steps } => {
            steps.push(step);
            Kind::Relative { source, steps }
        }
        kind => {
            let source = Box::new(Expression { kind, range: from.range });
            Kind::Relative { source, steps: vec![step] }
        }
    };
    Expression { kind, range }
}

impl Parser {
    pub(crate) fn steps(&mut self, term: Expression) -> Parsed {
        let mut whole = term;
        loop {
            whole = match self.peek().kind {
                Token::Dot => self.dot(whole)?,
                Token::OpenBracket => self.bracket(whole)?,
                _ => return Ok(whole),
            };
        }
    }

    fn dot(&mut self, from: Expression) -> Parsed {
        let dot = self.read();
        let next = self.peek();
        match next.kind {
            Token::Ident => {
                self.read();
                let kind = StepKind::Attribute(self.text(next.range).to_owned());
                Ok(follow(from, Step { kind, range: dot.range.to(next.range) }))
            }
            Token::Number => {
                self.read();
                let steps = self.number_steps(dot.range, next)?;
                Ok(steps.into_iter().fold(from, follow))
            }
            Token::Star => self.attribute_splat(from, dot.range),
            _ => {
                self.report_first(NAME, NAME_DETAIL, next.range);
                self.recovery = true;
                Err(Broken)
            }
        }
    }

    /// `.0`, and `.0.1`, which reads as a fraction.
    fn number_steps(&mut self, dot: Range, token: Read) -> Result<Vec<Step>, Broken> {
        let text = self.text(token.range).to_owned();
        let mut steps = Vec::new();
        let mut place = token.range.start;
        let mut from = dot.start;
        for part in text.split('.') {
            let Some(number) =
                part.bytes().all(|byte| byte.is_ascii_digit()).then(|| Number::parse(part)).flatten()
            else {
                self.report_first("Invalid legacy index syntax", "When using the legacy index syntax, chaining two indexes together is not permitted. Use the proper index syntax instead, like [0][1].", token.range);
                self.recovery = true;
                return Err(Broken);
            };
            let end = place.after(part);
            let range = Range { text: dot.text, start: from, end };
            steps.push(Step { kind: StepKind::Index(Value::Number(number)), range });
            from = end;
            place = end.after(".");
        }
        Ok(steps)
    }

    /// `.*`, which goes on with attributes only.
    fn attribute_splat(&mut self, from: Expression, dot: Range) -> Parsed {
        let star = self.read().range;
        let marker = dot.to(star);
        let mut each = Expression { kind: Kind::Anonymous, range: marker };
        while self.peek().kind == Token::Dot {
            let dot = self.read();
            let next = self.peek();
            match next.kind {
                Token::Ident => {
                    self.read();
                    let kind = StepKind::Attribute(self.text(next.range).to_owned());
                    each = follow(each, Step { kind, range: dot.range.to(next.range) });
                }
                Token::Number => {
                    self.read();
                    let steps = self.number_steps(dot.range, next)?;
                    each = steps.into_iter().fold(each, follow);
                }
                Token::Star => {
                    self.report_first("Nested splat expression not allowed", "A splat expression (*) cannot be used inside another attribute-only splat expression.", next.range);
                    self.recovery = true;
                    return Err(Broken);
                }
                _ => {
                    self.report_first(NAME, NAME_DETAIL, next.range);
                    self.recovery = true;
                    return Err(Broken);
                }
            }
        }
        let range = from.range.to(each.range);
        self.chain()?;
        let kind = Kind::Splat { source: Box::new(from), each: Box::new(each), marker };
        Ok(Expression { kind, range })
    }

    fn bracket(&mut self, from: Expression) -> Parsed {
        let open = self.read().range;
        if self.peek().kind == Token::Star {
            return self.full_splat(from, open);
        }
        self.push_newlines(false);
        let index = self.index(from, open);
        self.pop_newlines();
        index
    }

    fn index(&mut self, from: Expression, open: Range) -> Parsed {
        let Ok(key) = self.expression() else {
            self.recover(Token::CloseBracket);
            return Err(Broken);
        };
        let close = self.read();
        if close.kind != Token::CloseBracket {
            self.report_first(
                "Missing close bracket on index",
                "The index operator must end with a closing bracket (\"]\").",
                close.range,
            );
            self.recover(Token::CloseBracket);
            return Err(Broken);
        }
        let bracket = open.to(close.range);
        let literal = match &key.kind {
            Kind::Literal(value) => Some(value.clone()),
            _ => key.plain_text().map(Value::text),
        };
        if let Some(value) = literal {
            return Ok(follow(from, Step { kind: StepKind::Index(value), range: bracket }));
        }
        let range = from.range.to(bracket);
        self.chain()?;
        let kind = Kind::Index { source: Box::new(from), key: Box::new(key), open, bracket };
        Ok(Expression { kind, range })
    }

    fn full_splat(&mut self, from: Expression, open: Range) -> Parsed {
        self.read();
        let close = self.read();
        if close.kind != Token::CloseBracket {
            self.report_first(
                "Missing close bracket on splat index",
                "The star for a full splat operator must be immediately followed by a closing bracket (\"]\").",
                close.range,
            );
            self.recover(Token::CloseBracket);
            return Err(Broken);
        }
        let marker = open.to(close.range);
        self.chain()?;
        self.deeper()?;
        let each = self.steps(Expression { kind: Kind::Anonymous, range: marker });
        self.shallower();
        let each = Box::new(each?);
        let range = from.range.to(each.range);
        Ok(Expression { kind: Kind::Splat { source: Box::new(from), each, marker }, range })
    }
}
