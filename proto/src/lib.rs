//! What crosses a process boundary: the gRPC services and their status codes.
//!
//! Nothing here decides anything. Nouns travel as the model's own encoding inside typed envelopes, so that log, tables
//! and wire carry the same bytes (`docs/adr/0001`); [`v1`] is generated from the `.proto` files, which document it.

pub mod fs_request;
pub mod status;
pub mod talk;

/// Generated from `proto/drover/v1`; the `.proto` files carry the documentation.
#[expect(missing_docs, reason = "generated code")]
pub mod v1 {
    tonic::include_proto!("drover.v1");
}

/// Frames of a conversation's input that an agent may have to keep.
pub const INPUT_WINDOW: usize = 32;

/// Largest gRPC message, bytes (decision 3).
pub const MESSAGE_MAX: usize = 16 << 20;
