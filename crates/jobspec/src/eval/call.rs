//! Calls of functions.

use std::rc::Rc;

use crate::diagnostic::Diagnostic;
use crate::functions::{self, Failure, Function, Parameter};
use crate::position::Range;
use crate::suggest::did_you_mean;
use crate::syntax::tree::{Call, Expression};
use crate::value::Value;
use crate::value::convert::convert;

use super::scope::Scope;
use super::{Env, Out};

impl Env<'_> {
    pub(super) fn call(&self, call: &Call, range: Range, scope: &Rc<Scope>, out: &mut Out) -> Value {
        if scope.literal {
            self.report(out, range, "Function calls not allowed", "Functions may not be called here.");
            return Value::Unknown;
        }
        match call.name.as_str() {
            "try" => return self.call_try(call, range, scope, out),
            "can" => return self.call_can(call, scope, out),
            "convert" => return self.call_convert(call, scope, out),
            _ => {}
        }
        let Some(function) = functions::find(&call.name) else {
            self.unknown_function(call, out);
            return Value::Unknown;
        };
        let before = out.len();
        let Some((arguments, places)) = self.arguments(call, scope, out) else { return Value::Unknown };
        if !self.check_count(call, function, arguments.len(), &places, out) {
            return Value::Unknown;
        }
        let converted = self.convert_arguments(function, arguments, &places, out);
        if out.len() > before {
            return Value::Unknown;
        }
        self.apply(call, function, converted, &places, range, out)
    }

    fn unknown_function(&self, call: &Call, out: &mut Out) {
        if let Some((space, _)) = call.name.rsplit_once("::") {
            let detail = format!("There are no functions in namespace \"{space}::\".");
            self.report(out, call.name_range, "Call to unknown function", &detail);
            return;
        }
        let hint = did_you_mean(&call.name, functions::names());
        let detail = format!("There is no function named {:?}.{hint}", call.name);
        self.report(out, call.name_range, "Call to unknown function", &detail);
    }

    /// The values of all arguments and where they stand.
    fn arguments<'c>(
        &self,
        call: &'c Call,
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Option<(Vec<Value>, Vec<&'c Expression>)> {
        let mut values = Vec::new();
        let mut places = Vec::new();
        let plain = if call.expand { call.arguments.len().saturating_sub(1) } else { call.arguments.len() };
        let expanded = call.arguments.get(plain);
        let mut list = None;
        if let Some(last) = expanded {
            const SUMMARY: &str = "Invalid expanding argument value";
            let value = self.evaluate(last, scope, out);
            if value.is_null() {
                self.report(
                    out,
                    last.range,
                    SUMMARY,
                    "The expanding argument (indicated by ...) must not be null.",
                );
                return None;
            }
            if value.is_unknown() {
                return None;
            }
            let Some(items) = value.elements() else {
                self.report(
                    out,
                    last.range,
                    SUMMARY,
                    "The expanding argument (indicated by ...) must be of a tuple, list, or set type.",
                );
                return None;
            };
            list = Some((items.to_vec(), last));
        }
        for argument in call.arguments.iter().take(plain) {
            values.push(self.evaluate(argument, scope, out));
            places.push(argument);
        }
        if let Some((items, last)) = list {
            places.extend(items.iter().map(|_| last));
            values.extend(items);
        }
        Some((values, places))
    }

    fn check_count(
        &self,
        call: &Call,
        function: &Function,
        count: usize,
        places: &[&Expression],
        out: &mut Out,
    ) -> bool {
        let wanted = function.parameters.len();
        if let Some(missing) = function.parameters.get(count) {
            let least = if function.variadic.is_some() { " at least" } else { "" };
            let detail = format!(
                "Function {:?} expects{least} {wanted} argument(s). Missing value for {:?}.",
                call.name, missing.name
            );
            self.report(out, call.close, "Not enough function arguments", &detail);
            return false;
        }
        if let (None, Some(extra)) = (&function.variadic, places.get(wanted)) {
            let detail = format!("Function {:?} expects only {wanted} argument(s).", call.name);
            self.report(out, extra.start_range(), "Too many function arguments", &detail);
            return false;
        }
        true
    }

    fn convert_arguments(
        &self,
        function: &Function,
        values: Vec<Value>,
        places: &[&Expression],
        out: &mut Out,
    ) -> Vec<Value> {
        let mut converted = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            let Some(parameter) = function.parameter(index) else { continue };
            let place = places.get(index).map(|place| place.start_range());
            match convert(&value, &parameter.kind()) {
                Ok(value) => converted.push(value),
                Err(why) => {
                    if let Some(place) = place {
                        out.push(self.bad_argument(parameter, &why, place));
                    }
                }
            }
        }
        converted
    }

    fn bad_argument(&self, parameter: &Parameter, why: &str, range: Range) -> Diagnostic {
        let detail = format!("Invalid value for {:?} parameter: {why}.", parameter.name);
        self.error(range, "Invalid function argument", &detail)
    }

    fn apply(
        &self,
        call: &Call,
        function: &Function,
        values: Vec<Value>,
        places: &[&Expression],
        range: Range,
        out: &mut Out,
    ) -> Value {
        let head = call.name_range.to(call.open);
        let place =
            |index: usize| places.get(index).or(places.last()).map_or(head, |place| place.start_range());
        for (index, value) in values.iter().enumerate() {
            let Some(parameter) = function.parameter(index) else { continue };
            if value.is_null() && !parameter.null {
                out.push(self.bad_argument(parameter, "argument must not be null", place(index)));
                return Value::Unknown;
            }
        }
        if !values.iter().all(Value::is_known) {
            return Value::Unknown;
        }
        let cost: usize = values.iter().map(Value::weight).sum();
        if !self.spend(cost.saturating_mul(function.cost), range, out) {
            return Value::Unknown;
        }
        match (function.run)(&values, self.options) {
            Ok(value) => self.sized(value, 1, range, out),
            Err(Failure::Argument(index, why)) => {
                if let Some(parameter) = function.parameter(index) {
                    out.push(self.bad_argument(parameter, &why, place(index)));
                }
                Value::Unknown
            }
            Err(Failure::Call(why)) => {
                let detail = format!("Call to function {:?} failed: {why}.", call.name);
                self.report(out, head, "Error in function call", &detail);
                Value::Unknown
            }
        }
    }

    fn failed(&self, call: &Call, why: &str, out: &mut Out) -> Value {
        let detail = format!("Call to function {:?} failed: {why}.", call.name);
        self.report(out, call.name_range.to(call.open), "Error in function call", &detail);
        Value::Unknown
    }

    /// The first argument that has a value.
    fn call_try(&self, call: &Call, _range: Range, scope: &Rc<Scope>, out: &mut Out) -> Value {
        if call.arguments.is_empty() {
            return self.failed(call, "at least one argument is required", out);
        }
        let mut all = String::new();
        for argument in &call.arguments {
            let mut found = Vec::new();
            let value = self.evaluate(argument, scope, &mut found);
            if found.is_empty() {
                return value;
            }
            for one in found {
                let place = one.subject.as_ref().map(ToString::to_string).unwrap_or_default();
                all.push_str(&format!("\n- {} (at {place})\n  {}", one.summary, one.detail));
            }
        }
        self.failed(
            call,
            &format!(
                "no expression succeeded:{all}\n\nAt least one expression must produce a successful result"
            ),
            out,
        )
    }

    /// Whether the argument has a value.
    fn call_can(&self, call: &Call, scope: &Rc<Scope>, out: &mut Out) -> Value {
        let [argument] = call.arguments.as_slice() else {
            return self.count_error(call, "expression", 1, out);
        };
        let mut found = Vec::new();
        self.evaluate(argument, scope, &mut found);
        Value::Bool(found.is_empty())
    }

    /// The first argument in the type the second one names.
    fn call_convert(&self, call: &Call, scope: &Rc<Scope>, out: &mut Out) -> Value {
        let [value, kind] = call.arguments.as_slice() else {
            let missing = if call.arguments.is_empty() { "value" } else { "type" };
            return self.count_error(call, missing, 2, out);
        };
        let before = out.len();
        let given = self.evaluate(value, scope, out);
        let kind = crate::variables::kind::parse_type(self, kind, true, out);
        let Some(kind) = kind.filter(|_| out.len() == before) else { return Value::Unknown };
        match convert(&given, &kind) {
            Ok(converted) => converted,
            Err(why) => {
                let detail = format!("Invalid value for \"value\" parameter: {why}.");
                self.report(out, value.start_range(), "Invalid function argument", &detail);
                Value::Unknown
            }
        }
    }

    fn count_error(&self, call: &Call, missing: &str, wanted: usize, out: &mut Out) -> Value {
        match call.arguments.get(wanted) {
            Some(extra) => {
                let detail = format!("Function {:?} expects only {wanted} argument(s).", call.name);
                self.report(out, extra.start_range(), "Too many function arguments", &detail);
            }
            None => {
                let detail = format!(
                    "Function {:?} expects {wanted} argument(s). Missing value for {missing:?}.",
                    call.name
                );
                self.report(out, call.close, "Not enough function arguments", &detail);
            }
        }
        Value::Unknown
    }
}
