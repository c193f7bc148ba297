//! Bodies: attributes and blocks.

use std::rc::Rc;

use crate::position::Range;

use super::cursor::{Broken, Parser};
use super::token::{Kind, Token};
use super::tree::{Attribute, Block, Body};

const ITEM: &str = "Argument or block definition required";
const ITEM_DETAIL: &str = "An argument or block definition is required here.";
const BLOCK: &str = "Invalid block definition";
const SINGLE: &str = "Invalid single-argument block definition";

enum Item {
    Attribute(Attribute),
    Block(Block),
}

impl Parser {
    /// A body up to the closing token, which is read too.
    pub(crate) fn body(&mut self, end: Kind) -> Body {
        let start = self.previous();
        let mut body = Body { attributes: Vec::new(), blocks: Vec::new(), range: start };
        loop {
            let next = self.peek();
            if next.kind == end {
                self.read();
                body.range = start.to(next.range);
                return body;
            }
            match next.kind {
                Kind::Newline => {
                    self.read();
                }
                Kind::Ident => {
                    if let Ok(item) = self.item() {
                        self.add(&mut body, item);
                    }
                }
                _ => {
                    self.read();
                    self.bad_item(next, start);
                    self.recover(end);
                    return body;
                }
            }
        }
    }

    fn bad_item(&mut self, bad: Token, start: Range) {
        match bad.kind {
            Kind::OpenQuote => {
                self.report_first("Invalid argument name", "Argument names must not be quoted.", bad.range);
            }
            Kind::End => self.report_first(
                "Unclosed configuration block",
                "There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting elsewhere in this file.",
                start,
            ),
            _ => self.report_first(ITEM, ITEM_DETAIL, bad.range),
        }
    }

    fn add(&mut self, body: &mut Body, item: Item) {
        match item {
            Item::Block(block) => body.blocks.push(block),
            Item::Attribute(attribute) => {
                let earlier = body.attributes.iter().find(|one| one.name == attribute.name);
                let Some(earlier) = earlier else {
                    body.attributes.push(attribute);
                    return;
                };
                let place = self.subject(earlier.name_range);
                let detail = format!(
                    "The argument \"{}\" was already set at {place}. Each argument may be set only once.",
                    attribute.name
                );
                self.report("Attribute redefined", &detail, attribute.name_range);
            }
        }
    }

    fn item(&mut self) -> Result<Item, Broken> {
        let name = self.read();
        match self.peek().kind {
            Kind::Assign => Ok(Item::Attribute(self.attribute(name, false)?)),
            Kind::OpenQuote | Kind::OpenBrace | Kind::Ident => Ok(Item::Block(self.block(name)?)),
            _ => {
                let detail = format!(
                    "{ITEM_DETAIL} To set an argument, use the equals sign \"=\" to introduce the argument value."
                );
                self.report(ITEM, &detail, name.range);
                self.recover_item();
                Err(Broken)
            }
        }
    }

    fn attribute(&mut self, name: Token, single: bool) -> Result<Attribute, Broken> {
        self.read();
        let before = self.diagnostics.len();
        let value = self.expression();
        if self.recovery && (value.is_err() || self.diagnostics.len() > before) {
            self.recover_item();
        } else if !single {
            self.attribute_end();
        }
        let value = value?;
        let range = name.range.to(value.range);
        let text = self.text(name.range).to_owned();
        Ok(Attribute { name: text, name_range: name.range, range, value: Rc::new(value) })
    }

    fn attribute_end(&mut self) {
        let end = self.peek();
        match end.kind {
            Kind::Newline => {
                self.read();
            }
            Kind::End => {}
            _ => {
                let detail = "An argument definition must end with a newline.";
                if end.kind == Kind::Comma {
                    let detail =
                        format!("Argument definitions must be separated by newlines, not commas. {detail}");
                    self.report_first("Unexpected comma after argument", &detail, end.range);
                } else {
                    self.report_first("Missing newline after argument", detail, end.range);
                }
                self.recover_item();
            }
        }
    }

    fn block(&mut self, name: Token) -> Result<Block, Broken> {
        let mut labels = Vec::new();
        loop {
            let next = self.peek();
            match next.kind {
                Kind::OpenBrace => break,
                Kind::OpenQuote => labels.push(self.label()),
                Kind::Ident => {
                    self.read();
                    labels.push((self.text(next.range).to_owned(), next.range));
                }
                _ => {
                    self.bad_header(next);
                    self.recover_item();
                    return Err(Broken);
                }
            }
        }
        let open = self.read().range;
        let body = self.block_body();
        self.block_end();
        let kind = self.text(name.range).to_owned();
        Ok(Block { kind, kind_range: name.range, labels, open, body: Rc::new(body?) })
    }

    fn bad_header(&mut self, next: Token) {
        let detail = match next.kind {
            Kind::Assign => {
                "The equals sign \"=\" indicates an argument definition, and must not be used when defining a block."
            }
            Kind::Newline => {
                "A block definition must have block content delimited by \"{\" and \"}\", starting on the same line as the block header."
            }
            _ => "Either a quoted string block label or an opening brace (\"{\") is expected here.",
        };
        self.report_first(BLOCK, detail, next.range);
    }

    fn block_body(&mut self) -> Result<Body, Broken> {
        self.deeper()?;
        let body = match self.peek().kind {
            Kind::Newline | Kind::End | Kind::CloseBrace => self.body(Kind::CloseBrace),
            _ => self.single_line_body(),
        };
        self.shallower();
        Ok(body)
    }

    fn single_line_body(&mut self) -> Body {
        let open = self.previous();
        let mut body = Body { attributes: Vec::new(), blocks: Vec::new(), range: open };
        let name = self.read();
        let next = self.peek();
        match (name.kind, next.kind) {
            (Kind::Ident, Kind::Assign) => {
                if let Ok(attribute) = self.attribute(name, true) {
                    body.attributes.push(attribute);
                }
            }
            (Kind::Ident, Kind::OpenQuote | Kind::OpenBrace | Kind::Ident) => {
                let detail = format!(
                    "A single-line block definition can contain only a single argument. If you meant to define argument \"{}\", use an equals sign to assign it a value. To define a nested block, place it on a line of its own within its parent block.",
                    self.text(name.range)
                );
                self.report("Argument definition required", &detail, name.range.to(next.range));
                self.recover_item();
            }
            _ => {
                self.report(ITEM, ITEM_DETAIL, name.range);
                self.recover_item();
            }
        }
        self.single_line_end();
        body.range = open.to(self.previous());
        body
    }

    fn single_line_end(&mut self) {
        let next = self.peek();
        let detail = match next.kind {
            Kind::CloseBrace => {
                self.read();
                return;
            }
            Kind::Comma => {
                "Single-line block syntax can include only one argument definition. To define multiple arguments, use the multi-line block syntax with one argument definition per line."
            }
            Kind::Newline => {
                "An argument definition on the same line as its containing block creates a single-line block definition, which must also be closed on the same line. Place the block's closing brace immediately after the argument definition."
            }
            _ => {
                "A single-line block definition must end with a closing brace immediately after its single argument definition."
            }
        };
        self.report_first(SINGLE, detail, next.range);
        self.recover(Kind::CloseBrace);
    }

    fn block_end(&mut self) {
        let next = self.peek();
        match next.kind {
            Kind::Newline => {
                self.read();
            }
            Kind::End => {}
            _ => {
                self.report_first(
                    "Missing newline after block definition",
                    "A block definition must end with a newline.",
                    next.range,
                );
                self.recover_item();
            }
        }
    }
}
