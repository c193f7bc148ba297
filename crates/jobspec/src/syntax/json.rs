//! JSON with places, for job files and variable values that are written in it.

use std::rc::Rc;

use unicode_segmentation::UnicodeSegmentation;

use crate::diagnostic::{Diagnostic, Subject};
use crate::limits::MAX_NESTING;
use crate::position::{Position, Range};

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) range: Range,
}

#[derive(Debug)]
pub(crate) enum NodeKind {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Array(Vec<Rc<Node>>),
    Object(Vec<Property>),
}

#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) name_range: Range,
    pub(crate) value: Rc<Node>,
}

const VALUE: &str = "A JSON value must start with a brace, a bracket, a number, a string, or a keyword.";

struct Reader<'a> {
    source: &'a str,
    text: usize,
    file: &'a str,
    place: Position,
    depth: usize,
}

type Read<T> = Result<T, Box<Diagnostic>>;

/// Parses a whole text.
pub(crate) fn parse(source: &str, text: usize, file: &str) -> Result<Node, Vec<Diagnostic>> {
    let mut reader = Reader { source, text, file, place: Position::START, depth: 0 };
    let node =
        reader.value().and_then(|node| {
            reader.blanks();
            match reader.peek() {
                None => Ok(node),
                Some(_) => Err(reader
                    .error("Extraneous data after value", "Extra characters appear after the JSON value.")),
            }
        });
    node.map_err(|one| vec![*one])
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.source.get(self.place.byte..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn advance(&mut self, length: usize) -> Range {
        let start = self.place;
        self.place = start.after(self.rest().get(..length).unwrap_or_default());
        Range { text: self.text, start, end: self.place }
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{feff}']).len();
        self.advance(length);
    }

    /// An error at the next character.
    fn error(&self, summary: &str, detail: &str) -> Box<Diagnostic> {
        let length = self.rest().graphemes(true).next().map_or(0, str::len);
        let end = self.place.after(self.rest().get(..length).unwrap_or_default());
        self.error_at(Range { text: self.text, start: self.place, end }, summary, detail)
    }

    fn error_at(&self, range: Range, summary: &str, detail: &str) -> Box<Diagnostic> {
        let subject = Subject { file: self.file.to_owned(), start: range.start, end: range.end };
        Box::new(Diagnostic::error(Some(subject), summary, detail))
    }

    fn value(&mut self) -> Read<Node> {
        self.blanks();
        match self.peek() {
            None => Err(self.error("Missing value", "The JSON data ends prematurely.")),
            Some('{') => self.nested(Self::object),
            Some('[') => self.nested(Self::array),
            Some('"') => {
                let (text, range) = self.string()?;
                Ok(Node { kind: NodeKind::Text(text), range })
            }
            Some('-' | '0'..='9') => self.number(),
            Some('a'..='z' | 'A'..='Z') => self.keyword(),
            Some(']' | '}' | ',') => Err(self.error("Missing JSON value", VALUE)),
            Some(_) => Err(self.error("Invalid start of value", VALUE)),
        }
    }

    fn nested(&mut self, inner: impl FnOnce(&mut Self) -> Read<Node>) -> Read<Node> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            let detail =
                format!("Blocks and expressions may stand inside one another {MAX_NESTING} times at most.");
            return Err(self.error("Nesting too deep", &detail));
        }
        let node = inner(self);
        self.depth -= 1;
        node
    }

    fn object(&mut self) -> Read<Node> {
        let open = self.advance(1);
        let mut properties = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                Some('}') => break,
                Some('"') => {}
                None => return Err(self.unclosed(open, true)),
                Some(_) => {
                    return Err(self.error(
                        "Invalid object property name",
                        "A JSON object property name must be a string.",
                    ));
                }
            }
            let (name, name_range) = self.string()?;
            self.blanks();
            if self.peek() != Some(':') {
                return Err(self.error(
                    "Missing property value colon",
                    "A colon must appear between an object property's name and its value.",
                ));
            }
            self.advance(1);
            let value = Rc::new(self.value()?);
            properties.push(Property { name, name_range, value });
            if !self.separator('}', open)? {
                break;
            }
        }
        let close = self.advance(1);
        Ok(Node { kind: NodeKind::Object(properties), range: open.to(close) })
    }

    fn array(&mut self) -> Read<Node> {
        let open = self.advance(1);
        let mut items = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                Some(']') => break,
                None => return Err(self.unclosed(open, false)),
                Some(_) => {}
            }
            items.push(Rc::new(self.value()?));
            if !self.separator(']', open)? {
                break;
            }
        }
        let close = self.advance(1);
        Ok(Node { kind: NodeKind::Array(items), range: open.to(close) })
    }

    fn unclosed(&self, open: Range, object: bool) -> Box<Diagnostic> {
        match object {
            true => {
                self.error_at(open, "Unclosed object", "No closing brace was found for this JSON object.")
            }
            false => {
                self.error_at(open, "Unclosed array", "No closing bracket was found for this JSON array.")
            }
        }
    }

    /// The comma between two items. False in front of the closing bracket.
    fn separator(&mut self, close: char, open: Range) -> Read<bool> {
        let object = close == '}';
        self.blanks();
        match self.peek() {
            Some(',') => {
                let comma = self.advance(1);
                self.blanks();
                if self.peek() != Some(close) {
                    return Ok(true);
                }
                Err(match object {
                    true => self.error_at(
                        comma,
                        "Trailing comma in object",
                        "JSON does not permit a trailing comma after the final property in an object.",
                    ),
                    false => self.error_at(
                        comma,
                        "Trailing comma in array",
                        "JSON does not permit a trailing comma after the final value in an array.",
                    ),
                })
            }
            Some(next) if next == close => Ok(false),
            None => Err(self.unclosed(open, object)),
            Some(_) => Err(match object {
                true => self.error(
                    "Missing attribute separator comma",
                    "A comma must appear between each property definition in an object.",
                ),
                false => self.error(
                    "Missing attribute separator comma",
                    "A comma must appear between each value in an array.",
                ),
            }),
        }
    }

    fn number(&mut self) -> Read<Node> {
        let rest = self.rest();
        let end = rest.find(|next: char| !matches!(next, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        let length = end.unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default().to_owned();
        let good = serde_json::from_str::<serde_json::Number>(&text).is_ok();
        let range = self.advance(length);
        if good {
            return Ok(Node { kind: NodeKind::Number(text), range });
        }
        Err(self.error_at(range, "Invalid JSON number", "There is a syntax error in the given JSON number."))
    }

    fn keyword(&mut self) -> Read<Node> {
        let rest = self.rest();
        let end = rest.find(|next: char| !next.is_alphanumeric());
        let length = end.unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default().to_owned();
        let range = self.advance(length);
        let kind = match word.as_str() {
            "null" => NodeKind::Null,
            "true" => NodeKind::Bool(true),
            "false" => NodeKind::Bool(false),
            _ => {
                let hint = crate::suggest::did_you_mean(&word, ["true", "false", "null"]);
                let detail = format!("{word:?} is not a valid JSON keyword.{hint}");
                return Err(self.error_at(range, "Invalid JSON keyword", &detail));
            }
        };
        Ok(Node { kind, range })
    }

    fn string(&mut self) -> Read<(String, Range)> {
        let bytes = self.rest().as_bytes();
        let mut at = 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => break,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        let length = (at + 1).min(self.rest().len());
        let text = self.rest().get(..length).unwrap_or_default();
        let decoded = serde_json::from_str::<String>(text);
        let range = self.advance(length);
        match decoded {
            Ok(text) => Ok((text, range)),
            Err(_) => Err(self.error_at(
                range,
                "Invalid JSON string",
                "There is a syntax error in the given JSON string.",
            )),
        }
    }
}
