//! A file's mode as Go prints it, for example `drwxr-xr-x` or `dtrwxrwxrwx`.

/// Type bits of `st_mode`.
const TYPE: u32 = 0o170_000;

/// The text of `st_mode`.
pub(super) fn text(mode: u32) -> String {
    let kind = match mode & TYPE {
        0o040_000 => "d",
        0o120_000 => "L",
        0o060_000 => "D",
        0o020_000 => "Dc",
        0o010_000 => "p",
        0o140_000 => "S",
        _ => "",
    };
    // The order is Go's: `d L D p S u g c t`.
    let mut out = kind.trim_end_matches('c').to_owned();
    for (bit, letter) in [(0o4000, 'u'), (0o2000, 'g')] {
        if mode & bit != 0 {
            out.push(letter);
        }
    }
    if kind.ends_with('c') {
        out.push('c');
    }
    if mode & 0o1000 != 0 {
        out.push('t');
    }
    if out.is_empty() {
        out.push('-');
    }
    for (at, letter) in "rwxrwxrwx".chars().enumerate() {
        out.push(if mode & (1 << (8 - at)) == 0 { '-' } else { letter });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        let cases = [
            (0o100_644, "-rw-r--r--"),
            (0o040_777, "drwxrwxrwx"),
            (0o041_777, "dtrwxrwxrwx"),
            (0o010_600, "prw-------"),
            (0o120_777, "Lrwxrwxrwx"),
            (0o140_755, "Srwxr-xr-x"),
            (0o020_620, "Dcrw--w----"),
            (0o104_755, "urwxr-xr-x"),
        ];
        for (mode, expected) in cases {
            assert_eq!(text(mode), expected, "{mode:o}");
        }
    }
}
