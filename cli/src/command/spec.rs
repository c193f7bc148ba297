//! Files that describe something other than a job: read, and written as examples.

use super::job_file::reason;
use crate::args::Example;
use crate::console::{Console, Failure};
use std::io::{Read, Write};

/// A file larger than this is refused, in bytes.
const SIZE_LIMIT: u64 = 4 * 1024 * 1024;

/// The text of a file, or of standard input for `-`. The error says what could not be opened and why.
pub(super) fn text(path: &str) -> Result<String, String> {
    if path == "-" {
        return limited(std::io::stdin().lock());
    }
    let file = std::fs::File::open(path).map_err(|error| format!("open {path}: {}", reason(&error)))?;
    if file.metadata().is_ok_and(|data| data.is_dir()) {
        return Err(format!("read {path}: is a directory"));
    }
    limited(file)
}

fn limited(from: impl Read) -> Result<String, String> {
    let mut text = String::new();
    from.take(SIZE_LIMIT + 1).read_to_string(&mut text).map_err(|error| reason(&error))?;
    if text.len() as u64 > SIZE_LIMIT {
        return Err(format!("larger than {SIZE_LIMIT} bytes"));
    }
    Ok(text)
}

/// The two forms of an example, and the name of its file without an extension.
pub(super) struct Examples {
    /// What it is of, for the sentence at the end: `node pool`.
    pub(super) noun: &'static str,
    pub(super) name: &'static str,
    pub(super) hcl: &'static str,
    pub(super) json: &'static str,
}

/// Write an example to a new file.
pub(super) fn write(args: &Example, examples: &Examples) -> Result<u8, Failure> {
    let (extension, text) = if args.json { ("json", examples.json) } else { ("hcl", examples.hcl) };
    let given = args.filename.clone().filter(|name| !name.is_empty());
    let name = given.unwrap_or_else(|| format!("{}.{extension}", examples.name));
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::new(format!("File {name:?} already exists")),
        _ => Failure::new(format!("Failed to write {name:?}: {}", reason(&error))),
    };
    let mut file = std::fs::File::create_new(&name).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    if !args.quiet {
        Console::plain().line(format!("Example {} specification written to {name}", examples.noun));
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn faults_of_files_are_said() {
        assert_eq!(super::text("missing.hcl"), Err("open missing.hcl: no such file or directory".to_owned()));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().display().to_string();
        assert_eq!(super::text(&path), Err(format!("read {path}: is a directory")));
        let large = dir.path().join("large");
        std::fs::write(&large, vec![b' '; super::SIZE_LIMIT as usize + 1]).unwrap();
        assert!(super::text(&large.display().to_string()).unwrap_err().starts_with("larger than"));
    }
}
