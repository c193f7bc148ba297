//! The functions of the language.

mod arithmetic;
mod cidr;
mod collection;
mod date;
mod encode;
mod file;
mod format;
mod format_number;
mod hash;
mod json;
mod list;
mod map;
mod set;
mod table;
mod text;
mod yaml;
mod yaml_read;

use crate::limits::MAX_VALUE_WEIGHT;
use crate::number::Number;
use crate::options::Options;
use crate::value::Value;
use crate::value::types::Type;

/// Why a call failed.
pub(crate) enum Failure {
    /// An argument, by its index, is wrong.
    Argument(usize, String),
    /// The call as a whole failed.
    Call(String),
}

impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self::Call(why)
    }
}

pub(crate) type Answer = Result<Value, Failure>;

pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) parameters: &'static [Parameter],
    pub(crate) variadic: Option<Parameter>,
    pub(crate) run: fn(&[Value], &Options<'_>) -> Answer,
    /// How many times it may walk over its arguments.
    pub(crate) cost: usize,
}

pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) want: Want,
    /// Whether it may be null.
    pub(crate) null: bool,
}

/// The type a parameter wants.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Want {
    Any,
    Text,
    Number,
    Texts,
    List,
    Set,
}

impl Parameter {
    pub(crate) fn kind(&self) -> Type {
        match self.want {
            Want::Any => Type::Dynamic,
            Want::Text => Type::String,
            Want::Number => Type::Number,
            Want::Texts => Type::List(Box::new(Type::String)),
            Want::List => Type::List(Box::new(Type::Dynamic)),
            Want::Set => Type::Set(Box::new(Type::Dynamic)),
        }
    }
}

impl Function {
    pub(crate) fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }
}

/// The function of this name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    table::FUNCTIONS.iter().find(|function| function.name == name)
}

/// All names, those of functions with rules of their own included.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    table::FUNCTIONS.iter().map(|function| function.name).chain(["can", "convert", "try"])
}

/// The text of an argument.
fn text(values: &[Value], index: usize) -> &str {
    match values.get(index) {
        Some(Value::String(text)) => text,
        _ => "",
    }
}

/// The number of an argument.
fn number(values: &[Value], index: usize) -> Number {
    match values.get(index) {
        Some(Value::Number(number)) => number.clone(),
        _ => Number::zero(),
    }
}

/// The whole number of an argument.
fn whole(values: &[Value], index: usize) -> Result<i64, Failure> {
    number(values, index).to_i64().ok_or_else(|| {
        let (low, high) = (i64::MIN, i64::MAX);
        Failure::Call(format!("value must be a whole number, between {low} and {high}"))
    })
}

fn list_like(value: &Value) -> bool {
    value.elements().is_some()
}

/// Refuses results that so many pieces of such a length would make too large.
fn check_growth(pieces: usize, length: usize) -> Result<(), Failure> {
    match pieces.saturating_mul(length) / 8 > MAX_VALUE_WEIGHT {
        true => Err(Failure::Call("the result is too large".to_owned())),
        false => Ok(()),
    }
}
