//! `locals` blocks. Locals may refer to one another in any order.

use std::collections::BTreeMap;

use crate::body::Block;
use crate::eval::scope::Scope;
use crate::eval::{Env, Out};
use crate::syntax::tree::Attribute;
use crate::value::Value;

impl Env<'_> {
    pub(super) fn collect_locals(&self, blocks: &[Block], out: &mut Out) -> Vec<Attribute> {
        let mut locals: Vec<Attribute> = Vec::new();
        for block in blocks.iter().filter(|block| block.kind == "locals") {
            for attribute in self.just_attributes(&block.body, out) {
                locals.retain(|known| known.name != attribute.name);
                locals.push(attribute);
            }
        }
        locals
    }

    /// Evaluates what can be evaluated until nothing is left, or until nothing more can be: what is wrong with the
    /// first of the others is the error then.
    pub(super) fn evaluate_locals(
        &self,
        locals: &[Attribute],
        variables: &Value,
        out: &mut Out,
    ) -> Option<BTreeMap<String, Value>> {
        let mut values: BTreeMap<String, Value> = BTreeMap::new();
        let mut open: Vec<&Attribute> = locals.iter().collect();
        while !open.is_empty() {
            let mut failed = Vec::new();
            let mut first_error = None;
            let before = open.len();
            for attribute in open {
                let local = super::object(&values);
                let names = [("var".to_owned(), variables.clone()), ("local".to_owned(), local)];
                let mut found = Vec::new();
                // Each local sees all earlier ones, which costs as much as there are of them.
                if !self.spend(values.len(), attribute.range, out) {
                    return None;
                }
                let value = self.evaluate(&attribute.value, &Scope::root(names.into()), &mut found);
                if found.is_empty() && value.is_known() {
                    values.insert(attribute.name.clone(), value);
                } else {
                    if self.is_exhausted() {
                        out.extend(found);
                        return None;
                    }
                    failed.push(attribute);
                    first_error.get_or_insert(found);
                }
            }
            if failed.len() == before {
                out.extend(first_error.unwrap_or_default());
                return None;
            }
            open = failed;
        }
        Some(values)
    }
}
