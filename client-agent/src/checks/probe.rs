//! Asking one service whether it is well: a TCP connection, or an HTTP request.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

use crate::services::CheckSpec;

/// Bytes of an answer that are kept for people.
const OUTPUT_BYTES: usize = 3 << 10;

/// What a look came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) well: bool,
    /// HTTP status; 0 without one.
    pub(super) status_code: u16,
    pub(super) output: String,
}

impl Answer {
    pub(super) fn failure(output: String) -> Self {
        Answer { well: false, status_code: 0, output }
    }
}

/// Asks once.
pub(super) async fn ask(spec: &CheckSpec) -> Answer {
    match spec.check.kind.as_str() {
        "tcp" => match connect(spec).await {
            Ok(_) => Answer { well: true, status_code: 0, output: "nomad: tcp ok".to_owned() },
            Err(error) => Answer::failure(format!("nomad: {error}")),
        },
        "http" if spec.check.protocol.eq_ignore_ascii_case("https") => {
            Answer::failure("checks over https are not built yet".to_owned())
        }
        "http" => ask_http(spec).await.unwrap_or_else(|error| Answer::failure(format!("nomad: {error}"))),
        kind => Answer::failure(format!("checks of type {kind:?} are not built for the provider \"nomad\"")),
    }
}

fn authority(spec: &CheckSpec) -> String {
    match spec.address.contains(':') {
        true => format!("[{}]:{}", spec.address, spec.port),
        false => format!("{}:{}", spec.address, spec.port),
    }
}

async fn connect(spec: &CheckSpec) -> Result<TcpStream, String> {
    let address = authority(spec);
    TcpStream::connect(&address).await.map_err(|error| {
        let why = match error.raw_os_error() {
            Some(code) => nix::errno::Errno::from_raw(code).desc().to_lowercase(),
            None => error.to_string(),
        };
        format!("dial tcp {address}: connect: {why}")
    })
}

async fn ask_http(spec: &CheckSpec) -> Result<Answer, String> {
    let authority = authority(spec);
    let check = &spec.check;
    let path = if check.path.is_empty() { "/" } else { &check.path };
    let method = if check.method.is_empty() { "GET" } else { &check.method };
    let asked = format!("{} \"http://{authority}{path}\"", title(method));
    let fault = |error: &dyn std::fmt::Display| format!("{asked}: {error}");
    let stream = connect(spec).await.map_err(|error| fault(&error))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| fault(&error))?;
    let _connection = AbortOnDropHandle::new(tokio::spawn(async move {
        // What goes wrong with it is told by the request.
        let _ = connection.await;
    }));
    let request = request(spec, method, path, &authority).map_err(|error| fault(&error))?;
    let response = sender.send_request(request).await.map_err(|error| fault(&error))?;
    let status_code = response.status().as_u16();
    let well = status_code < 400;
    if status_code == 200 {
        return Ok(Answer { well, status_code, output: "nomad: http ok".to_owned() });
    }
    let body = Limited::new(response.into_body(), OUTPUT_BYTES).collect().await;
    let body = body.map(|body| body.to_bytes()).unwrap_or_default();
    Ok(Answer { well, status_code, output: String::from_utf8_lossy(&body).into_owned() })
}

/// `GET` as Go's errors spell it.
fn title(method: &str) -> String {
    let lower = method.to_lowercase();
    let mut chars = lower.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn request(
    spec: &CheckSpec,
    method: &str,
    path: &str,
    authority: &str,
) -> Result<Request<Full<Bytes>>, String> {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let uri: Uri = path.parse().map_err(|error| format!("{error}"))?;
    let method = Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
    let mut request = Request::new(Full::new(Bytes::from(spec.check.body.clone())));
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    let headers = request.headers_mut();
    let host = HeaderValue::from_str(authority).map_err(|error| error.to_string())?;
    headers.insert(http::header::HOST, host);
    for (name, values) in &spec.check.header.0 {
        let name = HeaderName::try_from(name.as_str()).map_err(|error| error.to_string())?;
        headers.remove(&name);
        for value in values.iter() {
            headers.append(&name, HeaderValue::from_str(value).map_err(|error| error.to_string())?);
        }
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::job::ServiceCheck;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    fn spec(kind: &str, port: u16) -> CheckSpec {
        CheckSpec {
            id: String::new(),
            group: String::new(),
            task: String::new(),
            service: String::new(),
            address: "127.0.0.1".into(),
            port: i64::from(port),
            check: ServiceCheck { kind: kind.into(), path: "/health".into(), ..ServiceCheck::default() },
        }
    }

    #[tokio::test]
    async fn answers_are_told_apart() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            for status in ["200 OK", "204 No Content", "503 Service Unavailable"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 1024];
                let length = stream.read(&mut request).await.unwrap();
                assert!(request[..length].starts_with(b"GET /health HTTP/1.1\r\n"));
                let body = if status.starts_with("503") { "busy" } else { "" };
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            listener.accept().await.unwrap();
        });
        let expected = [(true, 200, "nomad: http ok"), (true, 204, ""), (false, 503, "busy")];
        for (well, status_code, output) in expected {
            let output = output.to_owned();
            assert_eq!(ask(&spec("http", port)).await, Answer { well, status_code, output });
        }
        assert_eq!(ask(&spec("tcp", port)).await.output, "nomad: tcp ok");
        let refused = ask(&spec("tcp", 1)).await;
        assert_eq!(refused.output, "nomad: dial tcp 127.0.0.1:1: connect: connection refused");
        let refused = ask(&spec("http", 1)).await.output;
        let why = "dial tcp 127.0.0.1:1: connect: connection refused";
        assert_eq!(refused, format!("nomad: Get \"http://127.0.0.1:1/health\": {why}"));
    }
}
