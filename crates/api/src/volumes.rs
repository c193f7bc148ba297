//! The Volumes page: what a registration of volumes is looked at for. There is no plugin yet that could have one.

use serde_json::Value;

use crate::shape::shape;

shape! {
    /// Body of a registration.
    VolumesRequest { "Volumes" volumes: Vec<Volume> }
    /// One volume.
    Volume {
        "ID" id: String,
        "PluginID" plugin_id: String,
        "RequestedCapabilities" requested_capabilities: Vec<Value> as Vec<Capability>,
    }
    /// A way in which it may be used.
    Capability { "AccessMode" access_mode: String, "AttachmentMode" attachment_mode: String }
}
