//! How raft peers talk: one gRPC channel per address, messages that name their cluster and their receiver.
//!
//! It carries bytes. Whether a message is welcome is decided by [`service`], what it means by openraft.

pub(crate) mod client;
pub(crate) mod frame;
pub(crate) mod service;

/// No message may be larger. Replication stops at 2 MiB, one entry at 8 MiB, a snapshot chunk at 3 MiB.
pub(crate) const MESSAGE_BYTES: usize = 16 << 20;

/// Bytes of one message that may be on the way before the receiver has read any.
pub(crate) const STREAM_WINDOW: u32 = 4 << 20;
/// The same for all messages of a connection.
pub(crate) const CONNECTION_WINDOW: u32 = 16 << 20;

/// Sets up a gRPC server for raft's messages: windows that take an entry in one go, and keepalive. The
/// caller's listener must set `TCP_NODELAY` on what it accepts, or each answer may wait 40 ms.
pub fn tune(server: tonic::transport::Server) -> tonic::transport::Server {
    server
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keepalive_interval(Some(std::time::Duration::from_secs(5)))
        .http2_keepalive_timeout(Some(std::time::Duration::from_secs(5)))
}
