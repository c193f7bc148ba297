//! Evaluation of expressions.
//!
//! Evaluation never stops at an error: it writes a diagnostic down and goes on with [`Value::Unknown`], so that several
//! mistakes are shown at once. Its work is counted and ends at a limit.

pub(crate) mod call;
pub(crate) mod iterate;
pub(crate) mod operator;
pub(crate) mod scope;
pub(crate) mod static_form;
pub(crate) mod step;
pub(crate) mod template;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::diagnostic::{Diagnostic, Subject};
use crate::limits::{MAX_BLOCKS, MAX_DIAGNOSTICS, MAX_WORK};
use crate::options::Options;
use crate::position::Range;
use crate::syntax::tree::{Expression, Key, Kind};
use crate::value::Value;
use crate::value::convert::convert;
use crate::value::types::Type;
use scope::Scope;

/// A text of this parse and the name it is shown under.
pub(crate) struct Text {
    pub(crate) source: Rc<str>,
    pub(crate) file: Rc<str>,
}

/// What one parse shares.
pub(crate) struct Env<'a> {
    pub(crate) texts: RefCell<Vec<Text>>,
    pub(crate) options: &'a Options<'a>,
    work: Cell<usize>,
    blocks: Cell<usize>,
    exhausted: Cell<bool>,
}

pub(crate) type Out = Vec<Diagnostic>;

impl<'a> Env<'a> {
    pub(crate) fn new(options: &'a Options<'a>) -> Self {
        Self {
            texts: RefCell::new(Vec::new()),
            options,
            work: Cell::new(0),
            blocks: Cell::new(0),
            exhausted: Cell::new(false),
        }
    }

    /// Adds a text; its index is what ranges carry.
    pub(crate) fn add_text(&self, source: &Rc<str>, file: &Rc<str>) -> usize {
        let mut texts = self.texts.borrow_mut();
        texts.push(Text { source: source.clone(), file: file.clone() });
        texts.len() - 1
    }

    /// What stands in the range.
    pub(crate) fn source(&self, range: Range) -> String {
        let texts = self.texts.borrow();
        let source = texts.get(range.text).map(|text| text.source.as_ref()).unwrap_or_default();
        source.get(range.start.byte..range.end.byte).unwrap_or_default().to_owned()
    }

    pub(crate) fn subject(&self, range: Range) -> Subject {
        let texts = self.texts.borrow();
        let file = texts.get(range.text).map(|text| text.file.to_string()).unwrap_or_default();
        Subject { file, start: range.start, end: range.end }
    }

    pub(crate) fn error(&self, range: Range, summary: &str, detail: &str) -> Diagnostic {
        Diagnostic::error(Some(self.subject(range)), summary, detail)
    }

    pub(crate) fn report(&self, out: &mut Out, range: Range, summary: &str, detail: &str) {
        if out.len() < MAX_DIAGNOSTICS {
            out.push(self.error(range, summary, detail));
        }
    }

