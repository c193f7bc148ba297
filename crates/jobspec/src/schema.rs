//! The job specification as data: which attributes and blocks there are, and how the API calls them.

pub(crate) mod connect;
pub(crate) mod gateway;
pub(crate) mod group;
pub(crate) mod job;
pub(crate) mod network;
pub(crate) mod service;
pub(crate) mod task;

use serde_json::{Map, Value as Json};

/// One kind of block.
pub(crate) struct Schema {
    pub(crate) attributes: &'static [Attribute],
    pub(crate) blocks: &'static [Sub],
    pub(crate) labels: &'static [Label],
    /// Members that no attribute sets.
    pub(crate) constants: &'static [(&'static str, Constant)],
    /// What is still to do when everything is there.
    pub(crate) finish: fn(&mut Map<String, Json>),
}

pub(crate) const EMPTY: Schema =
    Schema { attributes: &[], blocks: &[], labels: &[], constants: &[], finish: nothing };

pub(crate) fn nothing(_: &mut Map<String, Json>) {}

pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) json: &'static str,
    pub(crate) kind: Kind,
    /// May be left out or null, and is null then; otherwise it is empty, zero or false.
    pub(crate) null: bool,
    pub(crate) required: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Flag,
    /// A whole number with a sign, of so many bits.
    Signed(u32),
    /// A whole number without a sign, of so many bits.
    Unsigned(u32),
    /// A text such as `1m30s` or a number of nanoseconds.
    Duration,
    Texts,
    /// A list of numbers of 16 bits.
    Ports,
    TextMap,
}

pub(crate) struct Label {
    /// What diagnostics call it; may be empty.
    pub(crate) name: &'static str,
    pub(crate) json: &'static str,
}

#[derive(Clone, Copy)]
pub(crate) enum Constant {
    Null,
    Zero,
    False,
    Empty,
}

/// A block inside of a block.
pub(crate) struct Sub {
    pub(crate) name: &'static str,
    pub(crate) json: &'static str,
    pub(crate) form: Form,
}

#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// At most one.
    One(&'static Schema),
    /// At most one; of several the last counts, and what is wrong in it is not said.
    Lenient(&'static Schema),
    /// At most one, in the words of another decoder.
    Single(&'static Schema),
    Many(&'static Schema),
    /// Many, by their label.
    Keyed(&'static Schema),
    /// One block of any names with texts.
    TextMap,
    /// The same, which may be an attribute as well.
    TextMapOrAttribute,
    /// One block of any names with lists of texts.
    TextsMap,
    /// Anything at all.
    Free,
    Constraint,
    Affinity,
    /// The scaling policy of a group.
    GroupScaling,
    /// The scaling policies of a task.
    TaskScaling,
}

const fn attribute(name: &'static str, json: &'static str, kind: Kind) -> Attribute {
    Attribute { name, json, kind, null: false, required: false }
}

impl Attribute {
    /// May be null.
    pub(crate) const fn null(self) -> Self {
        Self { null: true, ..self }
    }

    /// Must be there.
    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

pub(crate) const fn text(name: &'static str, json: &'static str) -> Attribute {
    attribute(name, json, Kind::Text)
}

pub(crate) const fn flag(name: &'static str, json: &'static str) -> Attribute {
    attribute(name, json, Kind::Flag)
}

pub(crate) const fn int(name: &'static str, json: &'static str) -> Attribute {
    attribute(name, json, Kind::Signed(64))
}

pub(crate) const fn unsigned(name: &'static str, json: &'static str, bits: u32) -> Attribute {
    attribute(name, json, Kind::Unsigned(bits))
}

pub(crate) const fn duration(name: &'static str, json: &'static str) -> Attribute {
    attribute(name, json, Kind::Duration)
}

pub(crate) const fn texts(name: &'static str, json: &'static str) -> Attribute {
    attribute(name, json, Kind::Texts).null()
}

pub(crate) const fn sub(name: &'static str, json: &'static str, form: Form) -> Sub {
    Sub { name, json, form }
}
