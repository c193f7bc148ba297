//! `top`.

use super::General;
use clap::Args;

/// `top`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct TopArgs {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Print one picture and end, also on a terminal
    #[arg(long)]
    pub once: bool,
    /// Seconds between two looks. Default 1
    #[arg(long, value_name = "seconds")]
    pub interval: Option<u64>,
    /// Display full identifiers
    #[arg(long)]
    pub verbose: bool,
}
