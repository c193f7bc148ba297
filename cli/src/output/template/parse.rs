//! From pieces to the tree of a template.

use super::TemplateError;
use super::function::is_function;
use super::token::{Piece, Word, syntax};
use serde_json::{Number, Value};

/// Blocks and parentheses inside each other, at most.
const DEPTH_MOST: usize = 64;

/// What a template does, one thing after the other.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Text(String),
    Print(Pipe),
    /// `$x := pipe`, or with `=` for a variable that exists.
    Set {
        name: String,
        declare: bool,
        pipe: Pipe,
    },
    Block {
        kind: Kind,
        /// Variables of `range $i, $v := …` and of `with $v := …`.
        names: Vec<String>,
        pipe: Pipe,
        body: Vec<Node>,
        otherwise: Vec<Node>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    If,
    With,
    Range,
}

/// Commands, each of which gets the result of the one before as its last argument.
pub(super) type Pipe = Vec<Vec<Operand>>;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operand {
    pub(super) base: Base,
    pub(super) fields: Vec<String>,
    /// Where it stands in the template, if that is known.
    pub(super) offset: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Base {
    Dot,
    Variable(String),
    Function(String),
    Value(Value),
    Pipe(Pipe),
}

/// Parse all of a template.
pub(super) fn parse(pieces: &[Piece]) -> Result<Vec<Node>, TemplateError> {
    let mut parser = Parser { pieces, at: 0 };
    let (nodes, end) = parser.list(0)?;
    match end {
        None => Ok(nodes),
        Some((line, word, _)) => Err(syntax(line, &format!("unexpected {{{{{word}}}}}"))),
    }
}

struct Parser<'a> {
    pieces: &'a [Piece],
    at: usize,
}

/// `end` or `else` with what stands behind it.
type End = Option<(usize, String, Vec<Word>)>;

impl Parser<'_> {
    fn list(&mut self, depth: usize) -> Result<(Vec<Node>, End), TemplateError> {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.get(self.at) {
            self.at += 1;
            let (line, words) = match piece {
                Piece::Text(text) => {
                    nodes.push(Node::Text(text.clone()));
                    continue;
                }
                Piece::Action { line, words } => (*line, words),
            };
            if depth > DEPTH_MOST {
                return Err(syntax(line, "blocks are nested too deeply"));
            }
            match words.first() {
                Some(Word::Name(name)) if name == "end" || name == "else" => {
                    return Ok((nodes, Some((line, name.clone(), words[1..].to_vec()))));
                }
                Some(Word::Name(name)) => match kind(name) {
                    Some(kind) => nodes.push(self.block(kind, line, &words[1..], depth + 1)?),
                    None => nodes.push(action(line, words)?),
                },
                Some(_) => nodes.push(action(line, words)?),
                None => return Err(syntax(line, "missing value for command")),
            }
        }
        Ok((nodes, None))
    }

    fn block(
        &mut self,
        kind: Kind,
        line: usize,
        words: &[Word],
        depth: usize,
    ) -> Result<Node, TemplateError> {
        let declared = words.iter().position(|word| *word == Word::Sign(":="));
        let (names, rest) = match declared {
            Some(at) => (names(line, &words[..at])?, &words[at + 1..]),
            None => (Vec::new(), words),
        };
        let pipe = pipe(line, rest)?;
        let (body, end) = self.list(depth)?;
        let otherwise = match end {
            None => return Err(syntax(line, "unexpected EOF")),
            Some((_, word, _)) if word == "end" => Vec::new(),
            Some((line, _, rest)) => self.otherwise(line, &rest, depth)?,
        };
        Ok(Node::Block { kind, names, pipe, body, otherwise })
    }

    /// What follows an `else`, which may begin a further block that ends with the same `end`.
    fn otherwise(&mut self, line: usize, rest: &[Word], depth: usize) -> Result<Vec<Node>, TemplateError> {
        match rest.first() {
            Some(Word::Name(name)) if kind(name).is_some_and(|kind| kind != Kind::Range) => {
                let kind = kind(name).unwrap_or(Kind::If);
                Ok(vec![self.block(kind, line, &rest[1..], depth + 1)?])
            }
            Some(_) => Err(syntax(line, "unexpected words in else")),
            None => match self.list(depth)? {
                (nodes, Some((_, word, _))) if word == "end" => Ok(nodes),
                (_, Some((line, _, _))) => Err(syntax(line, "expected end; found {{else}}")),
                (_, None) => Err(syntax(line, "unexpected EOF")),
            },
        }
    }
}

