//! What this edition does not have, answered as the original's free edition answers it, and methods and paths that
//! are refused in a way of their own.

use std::sync::Arc;

use api::acl::Token;
use api::volumes::VolumesRequest;
use http::StatusCode;
use serde_json::json;
use state::Table;

use super::blocking;
use super::error::ApiError;
use super::message::{Request, Response};
use crate::app::App;

type Answered = Result<Response, ApiError>;

/// Features of the paid edition.
pub(super) async fn enterprise(_: &Arc<App>, _: &Request) -> Answered {
    Ok(Response::text(StatusCode::NOT_IMPLEMENTED, "Nomad Enterprise only endpoint"))
}

/// There is no licence to show.
pub(super) async fn license(_: &Arc<App>, _: &Request) -> Answered {
    Ok(Response::empty(StatusCode::NO_CONTENT))
}

/// Access control is off, so nothing of it can be read or changed.
pub(super) async fn acl(_: &Arc<App>, _: &Request) -> Answered {
    Err(ApiError::BadRequest("ACL support disabled".into()))
}

/// The policies of a token that is none.
pub(super) async fn acl_policy_self(_: &Arc<App>, _: &Request) -> Answered {
    Ok(Response::text(StatusCode::FORBIDDEN, "Permission denied"))
}

/// The token that everybody has while access control is off.
pub(super) async fn acl_token_self(app: &Arc<App>, request: &Request) -> Answered {
    let token = Token {
        accessor_id: "acls-disabled".to_owned(),
        create_time: api::time::ZERO_TIME.to_owned(),
        name: "ACLs disabled token".to_owned(),
        kind: "client".to_owned(),
        ..Token::default()
    };
    Ok(indexed(app, Response::json(&token, request.params.pretty()), 0))
}

/// No volume of any kind can be registered yet, so there are none.
pub(super) async fn volumes(app: &Arc<App>, request: &Request) -> Answered {
    let none = Response::json(&json!([]), request.params.pretty());
    match request.params.get("type").unwrap_or_default() {
        "" => Ok(none),
        "csi" => Ok(indexed(app, none, 0)),
        "host" => Ok(indexed(app, none, 1)),
        _ => Err(ApiError::NotFound("resource not found".into())),
    }
}

/// Nothing can be registered without a volume in the body, nor with one: there is no plugin.
pub(super) async fn put_volumes(_: &Arc<App>, request: &Request) -> Answered {
    let body: VolumesRequest = api::json::from_slice(&request.body)?;
    let Some(volume) = body.volumes.first() else {
        return Err(ApiError::Server("missing volume definition".into()));
    };
    let mut faults = Vec::new();
    if volume.id.is_empty() {
        faults.push("missing volume ID");
    }
    if volume.plugin_id.is_empty() {
        faults.push("missing plugin ID");
    }
    if volume.requested_capabilities.is_empty() {
        faults.push("must include at least one capability block");
    }
    if !faults.is_empty() {
        return Err(ApiError::Server(format!("validation: {}", faults.join(", "))));
    }
    Err(ApiError::Server(format!("no CSI plugin named: {} could be found", volume.plugin_id)))
}

pub(super) async fn volume(app: &Arc<App>, _: &Request) -> Answered {
    Ok(indexed(app, ApiError::NotFound("volume not found".into()).into_response(), 0))
}

pub(super) async fn host_volume(app: &Arc<App>, _: &Request) -> Answered {
    Ok(indexed(app, ApiError::NotFound("volume not found".into()).into_response(), 1))
}

pub(super) async fn delete_volume(_: &Arc<App>, _: &Request, id: &str) -> Answered {
    Err(ApiError::Server(format!("volume not found: {id}")))
}

pub(super) async fn delete_host_volume(_: &Arc<App>, _: &Request, id: &str) -> Answered {
    Err(ApiError::Server(format!("no such volume: {id}")))
}

pub(super) async fn plugins(app: &Arc<App>, request: &Request) -> Answered {
    let none = Response::json(&json!([]), request.params.pretty());
    match request.params.get("type").unwrap_or_default() {
        "" => Ok(none),
        "csi" => Ok(indexed(app, none, app.state().table_index(Table::Jobs))),
        _ => Ok(Response::empty(StatusCode::OK)),
    }
}

pub(super) async fn plugin(app: &Arc<App>, _: &Request) -> Answered {
    Ok(indexed(app, ApiError::NotFound("plugin not found".into()).into_response(), 0))
}

/// A path below a noun that the noun does not have.
pub(super) async fn no_resource(_: &Arc<App>, _: &Request) -> Answered {
    Err(ApiError::NotFound("resource not found".into()))
}

/// 404 with the text of a wrong method.
pub(super) async fn not_found_method(_: &Arc<App>, _: &Request) -> Answered {
    Err(ApiError::NotFound("Invalid method".into()))
}

/// The usual answer to a wrong method, for paths that are no noun of their own.
pub(super) async fn wrong_method(_: &Arc<App>, _: &Request) -> Answered {
    Err(ApiError::MethodNotAllowed)
}

/// A wrong method that is answered without a text.
pub(super) async fn silent_wrong_method(_: &Arc<App>, _: &Request) -> Answered {
    Ok(Response::empty(StatusCode::METHOD_NOT_ALLOWED))
}

/// Profiles and facts of the host are shown only where debugging is on, which no configuration does.
pub(super) async fn profiling(_: &Arc<App>, _: &Request) -> Answered {
    Ok(Response::text(StatusCode::FORBIDDEN, "Permission denied"))
}

/// The web interface has a place, and nothing is built into this binary to show there.
pub(super) async fn ui(_: &Arc<App>, _: &Request) -> Answered {
    let page = "<!DOCTYPE html>\n<html><head><title>Drover</title></head>\
                <body><p>This binary was built without a web interface.</p></body></html>\n";
    Ok(Response::typed(StatusCode::OK, "text/html; charset=utf-8", page.into()))
}

fn indexed(app: &App, response: Response, index: u64) -> Response {
    blocking::indexed(app, response, index, false)
}
