//! Websockets: a conversation with a task, message by message. axum's side of `app/converse.rs`.
//!
//! What is wrong with the request is an HTTP answer as long as there is HTTP; later it is the reason of a close frame.

use std::future::Future;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{FromRequestParts, Request as AxumRequest};
use axum::response::{IntoResponse, Response as AxumResponse};
use bytes::Bytes;
use http::header::UPGRADE;
use http::{HeaderMap, HeaderValue, Method};
use serde::Deserialize;

use super::client;
use super::error::ApiError;
use super::message::{Body, Request};
use super::serve::outgoing;
use crate::app::converse::Conversation;

/// Largest message, bytes.
const MESSAGE_BYTES: usize = 256 << 10;
/// How long the first message, which carries the token, may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// How the last message of a conversation begins.
const EXITED: &[u8] = br#"{"exited":true"#;
/// Longest reason of a close frame, bytes: what the protocol leaves room for.
const REASON_BYTES: usize = 123;

/// True for a request that wants to become a conversation.
pub(super) fn wanted(request: &AxumRequest) -> bool {
    let upgrade = request.headers().get(UPGRADE).and_then(|value| value.to_str().ok());
    request.method() == Method::GET
        && upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
        && client::conversation(request.uri().path())
}

/// Upgrades the connection and converses; `begin` finds the other side.
pub(super) async fn answer<B, F>(request: AxumRequest, begin: B) -> AxumResponse
where
    B: FnOnce(Request) -> F + Send + 'static,
    F: Future<Output = Result<Conversation, ApiError>> + Send + 'static,
{
    let (mut parts, _) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let asked = Request::new(Method::GET, &target, parts.headers.clone(), Bytes::new(), 0);
    let asked = match client::read_conversation(&asked) {
        Ok(asked) => asked,
        Err(error) => return outgoing(error.into_response()),
    };
    match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => {
            upgrade.max_message_size(MESSAGE_BYTES).on_upgrade(move |socket| talk(socket, asked, begin))
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn talk<B, F>(mut socket: WebSocket, mut request: Request, begin: B)
where
    B: FnOnce(Request) -> F,
    F: Future<Output = Result<Conversation, ApiError>>,
{
    if let Err(why) = shake_hands(&mut socket, &mut request).await {
        return close(socket, close_code::POLICY, &why).await;
    }
    let conversation = match begin(request).await {
        Ok(conversation) => conversation,
        Err(error) => {
            let refused = error.into_response();
            let reason = match &refused.body {
                Body::Full(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Body::Stream(_) => String::new(),
            };
            return close(socket, code(refused.status.as_u16()), &reason).await;
        }
    };
    let Conversation { status, input, mut output } = conversation;
    if status != 200 {
        let reason = output.recv().await.unwrap_or_default();
        return close(socket, code(status), &String::from_utf8_lossy(&reason)).await;
    }
    let mut exited = false;
    loop {
        tokio::select! {
            said = socket.recv() => {
                let bytes = match said {
                    Some(Ok(Message::Text(text))) => Bytes::from(text),
                    Some(Ok(Message::Binary(bytes))) => bytes,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                };
                if input.send(bytes).await.is_err() {
                    // The other side has said its last; what it said is still to be read.
                    while let Some(message) = output.recv().await {
                        exited |= message.starts_with(EXITED);
                        if !tell(&mut socket, message).await {
                            return;
                        }
                    }
                    let code = if exited { close_code::NORMAL } else { close_code::ERROR };
                    return close(socket, code, "").await;
                }
            }
            answered = output.recv() => match answered {
                Some(message) => {
                    exited |= message.starts_with(EXITED);
                    if !tell(&mut socket, message).await {
                        return;
                    }
                }
                None if exited => return close(socket, close_code::NORMAL, "").await,
                None => return close(socket, close_code::ERROR, "the agent's session ended").await,
            }
        }
    }
}

async fn tell(socket: &mut WebSocket, message: Bytes) -> bool {
    let text = String::from_utf8_lossy(&message).into_owned();
    socket.send(Message::Text(text.into())).await.is_ok()
}

/// Close code of an HTTP status, as the original translates it.
fn code(status: u16) -> u16 {
    if status == 500 { close_code::ERROR } else { close_code::POLICY }
}

async fn close(mut socket: WebSocket, code: u16, reason: &str) {
    let end = (0..=REASON_BYTES.min(reason.len())).rev().find(|at| reason.is_char_boundary(*at));
    let reason = reason.get(..end.unwrap_or(0)).unwrap_or_default();
    // Whoever has gone away needs no reason.
    let _ = socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Handshake {
    version: i64,
    auth_token: String,
}

/// Browsers cannot set headers: where `ws_handshake` says so, the first message carries the token.
async fn shake_hands(socket: &mut WebSocket, request: &mut Request) -> Result<(), String> {
    match request.params.flag("ws_handshake") {
        Ok(true) => {}
        Ok(false) => return Ok(()),
        Err(_) => {
            let value = request.param("ws_handshake");
            let why = format!("strconv.ParseBool: parsing {value:?}: invalid syntax");
            return Err(format!("ws_handshake value is not a boolean: {why}"));
        }
    }
    let first = tokio::time::timeout(HANDSHAKE_LIMIT, socket.recv()).await;
    let text = match first {
        Ok(Some(Ok(Message::Text(text)))) => text.to_string(),
        Ok(Some(Ok(Message::Binary(bytes)))) => String::from_utf8_lossy(&bytes).into_owned(),
        _ => return Err("the handshake did not come".to_owned()),
    };
    let handshake: Handshake = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    if handshake.version != 1 {
        return Err(format!("unexpected handshake value: {}", handshake.version));
    }
    if let Ok(token) = HeaderValue::from_str(&handshake.auth_token)
        && !token.is_empty()
    {
        let headers: &mut HeaderMap = &mut request.headers;
        headers.insert("x-nomad-token", token);
    }
    Ok(())
}
