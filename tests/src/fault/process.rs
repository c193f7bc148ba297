//! Signals to processes.

use anyhow::ensure;
use std::process::Command;

/// What is done to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// It stops where it stands, and its connections stay open.
    Stop,
    /// It goes on.
    Continue,
    /// It is asked to end.
    Terminate,
}

/// Sends a signal.
///
/// # Errors
/// When there is no such process.
pub fn send(pid: u32, signal: Signal) -> anyhow::Result<()> {
    let name = match signal {
        Signal::Stop => "-STOP",
        Signal::Continue => "-CONT",
        Signal::Terminate => "-TERM",
    };
    let sent = Command::new("kill").arg(name).arg(pid.to_string()).status()?;
    ensure!(sent.success(), "process {pid} could not be sent {name}");
    Ok(())
}
