//! From files and directories to one `Config`.
//!
//! Every file is parsed, screened and decoded on its own first, so that an error names the file it stands in; only
//! then are the trees joined. Directories are not entered recursively.

use super::decode::{DecodeError, DecodeErrorKind, Source};
use super::node::Node;
use super::{Config, ConfigError, hcl, merge, unsupported};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A configuration file larger than this is refused, in bytes.
const FILE_SIZE_LIMIT: u64 = 4 * 1024 * 1024;
/// More files than this in all are refused.
const FILE_COUNT_LIMIT: usize = 1000;

/// What loading gave.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The joined configuration, not yet validated.
    pub config: Config,
    /// The files that were read, in the order in which they were applied.
    pub files: Vec<PathBuf>,
    /// Sentences about keys that were accepted without effect.
    pub warnings: Vec<String>,
}

/// Read every path in order: a file as it is, a directory as its `*.hcl` and `*.json` files by name. With `dev`, the
/// settings of development mode are the base that the files are laid over.
pub fn load(paths: &[PathBuf], dev: bool) -> Result<Loaded, ConfigError> {
    let mut tree = if dev { dev_tree() } else { Node::empty_block() };
    let (mut files, mut warnings) = (Vec::new(), Vec::new());
    for path in paths {
        for file in expand(path)? {
            if files.len() == FILE_COUNT_LIMIT {
                return Err(ConfigError::TooMany { limit: FILE_COUNT_LIMIT });
            }
            let (node, said) = read(&file)?;
            merge::merge(&mut tree, node);
            warnings.extend(said);
            files.push(file);
        }
    }
    let mut config = decode(&tree, Path::new("merged configuration"))?;
    config.dev_mode = dev;
    Ok(Loaded { config, files, warnings })
}

/// Read one text as if it were a file of that name, for tests and for configuration that comes from elsewhere.
pub fn parse(text: &str, name: &Path) -> Result<Config, ConfigError> {
    let (node, _) = parse_tree(text, name)?;
    decode(&node, name)
}

/// The values of a text in the syntax of configuration files, whatever their keys mean: namespaces, quotas and variables
/// are written in it too.
pub fn values(text: &str, name: &Path) -> Result<serde_json::Value, ConfigError> {
    Ok(syntax(text, name)?.into_json())
}

pub(crate) fn dev_tree() -> Node {
    hcl::parse(include_str!("dev.hcl")).expect("dev.hcl is part of the program and a test parses it")
}

pub(crate) fn decode(tree: &Node, file: &Path) -> Result<Config, ConfigError> {
    Config::deserialize(Source(tree)).map_err(|error| located(error, file))
}

fn located(error: DecodeError, file: &Path) -> ConfigError {
    let file = file.to_owned();
    let mut path = error.path;
    match error.kind {
        DecodeErrorKind::UnknownKey => {
            let key = path.pop().unwrap_or_default();
            ConfigError::UnknownKey { file, line: error.line, key, block: path.join(".") }
        }
        DecodeErrorKind::Invalid(message) => {
            ConfigError::Invalid { file, line: error.line, key: path.join("."), message }
        }
    }
}

fn expand(path: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let unreadable = |source| ConfigError::Read { file: path.to_owned(), source };
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let known = file.extension().is_some_and(|e| e == "hcl" || e == "json");
        // Editors leave `.#name.hcl` and `name.hcl~` behind; the first has the extension.
        let hidden = file.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        if known && !hidden && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> Result<(Node, Vec<String>), ConfigError> {
    let unreadable = |source| ConfigError::Read { file: file.to_owned(), source };
    let size = std::fs::metadata(file).map_err(unreadable)?.len();
    if size > FILE_SIZE_LIMIT {
        return Err(ConfigError::TooLarge { file: file.to_owned(), size, limit: FILE_SIZE_LIMIT });
    }
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    let (tree, warnings) = parse_tree(&text, file)?;
    // Decoded for its errors alone: the merged tree cannot tell which file a key came from.
    decode(&tree, file)?;
    Ok((tree, warnings))
}

fn parse_tree(text: &str, file: &Path) -> Result<(Node, Vec<String>), ConfigError> {
    let mut tree = syntax(text, file)?;
    let warnings = unsupported::screen(&mut tree, file)?;
    Ok((tree, warnings))
}

fn syntax(text: &str, file: &Path) -> Result<Node, ConfigError> {
    let is_json = match file.extension().and_then(|e| e.to_str()) {
        Some("json") => true,
        Some("hcl") => false,
        _ => text.trim_start().starts_with('{'),
    };
    if is_json {
        Ok(Node::from_json(serde_json::from_str(text).map_err(|e| ConfigError::Syntax {
            file: file.to_owned(),
            line: u32::try_from(e.line()).unwrap_or(0),
            message: e.to_string(),
        })?))
    } else {
        hcl::parse(text).map_err(|e| ConfigError::Syntax {
            file: file.to_owned(),
            line: e.line,
            message: e.message,
        })
    }
}
