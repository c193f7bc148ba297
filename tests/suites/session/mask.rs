//! Placeholders for what differs from run to run. The same id or port is the same placeholder wherever it stands, by
//! the order in which they appear; tables are laid out anew, so that a longer time moves no column.

use std::sync::LazyLock;

use regex::{Captures, Regex};

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

static ID: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\b([0-9a-f]{8})(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?\b"));
static PORT: LazyLock<Regex> = LazyLock::new(|| regex(r"127\.0\.0\.1:(\d+)"));
/// What is neither counted nor asked for again.
static FIGURES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    vec![
        (regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"), "<time>"),
        (regex(r"\b(\d+(mo|y|d|h|m|s))+ (ago|from now)"), "<moment> $3"),
        (regex(r"kill -9 \d+"), "kill -9 <pid>"),
        (regex(r"server-\d"), "server-<n>"),
        // What a node has, and what it lacks; what was asked for is not the machine's.
        (regex(r"/\d+ MHz"), "/<all> MHz"),
        (regex(r"/\d+(\.\d+)? (B|KiB|MiB|GiB|TiB)\b"), "/<all>"),
        (regex(r"lacks \d+ "), "lacks <n> "),
        (regex(r"\b\d+ (MHz|MiB) of "), "<n> $1 of "),
        (regex(r"(^|score of )-?\d\.\d+\b"), "$1<score>"),
        (regex(r"(Index: |-check-index |still be )\d+"), "$1<index>"),
    ]
});
const END_OF_ID: &str = "-0000-0000-0000-000000000000";
/// Ports of the placeholders begin here.
const FIRST_PORT: usize = 40_000;

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Masks {
    /// Texts and what stands for them.
    words: Vec<(String, &'static str)>,
    ids: Vec<String>,
    ports: Vec<String>,
}

impl Masks {
    /// Another text that is different every time.
    pub(crate) fn word(&mut self, text: &str, placeholder: &'static str) {
        self.words.push((text.to_owned(), placeholder));
    }

    /// A text as it is recorded.
    pub(crate) fn hide(&mut self, text: &str) -> String {
        let mut out = Vec::new();
        for block in text.trim_end_matches('\n').split("\n\n") {
            let lines: Vec<&str> = block.lines().map(str::trim_end).collect();
            // A title stands above its table without an empty line between them.
            let titles = lines.iter().take_while(|line| !line.trim_start().contains("  ")).count();
            let (titles, table) = lines.split_at(titles);
            let titles: Vec<String> = titles.iter().map(|line| self.cell(line)).collect();
            out.push(titles.into_iter().chain(self.table(table)).collect::<Vec<_>>().join("\n"));
        }
        out.join("\n\n")
    }

    /// The id that a placeholder of a command stands for.
    pub(crate) fn reveal(&self, word: &str) -> String {
        let number = word.parse::<usize>().ok().filter(|_| word.len() == 8);
        let id = number.and_then(|number| self.ids.get(number.wrapping_sub(1)));
        id.cloned().unwrap_or_else(|| word.to_owned())
    }

    fn table(&mut self, lines: &[&str]) -> Vec<String> {
        let lines: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
        let starts = starts(&lines);
        let mut rows: Vec<Vec<String>> = Vec::new();
        for line in &lines {
            let ends = starts.iter().skip(1).copied().chain([line.len()]);
            let cell = |(start, end): (&usize, usize)| -> String {
                line.get(*start..end.min(line.len())).unwrap_or_default().iter().collect()
            };
            let cells: Vec<String> = starts.iter().zip(ends).map(cell).collect();
            rows.push(cells.iter().map(|cell| self.cell(cell.trim_end())).collect());
        }
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..starts.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells: Vec<String> =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            cells.join("  ").trim_end().to_owned()
        };
        rows.iter().map(line).collect()
    }

    fn cell(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (word, placeholder) in &self.words {
            text = text.replace(word, placeholder);
        }
        for (pattern, placeholder) in FIGURES.iter() {
            text = pattern.replace_all(&text, *placeholder).into_owned();
        }
        let ids = &mut self.ids;
        let id = |found: &Captures<'_>| {
            let end = if found.get(2).is_some() { END_OF_ID } else { "" };
            format!("{:08}{end}", number(ids, &found[1]))
        };
        text = ID.replace_all(&text, id).into_owned();
        let ports = &mut self.ports;
        let port = |found: &Captures<'_>| format!("127.0.0.1:{}", FIRST_PORT + number(ports, &found[1]));
        PORT.replace_all(&text, port).into_owned()
    }
}

/// Which of those that were seen it is, counted from 1.
fn number(seen: &mut Vec<String>, new: &str) -> usize {
    let at = seen.iter().position(|one| one == new).unwrap_or_else(|| {
        seen.push(new.to_owned());
        seen.len() - 1
    });
    at + 1
}

/// Where the columns of a table begin: behind two blanks of every line.
fn starts(lines: &[Vec<char>]) -> Vec<usize> {
    let blank = |line: &Vec<char>, at: usize| line.get(at).is_none_or(|char| *char == ' ');
    let longest = lines.iter().map(Vec::len).max().unwrap_or(0);
    let begins = |at: &usize| {
        lines.len() > 1
            && lines.iter().all(|line| blank(line, at - 1) && blank(line, at - 2))
            && lines.iter().any(|line| !blank(line, *at))
            // An indentation is no column.
            && lines.iter().any(|line| line.iter().take(*at).any(|char| *char != ' '))
    };
    [0].into_iter().chain((2..longest).filter(begins)).collect()
}

#[test]
fn columns_stand_whatever_is_in_them() {
    let mut masks = Masks::default();
    let text = "Placements\nID        Created    Status\nc678d685  1m5s ago   running\n9085906e  just now\n";
    let hidden = "Placements\nID        Created       Status\n\
                  00000001  <moment> ago  running\n00000002  just now";
    assert_eq!(masks.hide(text), hidden);
    assert_eq!(masks.hide("c678d685-3afd-de3a-07d5-000938ae6183"), format!("00000001{END_OF_ID}"));
    assert_eq!((masks.reveal("00000002"), masks.reveal("web")), ("9085906e".to_owned(), "web".to_owned()));
    assert_eq!(masks.hide("    at 127.0.0.1:33221\n    in 5s"), "    at 127.0.0.1:40001\n    in 5s");
}
