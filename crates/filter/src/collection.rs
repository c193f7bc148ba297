//! `any` and `all`: binding names to each item of a list or map and asking the inner expression.

use crate::datum::{Datum, View};
use crate::error::EvalError;
use crate::evaluate::Evaluation;
use crate::lookup::Found;
use crate::quote::quote;
use crate::syntax::{Binding, Collection};

/// A name bound by a collection.
pub(crate) enum Variable {
    /// Stands for a place in the datum.
    Path(String, Vec<String>),
    /// Stands for a map's key.
    Key(String, String),
    /// Stands for a list's index.
    Index(String, usize),
}

impl Variable {
    pub(crate) fn name(&self) -> &String {
        match self {
            Self::Path(name, _) | Self::Key(name, _) | Self::Index(name, _) => name,
        }
    }
}

impl Evaluation<'_> {
    pub(crate) fn decide_collection(&mut self, collection: &Collection) -> Result<bool, EvalError> {
        let Found::Value(view) = self.find(&collection.selector)? else { return Ok(false) };
        let items = items(&view).ok_or_else(|| EvalError::NotCollection(collection.selector.to_string()))?;
        if let Binding::Both(index, value) = &collection.binding
            && index == value
        {
            return Err(EvalError::SamePlaceholder(quote(index)));
        }
        let bound = self.variables.len();
        for item in &items {
            self.step()?;
            self.bind(collection, item);
            let verdict = self.decide(&collection.inner);
            self.variables.truncate(bound);
            if verdict? != collection.all {
                return Ok(!collection.all);
            }
        }
        Ok(collection.all)
    }

    fn bind(&mut self, collection: &Collection, item: &Item) {
        let place = || {
            let part = match item {
                Item::Key(key) => key.clone(),
                Item::Index(index) => index.to_string(),
            };
            collection.selector.path.iter().cloned().chain([part]).collect()
        };
        let leaf = |name: &String| match item {
            Item::Key(key) => Variable::Key(name.clone(), key.clone()),
            Item::Index(index) => Variable::Index(name.clone(), *index),
        };
        match &collection.binding {
            Binding::Default(name) if matches!(item, Item::Key(_)) => self.variables.push(leaf(name)),
            Binding::Default(name) | Binding::Value(name) => {
                self.variables.push(Variable::Path(name.clone(), place()));
            }
            Binding::Index(name) => self.variables.push(leaf(name)),
            Binding::Both(index, value) => {
                self.variables.push(leaf(index));
                self.variables.push(Variable::Path(value.clone(), place()));
            }
        }
    }
}

/// What tells an item from its neighbours.
enum Item {
    Key(String),
    Index(usize),
}

fn items(view: &View<'_>) -> Option<Vec<Item>> {
    let length = match view.datum() {
        Datum::Map(_) => return Some(view.keys().into_iter().map(Item::Key).collect()),
        Datum::Bytes(length) | Datum::Array(length) => length,
        Datum::List(length) => length.unwrap_or_default(),
        _ => return None,
    };
    Some((0..length).map(Item::Index).collect())
}
