//! Signing keys, by id: the public halves only.

use std::sync::Arc;

use imbl::OrdMap;
use model::RootKey;

/// All signing keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct RootKeys {
    pub(crate) by_id: OrdMap<String, Arc<RootKey>>,
}
