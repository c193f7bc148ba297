//! What to print, and the exit status, when a line is not a command: help that was asked for, or a mistake.

/// Texts for the two outputs and the exit status. Help that was asked for has status 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// For standard output, with its line feeds.
    pub stdout: String,
    /// For standard error, with its line feeds.
    pub stderr: String,
    /// The exit status.
    pub exit: u8,
}

impl Refusal {
    /// A mistake without help, status 1.
    pub(crate) fn error(message: impl Into<String>) -> Refusal {
        let mut stderr = message.into();
        stderr.push('\n');
        Refusal { stdout: String::new(), stderr, exit: 1 }
    }

    /// Help, because it was asked for (0) or because the line names no command (1, 127).
    pub(crate) fn help(text: String, exit: u8) -> Refusal {
        Refusal { stdout: text, stderr: String::new(), exit }
    }

    /// A mistake in the flags: the mistake on standard error, the command's help on standard output.
    pub(crate) fn flags(message: impl Into<String>, help: String) -> Refusal {
        Refusal { stdout: help, ..Refusal::error(message) }
    }
}
