//! The parse endpoint of the Jobs page.

use model::described::{Book, Described};
use serde_json::{Value, json};

use crate::job::Job;
use crate::job::block::{Migrate, Reschedule};
use crate::shape::shape;

shape! {
    /// Body of a parse. `hclv1` is taken and means nothing: one parser reads both.
    ParseRequest {
        "Canonicalize" canonicalize: bool,
        "JobHCL" job_hcl: String,
        "Variables" variables: String,
        "hclv1" hcl_v1: bool,
    }
}

/// The answer: a job as clients of the original write it, which has blocks that servers do not keep, and lacks those
/// that came with requests of old.
pub struct ParsedJob;

/// What such a job does not have.
const GONE: [&str; 2] = ["ConsulToken", "VaultToken"];

impl Described for ParsedJob {
    fn schema(book: &mut Book) -> Value {
        let path = concat!(module_path!(), "::ParsedJob");
        let job = Job::schema(book);
        let name = job["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let mut schema = book.schemas[name].clone();
        let further = [
            ("Migrate", Option::<Migrate>::schema(book)),
            ("Reschedule", Option::<Reschedule>::schema(book)),
        ];
        if let Some(fields) = schema["properties"].as_object_mut() {
            GONE.iter().for_each(|gone| drop(fields.remove(*gone)));
            fields.extend(further.map(|(name, schema)| (name.to_owned(), schema)));
        }
        if let Some(always) = schema["required"].as_array_mut() {
            always.retain(|name| !GONE.iter().any(|gone| name == gone));
        }
        let name = path.replace("::", ".");
        book.schemas.insert(name.clone(), schema);
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}