    /// Whether there was too much work; the diagnostic about it has been written.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.exhausted.get()
    }

    /// Counts work. False once there was too much of it.
    pub(crate) fn spend(&self, amount: usize, range: Range, out: &mut Out) -> bool {
        if self.exhausted.get() {
            return false;
        }
        self.work.set(self.work.get().saturating_add(amount));
        if self.work.get() > MAX_WORK {
            self.exhausted.set(true);
            self.report(
                out,
                range,
                "Job file too costly",
                "Evaluating the expressions of this job takes more work than is allowed.",
            );
            return false;
        }
        true
    }

    /// Counts a block made by a `dynamic` block.
    pub(crate) fn spend_block(&self, range: Range, out: &mut Out) -> bool {
        self.blocks.set(self.blocks.get() + 1);
        if self.blocks.get() == MAX_BLOCKS + 1 {
            let detail = format!("The dynamic blocks of this job make more than {MAX_BLOCKS} blocks.");
            self.report(out, range, "Job file too large", &detail);
        }
        self.blocks.get() <= MAX_BLOCKS
    }

    /// Reports a value that outgrew the limits, which its constructor left unknown.
    fn sized(&self, value: Value, cost: usize, range: Range, out: &mut Out) -> Value {
        if value.is_unknown() {
            self.report(
                out,
                range,
                "Value too large",
                "The result of this expression is larger or more deeply nested than is allowed.",
            );
            return value;
        }
        if self.spend(cost.max(value.weight()), range, out) { value } else { Value::Unknown }
    }

    /// The value of an expression.
    pub(crate) fn evaluate(&self, expression: &Expression, scope: &Rc<Scope>, out: &mut Out) -> Value {
        if !self.spend(1, expression.range, out) {
            return Value::Unknown;
        }
        let range = expression.range;
        match &expression.kind {
            Kind::Literal(value) => value.clone(),
            Kind::Template(parts) => self.template(parts, range, scope, out),
            Kind::Wrap(inner) | Kind::Paren(inner) => self.evaluate(inner, scope, out),
            Kind::Sequence { inner, whole } => self.sequence(inner, *whole, scope, out),
            Kind::Join(inner) => self.join(inner, range, scope, out),
            Kind::Conditional { condition, yes, no } => self.conditional(condition, yes, no, scope, out),
            Kind::Binary { first, rest } => self.binary(first, rest, scope, out),
            Kind::Not { operand, .. } => self.unary(operand, &Type::Bool, range, scope, out),
            Kind::Negate { operand, .. } => self.unary(operand, &Type::Number, range, scope, out),
            Kind::Tuple { items, .. } => {
                let items = items.iter().map(|item| self.evaluate(item, scope, out)).collect();
                self.sized(Value::tuple(items), 1, range, out)
            }
            Kind::Object { items, .. } => self.object(items, range, scope, out),
            Kind::For(parts) => self.for_expression(parts, range, scope, out),
            Kind::Root { name, name_range, steps } => self.root(name, *name_range, steps, range, scope, out),
            Kind::Relative { source, steps } => {
                let value = self.evaluate(source, scope, out);
                self.follow(value, steps, out)
            }
            Kind::Index { source, key, bracket, .. } => {
                let value = self.evaluate(source, scope, out);
                let key = self.evaluate(key, scope, out);
                self.index(&value, &key, *bracket, out)
            }
            Kind::Splat { source, each, .. } => self.splat(source, each, range, scope, out),
            Kind::Anonymous => scope.find("").unwrap_or(Value::Unknown),
            Kind::Call(call) => self.call(call, range, scope, out),
        }
    }

    fn object(&self, items: &[(Key, Expression)], range: Range, scope: &Rc<Scope>, out: &mut Out) -> Value {
        let mut entries = BTreeMap::new();
        let mut known = true;
        for (key, value) in items {
            let name = self.object_key(key, scope, out);
            let value = self.evaluate(value, scope, out);
            match name {
                Some(name) => {
                    entries.insert(name, value);
                }
                None => known = false,
            }
        }
        if !known {
            return Value::Unknown;
        }
        self.sized(Value::object(entries), 1, range, out)
    }

    fn object_key(&self, key: &Key, scope: &Rc<Scope>, out: &mut Out) -> Option<String> {
        let expression = &key.expression;
        if !key.forced {
            if let Some(word) = expression.keyword() {
                return Some(word.to_owned());
            }
            if let Kind::Literal(Value::Bool(_) | Value::Null(_)) = &expression.kind {
                return Some(self.source(expression.range));
            }
            if let Kind::Root { .. } = &expression.kind {
                self.report(out, expression.range, "Ambiguous attribute key", "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a literal name containing periods, wrap it in quotes to create a string literal.");
                return None;
            }
        }
        let value = self.evaluate(expression, scope, out);
        if value.is_null() {
            self.report(out, expression.range, "Null value as key", "Can't use a null value as a key.");
            return None;
        }
        match convert(&value, &Type::String) {
            Ok(Value::String(text)) => Some(text.to_string()),
            Ok(_) => None,
            Err(why) => {
                let detail = format!("Can't use this value as a key: {why}.");
                self.report(out, expression.range, "Incorrect key type", &detail);
                None
            }
        }
    }
}
