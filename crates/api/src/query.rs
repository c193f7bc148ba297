//! Query parameters that every read takes, and the texts that refuse bad ones.

use std::collections::BTreeMap;

/// Longest time that a blocking query is held, ns: what the original does, whatever its documents say.
pub const WAIT_MAX_NS: i64 = 300_000_000_000;

/// A parameter that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuery {
    /// `index` is no number.
    #[error("Invalid index")]
    Index,
    /// `wait` is no duration.
    #[error("Invalid wait time")]
    Wait,
    /// `stale` is neither true nor false.
    #[error("Expect `true` or `false` for `stale` query string parameter")]
    Stale,
    /// `per_page` is no number.
    #[error("Expect a number for `per_page` query string parameter")]
    PerPage,
}

/// A switch that is neither on nor off. Refused with status 500, as the original does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "Failed to parse value of \"{name}\" ({value}) as a bool: strconv.ParseBool: parsing \"{value}\": invalid syntax"
)]
pub struct InvalidBool {
    /// Name of the parameter.
    pub name: String,
    /// What was given.
    pub value: String,
}

/// Options of a read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// Answer only once the data is newer than this index; 0 for at once.
    pub index: u64,
    /// How long to wait for that, ns.
    pub wait_ns: i64,
    /// Answer from this server's own state, however old.
    pub stale: bool,
    /// Namespace, `*` for all.
    pub namespace: Option<String>,
    /// Only what starts with this.
    pub prefix: String,
    /// Items in a page; 0 for all. A negative number is a page without items, as the original counts.
    pub per_page: i32,
    /// First item of the page.
    pub next_token: String,
    /// Newest first.
    pub reverse: bool,
    /// Filter expression.
    pub filter: String,
}

/// The parameters of a query, decoded.
#[derive(Debug, Clone, Default)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// Decodes a query text; the first of several values counts.
    pub fn parse(query: &str) -> Self {
        let mut params = BTreeMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            params.entry(percent_decode(name, true)).or_insert_with(|| percent_decode(value, true));
        }
        Params(params)
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A switch, in any of the spellings of Go's `ParseBool`; off when it is missing.
    pub fn flag(&self, name: &str) -> Result<bool, InvalidBool> {
        match self.get(name) {
            None | Some("") => Ok(false),
            Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
            Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
            Some(value) => Err(InvalidBool { name: name.to_owned(), value: value.to_owned() }),
        }
    }

    /// True when answers are to be indented.
    pub fn pretty(&self) -> bool {
        self.get("pretty").is_some_and(|value| value != "0")
    }

    /// The options of a read.
    pub fn read_options(&self) -> Result<ReadOptions, InvalidQuery> {
        let index = match self.get("index") {
            None | Some("") => 0,
            Some(text) => text.parse().map_err(|_| InvalidQuery::Index)?,
        };
        let wait_ns = match self.get("wait") {
            None | Some("") => WAIT_MAX_NS,
            Some(text) => model::go_duration::parse(text).map_err(|_| InvalidQuery::Wait)?.min(WAIT_MAX_NS),
        };
        let stale = match self.get("stale") {
            None | Some("false") => false,
            Some("" | "true") => true,
            Some(_) => return Err(InvalidQuery::Stale),
        };
        let per_page = match self.get("per_page") {
            None | Some("") => 0,
            Some(text) => text.parse().map_err(|_| InvalidQuery::PerPage)?,
        };
        let text = |name| self.get(name).unwrap_or_default().to_owned();
        Ok(ReadOptions {
            index,
            wait_ns: if wait_ns <= 0 { WAIT_MAX_NS } else { wait_ns },
            stale,
            namespace: self.get("namespace").filter(|namespace| !namespace.is_empty()).map(str::to_owned),
            prefix: text("prefix"),
            per_page,
            next_token: text("next_token"),
            reverse: self.get("reverse") == Some("true"),
            filter: text("filter"),
        })
    }
}

/// Decodes `%XX`, and `+` as a blank where that is what it means; malformed escapes stay as they are.
pub fn percent_decode(text: &str, plus_is_blank: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escape.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(if byte == b'+' && plus_is_blank { b' ' } else { byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_documented() {
        let options = Params::parse("index=7&wait=10s&stale&prefix=a%2Fb").read_options().unwrap();
        assert_eq!(
            (options.index, options.wait_ns, options.stale, &*options.prefix),
            (7, 10_000_000_000, true, "a/b")
        );
        assert_eq!(Params::parse("index=x").read_options().unwrap_err().to_string(), "Invalid index");
        assert_eq!(Params::parse("wait=10").read_options().unwrap_err().to_string(), "Invalid wait time");
        assert!(Params::parse("purge=maybe").flag("purge").is_err());
    }
}
