//! What a job file may cost. Everything past these is refused with a text that says so.

/// The longest text, in bytes, of a job file or of variable values.
pub const MAX_TEXT: usize = 1024 * 1024;
/// How deep blocks, brackets, templates and operators may stand inside one another.
pub const MAX_NESTING: usize = 64;
/// How deep a value may be nested.
pub(crate) const MAX_VALUE_DEPTH: usize = 100;
/// The size of one value: one for each element, and one for each eight bytes of text.
pub(crate) const MAX_VALUE_WEIGHT: usize = 1_000_000;
/// The work of one parse, in visited elements.
pub(crate) const MAX_WORK: usize = 20_000_000;
/// How many blocks all `dynamic` blocks together may make.
pub(crate) const MAX_BLOCKS: usize = 20_000;
/// How many diagnostics are kept.
pub(crate) const MAX_DIAGNOSTICS: usize = 1_000;
/// The largest cost that `bcrypt` is allowed; each step doubles its time.
pub(crate) const MAX_BCRYPT_COST: u32 = 14;
