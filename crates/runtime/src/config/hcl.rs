//! The syntax of agent configuration files: HCL version 1.
//!
//! Agent configuration never moved to the second version of HCL, and files in the field rely on what only the first
//! allows: quoted keys inside a block (`options { "driver.raw_exec.enable" = "1" }`), keys with dots, several keys on
//! one line. So this is a small parser of its own instead of the one for job files. It evaluates nothing: a `${…}` in a
//! string stays as it is written.

use super::node::{Node, Value, insert};
use std::collections::BTreeMap;
use thiserror::Error;

/// Blocks and lists nested deeper than this are refused, so that a hostile file cannot exhaust the stack.
const DEPTH_LIMIT: u32 = 32;

/// Where and why a text is not HCL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {message}")]
pub(crate) struct SyntaxError {
    pub(crate) line: u32,
    pub(crate) message: String,
}

/// Parse a whole file into a block.
pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser { rest: text, line: 1, depth: 0 };
    let map = parser.items(None)?;
    Ok(Node { line: 1, value: Value::Block(map) })
}

struct Parser<'a> {
    rest: &'a str,
    line: u32,
    depth: u32,
}

impl<'a> Parser<'a> {
    fn fail<T>(&self, message: impl Into<String>) -> Result<T, SyntaxError> {
        Err(SyntaxError { line: self.line, message: message.into() })
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Step over `bytes` bytes, counting the lines among them.
    fn advance(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.line += taken.bytes().filter(|b| *b == b'\n').count() as u32;
        self.rest = rest;
        taken
    }

    /// Step over white space and comments.
    fn skip(&mut self) -> Result<(), SyntaxError> {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            self.advance(blank);
            if self.rest.starts_with('#') || self.rest.starts_with("//") {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.advance(end);
            } else if self.rest.starts_with("/*") {
                match self.rest.find("*/") {
                    Some(end) => self.advance(end + 2),
                    None => return self.fail("comment is never closed"),
                };
            } else {
                return Ok(());
            }
        }
    }

