//! Bars on a logarithmic scale around 1, as SVG.

use std::fmt::Write as _;

use crate::report::short;

const LEFT: f64 = 380.0;
const WIDTH: f64 = 420.0;
const ROW: f64 = 24.0;
const TOP: f64 = 56.0;
/// The scale ends at a tenth and at a thousand times.
const ENDS: (f64, f64) = (0.1, 1_000.0);

/// A bar for each name: to the right where it is above 1, to the left where it is below.
pub(crate) fn bars(title: &str, bars: &[(String, f64)]) -> String {
    let height = TOP + ROW * bars.len() as f64 + 12.0;
    let total = LEFT + WIDTH + 80.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {total} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"12\" y=\"22\" font-size=\"15\" font-weight=\"bold\">{}</text>\n",
        escaped(title)
    );
    for tick in [0.1, 1.0, 10.0, 100.0, 1_000.0] {
        let x = place(tick);
        // Writing to a text cannot fail.
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.0}\" y1=\"{:.0}\" x2=\"{x:.0}\" y2=\"{height:.0}\" stroke=\"#{}\"/><text x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\" fill=\"#666\">{}</text>",
            TOP - 8.0,
            if tick == 1.0 { "444" } else { "ddd" },
            TOP - 14.0,
            short_tick(tick),
        );
    }
    for (number, (name, times)) in bars.iter().enumerate() {
        let y = TOP + ROW * number as f64;
        let (from, to) = (place(1.0).min(place(*times)), place(1.0).max(place(*times)));
        let colour = if *times >= 1.0 { "2a7" } else { "c54" };
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text><rect x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.0}\" fill=\"#{colour}\"/><text x=\"{:.0}\" y=\"{:.0}\">{} x</text>",
            LEFT - 10.0,
            y + 14.0,
            escaped(name),
            y + 3.0,
            (to - from).max(1.0),
            ROW - 8.0,
            to + 6.0,
            y + 14.0,
            short(*times),
        );
    }
    svg + "</svg>\n"
}

fn place(times: f64) -> f64 {
    let share = (times.clamp(ENDS.0, ENDS.1) / ENDS.0).log10() / (ENDS.1 / ENDS.0).log10();
    LEFT + WIDTH * share
}

fn short_tick(tick: f64) -> String {
    if tick < 1.0 { format!("{tick}") } else { format!("{tick:.0}") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
