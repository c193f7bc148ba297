//! Sizes in binary units.

const UNITS: &[&str] = &["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
/// Below this a number of units has one decimal.
const DECIMAL_BELOW: f64 = 10.0;

/// `110 MiB`, `1.3 MiB`, `8 B`.
pub fn bytes(size: u64) -> String {
    if size < DECIMAL_BELOW as u64 {
        return format!("{size} B");
    }
    let (mut value, mut unit) = (size as f64, 0);
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let rounded = (value * 10.0 + 0.5).floor() / 10.0;
    if rounded < DECIMAL_BELOW {
        format!("{rounded:.1} {}", UNITS[unit])
    } else {
        format!("{rounded:.0} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn as_recorded() {
        for (size, text) in [
            (0, "0 B"),
            (9, "9 B"),
            (110 << 20, "110 MiB"),
            (1 << 30, "1.0 GiB"),
            (32 << 20, "32 MiB"),
            (1_363_149, "1.3 MiB"),
            (300 << 20, "300 MiB"),
        ] {
            assert_eq!(super::bytes(size), text);
        }
    }
}
