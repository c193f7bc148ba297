//! Expressions: conditionals, operators, terms and what hangs behind them.

use crate::number::Number;
use crate::position::Range;
use crate::value::Value;

use super::cursor::{Broken, Parsed, Parser};
use super::token::Kind as Token;
use super::tree::{Expression, Kind, Operator};

/// Operators by precedence, the loosest first.
const LEVELS: [&[(Token, Operator)]; 6] = [
    &[(Token::Or, Operator::Or)],
    &[(Token::And, Operator::And)],
    &[(Token::Equal, Operator::Equal), (Token::NotEqual, Operator::NotEqual)],
    &[
        (Token::Less, Operator::Less),
        (Token::LessEqual, Operator::LessEqual),
        (Token::Greater, Operator::Greater),
        (Token::GreaterEqual, Operator::GreaterEqual),
    ],
    &[(Token::Plus, Operator::Add), (Token::Minus, Operator::Subtract)],
    &[
        (Token::Star, Operator::Multiply),
        (Token::Slash, Operator::Divide),
        (Token::Percent, Operator::Modulo),
    ],
];

fn operator_of(token: Token) -> Option<Operator> {
    let found = LEVELS.iter().flat_map(|level| level.iter()).find(|(known, _)| *known == token);
    found.map(|(_, operator)| *operator)
}

/// Operands, each with the operator in front of it.
type Operands = Vec<(Operator, Expression)>;

/// Splits at the operators of a precedence; what stands between them binds more tightly.
fn by_precedence(first: Expression, rest: Operands, level: usize) -> Expression {
    let Some(operators) = LEVELS.get(level).filter(|_| !rest.is_empty()) else { return first };
    let mut head = Vec::new();
    let mut parts: Vec<(Operator, Expression, Operands)> = Vec::new();
    for (operator, operand) in rest {
        if operators.iter().any(|(_, known)| *known == operator) {
            parts.push((operator, operand, Vec::new()));
        } else {
            parts.last_mut().map_or(&mut head, |(_, _, tighter)| tighter).push((operator, operand));
        }
    }
    let first = by_precedence(first, head, level + 1);
    let tighter = |(operator, operand, rest)| (operator, by_precedence(operand, rest, level + 1));
    let chain: Operands = parts.into_iter().map(tighter).collect();
    let Some((_, last)) = chain.last() else { return first };
    let range = first.range.to(last.range);
    Expression { kind: Kind::Binary { first: Box::new(first), rest: chain }, range }
}

impl Parser {
    /// A whole expression.
    pub(crate) fn expression(&mut self) -> Parsed {
        self.deeper()?;
        let outer = std::mem::take(&mut self.chained);
        let parsed = self.conditional();
        self.chained = self.chained.max(outer);
        self.shallower();
        parsed
    }

    fn conditional(&mut self) -> Parsed {
        let condition = self.operators()?;
        if self.peek().kind != Token::Question {
            return Ok(condition);
        }
        self.read();
        let yes = self.expression()?;
        let colon = self.peek();
        if colon.kind != Token::Colon {
            self.report_first(
                "Missing false expression in conditional",
                "The conditional operator (...?...:...) requires a false expression, delimited by a colon.",
                colon.range,
            );
            return Ok(condition);
        }
        self.read();
        let no = self.expression()?;
        let range = condition.range.to(no.range);
        let kind = Kind::Conditional { condition: Box::new(condition), yes: Box::new(yes), no: Box::new(no) };
        Ok(Expression { kind, range })
    }

    /// Operands and operators as they follow one another, put in order afterwards: a level of recursion for each
    /// precedence would fill the stack of nested expressions for nothing.
    fn operators(&mut self) -> Parsed {
        let first = self.with_steps()?;
        let mut rest = Vec::new();
        while let Some(operator) = operator_of(self.peek().kind) {
            self.read();
            rest.push((operator, self.with_steps()?));
        }
        Ok(by_precedence(first, rest, 0))
    }

    fn with_steps(&mut self) -> Parsed {
        let term = self.term()?;
        self.steps(term)
    }

    fn term(&mut self) -> Parsed {
        let start = self.peek();
        match start.kind {
            Token::OpenParen => self.parentheses(),
            Token::Number => {
                self.read();
                let number = Number::parse(self.text(start.range));
                let value = number.map_or(Value::Unknown, Value::Number);
                Ok(Expression { kind: Kind::Literal(value), range: start.range })
            }
            Token::Ident => self.name(),
            Token::OpenQuote => {
                self.read();
                self.quoted_template(start.range, Token::CloseQuote, false)
            }
            Token::OpenHeredoc { flush } => {
                self.read();
                self.quoted_template(start.range, Token::CloseHeredoc, flush)
            }
            Token::Minus | Token::Bang => self.unary(start.kind),
            Token::OpenBracket => self.tuple(),
            Token::OpenBrace => self.object(),
            _ => {
                let (summary, detail) = match start.kind {
                    Token::End => (
                        "Missing expression",
                        "Expected the start of an expression, but found the end of the file.",
                    ),
                    _ => (
                        "Invalid expression",
                        "Expected the start of an expression, but found an invalid expression token.",
                    ),
                };
                self.report_first(summary, detail, start.range);
                self.recovery = true;
                Err(Broken)
            }
        }
    }

