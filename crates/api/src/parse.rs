//! The parse endpoint of the Jobs page.

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