    fn deeper(&mut self) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return self.fail(format!("nested deeper than {DEPTH_LIMIT} levels"));
        }
        Ok(())
    }

    /// The `key = value` and `key "label" { … }` items up to `}` (or the end of the file when `opened_at` is `None`).
    fn items(&mut self, opened_at: Option<u32>) -> Result<BTreeMap<String, Node>, SyntaxError> {
        self.deeper()?;
        let mut block = BTreeMap::new();
        loop {
            self.skip()?;
            match (self.peek(), opened_at) {
                (None, None) => break,
                (None, Some(line)) => {
                    return self.fail(format!("block opened on line {line} is never closed"));
                }
                (Some('}'), Some(_)) => {
                    self.advance(1);
                    break;
                }
                (Some(','), _) => {
                    self.advance(1);
                }
                _ => self.item(&mut block)?,
            }
        }
        self.depth -= 1;
        Ok(block)
    }

    fn item(&mut self, block: &mut BTreeMap<String, Node>) -> Result<(), SyntaxError> {
        let line = self.line;
        let mut keys = vec![self.key()?];
        let value = loop {
            self.skip()?;
            match self.peek() {
                Some('=' | ':') => {
                    self.advance(1);
                    self.skip()?;
                    break self.value()?;
                }
                Some('{') => break self.value()?,
                Some(_) => keys.push(self.key()?),
                None => return self.fail(format!("key `{}` has no value", keys.join(" "))),
            }
            if keys.len() > 8 {
                return self.fail("a block has more than 7 labels");
            }
        };
        // `plugin "x" { … }` means the same as `plugin = { x = { … } }`.
        let mut node = Node { line, value: value.value };
        while keys.len() > 1 {
            let key = keys.pop().expect("there is more than one key here");
            node = Node { line, value: Value::Block(BTreeMap::from([(key, node)])) };
        }
        let key = keys.pop().expect("the first key was read before the loop");
        insert(block, key, node);
        Ok(())
    }

    fn key(&mut self) -> Result<String, SyntaxError> {
        match self.peek() {
            Some('"') => self.string(),
            Some(c) if c.is_alphanumeric() || c == '_' => {
                let end = self
                    .rest
                    .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
                    .unwrap_or(self.rest.len());
                Ok(self.advance(end).to_owned())
            }
            Some(c) => self.fail(format!("expected a key, found `{}`", c.escape_default())),
            None => self.fail("expected a key, found the end of the file"),
        }
    }

    fn value(&mut self) -> Result<Node, SyntaxError> {
        let line = self.line;
        let value = match self.peek() {
            Some('"') => Value::Text(self.string()?),
            Some('<') => Value::Text(self.heredoc()?),
            Some('[') => Value::List(self.list()?),
            Some('{') => {
                self.advance(1);
                Value::Block(self.items(Some(line))?)
            }
            Some(_) => self.word()?,
            None => return self.fail("expected a value, found the end of the file"),
        };
        Ok(Node { line, value })
    }

    fn list(&mut self) -> Result<Vec<Node>, SyntaxError> {
        self.deeper()?;
        let opened_at = self.line;
        self.advance(1);
        let mut items = Vec::new();
        loop {
            self.skip()?;
            match self.peek() {
                Some(']') => break,
                None => return self.fail(format!("list opened on line {opened_at} is never closed")),
                Some(_) => items.push(self.value()?),
            }
            self.skip()?;
            match self.peek() {
                Some(',') => {
                    self.advance(1);
                }
                Some(']') => {}
                _ => return self.fail("expected `,` or `]` in a list"),
            }
        }
        self.advance(1);
        self.depth -= 1;
        Ok(items)
    }

    /// `true`, `false` or a number.
    fn word(&mut self) -> Result<Value, SyntaxError> {
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+')))
            .unwrap_or(self.rest.len());
        let word = &self.rest[..end];
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => match number(word) {
                Some(value) => value,
                None if word.is_empty() => {
                    let found = self.peek().unwrap_or(' ');
                    return self.fail(format!("expected a value, found `{}`", found.escape_default()));
                }
                None => return self.fail(format!("`{word}` is not a value (a text needs quotes)")),
            },
        };
        self.advance(end);
        Ok(value)
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        let opened_at = self.line;
        self.advance(1);
        let mut out = String::new();
        // Inside `${ … }` quotes belong to the text; the depth counts braces there.
        let mut braces = 0u32;
        loop {
            let Some(c) = self.peek() else {
                return self.fail(format!("text opened on line {opened_at} is never closed"));
            };
            if braces == 0 && c == '"' {
                self.advance(1);
                return Ok(out);
            }
            if braces == 0 && c == '\n' {
                return self.fail("a text ends on its line (use a heredoc for several)");
            }
            if braces == 0 && c == '\\' {
                self.advance(1);
                out.push(self.escape()?);
                continue;
            }
            if braces == 0 && self.rest.starts_with("${") {
                braces = 1;
                out.push_str(self.advance(2));
                continue;
            }
            if braces > 0 {
                match c {
                    '{' => braces += 1,
                    '}' => braces -= 1,
                    _ => {}
                }
            }
            out.push_str(self.advance(c.len_utf8()));
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let Some(c) = self.peek() else {
            return self.fail("text ends after a backslash");
        };
        self.advance(c.len_utf8());
        let digits = match c {
            'n' => return Ok('\n'),
            't' => return Ok('\t'),
            'r' => return Ok('\r'),
            'a' => return Ok('\u{7}'),
            'b' => return Ok('\u{8}'),
            'f' => return Ok('\u{c}'),
            'v' => return Ok('\u{b}'),
            '"' | '\\' => return Ok(c),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return self.fail(format!("unknown escape `\\{}`", c.escape_default())),
        };
        let code = self.rest.get(..digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match code.and_then(char::from_u32) {
            Some(decoded) => {
                self.advance(digits);
                Ok(decoded)
            }
            None => self.fail(format!("`\\{c}` needs {digits} hexadecimal digits of a character")),
        }
    }

    /// `<<END … END`, or `<<-END` which also removes the common indentation.
    fn heredoc(&mut self) -> Result<String, SyntaxError> {
        let opened_at = self.line;
        let Some(rest) = self.rest.strip_prefix("<<") else {
            return self.fail("expected a value, found `<`");
        };
        let (indented, rest) = match rest.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let head = rest.lines().next().unwrap_or("");
        let marker = head.trim();
        if marker.is_empty() || !marker.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return self.fail("a heredoc starts with `<<` and a word, alone on the line");
        }
        let start = self.rest.len() - rest.len() + head.len();
        let mut body: Vec<&str> = Vec::new();
        let mut length = start;
        for line in self.rest[start..].split_inclusive('\n') {
            if line.trim() == marker {
                // The line feed after the marker stays for the caller, who treats it as white space.
                self.advance(length + line.trim_end().len());
                // What precedes the first line feed is the rest of the marker's own line, which is empty.
                return Ok(join_heredoc(body.get(1..).unwrap_or(&[]), indented));
            }
            body.push(line);
            length += line.len();
        }
        self.fail(format!("heredoc `{marker}` opened on line {opened_at} is never closed"))
    }
}