fn kind(name: &str) -> Option<Kind> {
    match name {
        "if" => Some(Kind::If),
        "with" => Some(Kind::With),
        "range" => Some(Kind::Range),
        _ => None,
    }
}

fn names(line: usize, words: &[Word]) -> Result<Vec<String>, TemplateError> {
    let mut names = Vec::new();
    for word in words {
        match word {
            Word::Variable(name) => names.push(name.clone()),
            Word::Sign(",") => {}
            _ => return Err(syntax(line, "unexpected word in declaration")),
        }
    }
    if names.is_empty() || names.len() > 2 {
        return Err(syntax(line, "too many declarations"));
    }
    Ok(names)
}

fn action(line: usize, words: &[Word]) -> Result<Node, TemplateError> {
    if let [Word::Variable(name), Word::Sign(sign), rest @ ..] = words
        && matches!(*sign, ":=" | "=")
    {
        return Ok(Node::Set { name: name.clone(), declare: *sign == ":=", pipe: pipe(line, rest)? });
    }
    if let Some(Word::Name(name)) = words.first()
        && matches!(name.as_str(), "define" | "template" | "block" | "break" | "continue")
    {
        return Err(syntax(line, &format!("{name} is not supported yet")));
    }
    Ok(Node::Print(pipe(line, words)?))
}

fn pipe(line: usize, words: &[Word]) -> Result<Pipe, TemplateError> {
    let mut rest = words;
    let pipe = commands(line, &mut rest, 0)?;
    match rest.first() {
        None => Ok(pipe),
        Some(_) => Err(syntax(line, "unexpected right paren")),
    }
}

/// Commands up to the end, or to a closing parenthesis, which stays.
fn commands(line: usize, rest: &mut &[Word], depth: usize) -> Result<Pipe, TemplateError> {
    if depth > DEPTH_MOST {
        return Err(syntax(line, "parentheses are nested too deeply"));
    }
    let mut pipe = vec![Vec::new()];
    while let Some((word, behind)) = rest.split_first() {
        if *word == Word::Sign(")") {
            break;
        }
        *rest = behind;
        let base = match word {
            Word::Sign("|") => {
                pipe.push(Vec::new());
                continue;
            }
            Word::Sign("(") => {
                let inner = commands(line, rest, depth + 1)?;
                match rest.split_first() {
                    Some((Word::Sign(")"), behind)) => *rest = behind,
                    _ => return Err(syntax(line, "unclosed left paren")),
                }
                Base::Pipe(inner)
            }
            Word::Sign(sign) => return Err(syntax(line, &format!("unexpected {sign:?} in operand"))),
            Word::Field(fields, offset) => {
                operand(&mut pipe, Base::Dot, fields.clone(), Some(*offset));
                continue;
            }
            Word::Variable(name) => Base::Variable(name.clone()),
            Word::Text(text) => Base::Value(Value::String(text.clone())),
            Word::Number(number) => Base::Value(Value::Number(Number::clone(number))),
            Word::Name(name) => named(line, name)?,
        };
        let glued = matches!(base, Base::Variable(_) | Base::Pipe(_));
        let fields = match rest.split_first() {
            Some((Word::Field(fields, _), behind)) if glued && !fields.is_empty() => {
                *rest = behind;
                fields.clone()
            }
            _ => Vec::new(),
        };
        operand(&mut pipe, base, fields, None);
    }
    if pipe.iter().any(Vec::is_empty) {
        return Err(syntax(line, "missing value for command"));
    }
    Ok(pipe)
}

fn operand(pipe: &mut Pipe, base: Base, fields: Vec<String>, offset: Option<usize>) {
    if let Some(command) = pipe.last_mut() {
        command.push(Operand { base, fields, offset });
    }
}

fn named(line: usize, name: &str) -> Result<Base, TemplateError> {
    Ok(match name {
        "true" => Base::Value(Value::Bool(true)),
        "false" => Base::Value(Value::Bool(false)),
        "nil" => Base::Value(Value::Null),
        _ if is_function(name) => Base::Function(name.to_owned()),
        _ => return Err(syntax(line, &format!("function {name:?} not defined"))),
    })
}
