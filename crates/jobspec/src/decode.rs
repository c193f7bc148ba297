//! From bodies to the JSON of the API, as the schema says.

mod attribute;
mod constraint;
pub(crate) mod duration;
pub(crate) mod finish;
mod free;
mod map;
mod scaling;

use serde_json::{Map, Value as Json};

use crate::body::{Block, Body, Content, Shape};
use crate::eval::{Env, Out};
use crate::schema::{Constant, Form, Kind, Schema, Sub};

pub(crate) type Object = Map<String, Json>;

/// An object of the schema with nothing in it.
pub(crate) fn empty_object(schema: &Schema) -> Object {
    let mut object = Map::new();
    for attribute in schema.attributes {
        let value = match (attribute.null, attribute.kind) {
            (true, _) | (_, Kind::Texts | Kind::Ports | Kind::TextMap) => Json::Null,
            (_, Kind::Text) => Json::from(""),
            (_, Kind::Flag) => Json::from(false),
            (_, Kind::Signed(_) | Kind::Unsigned(_) | Kind::Duration) => Json::from(0),
        };
        object.insert(attribute.json.to_owned(), value);
    }
    for sub in schema.blocks {
        object.insert(sub.json.to_owned(), Json::Null);
    }
    for label in schema.labels {
        object.insert(label.json.to_owned(), Json::from(""));
    }
    for (name, constant) in schema.constants {
        let value = match constant {
            Constant::Null => Json::Null,
            Constant::Zero => Json::from(0),
            Constant::False => Json::from(false),
            Constant::Empty => Json::from(""),
        };
        object.insert((*name).to_owned(), value);
    }
    object
}

/// What a body of the schema may have.
fn shape_of(schema: &Schema) -> Shape<'static> {
    let mut attributes: Vec<(&'static str, bool)> =
        schema.attributes.iter().map(|attribute| (attribute.name, attribute.required)).collect();
    let mut blocks: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
    let mut quiet = Vec::new();
    for sub in schema.blocks {
        // The original reads these before it looks at the rest of a block.
        if matches!(sub.form, Form::Single(_) | Form::Lenient(_) | Form::TaskScaling) || sub.json == "task" {
            quiet.push(sub.name);
        }
        let labels = match sub.form {
            Form::One(schema)
            | Form::Lenient(schema)
            | Form::Single(schema)
            | Form::Many(schema)
            | Form::Keyed(schema) => schema.labels.iter().map(|label| label.name).collect(),
            Form::TaskScaling => vec!["name"],
            _ => Vec::new(),
        };
        blocks.push((sub.name, labels));
        if matches!(sub.form, Form::TextMapOrAttribute) {
            attributes.push((sub.name, false));
        }
    }
    attributes.sort_unstable();
    blocks.sort_unstable();
    Shape { attributes, blocks, dynamic: true, quiet }
}

impl Env<'_> {
    /// A block of the schema.
    pub(crate) fn decode_block(&self, block: &Block, schema: &Schema, out: &mut Out) -> Object {
        let mut object = empty_object(schema);
        for (label, (text, _)) in schema.labels.iter().zip(&block.labels) {
            object.insert(label.json.to_owned(), Json::from(text.as_str()));
        }
        self.decode_body(&block.body, schema, &mut object, out);
        (schema.finish)(&mut object);
        object
    }

    fn decode_body(&self, body: &Body, schema: &Schema, object: &mut Object, out: &mut Out) {
        let content = self.content(body, &shape_of(schema), out);
        for attribute in &content.attributes {
            let Some(known) = schema.attributes.iter().find(|known| known.name == attribute.name) else {
                continue;
            };
            if let Some(value) = self.decode_attribute(attribute, known, &body.scope, out)
                && !value.is_null()
            {
                object.insert(known.json.to_owned(), value);
            }
        }
        for sub in schema.blocks {
            if let Some(value) = self.decode_sub(sub, &content, body, out) {
                object.insert(sub.json.to_owned(), value);
            }
        }
    }

    fn decode_sub(&self, sub: &Sub, content: &Content, body: &Body, out: &mut Out) -> Option<Json> {
        let blocks: Vec<&Block> = content.blocks.iter().filter(|block| block.kind == sub.name).collect();
        if let Form::TextMapOrAttribute = sub.form {
            let attribute = content.attributes.iter().find(|attribute| attribute.name == sub.name);
            if let Some(attribute) = attribute {
                return self.decode_map_attribute(attribute, &blocks, &body.scope, out);
            }
        }
        if let (Form::Lenient(schema), [.., last]) = (sub.form, blocks.as_slice()) {
            return Some(Json::Object(self.decode_block(last, schema, &mut Vec::new())));
        }
        let first = *blocks.first()?;
        match sub.form {
            Form::Many(schema) => {
                let list = blocks.iter().map(|block| Json::Object(self.decode_block(block, schema, out)));
                return Some(Json::Array(list.collect()));
            }
            Form::Keyed(schema) => {
                let mut keyed = Map::new();
                for block in blocks {
                    let key = block.labels.first().map(|(text, _)| text.clone()).unwrap_or_default();
                    keyed.insert(key, Json::Object(self.decode_block(block, schema, out)));
                }
                return Some(Json::Object(keyed));
            }
            Form::Constraint => {
                let list = blocks.iter().filter_map(|block| self.decode_constraint(block, out));
                return Some(Json::Array(list.collect()));
            }
            Form::Affinity => {
                let list = blocks.iter().filter_map(|block| self.decode_affinity(block, out));
                return Some(Json::Array(list.collect()));
            }
            Form::TaskScaling => return self.decode_task_scaling(&blocks, out),
            _ => {}
        }
        if let Some(second) = blocks.get(1) {
            let (kind, place) = (sub.name, self.subject(first.header));
            let detail = match sub.form {
                Form::Single(_) => {
                    format!("Only one block of type {kind:?} is allowed. Previous definition was at {place}.")
                }
                _ => format!("Only one {kind} block is allowed. Another was defined at {place}."),
            };
            self.report(out, second.header, &format!("Duplicate {kind} block"), &detail);
            return None;
        }
        match sub.form {
            Form::One(schema) | Form::Single(schema) => {
                Some(Json::Object(self.decode_block(first, schema, out)))
            }
            Form::TextMap | Form::TextMapOrAttribute => self.decode_map(&first.body, false, out),
            Form::TextsMap => self.decode_map(&first.body, true, out),
            Form::Free => Some(self.decode_free(&first.body, out)),
            Form::GroupScaling => self.decode_group_scaling(first, out),
            _ => None,
        }
    }
}
