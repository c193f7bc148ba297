//! `var …`.

use super::{Example, General, Page};
use clap::{Args, Subcommand};

/// Commands of the group `var`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum VarCommand {
    /// List variables
    #[command(override_usage = "drover var list [options] <prefix>")]
    List(VarList),
    /// Read a variable
    #[command(override_usage = "drover var get [options] <path>")]
    Get(VarGet),
    /// Create or update a variable
    #[command(override_usage = "drover var put [options] <variable spec file reference>\n\
                                drover var put [options] <path to store variable> [<variable spec file reference>] \
                                [<key>=<value>]...")]
    Put(VarPut),
    /// Permanently delete a variable
    #[command(override_usage = "drover var purge [options] <path>")]
    Purge(VarPurge),
    /// Create an example of a variable's file
    #[command(override_usage = "drover var init <filename>")]
    Init(VarInit),
    /// Run a command while holding a variable's lock
    #[command(
        override_usage = "drover var lock [options] <lock specification file reference> <child command>\n\
                                drover var lock [options] <path to store variable> <child command>"
    )]
    Lock(VarLock),
}

/// How a variable is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct VarOut {
    /// hcl, json, none, table or go-template. Default table on a terminal, json elsewhere
    #[arg(long, value_name = "format")]
    pub out: Option<String>,
    /// The template, with -out go-template
    #[arg(long, value_name = "template")]
    pub template: Option<String>,
}

/// `var list`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct VarList {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// JSON, terse, a table or a template.
    #[command(flatten)]
    pub out: VarOut,
    /// Which part of the list.
    #[command(flatten)]
    pub page: Page,
    /// What paths begin with.
    #[arg(hide = true)]
    pub prefix: Option<String>,
}

/// `var get`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct VarGet {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// How it is shown.
    #[command(flatten)]
    pub out: VarOut,
    /// Print the value of this item only
    #[arg(long, value_name = "key")]
    pub item: Option<String>,
    /// Where the variable lies.
    #[arg(hide = true)]
    pub path: String,
}

/// `var put`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct VarPut {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Write only if the variable's modify index is this one; 0: only if there is none
    #[arg(long, value_name = "index")]
    pub check_index: Option<String>,
    /// Write whatever the index is
    #[arg(long)]
    pub force: bool,
    /// How standard input, or a file that does not say so, is written: hcl or json. Default json
    #[arg(long = "in", value_name = "format")]
    pub input: Option<String>,
    /// How the result is shown.
    #[command(flatten)]
    pub out: VarOut,
    /// Say on standard error what is done
    #[arg(long)]
    pub verbose: bool,
    /// A path or a file, then items.
    #[arg(hide = true)]
    pub arguments: Vec<String>,
}

/// `var purge`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct VarPurge {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Delete only if the variable's modify index is this one
    #[arg(long, value_name = "index")]
    pub check_index: Option<String>,
    /// Where the variable lies.
    #[arg(hide = true)]
    pub path: String,
}

/// `var init`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct VarInit {
    /// hcl or json. Default hcl
    #[arg(long, value_name = "format")]
    pub out: Option<String>,
    /// JSON, silence, and the file.
    #[command(flatten)]
    pub example: Example,
}

/// `var lock`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct VarLock {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// How a file that does not say so is written: hcl or json. Default json
    #[arg(long = "in", value_name = "format")]
    pub input: Option<String>,
    /// How long the lock outlives its holder. Default 15s
    #[arg(long, value_name = "duration")]
    pub ttl: Option<String>,
    /// How long nobody may have the lock after it was lost. Default 15s
    #[arg(long, value_name = "duration")]
    pub delay: Option<String>,
    /// Run the command through a shell. Default true
    #[arg(long)]
    pub shell: Option<bool>,
    /// How often failed requests are made again. Default 5
    #[arg(long, value_name = "n")]
    pub max_retry: Option<u32>,
    /// Say on standard error what is done
    #[arg(long)]
    pub verbose: bool,
    /// A path or a file, then the command.
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<String>,
}
