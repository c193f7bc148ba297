//! Requests for files of an allocation, read the same way by the server that passes them on and the agent that answers.
//!
//! The server needs the reading because a request that makes no sense is refused before its allocation is looked for.

/// A request below `/v1/client/fs/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FsRequest {
    /// Names in a directory.
    List {
        /// The directory.
        path: String,
    },
    /// Facts about a file.
    Stat {
        /// The file.
        path: String,
    },
    /// A file as it is.
    Cat {
        /// The file.
        path: String,
    },
    /// Part of a file as it is.
    ReadAt {
        /// The file.
        path: String,
        /// First byte.
        offset: i64,
        /// Most bytes; 0 or less for all.
        limit: i64,
    },
    /// A file in frames, for as long as it grows.
    Stream {
        /// The file.
        path: String,
        /// Bytes from the origin.
        offset: i64,
        /// The origin is the end.
        from_end: bool,
        /// Wait for more.
        follow: bool,
    },
    /// The log of a task.
    Logs {
        /// The task.
        task: String,
        /// `stdout` or `stderr`.
        kind: &'static str,
        /// Wait for more.
        follow: bool,
        /// Without frames.
        plain: bool,
        /// Bytes from the origin.
        offset: i64,
        /// The origin is the end.
        from_end: bool,
    },
}

/// A request that makes no sense, in the original's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FsError {
    /// HTTP status.
    pub status: u16,
    /// What is wrong.
    pub text: String,
}

impl FsError {
    /// An error of the status.
    pub fn new(status: u16, text: impl Into<String>) -> Self {
        FsError { status, text: text.into() }
    }
}

fn refuse<T>(text: &str) -> Result<T, FsError> {
    Err(FsError::new(400, text))
}

/// Go's reading of a whole number.
fn number(field: &str, text: &str, status: u16) -> Result<i64, FsError> {
    text.parse::<i64>().map_err(|_| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let why = if all_digits { "value out of range" } else { "invalid syntax" };
        FsError::new(status, format!("error parsing {field}: strconv.ParseInt: parsing {text:?}: {why}"))
    })
}

fn flag(field: &str, text: &str, missing: bool, status: u16) -> Result<bool, FsError> {
    match text {
        "" => Ok(missing),
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => {
            let why = format!("strconv.ParseBool: parsing {text:?}: invalid syntax");
            Err(FsError::new(status, format!("failed to parse {field} field to boolean: {why}")))
        }
    }
}

fn from_end(origin: &str) -> Result<bool, FsError> {
    match origin {
        "" | "start" => Ok(false),
        "end" => Ok(true),
        _ => refuse("origin must be start or end"),
    }
}

/// Status of an answer that begins with an error: those that stream a file as it is have said 200 by then.
pub fn error_status(what: &str, status: u16) -> u16 {
    if matches!(what, "cat" | "readat") { 200 } else { status }
}

impl FsRequest {
    /// Reads a request: `what` follows `/v1/client/fs/`, `alloc` follows that, `get` gives a decoded parameter, empty
    /// when it is missing.
    ///
    /// # Errors
    /// In the original's order: allocation, file or task, then the other parameters.
    pub fn read<'a>(what: &str, alloc: &str, get: impl Fn(&str) -> &'a str) -> Result<Self, FsError> {
        let named = || match get("path") {
            "" => refuse("must provide a file name"),
            path => Ok(path.to_owned()),
        };
        if alloc.is_empty() && matches!(what, "ls" | "stat" | "cat" | "readat" | "stream" | "logs") {
            return refuse("must provide a valid alloc id");
        }
        match what {
            "ls" => {
                let path = get("path");
                Ok(FsRequest::List { path: if path.is_empty() { "/" } else { path }.to_owned() })
            }
            "stat" => Ok(FsRequest::Stat { path: named()? }),
            "cat" => Ok(FsRequest::Cat { path: named()? }),
            "readat" => {
                let path = named()?;
                let offset = number("offset", get("offset"), 500)?;
                let limit = match get("limit") {
                    "" => 0,
                    text => number("limit", text, 500)?,
                };
                Ok(FsRequest::ReadAt { path, offset, limit })
            }
            "stream" => {
                let path = named()?;
                let follow = flag("follow", get("follow"), true, 500)?;
                let offset = match get("offset") {
                    "" => 0,
                    text => number("offset", text, 500)?,
                };
                Ok(FsRequest::Stream { path, offset, from_end: from_end(get("origin"))?, follow })
            }
            "logs" => Self::logs(get),
            _ => Err(FsError::new(404, "Invalid method")),
        }
    }

    fn logs<'a>(get: impl Fn(&str) -> &'a str) -> Result<Self, FsError> {
        let task = get("task").to_owned();
        if task.is_empty() {
            return refuse("must provide task name");
        }
        let follow = flag("follow", get("follow"), false, 400)?;
        let plain = flag("plain", get("plain"), false, 400)?;
        let kind = match get("type") {
            "stdout" => "stdout",
            "stderr" => "stderr",
            _ => return refuse("must provide log type (stdout/stderr)"),
        };
        let offset = match get("offset") {
            "" => 0,
            text => number("offset", text, 400)?,
        };
        let from_end = from_end(get("origin"))?;
        Ok(FsRequest::Logs { task, kind, follow, plain, offset, from_end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parameters = &'static [(&'static str, &'static str)];

    fn refused(what: &str, alloc: &str, query: Parameters) -> (u16, String) {
        let get = |name: &str| query.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
        let error = FsRequest::read(what, alloc, get).unwrap_err();
        (error_status(what, error.status), error.text)
    }

    #[test]
    fn what_makes_no_sense_is_told_as_recorded() {
        const PATH: (&str, &str) = ("path", "/a");
        let cases: &[(&str, &str, Parameters, u16, &str)] = &[
            ("ls", "", &[PATH], 400, "must provide a valid alloc id"),
            ("cat", "", &[PATH], 200, "must provide a valid alloc id"),
            ("cat", "x", &[], 200, "must provide a file name"),
            ("stat", "x", &[], 400, "must provide a file name"),
            (
                "readat",
                "x",
                &[PATH],
                200,
                "error parsing offset: strconv.ParseInt: parsing \"\": invalid syntax",
            ),
            ("stream", "x", &[PATH, ("origin", "nope")], 400, "origin must be start or end"),
            (
                "stream",
                "x",
                &[PATH, ("offset", "x")],
                500,
                "error parsing offset: strconv.ParseInt: parsing \"x\": invalid syntax",
            ),
            ("logs", "x", &[("type", "stdout")], 400, "must provide task name"),
            ("logs", "x", &[("task", "t")], 400, "must provide log type (stdout/stderr)"),
            (
                "logs",
                "x",
                &[("task", "t"), ("type", "stdout"), ("plain", "nope")],
                400,
                "failed to parse plain field to boolean: strconv.ParseBool: parsing \"nope\": invalid syntax",
            ),
            ("nope", "x", &[], 404, "Invalid method"),
        ];
        for (what, alloc, query, status, text) in cases {
            assert_eq!(refused(what, alloc, query), (*status, (*text).to_owned()), "{what} {query:?}");
        }
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let get = |name: &str| if name == "path" { "a" } else { "" };
        let stream = FsRequest::read("stream", "x", get).unwrap();
        let expected = FsRequest::Stream { path: "a".into(), offset: 0, from_end: false, follow: true };
        assert_eq!(stream, expected);
        assert_eq!(FsRequest::read("ls", "x", |_| ""), Ok(FsRequest::List { path: "/".into() }));
    }
}
