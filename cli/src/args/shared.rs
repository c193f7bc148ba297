//! Groups of flags that many commands have, each declared once, and the shapes of commands that have nothing else.

use super::General;
use clap::Args;

/// `-json` and `-t`: an answer that is not laid out for people. Both at once are refused by the command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Format {
    /// Output the answer in JSON format
    #[arg(long)]
    pub json: bool,
    /// Format the answer with a Go template
    #[arg(long, value_name = "template")]
    pub t: Option<String>,
}

/// The part of a list that is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Page {
    /// Expression that the listed must match
    #[arg(long, value_name = "expression")]
    pub filter: Option<String>,
    /// How many per page
    #[arg(long, value_name = "n")]
    pub per_page: Option<i32>,
    /// Where the page starts
    #[arg(long, value_name = "token")]
    pub page_token: Option<String>,
}

impl Page {
    /// The parameters that ask the API for this part; what is empty or zero is not sent.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        let count = self.per_page.filter(|count| *count != 0).map(|count| count.to_string());
        [("filter", text(&self.filter)), ("per_page", count), ("next_token", text(&self.page_token))]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// What follows a request that makes an evaluation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct Watch {
    /// Return at once in place of monitoring the evaluation
    #[arg(long)]
    pub detach: bool,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
}

/// How a job file is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Source {
    /// The path names a job in JSON, with or without a "Job" object around it
    #[arg(long)]
    pub json: bool,
    /// Whether an unknown variable is an error. Default true
    #[arg(long)]
    pub hcl2_strict: Option<bool>,
    /// Value of a variable of the job file, name=value. May be repeated
    #[arg(long, value_name = "name=value")]
    pub var: Vec<String>,
    /// File with values of variables. May be repeated
    #[arg(long, value_name = "path")]
    pub var_file: Vec<String>,
    /// Accepted and passed on
    #[arg(long, value_name = "token")]
    pub vault_token: Option<String>,
    /// Accepted and passed on
    #[arg(long, value_name = "namespace")]
    pub vault_namespace: Option<String>,
}

/// A command with connection and output options only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Plain {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
}

/// A command that shows something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Shown {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// JSON or a template in place of text.
    #[command(flatten)]
    pub format: Format,
}

/// A command that shows a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Listed {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Which part of the list.
    #[command(flatten)]
    pub page: Page,
}

/// A command about one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct One {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Its name, id or a prefix.
    #[arg(hide = true)]
    pub name: String,
}

/// A command that shows one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct ShownOne {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// JSON or a template in place of text.
    #[command(flatten)]
    pub format: Format,
    /// Its name, id or a prefix.
    #[arg(hide = true)]
    pub name: String,
}

/// A command that writes an example to a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Example {
    /// Write JSON in place of HCL
    #[arg(long)]
    pub json: bool,
    /// Say nothing
    #[arg(long)]
    pub quiet: bool,
    /// The file; each command has a name of its own for it.
    #[arg(hide = true)]
    pub filename: Option<String>,
}

/// How a command beside a task is talked to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Talk {
    /// Pass standard input on. Default true
    #[arg(long)]
    pub i: Option<bool>,
    /// Give the command a terminal. Default true where this one is talked to through a terminal
    #[arg(long)]
    pub t: Option<bool>,
    /// Both -i and -t
    #[arg(long)]
    pub it: bool,
    /// With a terminal: the character that, at the beginning of a line and before a '.', ends the session; none for no
    /// such character. Default ~
    #[arg(long, value_name = "escape_char")]
    pub e: Option<String>,
}

/// Which part of a text is displayed, and whether it goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct Part {
    /// Keep displaying what is appended
    #[arg(long)]
    pub f: bool,
    /// Start near the end
    #[arg(long)]
    pub tail: bool,
    /// With -tail: that many lines (of each task, where there are several). Default 10
    #[arg(long, value_name = "lines")]
    pub n: Option<i64>,
}

/// A part that may be counted in bytes too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct PartInBytes {
    /// Whether it goes on, and how many lines.
    #[command(flatten)]
    pub part: Part,
    /// With -tail: that many bytes
    #[arg(long, value_name = "bytes")]
    pub c: Option<i64>,
}

/// Whether the first argument is an allocation or stands for one of a job's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct OfJob {
    /// The first argument names a job: take one of its allocations, a running one if there is any
    #[arg(long)]
    pub job: bool,
    /// With -job: the group of the allocation
    #[arg(long, value_name = "group")]
    pub group: Option<String>,
}

/// A task of an allocation, by flag or as the second argument.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct TaskOf {
    /// The task, in place of the second argument
    #[arg(long, value_name = "task")]
    pub task: Option<String>,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Allocation, then the task.
    #[arg(hide = true)]
    pub arguments: Vec<String>,
}

impl TaskOf {
    /// The task that is named; empty for none.
    pub fn name(&self) -> &str {
        self.task.as_deref().or(self.arguments.get(1).map(String::as_str)).unwrap_or_default()
    }
}
