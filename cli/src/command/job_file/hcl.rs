//! Job files in HCL: variables from flags, files and the environment; files that the file's functions ask for.

use std::collections::BTreeMap;
use std::path::Path;

use jobspec::{FileError, Files, Given, Options};
use serde_json::Value;

use super::{limited, reason};
use crate::args::Source;

/// Before the name of a variable in the environment.
const PREFIX: &str = "NOMAD_VAR_";
/// Most files that a listing answers; a pattern over more than these is no pattern for a job file.
const LIST_MAX: usize = 10_000;

/// Reads a job file's text. `name` is what diagnostics call it.
pub(super) fn parse(text: &str, name: &str, source: &Source) -> Result<Value, String> {
    let given = given(source)?;
    let directory = std::env::current_dir().map(|path| path.display().to_string()).unwrap_or_default();
    let home = std::env::var("HOME").unwrap_or_default();
    let files = Files { read: &read, exists: &exists, list: &list, directory: &directory, home: &home };
    let options = Options {
        given,
        undeclared_is_error: source.hcl2_strict.unwrap_or(true),
        files: Some(files),
        mint: &|| runtime::Mint::random().uuid().into_bytes(),
    };
    jobspec::parse(name, text, &options).map_err(|diagnostics| diagnostics.to_string())
}

fn given(source: &Source) -> Result<Vec<Given>, String> {
    let mut given: Vec<Given> = std::env::vars()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix(PREFIX)?.to_owned();
            Some(Given::Environment { name, value })
        })
        .collect();
    given.sort_by(|a, b| format!("{a:?}").cmp(&format!("{b:?}")));
    for path in &source.var_file {
        let file = std::fs::File::open(path).map_err(|error| format!("{path}: {}", reason(&error)))?;
        let text = limited(file, path).map_err(|failure| failure.message)?;
        given.push(Given::File { name: path.clone(), text });
    }
    // One without an equals sign is passed over, as the original passes over it.
    let named = source.var.iter().filter_map(|argument| argument.split_once('='));
    given.extend(
        named.map(|(name, value)| Given::Argument { name: name.to_owned(), value: value.to_owned() }),
    );
    Ok(given)
}

/// The values that were given one by one, and the texts of the files with values, one behind the other.
pub(super) fn variables(source: &Source) -> Result<(BTreeMap<String, String>, String), String> {
    let (mut flags, mut files) = (BTreeMap::new(), String::new());
    for given in given(source)? {
        match given {
            Given::Environment { name, value } | Given::Argument { name, value } => {
                flags.insert(name, value);
            }
            Given::File { text, .. } => {
                files.push_str(text.trim_end());
                files.push('\n');
            }
        }
    }
    Ok((flags, files))
}

fn read(path: &str) -> Result<Vec<u8>, FileError> {
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => FileError::Missing,
        _ => FileError::Other(reason(&error)),
    })
}

fn exists(path: &str) -> Result<bool, String> {
    match std::fs::metadata(path) {
        Ok(data) if data.is_file() => Ok(true),
        Ok(_) => Err(format!("{path} is not a regular file, but {path:?}")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(reason(&error)),
    }
}

fn list(directory: &str) -> Result<Vec<String>, String> {
    let root = Path::new(directory);
    let mut open = vec![root.to_owned()];
    let mut found = Vec::new();
    while let Some(at) = open.pop() {
        let entries = std::fs::read_dir(&at).map_err(|error| reason(&error))?;
        for entry in entries {
            let path = entry.map_err(|error| reason(&error))?.path();
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            } else if let Ok(relative) = path.strip_prefix(root) {
                found.push(relative.display().to_string());
            }
            if found.len() + open.len() > LIST_MAX {
                return Err(format!("{directory} holds more than {LIST_MAX} files"));
            }
        }
    }
    found.sort();
    Ok(found)
}
