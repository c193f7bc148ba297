//! `plugin "name" { config { … } }`: settings of a task driver, by the driver's name.
//!
//! The content of `config` belongs to the driver; it is kept as JSON and judged by the driver itself.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One `plugin` block.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "snake_case"), default, deny_unknown_fields)]
pub struct Plugin {
    /// Arguments for an external plugin; drivers here are built in, so they have no effect.
    pub args: Vec<String>,
    /// The driver's own keys.
    pub config: BTreeMap<String, serde_json::Value>,
}

impl Plugin {
    /// Whether `config.enabled` says yes or no; `None` when it says nothing.
    pub fn enabled(&self) -> Option<bool> {
        match self.config.get("enabled")? {
            serde_json::Value::Bool(b) => Some(*b),
            serde_json::Value::Number(n) => Some(n.as_i64() == Some(1)),
            serde_json::Value::String(s) => {
                Some(matches!(s.as_str(), "1" | "t" | "true" | "TRUE" | "True" | "T"))
            }
            _ => None,
        }
    }
}
