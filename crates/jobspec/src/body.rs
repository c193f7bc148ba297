//! Bodies as the decoder sees them: the attributes and blocks a schema asks for, whatever form they were written in,
//! with `dynamic` blocks replaced by what they make.

mod dynamic;
mod json;

use std::rc::Rc;

use crate::eval::scope::Scope;
use crate::eval::{Env, Out};
use crate::position::Range;
use crate::suggest::closest;
use crate::syntax::json::Node as JsonNode;
use crate::syntax::tree::{Attribute, Body as NativeBody};

/// A body and the names that can be used in it.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) form: Form,
    pub(crate) scope: Rc<Scope>,
}

#[derive(Debug, Clone)]
pub(crate) enum Form {
    Native(Rc<NativeBody>),
    Json(Rc<JsonNode>),
}

#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) kind: String,
    pub(crate) kind_range: Range,
    pub(crate) labels: Vec<(String, Range)>,
    /// The block's kind and labels.
    pub(crate) header: Range,
    pub(crate) open: Range,
    pub(crate) body: Body,
}

/// What a body may have.
pub(crate) struct Shape<'s> {
    /// Names of attributes, sorted, and whether they must be there.
    pub(crate) attributes: Vec<(&'s str, bool)>,
    /// Kinds of blocks, sorted, and what their labels are called.
    pub(crate) blocks: Vec<(&'s str, Vec<&'s str>)>,
    /// Whether `dynamic` blocks are replaced.
    pub(crate) dynamic: bool,
    /// Names that are known and yet never suggested for misspelled ones.
    pub(crate) quiet: Vec<&'s str>,
}

#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) blocks: Vec<Block>,
}

impl Shape<'_> {
    fn labels(&self, kind: &str) -> Option<&[&str]> {
        self.blocks.iter().find(|(name, _)| *name == kind).map(|(_, labels)| labels.as_slice())
    }

    /// Attributes to suggest for misspelled ones.
    fn attribute_hints(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|(name, _)| *name).filter(|name| self.labels(name).is_none())
    }

    /// Blocks to suggest for misspelled ones.
    fn block_hints(&self) -> impl Iterator<Item = &str> {
        let known = self.blocks.iter().map(|(name, _)| *name).filter(|name| !self.quiet.contains(name));
        known.chain(self.dynamic.then_some("dynamic"))
    }

    fn has_attribute(&self, name: &str) -> bool {
        self.attributes.iter().any(|(known, _)| *known == name)
    }
}

impl Body {
    /// Where diagnostics about missing things point.
    pub(crate) fn missing_range(&self) -> Range {
        match &self.form {
            Form::Native(body) => body.range.at_start(),
            Form::Json(node) => node.range.at_start(),
        }
    }
}

impl Env<'_> {
    /// What the body has of the shape; everything else is reported.
    pub(crate) fn content(&self, body: &Body, shape: &Shape<'_>, out: &mut Out) -> Content {
        match &body.form {
            Form::Native(native) => self.native_content(native, body, shape, out),
            Form::Json(node) => self.json_content(node, body, shape, out),
        }
    }

    fn native_content(&self, native: &NativeBody, body: &Body, shape: &Shape<'_>, out: &mut Out) -> Content {
        let mut content = Content::default();
        for (name, required) in &shape.attributes {
            let found = native.attributes.iter().any(|attribute| attribute.name == *name);
            if *required && !found {
                self.missing_argument(name, body.missing_range(), out);
            }
        }
        for block in &native.blocks {
            let labels = block.labels.clone();
            let header = labels.last().map_or(block.kind_range, |(_, range)| block.kind_range.to(*range));
            let inner = Body { form: Form::Native(block.body.clone()), scope: body.scope.clone() };
            let (kind, kind_range, open) = (block.kind.clone(), block.kind_range, block.open);
            let block = Block { kind, kind_range, labels, header, open, body: inner };
            if shape.dynamic && block.kind == "dynamic" {
                self.expand(&block, shape, &mut content.blocks, out);
            } else if let Some(labels) = shape.labels(&block.kind)
                && self.check_labels(&block, labels, out)
            {
                content.blocks.push(block);
            }
        }
        for attribute in &native.attributes {
            if shape.has_attribute(&attribute.name) {
                content.attributes.push(attribute.clone());
            } else {
                self.unknown_attribute(attribute, shape, out);
            }
        }
        for block in &native.blocks {
            let known = shape.labels(&block.kind).is_some() || (shape.dynamic && block.kind == "dynamic");
            if !known {
                self.unknown_block(&block.kind, block.kind_range, shape, out);
            }
        }
        content
    }

    pub(crate) fn missing_argument(&self, name: &str, range: Range, out: &mut Out) {
        let detail = format!("The argument {name:?} is required, but no definition was found.");
        self.report(out, range, "Missing required argument", &detail);
    }

    /// Whether the block has the labels it should have.
    fn check_labels(&self, block: &Block, names: &[&str], out: &mut Out) -> bool {
        let kind = &block.kind;
        if let Some(name) = names.get(block.labels.len()) {
            let detail =
                format!("All {kind} blocks must have {} labels ({}).", names.len(), names.join(", "));
            self.report(out, block.open, &format!("Missing {name} for {kind}"), &detail);
            return false;
        }
        let Some((_, extra)) = block.labels.get(names.len()) else { return true };
        let detail = match names {
            [] => format!("No labels are expected for {kind} blocks."),
            names => {
                format!("Only {} labels ({}) are expected for {kind} blocks.", names.len(), names.join(", "))
            }
        };
        self.report(out, *extra, &format!("Extraneous label for {kind}"), &detail);
        false
    }

    fn unknown_attribute(&self, attribute: &Attribute, shape: &Shape<'_>, out: &mut Out) {
        let name = &attribute.name;
        let hint = if shape.labels(name).is_some() {
            format!(" Did you mean to define a block of type {name:?}?")
        } else {
            crate::suggest::did_you_mean(name, shape.attribute_hints())
        };
        let detail = format!("An argument named {name:?} is not expected here.{hint}");
        self.report(out, attribute.name_range, "Unsupported argument", &detail);
    }

    fn unknown_block(&self, kind: &str, range: Range, shape: &Shape<'_>, out: &mut Out) {
        let hint = if shape.has_attribute(kind) {
            format!(
                " Did you mean to define argument {kind:?}? If so, use the equals sign to assign it a value."
            )
        } else {
            crate::suggest::did_you_mean(kind, shape.block_hints())
        };
        let detail = format!("Blocks of type {kind:?} are not expected here.{hint}");
        self.report(out, range, "Unsupported block type", &detail);
    }

    /// All attributes of a body that may have any, but no blocks.
    pub(crate) fn just_attributes(&self, body: &Body, out: &mut Out) -> Vec<Attribute> {
        match &body.form {
            Form::Native(native) => {
                if let Some(block) = native.blocks.first() {
                    let summary = format!("Unexpected {:?} block", block.kind);
                    self.report(out, block.kind_range, &summary, "Blocks are not allowed here.");
                }
                native.attributes.clone()
            }
            Form::Json(node) => self.json_attributes(node, body, out),
        }
    }
}

/// ` Did you mean "x"?` among names of both sorts.
fn hint_any(given: &str, shape: &Shape<'_>) -> String {
    let mut names: Vec<&str> = shape.attributes.iter().map(|(name, _)| *name).collect();
    names.extend(shape.blocks.iter().map(|(name, _)| *name));
    names.sort_unstable();
    closest(given, names).map(|name| format!(" Did you mean {name:?}?")).unwrap_or_default()
}
