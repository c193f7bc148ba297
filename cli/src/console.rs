//! The two outputs of a command, and whether they may be colored.
//!
//! The only place that prints for the commands. A reader that went away ends the command quietly, as a pipe into
//! `head` expects.

use crate::args::General;
use crate::http::{ApiClient, HttpError};
use crate::output::Paint;
use std::io::{BufRead, IsTerminal, Write};
use thiserror::Error;

/// Why a command ends without having done what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Failure {
    /// For standard error, without a line feed at the end.
    pub message: String,
    /// The exit status.
    pub exit: u8,
}

impl Failure {
    /// A failure with status 1.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), exit: 1 }
    }

    /// What was being done, in the original's words, and the error behind it.
    pub fn because(doing: &str, error: &HttpError) -> Failure {
        Failure::new(format!("{doing}: {error}"))
    }
}

/// Where a command prints to.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    color: bool,
    terminal: bool,
}

impl Console {
    /// The process's own outputs, colored as flags and environment say.
    pub fn of(general: &General) -> Console {
        let terminal = std::io::stdout().is_terminal();
        Console { color: general.color(terminal, environment), terminal }
    }

    /// Outputs without color, for tests and for commands without general flags.
    pub fn plain() -> Console {
        Console { color: false, terminal: false }
    }

    /// Whether standard output is a terminal, so that lines may be drawn over.
    pub fn terminal(self) -> bool {
        self.terminal
    }

    /// Colors for parts of a text, where they are allowed.
    pub fn paint(self) -> Paint {
        Paint::new(self.color)
    }

    /// A line, or several, on standard output.
    pub fn line(self, text: impl AsRef<str>) {
        self.write(format!("{}\n", text.as_ref()).as_bytes());
    }

    /// Bytes as they are, on standard output.
    pub fn write(self, bytes: &[u8]) {
        let mut stdout = std::io::stdout().lock();
        if stdout.write_all(bytes).and_then(|()| stdout.flush()).is_err() {
            // Nobody reads any more; there is nothing left to say and nobody to say it to.
            std::process::exit(0);
        }
    }

    /// A line on standard error.
    pub fn error(self, text: impl AsRef<str>) {
        // Without standard error the exit status still tells.
        let _unread = writeln!(std::io::stderr().lock(), "{}", text.as_ref());
    }

    /// Ask, and read the answer from standard input. `false` when it is no, after saying `cancelled`; an answer that is
    /// neither yes nor no is an error.
    pub fn confirm(self, question: &str, cancelled: &str) -> Result<bool, Failure> {
        self.write(format!("{question} [y/N] ").as_bytes());
        let mut answer = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut answer)
            .map_err(|e| Failure::new(format!("Failed to parse answer: {e}")))?;
        match answer.trim() {
            "y" => Ok(true),
            "" | "n" | "N" => {
                self.line(cancelled);
                Ok(false)
            }
            "Y" => {
                self.line("For confirmation, an exact ‘y’ is required.");
                Ok(false)
            }
            _ => Err(Failure::new("No confirmation detected. For confirmation, an exact 'y' is required.")),
        }
    }

    /// A heading: bold where colors are allowed.
    pub fn heading(self, text: &str) -> String {
        if self.color {
            // The original resets twice; scripts that compare colored output exist.
            format!("\u{1b}[1m{text}\u{1b}[0m\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// A heading and what belongs to it, reset only at the end, as the original colors deployments.
    pub fn heading_with(self, text: &str, body: &str) -> String {
        if self.color {
            format!("\u{1b}[1m{text}\u{1b}[0m\n{body}\u{1b}[0m")
        } else {
            format!("{text}\n{body}")
        }
    }
}

/// A client for the general flags of a command.
pub fn client(general: &General) -> Result<ApiClient, Failure> {
    ApiClient::new(general.connection(environment))
        .map_err(|error| Failure::because("Error initializing client", &error))
}

/// A variable of the environment, if it is text.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
