//! Values as differences show them: every one a text, maps and lists flattened into names with brackets.

use std::collections::BTreeMap;

use serde_json::Value;

use super::noun::Noun;

/// Texts of an object by name.
#[derive(Debug, Default)]
pub(super) struct Texts(pub(super) BTreeMap<String, String>);

impl Texts {
    /// The fields of a noun; an object that is not there has none.
    pub(super) fn of(noun: &Noun, value: Option<&Value>) -> Self {
        let mut texts = Texts::default();
        let Some(value) = value else { return texts };
        for (member, name) in noun.fields {
            texts.0.insert((*name).to_owned(), plain(value.get(member)));
        }
        for (member, name) in noun.pointers {
            let text = value.get(member).filter(|value| !value.is_null());
            texts
                .0
                .insert((*name).to_owned(), text.map_or_else(|| "nil".to_owned(), |text| plain(Some(text))));
        }
        for member in noun.maps {
            let map = value.get(member).and_then(Value::as_object);
            for (key, value) in map.into_iter().flatten() {
                texts.0.insert(format!("{member}[{key}]"), plain(Some(value)));
            }
        }
        texts
    }

    /// What a user wrote as it pleased him.
    pub(super) fn free(value: Option<&Value>) -> Self {
        let mut texts = Texts::default();
        for (key, value) in value.and_then(Value::as_object).into_iter().flatten() {
            texts.flatten(key.clone(), value);
        }
        texts
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn flatten(&mut self, name: String, value: &Value) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    self.flatten(format!("{name}[{key}]"), value);
                }
            }
            Value::Array(items) => {
                for (number, value) in items.iter().enumerate() {
                    self.flatten(format!("{name}[{number}]"), value);
                }
            }
            Value::Null => {
                self.0.insert(name, "nil".to_owned());
            }
            value => {
                self.0.insert(name, free_text(value));
            }
        }
    }
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| plain(Some(item))).collect::<Vec<_>>().join(","),
        Some(value) => value.to_string(),
    }
}

/// Numbers that users write are floats there.
fn free_text(value: &Value) -> String {
    value.as_f64().map_or_else(|| plain(Some(value)), crate::number::shown)
}
