//! Names and their values.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::value::Value;

#[derive(Debug)]
pub(crate) struct Scope {
    names: BTreeMap<String, Value>,
    parent: Option<Rc<Scope>>,
    /// Neither names nor functions: values must be literal here.
    pub(crate) literal: bool,
}

impl Scope {
    /// Where only literal values may stand.
    pub(crate) fn literal() -> Rc<Self> {
        Rc::new(Self { names: BTreeMap::new(), parent: None, literal: true })
    }

    pub(crate) fn root(names: BTreeMap<String, Value>) -> Rc<Self> {
        Rc::new(Self { names, parent: None, literal: false })
    }

    pub(crate) fn child(self: &Rc<Self>, names: impl IntoIterator<Item = (String, Value)>) -> Rc<Self> {
        let names = names.into_iter().collect();
        Rc::new(Self { names, parent: Some(self.clone()), literal: self.literal })
    }

    pub(crate) fn find(&self, name: &str) -> Option<Value> {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some(value) = here.names.get(name) {
                return Some(value.clone());
            }
            scope = here.parent.as_deref();
        }
        None
    }
}
