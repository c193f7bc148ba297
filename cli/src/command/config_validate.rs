//! `config validate`: what an agent would say of its configuration files, without starting one.

use crate::args::ConfigValidate;
use crate::console::{Console, Failure};
use runtime::{ConfigError, config};
use std::path::{Path, PathBuf};

pub(super) fn run(args: &ConfigValidate, console: Console) -> Result<u8, Failure> {
    if args.paths.is_empty() {
        return Err(Failure::new("Must specify at least one config file or directory"));
    }
    let mut faults = Vec::new();
    for path in &args.paths {
        // One after the other, so that every file's fault is said.
        if let Err(error) = config::load(&[PathBuf::from(path)], false) {
            faults.push(fault(path, &error));
        }
    }
    if !faults.is_empty() {
        let noun = if faults.len() == 1 { "error" } else { "errors" };
        let list: String = faults.iter().map(|fault| format!("\t* {fault}\n")).collect();
        return Err(Failure::new(format!("{} {noun} occurred:\n{list}\n", faults.len())));
    }
    let paths: Vec<PathBuf> = args.paths.iter().map(PathBuf::from).collect();
    let loaded = config::load(&paths, false).map_err(|error| Failure::new(error.to_string()))?;
    loaded.config.validate().map_err(|error| Failure::new(error.to_string()))?;
    console.error("WARNING: mTLS is not configured - Nomad is not secure without mTLS!");
    let warnings = loaded.warnings.iter().cloned().chain(loaded.config.warnings());
    warnings.for_each(|warning| console.error(format!("WARNING: {warning}")));
    console.line("Configuration is valid!");
    Ok(0)
}

/// What is wrong with a file or directory, in the original's words where it has some.
fn fault(path: &str, error: &ConfigError) -> String {
    let loading = |file: &Path, why: String| {
        format!("Error loading configuration from {path}: Error loading {}: {why}", file.display())
    };
    match error {
        ConfigError::Read { file, source } => {
            let why = super::job_file::reason(source);
            format!("Error loading configuration from {path}: stat {}: {why}", file.display())
        }
        ConfigError::UnknownKey { file, key, block, .. } => {
            let block = if block.is_empty() { String::new() } else { format!("{block} ") };
            loading(file, format!("{block}unexpected keys {key}"))
        }
        other => format!("Error loading configuration from {path}: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_said_of_every_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let said = |paths: Vec<String>| {
            run(&ConfigValidate { paths }, Console::plain()).map_err(|failure| failure.message)
        };
        let (bad, good) = (
            file("bad.hcl", "nosuch = 1\n"),
            file("good.hcl", "server {\n  enabled = true\n}\ndata_dir = \"/d\"\n"),
        );
        assert_eq!(
            said(vec![bad.clone()]),
            Err(format!(
                "1 error occurred:\n\t* Error loading configuration from {bad}: Error loading {bad}: unexpected keys nosuch\n\n"
            ))
        );
        assert_eq!(
            said(vec!["missing.hcl".to_owned()]),
            Err("1 error occurred:\n\t* Error loading configuration from missing.hcl: stat missing.hcl: no such file or \
                 directory\n\n".to_owned())
        );
        assert!(
            said(vec![bad, "missing.hcl".to_owned()]).unwrap_err().starts_with("2 errors occurred:\n\t* ")
        );
        assert_eq!(said(Vec::new()), Err("Must specify at least one config file or directory".to_owned()));
        assert_eq!(said(vec![good]), Ok(0));
    }
}
