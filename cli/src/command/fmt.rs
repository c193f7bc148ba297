//! `fmt`: job files and configurations as they are usually laid out.

use super::misused;
use crate::args::{FmtArgs, PROGRAM};
use crate::console::{Console, Failure};
use crate::view;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The command's name, for its help.
const NAME: &str = "fmt";
/// How names end of files that are formatted.
const SUFFIXES: [&str; 2] = [".nomad", ".hcl"];
/// What diagnostics call standard input.
const STDIN: &str = "<stdin>";
/// Directories inside of each other.
const DEPTH_MAX: usize = 64;

/// What is to be done with each text.
struct Work {
    console: Console,
    check: bool,
    list: bool,
    write: bool,
    recursive: bool,
    /// A text was laid out otherwise, or was no text of the language.
    failed: bool,
    /// About paths, not about what is in files.
    errors: Vec<String>,
}

pub(super) fn run(args: &FmtArgs, console: Console) -> Result<u8, Failure> {
    let mut work = Work {
        console,
        check: args.check,
        list: args.list.unwrap_or(true),
        write: args.write.unwrap_or(true) && !args.check,
        recursive: args.recursive,
        failed: false,
        errors: Vec::new(),
    };
    match args.paths.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["-"] => {
            work.list = false;
            work.write = false;
            work.stdin()?;
        }
        [] => work.path(Path::new(".")),
        paths => paths.iter().for_each(|path| work.path(Path::new(path))),
    }
    if work.errors.is_empty() {
        return Ok(u8::from(work.failed));
    }
    let noun = if work.errors.len() == 1 { "error" } else { "errors" };
    let list: String = work.errors.iter().map(|error| format!("\t* {error}\n")).collect();
    Err(misused(NAME, &format!("{} {noun} occurred:\n{list}\n", work.errors.len())))
}

impl Work {
    fn stdin(&mut self) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        let most = jobspec::MAX_TEXT as u64 + 1;
        let read = std::io::stdin().lock().take(most).read_to_end(&mut bytes);
        read.map_err(|error| Failure::new(format!("Failed to read standard input: {error}")))?;
        if let Err(why) = self.text(Path::new(STDIN), bytes) {
            self.errors.push(why);
        }
        Ok(())
    }

    fn path(&mut self, path: &Path) {
        let done = match std::fs::metadata(path) {
            Err(_) => Err(format!("No file or directory at {}", path.display())),
            Ok(data) if data.is_dir() => self.directory(path, 0),
            Ok(_) if !named_for_it(path) => {
                Err(format!("Only .nomad and .hcl files can be processed using {PROGRAM} fmt"))
            }
            Ok(_) => self.file(path),
        };
        if let Err(why) = done {
            self.errors.push(why);
        }
    }

    fn directory(&mut self, path: &Path, depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err(format!(
                "{}: more than {DEPTH_MAX} directories inside of each other",
                path.display()
            ));
        }
        let failed = |error: std::io::Error| format!("Failed to list {}: {error}", path.display());
        let mut entries: Vec<(String, bool)> = Vec::new();
        for entry in std::fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            // A link to a directory may lead back here.
            let is_dir = entry.file_type().map_err(failed)?.is_dir();
            entries.push((entry.file_name().to_string_lossy().into_owned(), is_dir));
        }
        entries.sort();
        for (name, is_dir) in entries {
            let at = if path == Path::new(".") { PathBuf::from(&name) } else { path.join(&name) };
            let hidden = name.starts_with('.');
            if is_dir && self.recursive && !hidden {
                self.directory(&at, depth + 1)?;
            } else if !is_dir && !hidden && named_for_it(&at) {
                self.file(&at)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("Failed to read file {}: {error}", path.display());
        let mut bytes = Vec::new();
        let most = jobspec::MAX_TEXT as u64 + 1;
        std::fs::File::open(path).map_err(failed)?.take(most).read_to_end(&mut bytes).map_err(failed)?;
        self.text(path, bytes)
    }

    fn text(&mut self, path: &Path, bytes: Vec<u8>) -> Result<(), String> {
        let text = String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8", path.display()))?;
        let laid_out = match jobspec::layout(&path.display().to_string(), &text) {
            Ok(laid_out) => laid_out,
            Err(diagnostics) => {
                for diagnostic in &diagnostics.list {
                    self.console.error(view::diagnostic::block(diagnostic, &text));
                }
                self.failed = true;
                return Ok(());
            }
        };
        if laid_out != text {
            if self.list {
                self.console.line(path.display().to_string());
            }
            if self.write {
                let failed = |error| format!("Failed to write file {}: {error}", path.display());
                std::fs::write(path, &laid_out).map_err(failed)?;
            }
            self.failed |= self.check;
        }
        if !self.list && !self.write {
            self.console.write(laid_out.as_bytes());
        }
        Ok(())
    }
}

fn named_for_it(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_walked_and_only_their_job_files_changed() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
        for name in ["a.hcl", "sub/b.nomad", ".hidden/c.hcl", "note.txt"] {
            write(name, "a=1");
        }
        let path = dir.path().display().to_string();
        let args = |check, recursive| FmtArgs {
            check,
            list: Some(false),
            recursive,
            write: None,
            paths: vec![path.clone()],
        };
        assert_eq!(run(&args(true, true), Console::plain()), Ok(1));
        assert_eq!(read("a.hcl"), "a=1");
        assert_eq!(run(&args(false, false), Console::plain()), Ok(0));
        assert_eq!((read("a.hcl").as_str(), read("sub/b.nomad").as_str()), ("a = 1", "a=1"));
        assert_eq!(run(&args(false, true), Console::plain()), Ok(0));
        assert_eq!(read("sub/b.nomad"), "a = 1");
        assert_eq!((read(".hidden/c.hcl").as_str(), read("note.txt").as_str()), ("a=1", "a=1"));
        write("sub/broken.hcl", "a {");
        assert_eq!(run(&args(false, true), Console::plain()), Ok(1));
    }

    #[test]
    fn paths_that_cannot_be_formatted_are_listed() {
        let paths = ["no/such.hcl", "/dev/null"].map(str::to_owned).to_vec();
        let args = FmtArgs { check: false, list: None, recursive: false, write: None, paths };
        assert_eq!(
            run(&args, Console::plain()).unwrap_err().message,
            "2 errors occurred:\n\t* No file or directory at no/such.hcl\n\t* Only .nomad and .hcl files can be processed \
             using drover fmt\n\n\nFor additional help try 'drover fmt -help'"
        );
    }
}
