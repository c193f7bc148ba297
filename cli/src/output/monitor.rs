//! Lines of a monitor, which tells what happens while a command waits.

use super::absolute;

/// `==> 2026-11-21T01:20:51Z: text` for a heading, `    2026-11-21T01:20:51Z: text` for what belongs below one.
pub fn monitor_line(now_ns: i64, heading: bool, text: &str) -> String {
    let lead = if heading { "==> " } else { "    " };
    format!("{lead}{}: {text}", absolute(now_ns))
}

#[cfg(test)]
mod tests {
    #[test]
    fn headings_stand_out() {
        let now = 1_795_224_051_000_000_000;
        let heading = super::monitor_line(now, true, "Monitoring evaluation \"52dee78a\"");
        assert!(
            heading.starts_with("==> 2026-11-2") && heading.ends_with(": Monitoring evaluation \"52dee78a\"")
        );
        assert!(super::monitor_line(now, false, "x").starts_with("    2026-11-2"));
    }
}
