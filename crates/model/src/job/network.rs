//! Parts of a network ask that only the network's own plugins read.

use crate::wire::{Dict, List, wire};

wire! {
    /// Name resolution inside the network.
    Dns { "Options" options: List<String>, "Searches" searches: List<String>, "Servers" servers: List<String> }
    /// Arguments of a CNI network.
    Cni { "Args" args: Dict }
}
