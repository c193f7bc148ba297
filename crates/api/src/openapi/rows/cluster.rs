//! What a cluster is made of.

use model::described::{Book, Described};
use serde_json::{Value, json};

use super::super::operation::Content::{Json, JsonAsText};
use super::super::operation::{Operation, delete, get, put};
use crate::actions::{NodeChanged, NodeUpdateDrainRequest, NodeUpdateEligibilityRequest, NodeUpdated};
use crate::allocations::Allocation;
use crate::jobs::JobStub;
use crate::namespaces::Namespace;
use crate::node_pools::NodePool;
use crate::nodes::{Node, NodeStub};
use crate::search::{FuzzyResponse, FuzzySearchRequest, SearchRequest, SearchResponse};
use crate::services::{NamespaceServices, ServiceRegistration};
use crate::variables::VariableDecrypted;
use crate::volumes::VolumesRequest;

/// What stands in the way of a write: the variable as it is, or a text.
fn conflict(book: &mut Book) -> Value {
    json!({ "anyOf": [VariableDecrypted::schema(book), { "type": "string" }] })
}

#[rustfmt::skip]
pub(super) const ROWS: &[Operation] = &[
    get("/v1/namespaces", "@read prefix").answers(&[Json(Vec::<Namespace>::schema)]),
    put("/v1/namespace", "").takes(Namespace::schema),
    get("/v1/namespace/*namespace", "@read").answers(&[Json(Namespace::schema)]),
    put("/v1/namespace/*namespace", "").takes(Namespace::schema),
    delete("/v1/namespace/*namespace", ""),

    get("/v1/node/pools", "@read @page").answers(&[Json(Vec::<NodePool>::schema)]),
    put("/v1/node/pools", "").takes(NodePool::schema),
    get("/v1/node/pool/*pool/nodes", "@read @page resources os").answers(&[Json(Vec::<NodeStub>::schema)]),
    get("/v1/node/pool/*pool/jobs", "@read @page meta").answers(&[Json(Vec::<JobStub>::schema)]),
    get("/v1/node/pool/*pool", "@read").answers(&[Json(NodePool::schema)]),
    put("/v1/node/pool/*pool", "").takes(NodePool::schema),
    delete("/v1/node/pool/*pool", ""),

    get("/v1/nodes", "@read @page resources os").answers(&[Json(Vec::<NodeStub>::schema)]),
    get("/v1/node/:node/allocations", "@read").answers(&[Json(Vec::<Allocation>::schema)]),
    put("/v1/node/:node/drain", "").takes(NodeUpdateDrainRequest::schema).answers(&[Json(NodeChanged::schema)]),
    put("/v1/node/:node/eligibility", "").takes(NodeUpdateEligibilityRequest::schema).answers(&[Json(NodeChanged::schema)]),
    put("/v1/node/:node/evaluate", "").answers(&[Json(NodeUpdated::schema)]),
    put("/v1/node/:node/purge", "").answers(&[Json(NodeUpdated::schema)]),
    get("/v1/node/*node", "@read").answers(&[Json(Node::schema)]),

    get("/v1/services", "@read prefix filter").answers(&[Json(Vec::<NamespaceServices>::schema)]),
    get("/v1/service/:name", "@read @page choose").answers(&[Json(Vec::<ServiceRegistration>::schema)]),
    delete("/v1/service/:name/:id", "namespace"),

    get("/v1/volumes", "@read @page type node_id").answers(&[Json(Vec::<()>::schema)]),
    put("/v1/volumes", "namespace").takes(VolumesRequest::schema).refused(),
    get("/v1/volume/csi/:volume", "@read").refused(),
    put("/v1/volume/csi/:volume", "namespace").takes(VolumesRequest::schema).refused(),
    delete("/v1/volume/csi/:volume", "namespace").refused(),
    get("/v1/volume/host/:volume", "@read").refused(),
    delete("/v1/volume/host/:volume", "namespace").refused(),
    get("/v1/plugins", "@read @page type").answers(&[Json(Vec::<()>::schema)]),
    get("/v1/plugin/csi/:plugin", "@read").refused(),

    put("/v1/search", "@read").takes(SearchRequest::schema).answers(&[Json(SearchResponse::schema)]),
    put("/v1/search/fuzzy", "@read").takes(FuzzySearchRequest::schema).answers(&[Json(FuzzyResponse::schema)]),

    get("/v1/vars", "@read @page").answers(&[Json(Vec::<VariableDecrypted>::schema)]),
    get("/v1/var/*variable", "@read").answers(&[Json(VariableDecrypted::schema)]),
    put("/v1/var/*variable", "namespace cas lock-acquire lock-renew lock-release").takes(VariableDecrypted::schema)
        .answers(&[Json(VariableDecrypted::schema)]).or_else(&[(409, JsonAsText(conflict))]),
    delete("/v1/var/*variable", "namespace cas").with_status(204).or_else(&[(409, JsonAsText(conflict))]),
];
