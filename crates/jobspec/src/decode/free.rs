//! Blocks that may hold anything, such as the configuration of a task's driver.
//!
//! A block inside of one becomes a list of maps, one layer for each label; so does an object that is written out as the
//! value of an attribute, because drivers read both alike.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::body::{Body, Form};
use crate::diagnostic::collapse;
use crate::eval::{Env, Out};
use crate::syntax::tree::{Block, Body as NativeBody, Kind};
use crate::value::json::to_json;

use super::attribute::UNKNOWN;

impl Env<'_> {
    /// The body as JSON. What is wrong in it is counted together.
    pub(super) fn decode_free(&self, body: &Body, out: &mut Out) -> Json {
        let mut found = Vec::new();
        let json = match &body.form {
            Form::Native(native) => self.free_native(native, body, &mut found),
            Form::Json(_) => {
                let mut object = Map::new();
                for attribute in self.just_attributes(body, &mut found) {
                    self.free_attribute(&attribute, body, &mut object, &mut found);
                }
                Json::Object(object)
            }
        };
        collapse(&mut found);
        out.extend(found);
        json
    }

    fn free_attribute(
        &self,
        attribute: &crate::syntax::tree::Attribute,
        body: &Body,
        object: &mut Map<String, Json>,
        out: &mut Out,
    ) {
        let value = self.evaluate(&attribute.value, &body.scope, out);
        let json = if value.is_known() { to_json(&value) } else { None };
        let Some(json) = json else {
            let why = if value.is_known() { "value must be a finite number" } else { UNKNOWN };
            self.unsuitable(&attribute.value, why, out);
            return;
        };
        let literal = matches!(attribute.value.kind, Kind::Object { .. });
        match json {
            Json::Null => {}
            json if literal => {
                object.insert(attribute.name.clone(), Json::Array(vec![json]));
            }
            json => {
                object.insert(attribute.name.clone(), json);
            }
        }
    }

    fn free_native(&self, native: &NativeBody, body: &Body, out: &mut Out) -> Json {
        let mut object = Map::new();
        for attribute in &native.attributes {
            self.free_attribute(attribute, body, &mut object, out);
        }
        let mut kinds: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
        for block in &native.blocks {
            let json = self.free_block(block, body, out);
            kinds.entry(&block.kind).or_default().push(json);
        }
        for (kind, list) in kinds {
            object.insert(kind.to_owned(), Json::Array(list));
        }
        Json::Object(object)
    }

    fn free_block(&self, block: &Block, body: &Body, out: &mut Out) -> Json {
        let mut json = self.free_native(&block.body, body, out);
        for (label, _) in block.labels.iter().rev() {
            let layer = Map::from_iter([(label.clone(), Json::Array(vec![json]))]);
            json = Json::Object(layer);
        }
        json
    }
}
