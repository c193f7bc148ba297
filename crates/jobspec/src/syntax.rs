//! The syntax of job files: text to tree. Both forms, the native one and JSON, lead to the same expressions.

mod body;
mod check;
mod collection;
mod cursor;
mod escape;
mod expression;
pub(crate) mod json;
mod scanner;
mod steps;
mod template;
mod template_tree;
mod token;
pub(crate) mod tree;

use std::rc::Rc;

use crate::diagnostic::Diagnostic;
use crate::position::Position;
use cursor::Parser;
use tree::{Body, Expression};

pub(crate) use scanner::scan;
pub(crate) use template_tree::as_text;
pub(crate) use token::{Kind, Token};

/// Parses a whole file. The body is what could be understood; it means nothing when there are diagnostics.
pub(crate) fn parse_file(source: &Rc<str>, text: usize, file: &Rc<str>) -> (Body, Vec<Diagnostic>) {
    let tokens = scanner::scan(source, text, Position::START);
    let mut parser = Parser::new(tokens.clone(), source.clone(), file.clone());
    parser.check_tokens(&tokens);
    let mut body = parser.body(token::Kind::End);
    body.range.start = Position::START;
    (body, parser.diagnostics)
}

/// Parses a template that has no quotes around it; `start` is the place of its first character.
pub(crate) fn parse_template(
    source: &Rc<str>,
    text: usize,
    file: &Rc<str>,
    start: Position,
) -> (Option<Expression>, Vec<Diagnostic>) {
    let tokens = scanner::scan_template(source, text, start);
    let mut parser = Parser::new(tokens, source.clone(), file.clone());
    let expression = parser.whole_template().ok();
    (expression, parser.diagnostics)
}

/// Parses one expression, to the end of the text.
pub(crate) fn parse_expression(
    source: &Rc<str>,
    text: usize,
    file: &Rc<str>,
    start: Position,
) -> (Option<Expression>, Vec<Diagnostic>) {
    let tokens = scanner::scan(source, text, start);
    let mut parser = Parser::new(tokens.clone(), source.clone(), file.clone());
    parser.check_tokens(&tokens);
    parser.push_newlines(false);
    let expression = parser.expression().ok();
    let next = parser.peek();
    if next.kind != token::Kind::End {
        parser.report_first(
            "Extra characters after expression",
            "An expression was successfully parsed, but extra characters were found after it.",
            next.range,
        );
    }
    (expression, parser.diagnostics)
}