    fn parentheses(&mut self) -> Parsed {
        let open = self.read().range;
        self.push_newlines(false);
        let inner = self.expression();
        let Ok(inner) = inner else {
            self.recover(Token::CloseParen);
            self.pop_newlines();
            return Err(Broken);
        };
        let close = self.peek();
        if close.kind != Token::CloseParen {
            self.report_first(
                "Unbalanced parentheses",
                "Expected a closing parenthesis to terminate the expression.",
                close.range,
            );
            self.recovery = true;
        }
        self.read();
        self.pop_newlines();
        Ok(Expression { kind: Kind::Paren(Box::new(inner)), range: open.to(close.range) })
    }

    fn unary(&mut self, symbol_kind: Token) -> Parsed {
        let symbol = self.read().range;
        self.deeper()?;
        let operand = self.with_steps();
        self.shallower();
        let operand = Box::new(operand?);
        let range = symbol.to(operand.range);
        let kind = match symbol_kind {
            Token::Minus => Kind::Negate { symbol, operand },
            _ => Kind::Not { symbol, operand },
        };
        Ok(Expression { kind, range })
    }

    fn name(&mut self) -> Parsed {
        let token = self.read();
        if matches!(self.peek().kind, Token::OpenParen | Token::DoubleColon) {
            return self.call(token.range);
        }
        let name = self.text(token.range).to_owned();
        let kind = match name.as_str() {
            "true" => Kind::Literal(Value::Bool(true)),
            "false" => Kind::Literal(Value::Bool(false)),
            "null" => Kind::Literal(Value::null()),
            _ => Kind::Root { name, name_range: token.range, steps: Vec::new() },
        };
        Ok(Expression { kind, range: token.range })
    }

    /// A call; the name has been read, and `::` may follow it.
    fn call(&mut self, mut name_range: Range) -> Parsed {
        let first = name_range;
        while self.peek().kind == Token::DoubleColon {
            self.read();
            let part = self.peek();
            if part.kind != Token::Ident {
                self.report_first(
                    "Missing function name",
                    "Function scope resolution symbol :: must be followed by a function name in this scope.",
                    part.range,
                );
                self.recovery = true;
                return Err(Broken);
            }
            name_range = first.to(self.read().range);
        }
        let open = self.peek();
        if open.kind != Token::OpenParen {
            self.report_first(
                "Missing open parenthesis",
                "Function selector must be followed by an open parenthesis to begin the function call.",
                open.range,
            );
            self.recovery = true;
            return Err(Broken);
        }
        self.read();
        self.push_newlines(false);
        let arguments = self.arguments(name_range.to(open.range));
        self.pop_newlines();
        let (arguments, expand, close) = arguments?;
        let name = self.text(name_range).to_owned();
        let call = super::tree::Call { name, name_range, open: open.range, close, arguments, expand };
        Ok(Expression { kind: Kind::Call(Box::new(call)), range: first.to(close) })
    }

    fn arguments(&mut self, head: Range) -> Result<(Vec<Expression>, bool, Range), Broken> {
        let mut arguments = Vec::new();
        loop {
            let next = self.peek();
            if next.kind == Token::CloseParen {
                self.read();
                return Ok((arguments, false, next.range));
            }
            let Ok(argument) = self.expression() else {
                self.recover(Token::CloseParen);
                return Err(Broken);
            };
            arguments.push(argument);
            let separator = self.read();
            match separator.kind {
                Token::CloseParen => return Ok((arguments, false, separator.range)),
                Token::Comma => {}
                Token::Ellipsis => {
                    let close = self.peek();
                    if close.kind == Token::CloseParen {
                        self.read();
                        return Ok((arguments, true, close.range));
                    }
                    self.report_first("Missing closing parenthesis", "An expanded function argument (with ...) must be immediately followed by closing parentheses.", separator.range);
                    self.recover(Token::CloseParen);
                    return Err(Broken);
                }
                Token::End => {
                    self.report_first("Unterminated function call", "There is no closing parenthesis for this function call before the end of the file. This may be caused by incorrect parethesis nesting elsewhere in this file.", head);
                    self.recovery = true;
                    return Err(Broken);
                }
                _ => {
                    self.report_first(
                        "Missing argument separator",
                        "A comma is required to separate each function argument from the next.",
                        separator.range,
                    );
                    self.recover(Token::CloseParen);
                    return Err(Broken);
                }
            }
        }
    }
}
