//! The lines in the start files of shells that make them ask this program.

use crate::args::PROGRAM;
use crate::console::{Console, Failure};
use std::path::{Path, PathBuf};

/// A shell, and where its line belongs.
struct Shell {
    name: &'static str,
    /// Below the home directory; the first that is there, or the first of all.
    files: &'static [&'static str],
    /// What a shell that is set up has there; without it, nothing is installed for it.
    sign: &'static str,
    /// The file is only ours.
    own: bool,
    text: fn(&str) -> String,
}

const SHELLS: [Shell; 3] = [
    Shell { name: "bash", files: &[".bashrc", ".bash_profile"], sign: ".bashrc", own: false, text: bash },
    Shell { name: "zsh", files: &[".zshrc"], sign: ".zshrc", own: false, text: zsh },
    Shell {
        name: "fish",
        files: &[".config/fish/completions/drover.fish"],
        sign: ".config/fish",
        own: true,
        text: fish,
    },
];

/// Before the zsh line: the shell understands bash's only with this.
const ZSH_PREPARES: &str = "autoload -U +X bashcompinit && bashcompinit";

fn bash(program: &str) -> String {
    format!("complete -C {program} {PROGRAM}\n")
}

fn zsh(program: &str) -> String {
    format!("{ZSH_PREPARES}\ncomplete -o nospace -C {program} {PROGRAM}\n")
}

fn fish(program: &str) -> String {
    format!(
        "function __complete_{PROGRAM}\n    set -lx COMP_LINE (commandline -cp)\n    test -z (commandline -ct)\n    \
         and set COMP_LINE \"$COMP_LINE \"\n    {program}\nend\ncomplete -f -c {PROGRAM} -a \"(__complete_{PROGRAM})\"\n"
    )
}

/// Make the shells of the user complete this program's lines, or stop it. Gives what was done, one sentence each.
pub fn run(install: bool, console: Console) -> Result<u8, Failure> {
    let home = std::env::home_dir().filter(|home| home.is_dir());
    let home = home.ok_or_else(|| Failure::new("There is no home directory to install into"))?;
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(format!("Failed to find the path of this program: {error}")))?;
    for sentence in change(&home, &program.display().to_string(), install)? {
        console.line(sentence);
    }
    Ok(0)
}

fn change(home: &Path, program: &str, install: bool) -> Result<Vec<String>, Failure> {
    let mut done = Vec::new();
    for shell in &SHELLS {
        let file = file_of(shell, home);
        let text = (shell.text)(program);
        let failed =
            |error: std::io::Error| Failure::new(format!("Failed to change {}: {error}", file.display()));
        let before = match std::fs::read_to_string(&file) {
            Ok(before) => before,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed(error)),
        };
        let there = before.contains(&text);
        if install && !there && home.join(shell.sign).exists() {
            if let Some(directory) = file.parent() {
                std::fs::create_dir_all(directory).map_err(failed)?;
            }
            let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
            let after = if shell.own { text } else { format!("{before}{gap}{text}") };
            std::fs::write(&file, after).map_err(failed)?;
            done.push(format!("Installed for {} in {}", shell.name, file.display()));
        } else if !install && there {
            if shell.own {
                std::fs::remove_file(&file).map_err(failed)?;
            } else {
                std::fs::write(&file, before.replacen(&text, "", 1)).map_err(failed)?;
            }
            done.push(format!("Uninstalled for {} from {}", shell.name, file.display()));
        }
    }
    if done.is_empty() {
        return Err(Failure::new(match install {
            true => "Nothing to install: no shell is set up, or all of them complete already",
            false => "Nothing to uninstall: no shell completes by this program",
        }));
    }
    Ok(done)
}

fn file_of(shell: &Shell, home: &Path) -> PathBuf {
    let found = shell.files.iter().map(|file| home.join(file)).find(|file| file.exists());
    found.unwrap_or_else(|| home.join(shell.files[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_can_be_taken_away() {
        let home = tempfile::tempdir().unwrap();
        let read = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap();
        assert!(change(home.path(), "/bin/drover", true).is_err(), "no shell is set up");
        std::fs::write(home.path().join(".bashrc"), "alias a=b").unwrap();
        std::fs::create_dir_all(home.path().join(".config/fish")).unwrap();
        assert_eq!(change(home.path(), "/bin/drover", true).unwrap().len(), 2);
        assert_eq!(read(".bashrc"), "alias a=b\ncomplete -C /bin/drover drover\n");
        assert!(read(".config/fish/completions/drover.fish").contains("\n    /bin/drover\nend\n"));
        assert!(!home.path().join(".zshrc").exists());
        assert!(change(home.path(), "/bin/drover", true).is_err(), "twice");
        assert_eq!(change(home.path(), "/bin/drover", false).unwrap().len(), 2);
        assert_eq!(read(".bashrc"), "alias a=b\n");
        assert!(!home.path().join(".config/fish/completions/drover.fish").exists());
        assert!(change(home.path(), "/bin/drover", false).is_err());
    }
}
