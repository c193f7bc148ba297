//! What becomes of allocations whose node is silent.

use crate::wire::{Ns, wire};

wire! {
    /// The disconnect block.
    Disconnect {
        "LostAfter" lost_after: Option<Ns>,
        "Reconcile" reconcile: Option<String>,
        "Replace" replace: Option<bool>,
        "StopOnClientAfter" stop_on_client_after: Option<Ns>,
    }
}