fn join_heredoc(lines: &[&str], indented: bool) -> String {
    let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = lines.iter().filter(|l| !l.trim().is_empty()).map(indent).min().unwrap_or(0);
    let cut = if indented { common } else { 0 };
    lines.iter().map(|line| line.get(cut.min(indent(line))..).unwrap_or("")).collect()
}

fn number(word: &str) -> Option<Value> {
    if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok().map(Value::Integer);
    }
    if !word.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') {
        return None;
    }
    if let Ok(integer) = word.parse::<i64>() {
        return Some(Value::Integer(integer));
    }
    word.parse::<f64>().ok().filter(|f| f.is_finite()).map(Value::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_files_in_the_field_contain() {
        let text = r#"
            # comment
            name = "a\"b" // tail
            ports { http = 1 rpc = 0x10, serf = -3 }
            client { /* inner
                        comment */
              options { "driver.raw_exec.enable" = "1" }
              meta { rack.row = 1.5, ok = true }
              host_volume "a" { path = "/a" }
              host_volume "b" { path = "/b" }
              servers = ["x", "y",]
            }
            text = <<-EOF
                one
                  two
                EOF
            raw = <<EOF
  kept
EOF
            expr = "${env("A", {b = "c"})}"
        "#;
        let tree = parse(text).unwrap().into_json();
        assert_eq!(
            tree,
            serde_json::json!({
                "name": "a\"b",
                "ports": {"http": 1, "rpc": 16, "serf": -3},
                "client": {
                    "options": {"driver.raw_exec.enable": "1"},
                    "meta": {"rack.row": 1.5, "ok": true},
                    "host_volume": {"a": {"path": "/a"}, "b": {"path": "/b"}},
                    "servers": ["x", "y"],
                },
                "text": "one\n  two\n",
                "raw": "  kept\n",
                "expr": "${env(\"A\", {b = \"c\"})}",
            })
        );
    }

    #[test]
    fn says_which_line_is_wrong() {
        for (text, line, part) in [
            ("a = 1\nb = x", 2, "needs quotes"),
            ("a {\n b = 1\n", 3, "opened on line 1"),
            ("a = [1 2]", 1, "expected `,`"),
            ("\n\na = \"x\n\"", 3, "ends on its line"),
            ("a = <<EOF\nx\n", 1, "never closed"),
            ("a", 1, "has no value"),
            ("= 1", 1, "expected a key"),
            ("a = \"\\q\"", 1, "unknown escape"),
            ("/* a", 1, "never closed"),
            ("}", 1, "expected a key"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.message.contains(part), "{text:?}: {error}");
            assert_eq!(error.line, line, "{text:?}: {error}");
        }
        assert!(parse(&"a {".repeat(1000)).unwrap_err().message.contains("deeper"));
        assert!(parse(&format!("a = {}", "[".repeat(1000))).unwrap_err().message.contains("deeper"));
    }

    #[test]
    fn lines_of_keys_are_kept_across_heredocs() {
        let tree = parse("a = <<E\nx\ny\nE\nb = 1\n").unwrap();
        let Value::Block(map) = tree.value else { panic!("a file is a block") };
        assert_eq!((map["a"].line, map["b"].line), (1, 5));
    }
}
