//! Where the picture goes: drawn over on a terminal, otherwise only the lines that are new.

use super::picture::Picture;
use crate::console::Console;
use crate::output;
use std::collections::BTreeSet;

/// What was said stays above the picture, this many lines of it.
const SAID_MOST: usize = 8;
/// Clears the terminal and goes to its corner.
const CLEAR: &str = "\u{1b}[2J\u{1b}[H";

/// The output of the demonstration.
pub(super) struct Screen {
    console: Console,
    said: Vec<String>,
    /// The last drawing, or the lines that were printed.
    drawn: String,
    printed: BTreeSet<String>,
    hinted: bool,
}

impl Screen {
    pub(super) fn new(console: Console) -> Screen {
        Screen { console, said: Vec::new(), drawn: String::new(), printed: BTreeSet::new(), hinted: false }
    }

    /// A sentence about what happens.
    pub(super) fn say(&mut self, sentence: &str) {
        self.console.line(format!("==> {sentence}"));
        self.said.push(format!("==> {sentence}"));
        if self.said.len() > SAID_MOST {
            self.said.remove(0);
        }
    }

    /// Show the picture if it is another than the last one.
    pub(super) fn show(&mut self, picture: &Picture, hints: &[String]) {
        if self.console.terminal() {
            let drawing = self.drawing(picture, hints);
            if drawing != self.drawn {
                self.console.write(format!("{CLEAR}{drawing}").as_bytes());
                self.drawn = drawing;
            }
            return;
        }
        for line in self.new_lines(picture) {
            self.console.line(line);
        }
        if !self.hinted && picture.is_done() && !hints.is_empty() {
            self.hinted = true;
            self.console.line(format!("Try next:\n  {}", hints.join("\n  ")));
        }
    }

    fn drawing(&self, picture: &Picture, hints: &[String]) -> String {
        let mut text = format!("{}\n", self.said.join("\n"));
        for (title, rows) in picture.tables() {
            let table = if rows.len() > 1 { output::list_with_blanks(&rows) } else { "none yet".to_owned() };
            text.push_str(&format!("\n{}\n{table}\n", self.console.heading(title)));
        }
        if !hints.is_empty() {
            text.push_str(&format!(
                "\n{}\n  {}\n",
                self.console.heading("Try next, in another terminal"),
                hints.join("\n  ")
            ));
        }
        text.push_str("\nCtrl-C ends the cluster and removes everything.\n");
        text
    }

    /// Every row as a line of its own, those that the last picture had left out.
    fn new_lines(&mut self, picture: &Picture) -> Vec<String> {
        let mut all = Vec::new();
        for (title, rows) in picture.tables() {
            let singular = title.trim_end_matches('s').to_lowercase();
            let Some(heading) = rows.first() else { continue };
            for row in &rows[1..] {
                let cells: Vec<String> = heading
                    .iter()
                    .zip(row)
                    .filter(|(name, cell)| !cell.is_empty() && name.as_str() != "PID")
                    .map(|(name, cell)| format!("{}={cell}", name.to_lowercase()))
                    .collect();
                all.push(format!("{singular} {}", cells.join(" ")));
            }
        }
        let new = all.iter().filter(|line| !self.printed.contains(*line)).cloned().collect();
        self.printed = all.into_iter().collect();
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_says_how_to_end_it() {
        let screen = Screen::new(Console::plain());
        let text = screen.drawing(&Picture::default(), &["drover job status".to_owned()]);
        assert!(text.contains("\nServers\nnone yet\n") && text.contains("\n  drover job status\n"));
        assert!(text.ends_with("Ctrl-C ends the cluster and removes everything.\n"));
        assert!(!screen.drawing(&Picture::default(), &[]).contains("Try next"));
    }
}
