//! What is wrong with a job file, in the words its users already know, and where.

use std::fmt;

use crate::position::Position;

/// How bad it is. Only errors are made today; the level exists so that hints need no new type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The job cannot be read.
    Error,
}

/// The place a diagnostic points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The name of the text as it was given; may be empty (values from the command line).
    pub file: String,
    /// The first character.
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.start, self.end);
        write!(out, "{}:{},{}-", self.file, start.line, start.column)?;
        if start.line != end.line {
            write!(out, "{},", end.line)?;
        }
        write!(out, "{}", end.column)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A few words.
    pub summary: String,
    /// A sentence or more.
    pub detail: String,
    /// Where; absent when the file as a whole is meant.
    pub subject: Option<Subject>,
    /// Counted with the one before instead of shown on a line of its own.
    pub(crate) follows: bool,
}

impl Diagnostic {
    /// An error.
    pub(crate) fn error(subject: Option<Subject>, summary: &str, detail: &str) -> Self {
        let (summary, detail) = (summary.to_owned(), detail.to_owned());
        Self { severity: Severity::Error, summary, detail, subject, follows: false }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Some(subject) => write!(out, "{subject}")?,
            None => out.write_str("<nil>")?,
        }
        write!(out, ": {}; {}", self.summary, self.detail)
    }
}

/// Everything that is wrong, in the order it was found. Its text is what clients of `/v1/jobs/parse` read behind
/// `Failed to parse job: `, which the caller puts in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    /// The list, never empty.
    pub list: Vec<Diagnostic>,
    /// Words before the first line, such as `unable to parse var content: `.
    pub prefix: &'static str,
}

impl Diagnostics {
    /// The diagnostics of a text that did not even parse: the first one and a count of the others.
    pub(crate) fn collapsed(mut list: Vec<Diagnostic>, prefix: &'static str) -> Self {
        collapse(&mut list);
        Self { list, prefix }
    }

    /// Each diagnostic on a line of its own, except for those that follow another.
    pub(crate) fn lines(list: Vec<Diagnostic>) -> Self {
        Self { list, prefix: "" }
    }

    /// For a terminal: each diagnostic with the line it points at and a mark under the place.
    /// `text_of` answers with the text of a file by its name, where there is one.
    pub fn render(&self, text_of: &dyn Fn(&str) -> Option<String>) -> String {
        let blocks: Vec<String> = self.list.iter().map(|one| render_one(one, text_of)).collect();
        blocks.join("\n")
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.prefix)?;
        let mut rest = self.list.iter().peekable();
        let mut separator = "";
        while let Some(first) = rest.next() {
            write!(out, "{separator}{first}")?;
            separator = "\n";
            let mut others = 0;
            while rest.next_if(|next| next.follows).is_some() {
                others += 1;
            }
            if others > 0 {
                write!(out, ", and {others} other diagnostic(s)")?;
            }
        }
        Ok(())
    }
}

/// Marks all but the first as counted with it.
pub(crate) fn collapse(list: &mut [Diagnostic]) {
    for (index, one) in list.iter_mut().enumerate() {
        one.follows = index > 0;
    }
}

impl std::error::Error for Diagnostics {}

fn render_one(one: &Diagnostic, text_of: &dyn Fn(&str) -> Option<String>) -> String {
    let mut shown = format!("Error: {}\n\n", one.summary);
    if let Some(subject) = &one.subject {
        shown.push_str(&format!("  on {} line {}:\n", subject.file, subject.start.line));
        let text = text_of(&subject.file).unwrap_or_default();
        if let Some(line) = text.lines().nth(subject.start.line.saturating_sub(1)) {
            let number = format!("{:>4}: ", subject.start.line);
            let indent = number.chars().count() + subject.start.column.saturating_sub(1);
            let width = match subject.start.line == subject.end.line {
                true => subject.end.column.saturating_sub(subject.start.column).max(1),
                false => 1,
            };
            shown.push_str(&format!("{number}{line}\n{}{}\n", " ".repeat(indent), "^".repeat(width)));
        }
        shown.push('\n');
    }
    shown.push_str(&one.detail);
    shown.push('\n');
    shown
}
