//! `operator api`: any request to the API, as curl would make it, with address and token of the environment.

use crate::args::OperatorApi;
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, Request};
use std::io::Read;

/// A body larger than this is refused, in bytes.
const BODY_LIMIT: u64 = 64 * 1024 * 1024;

pub(super) async fn run(args: &OperatorApi, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let piped = piped();
    let default = if piped { "POST" } else { "GET" };
    let method = args.method.as_deref().filter(|method| !method.is_empty());
    let url = url(args, &client);
    let headers = headers(&args.header)?;
    if args.dryrun {
        console.line(curl(method, piped, &headers, &client, &url));
        return Ok(0);
    }
    let client = agent_of(args, client, &url)?;
    let method = method.unwrap_or(default).to_owned();
    let body = if piped { Some(body()?) } else { None };
    let say = |text: String| {
        if args.verbose {
            console.error(text);
        }
    };
    say(format!("> {method} {url}"));
    headers.iter().for_each(|(name, value)| say(format!("> {name}: {value}")));
    say("* Sending request and receiving response...".to_owned());
    let answer = client
        .raw(Request { method, url, headers, body })
        .await
        .map_err(|e| Failure::because("Error performing request", &e))?;
    say(format!("< {}", answer.status));
    answer.headers.iter().for_each(|(name, value)| say(format!("< {name}: {value}")));
    console.write(&answer.body);
    Ok(0)
}

/// Whether standard input is a pipe or a file. A terminal and the null device are neither.
fn piped() -> bool {
    use std::os::unix::fs::FileTypeExt;
    // Standard input that is closed, or hidden by the system, has nothing to say.
    std::fs::metadata("/dev/stdin").is_ok_and(|data| !data.file_type().is_char_device())
}

fn body() -> Result<Vec<u8>, Failure> {
    let failed = |why: String| Failure::new(format!("Error reading from stdin: {why}"));
    let mut body = Vec::new();
    let stdin = std::io::stdin().lock();
    stdin.take(BODY_LIMIT + 1).read_to_end(&mut body).map_err(|e| failed(e.to_string()))?;
    if body.len() as u64 > BODY_LIMIT {
        return Err(failed(format!("more than {BODY_LIMIT} bytes")));
    }
    Ok(body)
}

fn headers(given: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let split = given.iter().map(|header| match header.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(Failure::new(format!("Error parsing header {header:?}: expected \"name: value\""))),
    });
    split.collect()
}

fn is_url(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// The whole URL: the address of the agent before a path; region, namespace and filter among the parameters.
fn url(args: &OperatorApi, client: &ApiClient) -> String {
    let filter = args.filter.as_deref().filter(|filter| !filter.is_empty());
    let query: Vec<(&str, &str)> = filter.iter().map(|filter| ("filter", *filter)).collect();
    let (path, own) = args.path.split_once('?').unwrap_or((&args.path, ""));
    let slash = if path.starts_with('/') || is_url(path) { "" } else { "/" };
    let extended = client.url(&format!("{slash}{path}"), &query);
    // A whole URL has an address of its own.
    let extended =
        if is_url(path) { extended[extended.find(path).unwrap_or(0)..].to_owned() } else { extended };
    match (own, extended.split_once('?')) {
        ("", _) => extended,
        (own, None) => format!("{extended}?{own}"),
        (own, Some((path, added))) => format!("{path}?{own}&{added}"),
    }
}

/// A client of the agent that a whole URL names, or the same one.
fn agent_of(args: &OperatorApi, client: ApiClient, url: &str) -> Result<ApiClient, Failure> {
    if !is_url(&args.path) {
        return Ok(client);
    }
    let connection = crate::args::Connection { address: url.to_owned(), ..client.connection().clone() };
    ApiClient::new(connection).map_err(|error| Failure::because("Error initializing client", &error))
}

/// The request as a command of curl. Secrets stay in the environment.
fn curl(
    method: Option<&str>,
    piped: bool,
    headers: &[(String, String)],
    client: &ApiClient,
    url: &str,
) -> String {
    let mut lines = vec!["curl".to_owned()];
    if let Some(method) = method {
        lines.push(format!("-X {method}"));
    }
    if piped {
        lines.push("--data-binary @-".to_owned());
    }
    let token = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("X-Nomad-Token"));
    if !client.connection().token.is_empty() && !token {
        lines.push("-H \"X-Nomad-Token: ${NOMAD_TOKEN}\"".to_owned());
    }
    if !client.connection().http_auth.is_empty() {
        lines.push("--user \"${NOMAD_HTTP_AUTH}\"".to_owned());
    }
    lines.extend(headers.iter().map(|(name, value)| format!("-H {}", quoted(&format!("{name}: {value}")))));
    lines.push(url.to_owned());
    lines.join(" \\\n  ")
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Connection, General};

    fn client(token: &str) -> ApiClient {
        ApiClient::new(Connection {
            address: "http://127.0.0.1:4646".to_owned(),
            region: "eu".to_owned(),
            namespace: String::new(),
            token: token.to_owned(),
            http_auth: String::new(),
        })
        .unwrap()
    }

    fn asked(path: &str, filter: Option<&str>) -> OperatorApi {
        OperatorApi {
            general: General::default(),
            path: path.to_owned(),
            filter: filter.map(str::to_owned),
            ..OperatorApi::default()
        }
    }

    #[test]
    fn urls_get_address_and_parameters() {
        for (path, filter, url) in [
            ("/v1/jobs?prefix=x", None, "http://127.0.0.1:4646/v1/jobs?prefix=x&region=eu"),
            (
                "v1/jobs",
                Some("A == \"b\""),
                "http://127.0.0.1:4646/v1/jobs?filter=A+%3D%3D+%22b%22&region=eu",
            ),
            ("http://other:1/v1/x", None, "http://other:1/v1/x?region=eu"),
        ] {
            assert_eq!(super::url(&asked(path, filter), &client("")), url);
        }
    }

    #[test]
    fn a_request_can_be_shown_as_curl() {
        let headers = headers(&["X-A: it's".to_owned()]).unwrap();
        assert_eq!(
            curl(Some("POST"), true, &headers, &client("secret"), "http://h/v1/jobs"),
            "curl \\\n  -X POST \\\n  --data-binary @- \\\n  -H \"X-Nomad-Token: ${NOMAD_TOKEN}\" \\\n  -H 'X-A: it'\\''s' \\\n  \
             http://h/v1/jobs"
        );
        assert_eq!(curl(None, false, &[], &client(""), "http://h/"), "curl \\\n  http://h/");
        assert!(super::headers(&["nonsense".to_owned()]).is_err());
    }
}
