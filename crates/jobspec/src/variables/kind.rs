//! Type expressions, such as `list(string)`.

use std::collections::BTreeMap;

use crate::eval::static_form::static_list;
use crate::eval::{Env, Out};
use crate::position::Range;
use crate::syntax::as_text;
use crate::syntax::tree::{Call, Expression, Kind};
use crate::value::types::Type;

const SUMMARY: &str = "Invalid type specification";

/// The type an expression names. `any` is one only where a type is a constraint and not an exact type.
pub(crate) fn parse_type(env: &Env<'_>, expression: &Expression, any: bool, out: &mut Out) -> Option<Type> {
    let mut fail = |range: Range, detail: &str| {
        env.report(out, range, SUMMARY, detail);
        None
    };
    if let Some(word) = expression.keyword() {
        return match word {
            "bool" => Some(Type::Bool),
            "string" => Some(Type::String),
            "number" => Some(Type::Number),
            "any" if any => Some(Type::Dynamic),
            "any" => fail(
                expression.range,
                "The keyword \"any\" cannot be used in this type specification: an exact type is required.",
            ),
            "list" | "map" | "set" | "object" | "tuple" => fail(expression.range, &one_argument(word)),
            _ => fail(expression.range, &format!("The keyword {word:?} is not a valid type specification.")),
        };
    }
    let Kind::Call(call) = &expression.kind else {
        return fail(
            expression.range,
            "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).",
        );
    };
    match call.name.as_str() {
        "bool" | "string" | "number" => {
            return fail(
                call.open.to(call.close),
                &format!("Primitive type keyword {:?} does not expect arguments.", call.name),
            );
        }
        "any" => {
            return fail(
                call.open.to(call.close),
                "Type constraint keyword \"any\" does not expect arguments.",
            );
        }
        "optional" => {
            return fail(
                call.name_range,
                "Keyword \"optional\" is valid only as a modifier for object type attributes.",
            );
        }
        _ => {}
    }
    parse_constructor(env, call, expression.range, any, out)
}

fn one_argument(word: &str) -> String {
    match word {
        "object" => "The object type constructor requires one argument specifying the attribute types and values as a map.".to_owned(),
        "tuple" => "The tuple type constructor requires one argument specifying the element types as a list.".to_owned(),
        _ => format!("The {word} type constructor requires one argument specifying the element type."),
    }
}

fn parse_constructor(env: &Env<'_>, call: &Call, range: Range, any: bool, out: &mut Out) -> Option<Type> {
    let known = matches!(call.name.as_str(), "list" | "set" | "map" | "object" | "tuple");
    let [argument] = call.arguments.as_slice() else {
        let place = match (call.arguments.get(1), call.arguments.last()) {
            (Some(second), Some(last)) => second.range.to(last.range),
            _ => call.open.to(call.close),
        };
        let (place, detail) = match known {
            true => (place, one_argument(&call.name)),
            false => (range, format!("Keyword {:?} is not a valid type constructor.", call.name)),
        };
        env.report(out, place, SUMMARY, &detail);
        return None;
    };
    match call.name.as_str() {
        "list" => Some(Type::List(Box::new(parse_type(env, argument, any, out)?))),
        "set" => Some(Type::Set(Box::new(parse_type(env, argument, any, out)?))),
        "map" => Some(Type::Map(Box::new(parse_type(env, argument, any, out)?))),
        "object" => parse_object(env, argument, any, out),
        "tuple" => {
            let Some(items) = static_list(argument) else {
                env.report(
                    out,
                    argument.range,
                    SUMMARY,
                    "Tuple type constructor requires a list of element types.",
                );
                return None;
            };
            let types: Option<Vec<Type>> = items.iter().map(|item| parse_type(env, item, any, out)).collect();
            Some(Type::Tuple(types?))
        }
        other => {
            let detail = format!("Keyword {other:?} is not a valid type constructor.");
            env.report(out, range, SUMMARY, &detail);
            None
        }
    }
}

fn parse_object(env: &Env<'_>, argument: &Expression, any: bool, out: &mut Out) -> Option<Type> {
    let Kind::Object { items, .. } = &argument.kind else {
        env.report(out, argument.range, SUMMARY, "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types.");
        return None;
    };
    let mut attributes = BTreeMap::new();
    let mut good = true;
    for (key, value) in items {
        let name = key.expression.keyword().or_else(|| as_text(&key.expression));
        let Some(name) = name else {
            env.report(
                out,
                key.expression.range,
                SUMMARY,
                "Object constructor map keys must be attribute names.",
            );
            good = false;
            continue;
        };
        if let Kind::Call(call) = &value.kind
            && call.name == "optional"
        {
            env.report(
                out,
                call.name_range,
                SUMMARY,
                "Optional attribute modifier is only for type constraints, not for exact types.",
            );
            good = false;
            continue;
        }
        match parse_type(env, value, any, out) {
            Some(kind) => {
                attributes.insert(name.to_owned(), kind);
            }
            None => good = false,
        }
    }
    good.then_some(Type::Object(attributes))
}
