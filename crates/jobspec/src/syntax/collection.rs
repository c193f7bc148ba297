//! Tuples, objects and `for`.

use crate::position::Range;

use super::cursor::{Broken, Parsed, Parser};
use super::token::{Kind as Token, Token as Read};
use super::tree::{Expression, For, Key, Kind};

const FOR: &str = "Invalid 'for' expression";

impl Parser {
    pub(crate) fn tuple(&mut self) -> Parsed {
        let open = self.read();
        self.push_newlines(false);
        let parsed = if self.at_keyword("for") { self.for_expression(open) } else { self.items(open.range) };
        self.pop_newlines();
        parsed
    }

    fn items(&mut self, open: Range) -> Parsed {
        let mut items = Vec::new();
        loop {
            let next = self.peek();
            if next.kind == Token::CloseBracket {
                self.read();
                return Ok(Expression { kind: Kind::Tuple { open, items }, range: open.to(next.range) });
            }
            let Ok(item) = self.expression() else {
                self.recover(Token::CloseBracket);
                return Err(Broken);
            };
            items.push(item);
            let next = self.peek();
            match next.kind {
                Token::CloseBracket => {}
                Token::Comma => {
                    self.read();
                }
                _ => {
                    match next.kind {
                        Token::End => self.report_first("Unterminated tuple constructor expression", "There is no corresponding closing bracket before the end of the file. This may be caused by incorrect bracket nesting elsewhere in this file.", open),
                        _ => self.report_first(
                            "Missing item separator",
                            "Expected a comma to mark the beginning of the next item.",
                            next.range,
                        ),
                    }
                    self.recover(Token::CloseBracket);
                    return Err(Broken);
                }
            }
        }
    }

    pub(crate) fn object(&mut self) -> Parsed {
        let open = self.read();
        self.push_newlines(false);
        let is_for = self.at_keyword("for");
        if is_for {
            let parsed = self.for_expression(open);
            self.pop_newlines();
            return parsed;
        }
        self.pop_newlines();
        self.push_newlines(true);
        let parsed = self.object_items(open.range);
        self.pop_newlines();
        parsed
    }

    fn object_items(&mut self, open: Range) -> Parsed {
        let mut items = Vec::new();
        loop {
            let next = self.peek();
            match next.kind {
                Token::Newline => {
                    self.read();
                    continue;
                }
                Token::CloseBrace => {
                    self.read();
                    return Ok(Expression { kind: Kind::Object { open, items }, range: open.to(next.range) });
                }
                _ => {}
            }
            let item = self.object_item(open);
            let Ok(item) = item else {
                self.recover(Token::CloseBrace);
                return Err(Broken);
            };
            items.push(item);
            let next = self.peek();
            match next.kind {
                Token::CloseBrace => {}
                Token::Comma | Token::Newline => {
                    self.read();
                }
                _ => {
                    match next.kind {
                        Token::End => self.unterminated_object(open),
                        _ => self.report_first(
                            "Missing attribute separator",
                            "Expected a newline or comma to mark the beginning of the next attribute.",
                            next.range,
                        ),
                    }
                    self.recover(Token::CloseBrace);
                    return Err(Broken);
                }
            }
        }
    }

    fn unterminated_object(&mut self, open: Range) {
        self.report_first("Unterminated object constructor expression", "There is no corresponding closing brace before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.", open);
    }

    fn object_item(&mut self, open: Range) -> Result<(Key, Expression), Broken> {
        let forced = self.peek().kind == Token::OpenParen;
        let expression = self.expression()?;
        let next = self.peek();
        if !matches!(next.kind, Token::Assign | Token::Colon) {
            match next.kind {
                Token::Newline | Token::Comma => self.report_first(
                    "Missing attribute value",
                    "Expected an attribute value, introduced by an equals sign (\"=\").",
                    next.range,
                ),
                Token::End => self.unterminated_object(open),
                _ => self.report_first(
                    "Missing key/value separator",
                    "Expected an equals sign (\"=\") to mark the beginning of the attribute value.",
                    next.range,
                ),
            }
            return Err(Broken);
        }
        self.read();
        let value = self.expression()?;
        Ok((Key { expression, forced }, value))
    }

    fn for_expression(&mut self, open: Read) -> Parsed {
        self.read();
        let closer = open.kind.closer().unwrap_or(Token::CloseBracket);
        let parsed = self.for_inner(open.range, closer);
        if parsed.is_err() {
            self.recover(closer);
        }
        parsed
    }

    fn loop_name(&mut self, detail: &str) -> Result<String, Broken> {
        let next = self.peek();
        if next.kind != Token::Ident {
            self.report_first(FOR, detail, next.range);
            return Err(Broken);
        }
        self.read();
        Ok(self.text(next.range).to_owned())
    }

    fn for_inner(&mut self, open: Range, closer: Token) -> Parsed {
        let mut value_name = self.loop_name("For expression requires variable name after 'for'.")?;
        let mut key_name = None;
        if self.peek().kind == Token::Comma {
            self.read();
            key_name = Some(value_name);
            value_name = self.loop_name("For expression requires value variable name after comma.")?;
        }
        if !self.at_keyword("in") {
            let range = self.peek().range;
            self.report_first(
                FOR,
                "For expression requires the 'in' keyword after its name declarations.",
                range,
            );
            return Err(Broken);
        }
        self.read();
        let collection = self.expression()?;
        let colon = self.peek();
        if colon.kind != Token::Colon {
            self.report_first(
                FOR,
                "For expression requires a colon after the collection expression.",
                colon.range,
            );
            return Err(Broken);
        }
        self.read();
        let mut value = self.expression()?;
        let mut key = None;
        if self.peek().kind == Token::Arrow {
            self.read();
            key = Some(value);
            value = self.expression()?;
        }
        let ellipsis = self.peek();
        let group = ellipsis.kind == Token::Ellipsis;
        if group {
            self.read();
        }
        let mut condition = None;
        if self.at_keyword("if") {
            self.read();
            condition = Some(self.expression()?);
        }
        let close = self.peek();
        if close.kind != closer {
            self.report_first(FOR, "Extra characters after the end of the 'for' expression.", close.range);
            return Err(Broken);
        }
        self.read();
        self.check_for(closer == Token::CloseBrace, key.as_ref(), &value, group.then_some(ellipsis.range));
        let parts = For { open, key_name, value_name, collection, key, value, condition, group };
        Ok(Expression { kind: Kind::For(Box::new(parts)), range: open.to(close.range) })
    }

    fn check_for(
        &mut self,
        object: bool,
        key: Option<&Expression>,
        value: &Expression,
        group: Option<Range>,
    ) {
        match (object, key) {
            (true, None) => {
                self.report(FOR, "Key expression is required when building an object.", value.range);
            }
            (false, Some(key)) => {
                let range = key.range;
                self.report(FOR, "Key expression is not valid when building a tuple.", range);
            }
            _ => {}
        }
        if let (false, Some(range)) = (object, group) {
            self.report(FOR, "Grouping ellipsis (...) cannot be used when building a tuple.", range);
        }
    }
}
