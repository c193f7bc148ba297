//! Job files: HCL2 (or HCL's form of JSON) in, the JSON of the jobs API out.
//!
//! [`parse`] reads a job file as `POST /v1/jobs/parse` does, in four steps: text to tree (`syntax`), variables and locals
//! (`variables`), expressions to values (`eval`, `functions`), and blocks to JSON by a table that describes the job
//! specification (`schema`, `decode`). [`canonicalize`] fills in what clients fill in before they register a job, and
//! [`layout`] writes a text as it is usually written.
//!
//! [`node_pool`] reads the file of a node pool with the same reader.
//!
//! Mistakes are answered with [`Diagnostics`] in the words users know. Text, nesting, work and results are limited, and
//! nothing in here panics on any text. The crate reads no file, no clock and no environment: see [`Options`].

mod body;
mod canonical;
mod decode;
mod diagnostic;
mod eval;
mod functions;
mod layout;
mod limits;
mod node_pool;
mod number;
mod options;
mod parse;
mod position;
mod schema;
mod suggest;
mod syntax;
mod value;
mod variables;

pub use canonical::canonicalize;
pub use diagnostic::{Diagnostic, Diagnostics, Severity, Subject};
pub use layout::layout;
pub use limits::{MAX_NESTING, MAX_TEXT};
pub use node_pool::node_pool;
pub use options::{FileError, Files, Given, Options};
pub use parse::parse;
pub use position::Position;
