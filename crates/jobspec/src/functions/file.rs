//! Files and paths. The endpoint has no files, so all of these fail there.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Answer, Failure, text};
use crate::options::{FileError, Files, Options};
use crate::value::Value;
use crate::value::types::Type;

fn files<'o>(options: &'o Options<'_>) -> Result<&'o Files<'o>, Failure> {
    options.files.as_ref().ok_or_else(|| Failure::Call("filesystem function disabled".to_owned()))
}

/// Without `.`, `..` and doubled slashes where they can be resolved.
fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn expand_home(path: &str, files: &Files<'_>) -> Result<String, Failure> {
    match path.strip_prefix('~') {
        None => Ok(path.to_owned()),
        Some(rest) if rest.is_empty() || rest.starts_with('/') => Ok(format!("{}{rest}", files.home)),
        Some(_) => Err(Failure::Call("cannot expand user-specific home dir".to_owned())),
    }
}

fn contents(values: &[Value], options: &Options<'_>) -> Result<Vec<u8>, Failure> {
    let files = files(options)?;
    let path = expand_home(text(values, 0), files)?;
    (files.read)(&path).map_err(|error| match error {
        FileError::Missing => Failure::Call(format!("no file exists at {}", clean(&path))),
        FileError::Other(why) => Failure::Call(format!("failed to read {}: {why}", clean(&path))),
    })
}

pub(super) fn file(values: &[Value], options: &Options<'_>) -> Answer {
    let bytes = contents(values, options)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Value::text(&text)),
        Err(_) => Err(Failure::Call(format!(
            "contents of {} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead",
            text(values, 0)
        ))),
    }
}

pub(super) fn filebase64(values: &[Value], options: &Options<'_>) -> Answer {
    Ok(Value::text(&STANDARD.encode(contents(values, options)?)))
}

pub(super) fn fileexists(values: &[Value], options: &Options<'_>) -> Answer {
    let files = files(options)?;
    let path = expand_home(text(values, 0), files)?;
    Ok(Value::Bool((files.exists)(&path)?))
}

pub(super) fn fileset(values: &[Value], options: &Options<'_>) -> Answer {
    let files = files(options)?;
    let folder = expand_home(text(values, 0), files)?;
    let pattern: Vec<&str> = text(values, 1).split('/').filter(|part| !part.is_empty()).collect();
    let mut found = (files.list)(&folder)?;
    found.retain(|path| matches_path(&pattern, &path.split('/').collect::<Vec<_>>()));
    Ok(Value::set(Type::String, found.iter().map(|path| Value::text(path)).collect()))
}

/// Parts of a path against parts of a pattern, where `**` stands for any number of folders.
fn matches_path(pattern: &[&str], path: &[&str]) -> bool {
    let mut reachable = vec![false; path.len() + 1];
    reachable.first_mut().into_iter().for_each(|first| *first = true);
    for part in pattern {
        let mut next = vec![false; path.len() + 1];
        let mut any = false;
        for (at, here) in reachable.iter().enumerate() {
            any |= *here;
            if *part == "**" {
                next.get_mut(at).into_iter().for_each(|slot| *slot = any);
            } else if *here && path.get(at).is_some_and(|name| matches_name(part, name)) {
                next.get_mut(at + 1).into_iter().for_each(|slot| *slot = true);
            }
        }
        reachable = next;
    }
    reachable.last().copied().unwrap_or_default()
}

/// One name against a pattern with `*`, `?`, `[…]` and `{a,b}`.
fn matches_name(pattern: &str, name: &str) -> bool {
    let mut expression = String::from("^");
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '{' => expression.push_str("(?:"),
            '}' => expression.push(')'),
            ',' => expression.push('|'),
            '[' | ']' | '-' | '^' => expression.push(letter),
            '\\' => {
                expression.push_str(&regex::escape(&letters.next().map(String::from).unwrap_or_default()))
            }
            other => expression.push_str(&regex::escape(&other.to_string())),
        }
    }
    expression.push('$');
    regex::Regex::new(&expression).is_ok_and(|regex| regex.is_match(name))
}

pub(super) fn abspath(values: &[Value], options: &Options<'_>) -> Answer {
    let files = files(options)?;
    let path = text(values, 0);
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", files.directory) };
    Ok(Value::text(&clean(&whole)))
}

pub(super) fn basename(values: &[Value], options: &Options<'_>) -> Answer {
    files(options)?;
    let path = text(values, 0);
    let trimmed = path.trim_end_matches('/');
    let name = match (path.is_empty(), trimmed.is_empty()) {
        (true, _) => ".",
        (false, true) => "/",
        (false, false) => trimmed.rsplit('/').next().unwrap_or_default(),
    };
    Ok(Value::text(name))
}

pub(super) fn dirname(values: &[Value], options: &Options<'_>) -> Answer {
    files(options)?;
    let path = text(values, 0);
    let folder = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or_default();
    Ok(Value::text(&clean(folder)))
}

pub(super) fn pathexpand(values: &[Value], options: &Options<'_>) -> Answer {
    Ok(Value::text(&expand_home(text(values, 0), files(options)?)?))
}
