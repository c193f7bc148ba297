//! Variables and locals: what a job file can refer to as `var.x` and `local.x`.

mod declaration;
mod given;
pub(crate) mod kind;
mod locals;
mod validation;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::body::{Block, Shape};
use crate::diagnostic::Diagnostic;
use crate::eval::scope::Scope;
use crate::eval::{Env, Out};
use crate::value::Value;
use declaration::Declaration;
pub(crate) use given::values_body;

/// The top of a job file: the shape of its blocks.
pub(crate) fn top_shape() -> Shape<'static> {
    Shape {
        attributes: Vec::new(),
        blocks: vec![
            ("job", vec!["name"]),
            ("locals", Vec::new()),
            ("variable", vec!["name"]),
            ("variables", Vec::new()),
        ],
        dynamic: false,
        quiet: Vec::new(),
    }
}

fn object(values: &BTreeMap<String, Value>) -> Value {
    Value::names(values.clone())
}

impl Env<'_> {
    /// The names a job can use, or None when something about them is wrong.
    pub(crate) fn names(&self, blocks: &[Block], out: &mut Out) -> Option<Rc<Scope>> {
        let mut declarations: BTreeMap<String, Declaration> = BTreeMap::new();
        for block in blocks {
            match block.kind.as_str() {
                "variable" => self.declare(block, &mut declarations, out),
                "variables" => self.declare_all(block, &mut declarations, out),
                _ => {}
            }
        }
        let locals = self.collect_locals(blocks, out);
        if !out.is_empty() {
            return None;
        }
        self.take_given(&mut declarations, out);
        let mut variables = BTreeMap::new();
        for (name, declaration) in &declarations {
            let Some((value, origin)) = declaration.winner() else {
                let summary = format!("Unset variable {name:?}");
                let detail = "A used variable must be set or have a default value; see https://developer.hashicorp.com/nomad/docs/reference/hcl2/variables  for details.";
                out.push(Diagnostic::error(None, &summary, detail));
                continue;
            };
            if value.is_unknown() {
                continue;
            }
            self.validate(name, declaration, value, origin, out);
            variables.insert(name.clone(), value.clone());
        }
        if !out.is_empty() {
            return None;
        }
        let variables = object(&variables);
        let locals = self.evaluate_locals(&locals, &variables, out)?;
        let names = [("var".to_owned(), variables), ("local".to_owned(), object(&locals))];
        Some(Scope::root(names.into()))
    }
}
