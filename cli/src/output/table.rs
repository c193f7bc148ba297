//! Columns separated by two blanks, and `Key = value` blocks. No borders, no colors.

/// What an empty cell shows.
pub(super) const NONE: &str = "<none>";
const GAP: &str = "  ";

/// A table: the first row is the heading. Empty cells show `<none>`. No line feed at the end.
pub fn list<R, C>(rows: &[R]) -> String
where
    R: AsRef<[C]>,
    C: AsRef<str>,
{
    columns(rows, GAP, NONE)
}

/// The same with empty cells left blank.
pub fn list_with_blanks<R, C>(rows: &[R]) -> String
where
    R: AsRef<[C]>,
    C: AsRef<str>,
{
    columns(rows, GAP, "")
}

/// A block of `Key = value` lines with the equals signs below each other. Empty values show `<none>`.
pub fn key_values<K, V>(pairs: &[(K, V)]) -> String
where
    K: AsRef<str>,
    V: AsRef<str>,
{
    let rows: Vec<[&str; 2]> = pairs.iter().map(|(key, value)| [key.as_ref(), value.as_ref()]).collect();
    columns(&rows, " = ", NONE)
}

/// Every cell but the last of its row is filled up to the width of its column, also where the rest of the row is
/// empty: the original does, and its recordings end in blanks there.
fn columns<R, C>(rows: &[R], gap: &str, empty: &str) -> String
where
    R: AsRef<[C]>,
    C: AsRef<str>,
{
    let rows: Vec<Vec<&str>> = rows
        .iter()
        .map(|row| row.as_ref().iter().map(|cell| filled(cell.as_ref(), empty)).collect())
        .collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let lines: Vec<String> = rows.iter().map(|row| line(row, &widths, gap)).collect();
    lines.join("\n")
}

fn filled<'a>(cell: &'a str, empty: &'a str) -> &'a str {
    let cell = cell.trim();
    if cell.is_empty() { empty } else { cell }
}

fn line(row: &[&str], widths: &[usize], gap: &str) -> String {
    let mut line = String::new();
    for (column, cell) in row.iter().enumerate() {
        if column > 0 {
            line.push_str(gap);
        }
        if column + 1 == row.len() {
            line.push_str(cell);
        } else {
            let width = widths[column];
            line.push_str(&format!("{cell:width$}"));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_look_as_recorded() {
        let rows = [
            ["ID", "Node Pool", "Class", "Drain"].to_vec(),
            ["b08ef1e9", "default", "", "false"].to_vec(),
            ["é", "x"].to_vec(),
        ];
        assert_eq!(
            list(&rows),
            "ID        Node Pool  Class   Drain\nb08ef1e9  default    <none>  false\né         x"
        );
        assert_eq!(
            list_with_blanks(&[["Disk", "Addresses"], ["110 MiB", ""]]),
            "Disk     Addresses\n110 MiB  "
        );
        assert_eq!(list::<[&str; 0], &str>(&[]), "");
    }

    #[test]
    fn blocks_are_aligned() {
        let pairs = [("ID", "sta"), ("Submit Date", "2026-11-21T01:20:51Z"), ("Class", "")];
        assert_eq!(
            key_values(&pairs),
            "ID          = sta\nSubmit Date = 2026-11-21T01:20:51Z\nClass       = <none>"
        );
    }
}
