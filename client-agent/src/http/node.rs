//! The node's metadata, set at run time.

use serde::Deserialize;

use super::HttpAnswer;
use crate::context::Context;
use crate::node::{DynamicMeta, MetaError};

#[derive(Deserialize, Default)]
#[serde(default)]
struct ApplyBody {
    #[serde(alias = "meta", rename = "Meta")]
    meta: Option<DynamicMeta>,
}

/// `POST /v1/client/metadata`: sets keys, and takes those away that are `null`.
pub(super) async fn apply_metadata(context: &Context, body: &[u8]) -> HttpAnswer {
    if body.iter().all(u8::is_ascii_whitespace) {
        return HttpAnswer::text(400, "Request body is empty");
    }
    let asked: ApplyBody = match serde_json::from_slice(body) {
        Ok(asked) => asked,
        Err(error) => return HttpAnswer::text(400, error.to_string()),
    };
    match context.node.apply(&asked.meta.unwrap_or_default(), &context.store).await {
        Ok(()) => HttpAnswer::json(&context.node.metadata()),
        Err(MetaError::Store(error)) => HttpAnswer::text(500, error.to_string()),
        Err(error) => HttpAnswer::text(400, error.to_string()),
    }
}
