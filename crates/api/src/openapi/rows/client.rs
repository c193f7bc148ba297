//! What a node's agent is asked.

use model::described::{Book, Described};
use serde_json::{Value, json};

use super::super::operation::Content::{Bytes, Json, Lines, Text};
use super::super::operation::{Operation, get, put};
use crate::client::{
    AllocRestartRequest, AllocSignalRequest, AllocUsage, CheckStatus, Done, FileInfo, Frame, HostStats,
    NodeMeta, NodeMetaApplyRequest,
};

type Checks = Option<std::collections::BTreeMap<String, CheckStatus>>;

/// `ls` lists, `stat` tells of one, and the rest shows what is inside.
fn files(book: &mut Book) -> Value {
    json!({ "anyOf": [Vec::<FileInfo>::schema(book), FileInfo::schema(book), Frame::schema(book)] })
}

#[rustfmt::skip]
pub(super) const ROWS: &[Operation] = &[
    get("/v1/client/fs/logs/:alloc", "namespace task type plain @frames").answers(&[Lines(Frame::schema), Text]),
    get("/v1/client/fs/:what/:alloc", "namespace path limit @frames").answers(&[Json(files), Text, Bytes]),
    get("/v1/client/fs/:what", "").refused().or_else(&[(200, Text)]),
    get("/v1/client/stats", "@node").answers(&[Json(HostStats::schema)]),
    get("/v1/client/gc", "@node"),
    put("/v1/client/gc", "@node"),
    get("/v1/client/metadata", "@node").answers(&[Json(NodeMeta::schema)]),
    put("/v1/client/metadata", "@node").takes(NodeMetaApplyRequest::schema).answers(&[Json(NodeMeta::schema)]),
    get("/v1/client/allocation/:alloc/stats", "namespace task").answers(&[Json(AllocUsage::schema)]),
    get("/v1/client/allocation/:alloc/checks", "namespace").answers(&[Json(Checks::schema)]),
    put("/v1/client/allocation/:alloc/signal", "namespace").takes(AllocSignalRequest::schema).answers(&[Json(Done::schema)]),
    get("/v1/client/allocation/:alloc/restart", "namespace").may_take(AllocRestartRequest::schema).answers(&[Json(Done::schema)]),
    put("/v1/client/allocation/:alloc/restart", "namespace").may_take(AllocRestartRequest::schema).answers(&[Json(Done::schema)]),
    get("/v1/client/allocation/:alloc/exec", "namespace task command tty ws_handshake").with_status(101),
    get("/v1/client/allocation/:alloc/gc", "namespace"),
    put("/v1/client/allocation/:alloc/gc", "namespace"),
    get("/v1/client/allocation/:alloc/snapshot", "").refused().also(&[501]),
    put("/v1/client/allocation/:alloc/pause", "").refused().also(&[501]),
    get("/v1/client/allocation/:alloc/:what", "").refused(),
    put("/v1/client/allocation/:alloc/:what", "").refused(),
    get("/v1/client/allocation/:alloc", "").refused(),
];
