//! Compressed answers, for clients that ask for them. Streams stay as they are: their readers wait for each part.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY};
use http::{HeaderMap, HeaderValue};

use super::message::{Body, Response};

/// True when a request takes a compressed answer.
pub(super) fn wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused =
            weight.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok()) == Some(0.0);
        (name.trim().eq_ignore_ascii_case("gzip") || name.trim() == "*") && !refused
    })
}

/// The answer, compressed where that was asked for and it has a body.
pub(super) fn compressed(mut answer: Response, gzip: bool) -> Response {
    answer.headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    if !gzip || answer.headers.contains_key(CONTENT_ENCODING) {
        return answer;
    }
    let Body::Full(body) = &answer.body else { return answer };
    if body.is_empty() {
        return answer;
    }
    // Fast rather than small: most answers are read on the same network.
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4 + 64), Compression::fast());
    let Ok(bytes) = encoder.write_all(body).and_then(|()| encoder.finish()) else { return answer };
    answer.body = Body::Full(Bytes::from(bytes));
    answer.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_choose() {
        let headers =
            |value: &'static str| HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]);
        assert!(wanted(&headers("gzip")) && wanted(&headers("deflate, GZIP;q=0.5")) && wanted(&headers("*")));
        assert!(!wanted(&headers("identity")) && !wanted(&headers("gzip;q=0")) && !wanted(&HeaderMap::new()));
    }
}
