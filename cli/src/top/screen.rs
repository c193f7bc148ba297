//! The picture on a terminal: as much of each table as fits, the chosen one with the most room.

use super::keys::Key;
use super::picture::Picture;
use crate::output;

/// To the corner; what is drawn over needs no clearing, which would flicker.
const HOME: &str = "\u{1b}[H";
/// The rest of the line, and everything below.
const CLEAR_LINE: &str = "\u{1b}[K";
const CLEAR_BELOW: &str = "\u{1b}[J";
const BOLD: &str = "\u{1b}[1m";
const REVERSE: &str = "\u{1b}[7m";
const PLAIN: &str = "\u{1b}[0m";
/// Lines of a table that is not chosen: title, heading and this many rows.
const ROWS_LEAST: usize = 3;
/// Lines that a page key moves.
const PAGE: usize = 10;
const TABLES: usize = 3;

/// Which table is chosen, and where each begins.
pub(super) struct Screen {
    verbose: bool,
    chosen: usize,
    first: [usize; TABLES],
}

impl Screen {
    pub(super) fn new(verbose: bool) -> Screen {
        // Allocations change the most.
        Screen { verbose, chosen: TABLES - 1, first: [0; TABLES] }
    }

    pub(super) fn press(&mut self, key: Key) {
        let first = &mut self.first[self.chosen];
        match key {
            Key::Next => self.chosen = (self.chosen + 1) % TABLES,
            Key::Up => *first = first.saturating_sub(1),
            Key::Down => *first = first.saturating_add(1),
            Key::PageUp => *first = first.saturating_sub(PAGE),
            Key::PageDown => *first = first.saturating_add(PAGE),
            Key::Quit => {}
        }
    }

    /// Everything, without a terminal.
    pub(super) fn whole(&self, picture: &Picture) -> String {
        let mut text = picture.head().join("\n");
        for (title, rows) in picture.tables(self.verbose) {
            let table = if rows.len() > 1 { output::list_with_blanks(&rows) } else { "none".to_owned() };
            text.push_str(&format!("\n\n{title}\n{table}"));
        }
        text.push('\n');
        text
    }

    /// As much as fits into lines and columns.
    pub(super) fn drawing(&mut self, picture: &Picture, (height, width): (u16, u16)) -> String {
        let (height, width) = (usize::from(height), usize::from(width));
        let mut lines: Vec<(&str, String)> = picture.head().into_iter().map(|line| ("", line)).collect();
        let tables = picture.tables(self.verbose);
        let room = height.saturating_sub(lines.len() + 1);
        let lengths = tables.each_ref().map(|(_, rows)| rows.len().saturating_sub(1));
        let shares = shares(lengths, self.chosen, room);
        for (at, (title, rows)) in tables.iter().enumerate() {
            // Rows that went away may have been the last ones shown.
            self.first[at] = self.first[at].min(lengths[at].saturating_sub(shares[at]));
            let table = output::list_with_blanks(rows);
            let mut body = table.lines();
            let until = (self.first[at] + shares[at]).min(lengths[at]);
            let mark = if at == self.chosen { ">" } else { " " };
            lines.push(("", String::new()));
            let shown = format!(
                "{mark} {title} {}-{until} of {}",
                self.first[at].min(until) + usize::from(until > 0),
                lengths[at]
            );
            lines.push((BOLD, shown));
            lines.push((REVERSE, body.next().unwrap_or_default().to_owned()));
            lines.extend(body.skip(self.first[at]).take(shares[at]).map(|line| ("", line.to_owned())));
        }
        lines.truncate(height.saturating_sub(1));
        let mut text = HOME.to_owned();
        for (style, line) in lines {
            let cut: String = line.chars().take(width).collect();
            text.push_str(&format!("{style}{cut}{PLAIN}{CLEAR_LINE}\r\n"));
        }
        let help: String = "q quit   tab next table   j/k scroll".chars().take(width).collect();
        text.push_str(&format!("{help}{CLEAR_LINE}{CLEAR_BELOW}"));
        text
    }
}

/// How many rows of each table are shown. Each has an empty line, a title and a heading beside them.
fn shares(lengths: [usize; TABLES], chosen: usize, room: usize) -> [usize; TABLES] {
    let mut rest = room.saturating_sub(3 * TABLES);
    let mut shares = lengths.map(|length| {
        let share = length.min(ROWS_LEAST).min(rest);
        rest -= share;
        share
    });
    // The chosen one first, then the others from the top.
    for at in [chosen].into_iter().chain(0..TABLES) {
        let more = (lengths[at] - shares[at]).min(rest);
        shares[at] += more;
        rest -= more;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::allocations::AllocStub;
    use api::jobs::JobStub;

    fn picture() -> Picture {
        let alloc = |number: usize| AllocStub {
            id: format!("{number:08}-0000-0000-0000-000000000000"),
            name: format!("web.g[{number}]"),
            client_status: "running".to_owned(),
            ..AllocStub::default()
        };
        let job = JobStub { id: "web".to_owned(), status: "running".to_owned(), ..JobStub::default() };
        Picture { jobs: vec![job], allocs: (0..40).map(alloc).collect(), ..Picture::default() }
    }

    #[test]
    fn one_picture_has_everything() {
        let text = Screen::new(false).whole(&picture());
        assert!(text.starts_with("Leader: nobody   Nodes: 0 of 0 ready"), "{text}");
        assert!(
            text.contains("\nJobs: 1 running\nAllocations: 40 running\n\nNodes\nnone\n\nJobs\nID "),
            "{text}"
        );
        assert!(text.contains("web.g[39]") && text.ends_with('\n'), "{text}");
    }

    #[test]
    fn a_whole_picture_is_the_golden_one() {
        let golden: serde_json::Value = serde_json::from_str(include_str!("golden.json")).unwrap();
        let picture = Picture {
            leader: golden["Leader"].as_str().unwrap().to_owned(),
            nodes: api::json::from_value(&golden["Nodes"]).unwrap(),
            jobs: api::json::from_value(&golden["Jobs"]).unwrap(),
            allocs: api::json::from_value(&golden["Allocs"]).unwrap(),
            trouble: String::new(),
            now_ns: golden["NowNs"].as_i64().unwrap(),
        };
        let text = Screen::new(false).whole(&picture);
        assert_eq!(text, include_str!("golden.txt"), "it is:\n{text}");
    }

    #[test]
    fn a_drawing_fits_and_scrolls() {
        let mut screen = Screen::new(false);
        let text = screen.drawing(&picture(), (24, 30));
        assert_eq!(text.matches("\r\n").count(), 23, "{text}");
        assert!(
            text.contains("> Allocations 1-") && text.contains("web.g[0]") && !text.contains("web.g[39]")
        );
        for _ in 0..10 {
            screen.press(Key::PageDown);
        }
        let text = screen.drawing(&picture(), (24, 80));
        assert!(
            text.contains("-40 of 40") && text.contains("web.g[39]") && !text.contains("web.g[0]"),
            "{text}"
        );
        screen.press(Key::Next);
        assert!(screen.drawing(&picture(), (24, 80)).contains("> Nodes"));
        // A window of nothing is no reason to fall.
        screen.drawing(&picture(), (0, 0));
    }

    #[test]
    fn the_chosen_table_gets_the_room() {
        assert_eq!(shares([2, 50, 50], 2, 39), [2, 3, 25]);
        assert_eq!(shares([2, 50, 50], 1, 39), [2, 25, 3]);
        assert_eq!(shares([1, 1, 1], 0, 100), [1, 1, 1]);
        assert_eq!(shares([9, 9, 9], 0, 4), [0, 0, 0]);
    }
}
