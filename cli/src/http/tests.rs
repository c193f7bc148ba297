//! Against a socket that answers with a fixed text, and against addresses where nobody is.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn connection(address: &str) -> Connection {
    Connection {
        address: address.to_owned(),
        region: String::new(),
        namespace: String::new(),
        token: String::new(),
        http_auth: String::new(),
    }
}

/// Answers one request with a text; gives the head of that request.
async fn answering(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.windows(4).any(|w| w == b"\r\n\r\n") {
            let mut buffer = [0; 1024];
            let count = stream.read(&mut buffer).await.unwrap();
            request.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (address, served)
}

async fn error(address: &str, path: &str, query: Query<'_>) -> String {
    let client = match ApiClient::new(connection(address)) {
        Ok(client) => client,
        Err(error) => return error.to_string(),
    };
    client.get::<serde_json::Value>(path, query).await.expect_err(address).to_string()
}

#[tokio::test]
async fn a_request_carries_token_region_and_namespace_and_gives_the_index() {
    let answer = "HTTP/1.1 200 OK\r\nX-Nomad-Index: 7\r\nX-Nomad-KnownLeader: true\r\nX-Nomad-NextToken: t\r\n\
                  Content-Length: 8\r\nConnection: close\r\n\r\n[\"a\",1]\n";
    let (address, served) = answering(answer).await;
    let client = ApiClient::new(Connection {
        region: "eu".to_owned(),
        namespace: "*".to_owned(),
        token: "secret".to_owned(),
        http_auth: "u:p".to_owned(),
        ..connection(&address)
    });
    let path = format!("/v1/job/{}", path_segment("a/b"));
    let (value, meta) = client.unwrap().get::<serde_json::Value>(&path, &[("prefix", "a b")]).await.unwrap();
    assert_eq!(value, serde_json::json!(["a", 1]));
    assert_eq!(meta, Meta { index: 7, known_leader: true, last_contact: 0, next_token: "t".to_owned() });
    let request = served.await.unwrap().to_lowercase();
    assert!(
        request.starts_with("get /v1/job/a%2fb?namespace=%2a&prefix=a+b&region=eu http/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("x-nomad-token: secret\r\n") && request.contains("authorization: basic dtpw\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn a_refusal_passes_the_sentence_on() {
    let answer = "HTTP/1.1 500 Oops\r\nContent-Length: 18\r\nConnection: close\r\n\r\nNo path to region\n";
    let (address, _served) = answering(answer).await;
    assert_eq!(error(&address, "/v1/jobs", &[]).await, "Unexpected response code: 500 (No path to region)");
    let (address, _served) =
        answering("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{").await;
    assert!(error(&address, "/v1/jobs", &[]).await.starts_with("decoding the answer: EOF"));
    let (address, _served) =
        answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{").await;
    assert!(error(&address, "/v1/jobs", &[]).await.starts_with("reading the answer: "));
}

#[tokio::test]
async fn a_stream_arrives_in_pieces() {
    let (address, _served) =
        answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").await;
    let client = ApiClient::new(connection(&address)).unwrap();
    let mut stream = Box::pin(client.stream("/v1/x", &[]).await.unwrap());
    let mut all = Vec::new();
    while let Some(piece) = stream.next().await {
        all.extend(piece.unwrap());
    }
    assert_eq!(all, b"hello");
}

#[tokio::test]
async fn unreachable_and_wrong_addresses_are_told_as_go_does() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(
        error(&format!("http://{free}"), "/v1/allocations", &[("prefix", "11")]).await,
        format!(
            "Get \"http://{free}/v1/allocations?prefix=11\": dial tcp {free}: connect: connection refused"
        )
    );
    for (address, text) in [
        (
            "::not a url::",
            "invalid address '::not a url::': parse \"::not a url::\": missing protocol scheme",
        ),
        (
            "127.0.0.1:4646",
            "invalid address '127.0.0.1:4646': parse \"127.0.0.1:4646\": first path segment in URL cannot contain colon",
        ),
        ("ftp://127.0.0.1:4646", "Get \"ftp://127.0.0.1:4646/v1/jobs\": unsupported protocol scheme \"ftp\""),
        ("localhost", "Get \"localhost/v1/jobs\": unsupported protocol scheme \"\""),
        ("https://x:1", "invalid address 'https://x:1': https addresses are not supported yet"),
        (
            "unix:///w/no.sock",
            "Get \"http://127.0.0.1/v1/jobs\": dial unix /w/no.sock: connect: no such file or directory",
        ),
    ] {
        assert_eq!(error(address, "/v1/jobs", &[]).await, text);
    }
    let put = ApiClient::new(connection(&format!("http://{free}/"))).unwrap();
    let refused = put.put::<_, ()>("/v1/system/gc", &[], &()).await.unwrap_err().to_string();
    assert!(refused.starts_with(&format!("Put \"http://{free}/v1/system/gc\": dial tcp")), "{refused}");
}

#[tokio::test]
async fn the_next_address_is_asked_when_one_does_not_answer() {
    let free = || async { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() };
    let (dead, other) = (free().await, free().await);
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]";
    let (address, served) = answering(answer).await;
    let client = ApiClient::new(connection(&format!("http://{dead}, {address}"))).unwrap();
    let (value, _) = client.put::<_, serde_json::Value>("/v1/jobs", &[], &1).await.unwrap();
    assert_eq!(value, serde_json::json!([]));
    assert!(served.await.unwrap().starts_with("PUT /v1/jobs"));
    // It is the first one from then on.
    assert_eq!(client.url("/v1/jobs", &[]), format!("{address}/v1/jobs"));
    assert_eq!(
        error(&format!("http://{dead},http://{other}"), "/v1/jobs", &[]).await,
        format!(
            "Get \"http://{dead}/v1/jobs\": dial tcp {dead}: connect: connection refused; \
             dial tcp {other}: connect: connection refused"
        )
    );
    let list = format!("http://{dead},");
    let refused = error(&list, "/v1/jobs", &[]).await;
    assert_eq!(refused, format!("invalid address '{list}': an address of the list is empty"));
    let many = vec!["http://x"; 17].join(",");
    assert!(error(&many, "/v1/jobs", &[]).await.ends_with(": more than 16 addresses"));
}

#[tokio::test]
async fn what_may_have_been_heard_is_not_sent_to_another() {
    let deaf = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let first = deaf.local_addr().unwrap();
    // Takes the connection and what comes on it, and closes without an answer.
    let heard = tokio::spawn(async move {
        let (mut stream, _) = deaf.accept().await.unwrap();
        stream.read(&mut [0; 4096]).await.unwrap()
    });
    let second = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let list = format!("http://{first},http://{}", second.local_addr().unwrap());
    let client = ApiClient::new(connection(&list)).unwrap();
    let refused = client.put::<_, ()>("/v1/jobs", &[], &1).await.unwrap_err().to_string();
    assert!(refused.starts_with(&format!("Put \"http://{first}/v1/jobs\": ")), "{refused}");
    assert!(heard.await.unwrap() > 0);
    // Nobody knocks at the second one: the request has ended.
    let knock = tokio::time::timeout(std::time::Duration::from_millis(50), second.accept()).await;
    assert!(knock.is_err(), "{knock:?}");
}
