//! Root keys: the keyring of the Operator page, and the public halves for whoever checks signatures.

use std::sync::Arc;

use api::acl::{Introduction, IntroductionRequest};
use api::keyring::{Jwk, Jwks, RootKey, Rotated};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use state::{Operation, Table};

use super::blocking::{self, Found};
use super::error::ApiError;
use super::message::{Request, Response};
use crate::app::App;

const TABLES: [Table; 1] = [Table::RootKeys];

/// Keys of servers that are older than RSA keys are not shown: nothing uses them.
fn usable(key: &&Arc<model::RootKey>) -> bool {
    !key.modulus.is_empty()
}

pub(super) async fn list(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    app.await_root_key().await;
    blocking::read(app, request, &TABLES, |state, _| {
        let keys: Vec<RootKey> = state.root_keys().filter(usable).map(|key| shown(key)).collect();
        Found::new(keys, state.table_index(Table::RootKeys))
    })
    .await
}

/// Makes a new active key; with `full`, everything is encrypted anew with it, behind the answer.
pub(super) async fn rotate(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let full = request.params.flag("full")?;
    for parameter in ["prepublish", "publish_time"] {
        let value = request.params.get(parameter).unwrap_or_default();
        if !["", "false", "0"].contains(&value) {
            return Err(ApiError::NotBuilt(format!("the {parameter} parameter")));
        }
    }
    let (index, id) = app.rotate_key().await?;
    if full {
        tokio::spawn(app.clone().encrypt_anew(id.clone()));
    }
    let state = app.state();
    let key = state.root_keys().find(|key| key.id == id).map(|key| shown(key));
    let answer = Rotated { index, key };
    Ok(Response::json(&answer, request.params.pretty()).with_header("x-nomad-index", index))
}

pub(super) async fn delete(app: &Arc<App>, request: &Request, id: &str) -> Result<Response, ApiError> {
    let _ = request;
    if id.is_empty() {
        return Err(ApiError::BadRequest("missing keyring key ID".into()));
    }
    let done = app.operate(Operation::RemoveRootKey { id: id.to_owned() }).await?;
    Ok(Response::written(done.index))
}

fn shown(key: &model::RootKey) -> RootKey {
    RootKey {
        algorithm: "aes256-gcm".to_owned(),
        create_index: key.create_index,
        create_time: key.create_time_ns,
        key_id: key.id.clone(),
        modify_index: key.modify_index,
        publish_time: 0,
        state: if key.active { "active" } else { "inactive" }.to_owned(),
    }
}

/// The public halves. It answers only once a leader has made a key, which also tells clients that the servers are
/// ready to work.
pub(super) async fn jwks(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    app.await_root_key().await;
    blocking::read(app, request, &TABLES, |state, _| {
        let key = |key: &Arc<model::RootKey>| Jwk {
            algorithm: "RS256".to_owned(),
            exponent: URL_SAFE_NO_PAD.encode(&key.exponent),
            key_id: key.id.clone(),
            key_type: "RSA".to_owned(),
            modulus: URL_SAFE_NO_PAD.encode(&key.modulus),
            purpose: "sig".to_owned(),
        };
        let keys: Vec<Jwk> = state.root_keys().filter(usable).map(key).collect();
        let index = state.table_index(Table::RootKeys);
        if keys.is_empty() {
            let value = Err(ApiError::Server("no signing key yet".to_owned()));
            return Found { value, index, next_token: None };
        }
        Found::new(Jwks { keys }, index)
    })
    .await
}

/// How long a token that introduces a new client lasts unless its asker says otherwise, and at most, ns.
const INTRODUCTION_NS: i64 = 300_000_000_000;
const INTRODUCTION_MAX_NS: i64 = 1_800_000_000_000;

/// A signed token that introduces a new client node.
pub(super) async fn introduction(app: &Arc<App>, request: &Request) -> Result<Response, ApiError> {
    let body: IntroductionRequest = api::json::from_slice(&request.body)?;
    if !(0..=INTRODUCTION_MAX_NS).contains(&body.ttl.0) {
        return Err(ApiError::BadRequest("TTL must be between 0 and 30m0s".to_owned()));
    }
    let ttl_ns = if body.ttl.0 == 0 { INTRODUCTION_NS } else { body.ttl.0 };
    let pool = if body.node_pool.is_empty() { model::node_pool::DEFAULT } else { &body.node_pool };
    let (region, name) = (&app.options.raft.region, &body.node_name);
    let now = app.clock.now_ns() / 1_000_000_000;
    let claims = json!({
        "aud": "nomadproject.io", "exp": now + ttl_ns / 1_000_000_000, "iat": now, "jti": app.mint.id(), "nbf": now,
        "nomad_node_name": name, "nomad_node_pool": pool,
        "sub": format!("node-introduction:{region}:{pool}:{name}:default"),
    });
    let token = app.active_key().await?.token(&claims);
    let jwt = token.ok_or_else(|| ApiError::Internal("a token was not signed".to_owned()))?;
    Ok(Response::json(&Introduction { jwt }, request.params.pretty()))
}

/// Discovery needs an issuer, which no configuration names.
pub(super) async fn discovery(_: &Arc<App>, _: &Request) -> Result<Response, ApiError> {
    Err(ApiError::NotFound("OIDC Discovery endpoint disabled".into()))
}
