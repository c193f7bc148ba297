//! What benchmarks found: printed as they come, written as JSON, drawn.

use std::fmt;
use std::path::Path;

use serde_json::{Value, json};

use anyhow::Context;

use crate::picture;

/// Between these lines of a page stands the table.
const TABLE: (&str, &str) = ("<!-- figures -->\n", "<!-- end of figures -->\n");

/// One figure of a row of the table.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    row: &'static str,
    what: String,
    value: f64,
    unit: &'static str,
    /// More of it is better.
    more: bool,
    must: Option<f64>,
    /// What the original does on a like machine, in the same unit.
    original: Option<f64>,
    /// Further numbers: the machine's limit among them.
    beside: Vec<String>,
}

impl Figure {
    /// A figure of which more is better.
    pub(crate) fn rate(row: &'static str, what: impl Into<String>, value: f64, unit: &'static str) -> Figure {
        Figure {
            row,
            what: what.into(),
            value,
            unit,
            more: true,
            must: None,
            original: None,
            beside: Vec::new(),
        }
    }

    /// A figure of which less is better.
    pub(crate) fn cost(row: &'static str, what: impl Into<String>, value: f64, unit: &'static str) -> Figure {
        Figure { more: false, ..Figure::rate(row, what, value, unit) }
    }

    /// The floor of a rate, the ceiling of a cost.
    pub(crate) fn must(mut self, must: f64) -> Figure {
        self.must = Some(must);
        self
    }

    /// What the original was measured at.
    pub(crate) fn original(mut self, original: f64) -> Figure {
        self.original = Some(original);
        self
    }

    /// Adds a number in words.
    pub(crate) fn beside(mut self, text: impl Into<String>) -> Figure {
        self.beside.push(text.into());
        self
    }

    /// How many times as good as `other` it is.
    fn times(&self, other: f64) -> f64 {
        if self.more { self.value / other } else { other / self.value }
    }

    /// Name and how many times as good as what the original does.
    pub(crate) fn against_original(&self) -> Option<(String, f64)> {
        self.original.map(|original| (format!("{} {}", self.row, self.what), self.times(original)))
    }

    /// Name and how many times as good as it must be.
    pub(crate) fn against_must(&self) -> Option<(String, f64)> {
        self.must.map(|must| (format!("{} {}", self.row, self.what), self.times(must)))
    }

    /// A line of the table for people.
    fn line(&self) -> String {
        let with_unit = |value: f64| format!("{} {}", short(value), self.unit).replace(" /s", "/s");
        let must = self.must.map(|must| {
            let verdict = if self.times(must) >= 1.0 { "holds" } else { "**misses**" };
            format!("{}: {verdict}", with_unit(must))
        });
        let original = self
            .original
            .map(|original| format!("{} ({} x)", with_unit(original), short(self.times(original))));
        format!(
            "| {} | {} | {} | {} | {} |",
            self.row,
            self.what.replace('|', "\\|"),
            with_unit(self.value),
            must.unwrap_or_default(),
            original.unwrap_or_default()
        )
    }

    fn json(&self) -> Value {
        json!({
            "row": self.row, "what": self.what, "value": self.value, "unit": self.unit,
            "better": if self.more { "more" } else { "less" },
            "must": self.must, "holds": self.must.map(|must| self.times(must) >= 1.0),
            "original": self.original, "beside": self.beside,
        })
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}: {} {}", self.row, self.what, short(self.value), self.unit)?;
        if let Some(must) = self.must {
            let word = if self.more { "at least" } else { "at most" };
            let verdict = if self.times(must) >= 1.0 { "holds" } else { "misses" };
            write!(f, " (must {word} {}: {verdict}, {:.2} x)", short(must), self.times(must))?;
        }
        if let Some(original) = self.original {
            write!(f, "; the original {}: {:.1} x as good", short(original), self.times(original))?;
        }
        self.beside.iter().try_for_each(|text| write!(f, "; {text}"))
    }
}

/// Three digits or the whole number.
pub(crate) fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Everything that one run found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    machine: Vec<String>,
    figures: Vec<Figure>,
}

impl Report {
    /// Notes and prints what the machine itself can do.
    pub(crate) fn machine(&mut self, text: impl Into<String>) {
        let text = text.into();
        println!("machine: {text}");
        self.machine.push(text);
    }

