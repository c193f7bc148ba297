//! Executing the tree of a template on a value.

use super::TemplateError;
use super::function::{call, text, truth};
use super::parse::{Base, Kind, Node, Operand, Pipe};
use serde_json::Value;

/// Text longer than this is refused, in bytes: nested ranges multiply.
const OUTPUT_MOST: usize = 256 * 1024 * 1024;

/// The text of a template. `name` is what the original calls the type of the data; empty where nobody knows.
pub(super) fn run(nodes: &[Node], data: &Value, name: &str) -> Result<String, TemplateError> {
    let mut state = State { out: String::new(), variables: vec![("$".to_owned(), data.clone())] };
    state.list(nodes, Dot { value: data, name })?;
    Ok(state.out)
}

/// What `.` is.
#[derive(Clone, Copy)]
struct Dot<'a> {
    value: &'a Value,
    /// Its type in the original, for messages; empty where nobody knows.
    name: &'a str,
}

impl<'a> Dot<'a> {
    /// Its type, if a pipeline is nothing but `.`.
    fn name_of(self, pipe: &Pipe) -> &'a str {
        let same = matches!(pipe.as_slice(), [command] if matches!(
            command.as_slice(),
            [Operand { base: Base::Dot, fields, .. }] if fields.is_empty()
        ));
        if same { self.name } else { "" }
    }
}

struct State {
    out: String,
    /// The innermost last.
    variables: Vec<(String, Value)>,
}

impl State {
    fn list(&mut self, nodes: &[Node], dot: Dot<'_>) -> Result<(), TemplateError> {
        for node in nodes {
            match node {
                Node::Text(text) => self.out.push_str(text),
                Node::Print(pipe) => {
                    let value = self.pipe(pipe, dot)?;
                    self.out.push_str(&text(&value));
                }
                Node::Set { name, declare, pipe } => {
                    let value = self.pipe(pipe, dot)?;
                    self.set(name, value, *declare)?;
                }
                Node::Block { kind, names, pipe, body, otherwise } => {
                    let value = self.pipe(pipe, dot)?;
                    let depth = self.variables.len();
                    match kind {
                        Kind::Range => self.range(names, (value, dot.name_of(pipe)), body, otherwise, dot)?,
                        Kind::If | Kind::With => {
                            self.bind(names, &[&value]);
                            let own = Dot { value: &value, name: dot.name_of(pipe) };
                            let inner = if *kind == Kind::With { own } else { dot };
                            if truth(&value) {
                                self.list(body, inner)?;
                            } else {
                                self.list(otherwise, dot)?;
                            }
                        }
                    }
                    self.variables.truncate(depth);
                }
            }
            if self.out.len() > OUTPUT_MOST {
                return Err(execution("range", "the output is too large"));
            }
        }
        Ok(())
    }

    fn range(
        &mut self,
        names: &[String],
        (value, name): (Value, &str),
        body: &[Node],
        otherwise: &[Node],
        dot: Dot<'_>,
    ) -> Result<(), TemplateError> {
        let items: Vec<(Value, Value)> = match value {
            Value::Array(items) => {
                items.into_iter().enumerate().map(|(at, item)| (at.into(), item)).collect()
            }
            Value::Object(map) => map.into_iter().map(|(key, item)| (Value::String(key), item)).collect(),
            Value::Null => Vec::new(),
            other => {
                return Err(execution("range", &format!("range can't iterate over {}", text(&other))));
            }
        };
        if items.is_empty() {
            return self.list(otherwise, dot);
        }
        let depth = self.variables.len();
        for (at, item) in &items {
            match names.len() {
                2 => self.bind(names, &[at, item]),
                _ => self.bind(names, &[item]),
            }
            self.list(body, Dot { value: item, name: name.strip_prefix("[]").unwrap_or("") })?;
            self.variables.truncate(depth);
        }
        Ok(())
    }

    fn bind(&mut self, names: &[String], values: &[&Value]) {
        for (name, value) in names.iter().zip(values) {
            self.variables.push((name.clone(), (*value).clone()));
        }
    }

    fn set(&mut self, name: &str, value: Value, declare: bool) -> Result<(), TemplateError> {
        if declare {
            self.variables.push((name.to_owned(), value));
            return Ok(());
        }
        let known = self.variables.iter_mut().rev().find(|(known, _)| known == name);
        match known {
            Some(variable) => {
                variable.1 = value;
                Ok(())
            }
            None => Err(execution(name, "undefined variable")),
        }
    }

    fn pipe(&self, pipe: &Pipe, dot: Dot<'_>) -> Result<Value, TemplateError> {
        let mut last = None;
        for command in pipe {
            last = Some(self.command(command, dot, last)?);
        }
        Ok(last.unwrap_or(Value::Null))
    }

    fn command(
        &self,
        command: &[Operand],
        dot: Dot<'_>,
        piped: Option<Value>,
    ) -> Result<Value, TemplateError> {
        let Some((first, rest)) = command.split_first() else {
            return Ok(Value::Null);
        };
        let Base::Function(name) = &first.base else {
            if !rest.is_empty() || piped.is_some() {
                return Err(execution(&shown(first), "can't give argument to non-function"));
            }
            return self.operand(first, dot);
        };
        let mut arguments = Vec::with_capacity(rest.len() + 1);
        for operand in rest {
            arguments.push(self.operand(operand, dot)?);
        }
        arguments.extend(piped);
        call(name, &arguments).map_err(|problem| execution(name, &format!("error calling {name}: {problem}")))
    }

    fn operand(&self, operand: &Operand, dot: Dot<'_>) -> Result<Value, TemplateError> {
        let mut value = match &operand.base {
            Base::Dot => dot.value.clone(),
            Base::Value(value) => value.clone(),
            Base::Pipe(pipe) => self.pipe(pipe, dot)?,
            Base::Function(_) => self.command(std::slice::from_ref(operand), dot, None)?,
            Base::Variable(name) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                let (_, value) = known.ok_or_else(|| execution(name, "undefined variable"))?;
                value.clone()
            }
        };
        let mut name = if matches!(operand.base, Base::Dot) { dot.name } else { "" };
        for field in &operand.fields {
            let problem = |of: &str| {
                let of = if name.is_empty() { of.to_owned() } else { format!(" in type {name}") };
                TemplateError::Execution {
                    at: shown(operand),
                    problem: format!("can't evaluate field {field}{of}"),
                    offset: operand.offset,
                }
            };
            value = match value {
                Value::Object(mut map) => map.remove(field).ok_or_else(|| problem(""))?,
                Value::Array(_) => return Err(problem(" in a list")),
                Value::Null => return Err(problem(" of nothing")),
                _ => return Err(problem(" in a value")),
            };
            name = "";
        }
        Ok(value)
    }
}

fn shown(operand: &Operand) -> String {
    let base = match &operand.base {
        Base::Variable(name) | Base::Function(name) => name.as_str(),
        Base::Pipe(_) => "(…)",
        Base::Value(_) => "value",
        Base::Dot if operand.fields.is_empty() => ".",
        Base::Dot => "",
    };
    let fields: String = operand.fields.iter().map(|field| format!(".{field}")).collect();
    format!("{base}{fields}")
}

fn execution(at: &str, problem: &str) -> TemplateError {
    TemplateError::Execution { at: at.to_owned(), problem: problem.to_owned(), offset: None }
}
