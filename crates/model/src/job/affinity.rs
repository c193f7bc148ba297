//! Preferences: where allocations would rather run, and how they spread.

use crate::wire::{List, wire};

wire! {
    /// A preference for, or with a negative weight against, nodes.
    Affinity {
        "LTarget" l_target: String,
        "Operand" operand: String,
        "RTarget" r_target: String,
        "Weight" weight: Option<i64>,
    }
    /// Allocations are spread over the values of an attribute.
    Spread {
        "Attribute" attribute: String,
        "SpreadTarget" spread_target: List<SpreadTarget>,
        "Weight" weight: Option<i64>,
    }
    /// The share of one value.
    SpreadTarget { "Percent" percent: i64, "Value" value: String }
}