    /// Notes and prints figures.
    pub(crate) fn add(&mut self, figures: impl IntoIterator<Item = Figure>) {
        for figure in figures {
            println!("{figure}");
            self.figures.push(figure);
        }
    }

    /// Writes everything as JSON.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let figures: Vec<Value> = self.figures.iter().map(Figure::json).collect();
        let text = serde_json::to_string_pretty(&json!({ "machine": self.machine, "figures": figures }))?;
        Ok(std::fs::write(path, text + "\n")?)
    }

    /// Everything as a table in Markdown, under what the machine itself can do.
    fn table(&self) -> String {
        let mut lines = vec![format!("Measured on: {}.", self.machine.join("; ")), String::new()];
        lines.push("| Row | What | Drover | Must | The original (times as good) |".to_owned());
        lines.push("|---|---|---|---|---|".to_owned());
        lines.extend(self.figures.iter().map(Figure::line));
        lines.join("\n") + "\n"
    }

    /// Puts the table into a page, in the place of the one that stands there.
    ///
    /// # Errors
    /// Whatever the file system says, and a page without a place for the table.
    pub(crate) fn put_table(&self, page: &Path) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(page)?;
        let place = || format!("{}: no lines {:?} and {:?}", page.display(), TABLE.0.trim(), TABLE.1.trim());
        let (before, rest) = text.split_once(TABLE.0).with_context(place)?;
        let (_, after) = rest.split_once(TABLE.1).with_context(place)?;
        Ok(std::fs::write(page, [before, TABLE.0, &self.table(), TABLE.1, after].concat())?)
    }

    /// Draws what can be compared into a directory.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub(crate) fn draw(&self, dir: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(dir)?;
        let bars =
            |of: fn(&Figure) -> Option<(String, f64)>| self.figures.iter().filter_map(of).collect::<Vec<_>>();
        let pictures = [
            ("original.svg", "Times as good as the original", bars(Figure::against_original)),
            ("must.svg", "Times as good as it must be", bars(Figure::against_must)),
        ];
        for (name, title, bars) in pictures {
            std::fs::write(dir.join(name), picture::bars(title, &bars))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_says_how_it_stands() {
        let rate = Figure::rate("1", "registrations", 2_500.0, "/s").must(5_000.0).original(950.0);
        assert_eq!(rate.against_must(), Some(("1 registrations".to_owned(), 0.5)));
        let text = rate.beside("none failed").to_string();
        assert_eq!(
            text,
            "row 1: registrations: 2500 /s (must at least 5000: misses, 0.50 x); the original 950: 2.6 x as good; none failed"
        );
        let cost = Figure::cost("8", "gap", 1.5, "s").must(3.0);
        assert!(cost.to_string().ends_with("(must at most 3.00: holds, 2.00 x)"), "{cost}");
    }

    #[test]
    fn a_table_replaces_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let page = dir.path().join("page.md");
        std::fs::write(&page, "Above.\n<!-- figures -->\nold\n<!-- end of figures -->\nBelow.\n").unwrap();
        let mut report = Report::default();
        report.machine("a disk");
        report.add([Figure::rate("1", "jobs", 2_500.0, "/s").must(5_000.0).original(1_000.0)]);
        report.put_table(&page).unwrap();
        report.put_table(&page).unwrap();
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(text.starts_with("Above.\n<!-- figures -->\nMeasured on: a disk.\n"), "{text}");
        assert!(text.contains("| 1 | jobs | 2500/s | 5000/s: **misses** | 1000/s (2.50 x) |\n"), "{text}");
        assert!(text.ends_with("<!-- end of figures -->\nBelow.\n") && !text.contains("old"), "{text}");
    }

    #[test]
    fn pictures_show_every_figure_that_can_be_compared() {
        let dir = tempfile::tempdir().unwrap();
        let mut report = Report::default();
        report.add([Figure::rate("1", "a < b", 2.0, "/s").must(1.0), Figure::cost("2", "alone", 1.0, "ms")]);
        report.draw(dir.path()).unwrap();
        let must = std::fs::read_to_string(dir.path().join("must.svg")).unwrap();
        assert!(must.contains("1 a &lt; b") && must.contains("2.00 x") && !must.contains("alone"), "{must}");
        report.write(&dir.path().join("figures.json")).unwrap();
        let written = std::fs::read_to_string(dir.path().join("figures.json")).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap()["figures"][0]["holds"], true);
    }
}
