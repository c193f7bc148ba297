//! Volumes that a group asks for, and where its tasks see them.

use crate::wire::{List, Ns, wire};

wire! {
    /// A volume of a group.
    VolumeRequest {
        "AccessMode" access_mode: String,
        "AttachmentMode" attachment_mode: String,
        "MountOptions" mount_options: Option<MountOptions>,
        "Name" name: String,
        "PerAlloc" per_alloc: bool,
        "ReadOnly" read_only: bool,
        "Source" source: String,
        "Sticky" sticky: bool,
        "Type" kind: String,
    }
    /// How a CSI volume is mounted.
    MountOptions { "FSType" fs_type: String, "MountFlags" mount_flags: List<String> }
    /// Where a task sees a volume.
    VolumeMount {
        "Destination" destination: String,
        "PropagationMode" propagation_mode: String,
        "ReadOnly" read_only: bool,
        "SELinuxLabel" selinux_label: String,
        "Volume" volume: String,
    }
    /// A task that is a CSI plugin.
    CsiPluginConfig {
        "HealthTimeout" health_timeout: Ns,
        "ID" id: String,
        "MountDir" mount_dir: String,
        "StagePublishBaseDir" stage_publish_base_dir: String,
        "Type" kind: String,
    }
}
