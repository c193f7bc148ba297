//! The filter language of list requests (go-bexpr's): one expression, decided item by item.
//!
//! A [`Filter`] is parsed once per request and asked once per item. Items are JSON values; a [`Shapes`] table says which
//! declared types stand behind them, because selectors and comparisons go by declared types, not by what the JSON shows.
//! It refuses expressions past [`MAX_LENGTH`], [`MAX_DEPTH`] or [`MAX_PATTERNS`], stops at [`MAX_STEPS`], and nothing in it panics on any expression or datum.
//! It does not know HTTP: the prefixes and status codes around its error texts belong to the caller.

mod base64;
mod boundary;
mod coerce;
mod collection;
mod comparison;
mod cursor;
mod datum;
mod equality;
mod error;
mod evaluate;
mod lookup;
mod operand;
mod parse;
mod pattern;
mod quote;
mod shape;
mod syntax;

pub use boundary::{Filter, MAX_DEPTH, MAX_LENGTH, MAX_PATTERNS, MAX_STEPS};
pub use coerce::CoerceError;
pub use error::{EvalError, ParseError};
pub use shape::{Shape, ShapeError, Shapes};
