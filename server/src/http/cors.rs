//! Pages of other origins may read logs, files and figures of clients, and variables: the web interface on another
//! address asks for those straight from where they are.

use http::header::{ORIGIN, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::message::Response;

/// Paths that pages of any origin may ask for.
const OPEN: [&str; 7] = [
    "/v1/client/fs/",
    "/v1/client/stats",
    "/v1/client/allocation/",
    "/v1/client/metadata",
    "/v1/client/identity",
    "/v1/vars",
    "/v1/var/",
];

/// What a request has to do with other origins.
pub(super) enum Cors {
    /// Nothing.
    None,
    /// It comes from another origin, and may.
    Open,
    /// It asks whether a request may come.
    Preflight(Response),
}

impl Cors {
    /// Looks at the method, path and headers of a request.
    pub(super) fn of(method: &Method, path: &str, headers: &HeaderMap) -> Cors {
        if !OPEN.iter().any(|open| path.starts_with(open)) || !headers.contains_key(ORIGIN) {
            return Cors::None;
        }
        let Some(asked) = headers.get("access-control-request-method").filter(|_| method == Method::OPTIONS)
        else {
            return Cors::Open;
        };
        let mut answer = Response::empty(StatusCode::NO_CONTENT);
        answer.headers.append(VARY, HeaderValue::from_static("Origin"));
        let allowed = [Method::HEAD, Method::GET, Method::POST, Method::PUT, Method::DELETE];
        if allowed.iter().any(|method| method.as_str().as_bytes() == asked.as_bytes()) {
            set(&mut answer.headers, "access-control-allow-origin", HeaderValue::from_static("*"));
            set(&mut answer.headers, "access-control-allow-methods", asked.clone());
            if let Some(names) = headers.get("access-control-request-headers") {
                set(&mut answer.headers, "access-control-allow-headers", names.clone());
            }
        }
        Cors::Preflight(answer)
    }

    /// Tells the browser that its page may read the answer.
    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        if matches!(self, Cors::Open) {
            headers.append(VARY, HeaderValue::from_static("Origin"));
            set(headers, "access-control-allow-origin", HeaderValue::from_static("*"));
        }
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: HeaderValue) {
    headers.insert(HeaderName::from_static(name), value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_some_paths_are_open() {
        let headers = HeaderMap::from_iter([
            (ORIGIN, HeaderValue::from_static("http://ui")),
            (HeaderName::from_static("access-control-request-method"), HeaderValue::from_static("GET")),
        ]);
        assert!(matches!(Cors::of(&Method::GET, "/v1/jobs", &headers), Cors::None));
        assert!(matches!(Cors::of(&Method::GET, "/v1/vars", &headers), Cors::Open));
        let Cors::Preflight(answer) = Cors::of(&Method::OPTIONS, "/v1/var/a", &headers) else {
            panic!("a question is no request");
        };
        assert_eq!(answer.headers["access-control-allow-methods"], "GET");
    }
}
