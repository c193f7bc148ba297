//! Blocks whose names are free and whose values are texts: `meta`, `env`, `header` and the like.

use std::rc::Rc;

use serde_json::{Map, Value as Json};

use crate::body::{Block, Body, Form};
use crate::eval::scope::Scope;
use crate::eval::{Env, Out};
use crate::schema::{Attribute as Known, Kind};
use crate::syntax::tree::Attribute;

const TEXT: Known = Known { name: "", json: "", kind: Kind::Text, null: false, required: false };
const TEXTS: Known = Known { name: "", json: "", kind: Kind::Texts, null: false, required: false };
const MAP: Known = Known { name: "", json: "", kind: Kind::TextMap, null: true, required: false };

impl Env<'_> {
    /// The attributes of a body as a map of texts, or of lists of texts.
    pub(super) fn decode_map(&self, body: &Body, lists: bool, out: &mut Out) -> Option<Json> {
        let known = if lists { &TEXTS } else { &TEXT };
        let mut map = Map::new();
        let attributes = match &body.form {
            Form::Native(native) => native.attributes.clone(),
            Form::Json(_) => self.just_attributes(body, out),
        };
        for attribute in attributes {
            if let Some(value) = self.decode_attribute(&attribute, known, &body.scope, out) {
                map.insert(attribute.name, value);
            }
        }
        if let Form::Native(native) = &body.form {
            for block in &native.blocks {
                let wanted = if lists { "list of string" } else { "string" };
                let detail = format!("Unsuitable value: {wanted} required, but have tuple");
                self.report(out, block.open, super::attribute::SUMMARY, &detail);
            }
        }
        Some(Json::Object(map))
    }

    /// The same written as an attribute.
    pub(super) fn decode_map_attribute(
        &self,
        attribute: &Attribute,
        blocks: &[&Block],
        scope: &Rc<Scope>,
        out: &mut Out,
    ) -> Option<Json> {
        if let Some(block) = blocks.first() {
            let (kind, place) = (&block.kind, self.subject(attribute.range));
            let detail = format!(
                "{kind} may not be defined more than once. Another definition is defined at {place}."
            );
            self.report(out, block.header, &format!("Duplicate {kind} block"), &detail);
            return None;
        }
        self.decode_attribute(attribute, &MAP, scope, out)
    }
}
