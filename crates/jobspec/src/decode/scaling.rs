//! Scaling policies: one of a group, and those of a task for its processor and its memory.

use serde_json::Value as Json;

use crate::body::{Block, Shape};
use crate::eval::{Env, Out};
use crate::schema::group::SCALING;

impl Env<'_> {
    /// Where the type of a policy is set.
    fn type_range(&self, block: &Block) -> crate::position::Range {
        let shape = Shape {
            attributes: vec![("type", false)],
            blocks: Vec::new(),
            dynamic: false,
            quiet: Vec::new(),
        };
        let content = self.content(&block.body, &shape, &mut Vec::new());
        content.attributes.first().map_or(block.header, |attribute| attribute.value.range)
    }

    pub(super) fn decode_group_scaling(&self, block: &Block, out: &mut Out) -> Option<Json> {
        let mut object = self.decode_block(block, &SCALING, out);
        match object.get("Type").and_then(Json::as_str) {
            Some("" | "horizontal") => {}
            other => {
                let detail =
                    format!("task group scaling policy had invalid type: {:?}", other.unwrap_or_default());
                self.report(out, self.type_range(block), "Invalid group scaling type", &detail);
                return None;
            }
        }
        object.insert("Type".to_owned(), "horizontal".into());
        Some(Json::Object(object))
    }

    pub(super) fn decode_task_scaling(&self, blocks: &[&Block], out: &mut Out) -> Option<Json> {
        let mut seen: Vec<(String, &Block)> = Vec::new();
        let mut policies = Vec::new();
        for block in blocks {
            let (label, range) = block.labels.first().cloned()?;
            let name = label.to_lowercase();
            let kind = match name.as_str() {
                "cpu" => "vertical_cpu",
                "mem" => "vertical_mem",
                _ => {
                    self.report(
                        out,
                        range,
                        "Invalid scaling policy name",
                        "scaling policy name must be \"cpu\" or \"mem\"",
                    );
                    continue;
                }
            };
            if let Some((_, earlier)) = seen.iter().find(|(known, _)| *known == name) {
                let place = self.subject(earlier.header);
                let detail =
                    format!("Only one scaling {name} block is allowed. Another was defined at {place}.");
                self.report(out, block.header, &format!("Duplicate scaling {name:?} block"), &detail);
                continue;
            }
            seen.push((name, block));
            let mut object = self.decode_block(block, &SCALING, out);
            let given = object.get("Type").and_then(Json::as_str).unwrap_or_default();
            if !given.is_empty() && given != kind {
                let detail = format!("Invalid policy type, expected {given:?} but found {kind:?}");
                self.report(out, block.header, "Invalid scaling policy type", &detail);
                continue;
            }
            object.insert("Type".to_owned(), kind.into());
            policies.push(Json::Object(object));
        }
        Some(Json::Array(policies))
    }
}
