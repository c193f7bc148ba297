//! Jobs that are templates of others: launched by a clock, or by a dispatch.

use crate::wire::{List, wire};

wire! {
    /// Launches children by a clock.
    PeriodicConfig {
        "Enabled" enabled: Option<bool>,
        "ProhibitOverlap" prohibit_overlap: Option<bool>,
        "Spec" spec: Option<String>,
        "SpecType" spec_type: Option<String>,
        "Specs" specs: List<String>,
        "TimeZone" time_zone: Option<String>,
    }
    /// Launches children on request, with a payload and metadata.
    ParameterizedJob {
        "MetaOptional" meta_optional: List<String>,
        "MetaRequired" meta_required: List<String>,
        "Payload" payload: String,
    }
}
