//! `fmt`.

use clap::Args;

/// `fmt`: without a connection, and so without general flags.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct FmtArgs {
    /// Change no file; the exit status is 1 if one is laid out otherwise. Overrides -write
    #[arg(long)]
    pub check: bool,
    /// List the files that are laid out otherwise. Default true
    #[arg(long)]
    pub list: Option<bool>,
    /// Process the files of subdirectories too
    #[arg(long)]
    pub recursive: bool,
    /// Write the layout back to the files. Default true
    #[arg(long)]
    pub write: Option<bool>,
    /// Files and directories; the current directory unless given. `-` is standard input.
    #[arg(hide = true)]
    pub paths: Vec<String>,
}
