//! Devices and memory locality that a task asks for.

use super::{Affinity, Constraint};
use crate::wire::{List, wire};

wire! {
    /// Devices of one kind.
    RequestedDevice {
        "Affinities" affinities: List<Affinity>,
        "Constraints" constraints: List<Constraint>,
        "Count" count: Option<u64>,
        "Name" name: String,
    }
    /// Whether cores have to be near each other.
    Numa { "Affinity" affinity: String, "Devices" devices: List<String> }
}
