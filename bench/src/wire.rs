//! One connection that asks and reads, and does nothing else: the load generator shares the machine with what it
//! measures, so whatever it computes is missing there.

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Headers that an answer may have.
const HEADERS: usize = 64;
/// Room for an answer before it has to grow.
const ROOM: usize = 16 << 10;

/// A kept-alive HTTP/1.1 connection.
pub(crate) struct Wire {
    stream: TcpStream,
    host: String,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// What was answered.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Wire {
    /// Connects to `http://host:port`.
    pub(crate) async fn connect(address: &str) -> anyhow::Result<Wire> {
        let host = address.strip_prefix("http://").unwrap_or(address).trim_end_matches('/').to_owned();
        let stream = TcpStream::connect(&host).await.with_context(|| format!("connecting to {host}"))?;
        stream.set_nodelay(true)?;
        Ok(Wire { stream, host, request: Vec::new(), answer: Vec::with_capacity(ROOM) })
    }

    /// Asks for `path` and reads the whole answer.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Answer<'_>> {
        self.send("GET", path, &[]).await
    }

    /// Puts `body`, a JSON text, to `path` and reads the whole answer.
    pub(crate) async fn put(&mut self, path: &str, body: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.send("PUT", path, body).await
    }

    async fn send(&mut self, method: &str, path: &str, body: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.request.clear();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.host,
            body.len()
        );
        self.request.extend_from_slice(head.as_bytes());
        self.request.extend_from_slice(body);
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        let head = loop {
            ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the connection was closed");
            if let Some(head) = head_of(&self.answer)? {
                break head;
            }
        };
        let end = head.length + head.body;
        while self.answer.len() < end {
            ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the connection was closed");
        }
        Ok(Answer { status: head.status, body: &self.answer[head.length..end] })
    }
}

impl Answer<'_> {
    /// An error with the text unless it was 200.
    pub(crate) fn success(&self) -> anyhow::Result<()> {
        ensure!(self.status == 200, "{}: {}", self.status, String::from_utf8_lossy(self.body));
        Ok(())
    }
}

struct Head {
    status: u16,
    /// Bytes of the head itself, and of the body behind it.
    length: usize,
    body: usize,
}

/// The head, once all of it is there.
fn head_of(bytes: &[u8]) -> anyhow::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = response.parse(bytes)? else { return Ok(None) };
    let status = response.code.context("an answer has a status")?;
    let sized = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let Some(sized) = sized else { bail!("an answer of unknown length") };
    let body = std::str::from_utf8(sized.value)?.trim().parse()?;
    Ok(Some(Head { status, length, body }))
}
