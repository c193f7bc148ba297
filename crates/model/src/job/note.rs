//! What people write on a job for other people.

use crate::wire::{List, wire};

wire! {
    /// What user interfaces show beside a job.
    JobUi { "Description" description: String, "Links" links: List<UiLink> }
    /// A link in it.
    UiLink { "Label" label: String, "URL" url: String }
    /// A name for one version of a job.
    VersionTag { "Description" description: String, "Name" name: String, "TaggedTime" tagged_time_ns: i64 }
}
