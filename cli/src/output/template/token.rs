//! From the text of a template to pieces of text and the words of its actions.

use super::TemplateError;

/// Text as it is, or the words between two pairs of braces.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Text(String),
    Action { line: usize, words: Vec<Word> },
}

/// A word of an action.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// `.` alone, or `.a.b`, and its offset in the template; glued to what stands before when that is a closing
    /// parenthesis or a variable.
    Field(Vec<String>, usize),
    Variable(String),
    Name(String),
    Text(String),
    Number(serde_json::Number),
    /// `(` `)` `|` `,` `:=` `=`.
    Sign(&'static str),
}

/// Cut a template. Trim markers are applied, comments are gone.
pub(super) fn pieces(template: &str) -> Result<Vec<Piece>, TemplateError> {
    let mut pieces = Vec::new();
    let (mut rest, mut line, mut trim) = (template, 1, false);
    while let Some(start) = rest.find("{{") {
        let (text, behind) = (&rest[..start], &rest[start + 2..]);
        line += text.matches('\n').count();
        let end = closing(behind).map_err(|problem| syntax(line, problem))?;
        let mut inner = &behind[..end];
        let before = match inner.strip_prefix('-') {
            Some(cut) if cut.starts_with(char::is_whitespace) => {
                inner = cut;
                text.trim_end()
            }
            _ => text,
        };
        pieces.push(Piece::Text(trimmed(before, trim).to_owned()));
        trim = false;
        if let Some(cut) = inner.strip_suffix('-')
            && cut.ends_with(char::is_whitespace)
        {
            (inner, trim) = (cut, true);
        }
        let inner_trimmed = inner.trim();
        if !(inner_trimmed.starts_with("/*") && inner_trimmed.ends_with("*/")) {
            // Both are parts of the same text.
            let offset = inner.as_ptr() as usize - template.as_ptr() as usize;
            let words = words(inner, offset).map_err(|problem| syntax(line, &problem))?;
            pieces.push(Piece::Action { line, words });
        }
        line += inner.matches('\n').count();
        rest = &behind[end + 2..];
    }
    pieces.push(Piece::Text(trimmed(rest, trim).to_owned()));
    Ok(pieces)
}

fn trimmed(text: &str, trim: bool) -> &str {
    if trim { text.trim_start() } else { text }
}

pub(super) fn syntax(line: usize, problem: &str) -> TemplateError {
    TemplateError::Syntax { line, problem: problem.to_owned() }
}

/// Where an action ends; braces in quotes do not end it.
fn closing(text: &str) -> Result<usize, &'static str> {
    let (mut quote, mut escaped) = (None, false);
    for (at, letter) in text.char_indices() {
        match quote {
            Some('"') if escaped => escaped = false,
            Some('"') if letter == '\\' => escaped = true,
            Some(open) if letter == open => quote = None,
            Some('"') if letter == '\n' => return Err("unterminated quoted string"),
            Some(_) => {}
            None if letter == '"' || letter == '`' => quote = Some(letter),
            None if text[at..].starts_with("}}") => return Ok(at),
            None => {}
        }
    }
    Err(match quote {
        Some('"') => "unterminated quoted string",
        Some(_) => "unterminated raw quoted string",
        None => "unclosed action",
    })
}

fn words(text: &str, offset: usize) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => {
                let end = quoted(rest)?;
                let value = serde_json::from_str::<String>(&rest[..end])
                    .map_err(|_| format!("bad string: {}", &rest[..end]))?;
                words.push(Word::Text(value));
                end
            }
            '`' => {
                let end = rest[1..].find('`').ok_or("unterminated raw quoted string")? + 2;
                words.push(Word::Text(rest[1..end - 1].to_owned()));
                end
            }
            '.' => {
                let end = name_end(rest, true);
                words.push(Word::Field(fields(&rest[..end])?, offset + text.len() - rest.len()));
                end
            }
            '$' => {
                let end = 1 + name_end(&rest[1..], false);
                words.push(Word::Variable(rest[..end].to_owned()));
                end
            }
            '0'..='9' | '-' | '+' => {
                let end = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+')))
                    .unwrap_or(rest.len());
                let number = rest[..end].trim_start_matches('+').parse();
                words.push(Word::Number(
                    number.map_err(|_| format!("bad number syntax: {:?}", &rest[..end]))?,
                ));
                end
            }
            letter if letter.is_alphabetic() || letter == '_' => {
                let end = name_end(rest, false);
                words.push(Word::Name(rest[..end].to_owned()));
                end
            }
            _ => {
                let sign = ["(", ")", "|", ",", ":=", "="]
                    .into_iter()
                    .find(|sign| rest.starts_with(sign))
                    .ok_or_else(|| format!("unexpected {first:?} in command"))?;
                words.push(Word::Sign(sign));
                sign.len()
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(words)
}

fn quoted(text: &str) -> Result<usize, String> {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Ok(at + 1),
            _ => {}
        }
    }
    Err("unterminated quoted string".to_owned())
}

fn name_end(text: &str, dots: bool) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_' || (dots && c == '.'))).unwrap_or(text.len())
}

fn fields(text: &str) -> Result<Vec<String>, String> {
    if text == "." {
        return Ok(Vec::new());
    }
    let names: Vec<String> = text[1..].split('.').map(str::to_owned).collect();
    if names.iter().any(String::is_empty) {
        return Err(format!("unexpected <.> in {text:?}"));
    }
    Ok(names)
}
