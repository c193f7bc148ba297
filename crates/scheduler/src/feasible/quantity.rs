//! Attributes of devices: numbers with units, such as `11 GiB`, compare by what they come to.

use std::cmp::Ordering;

use model::job::Operand;

use super::constraint::satisfies;

/// Units that measure the same, each with what it comes to in the smallest of them. From the documentation of devices.
const UNITS: [&[(&str, f64)]; 4] = [&BYTES, &RATES, &HERTZ, &WATTS];
const BYTES: [(&str, f64); 13] = [
    ("kB", 1e3),
    ("KB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("PB", 1e15),
    ("EB", 1e18),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("PiB", 1_125_899_906_842_624.0),
    ("EiB", 1_152_921_504_606_846_976.0),
];
const RATES: [(&str, f64); 13] = [
    ("kB/s", 1e3),
    ("KB/s", 1e3),
    ("MB/s", 1e6),
    ("GB/s", 1e9),
    ("TB/s", 1e12),
    ("PB/s", 1e15),
    ("EB/s", 1e18),
    ("KiB/s", 1024.0),
    ("MiB/s", 1_048_576.0),
    ("GiB/s", 1_073_741_824.0),
    ("TiB/s", 1_099_511_627_776.0),
    ("PiB/s", 1_125_899_906_842_624.0),
    ("EiB/s", 1_152_921_504_606_846_976.0),
];
const HERTZ: [(&str, f64); 2] = [("MHz", 1.0), ("GHz", 1e3)];
const WATTS: [(&str, f64); 5] = [("mW", 1.0), ("W", 1e3), ("kW", 1e6), ("MW", 1e9), ("GW", 1e12)];

/// A number, in the smallest unit of its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Quantity {
    value: f64,
    /// Position in [`UNITS`]; `None` without a unit.
    kind: Option<usize>,
}

impl Quantity {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c))).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let value: f64 = number.parse().ok()?;
        let unit = unit.trim();
        if unit.is_empty() {
            return Some(Quantity { value, kind: None });
        }
        let named = |kind: &[(&str, f64)]| kind.iter().find(|(name, _)| *name == unit).map(|(_, size)| *size);
        let (kind, size) =
            UNITS.iter().enumerate().find_map(|(number, kind)| Some((number, named(kind)?)))?;
        Some(Quantity { value: value * size, kind: Some(kind) })
    }
}

/// Compares two attributes. Quantities of different kinds have nothing to do with each other: no operand holds.
pub fn compare(left: &str, operand: Operand, right: &str) -> bool {
    let (Some(a), Some(b)) = (Quantity::parse(left), Quantity::parse(right)) else {
        return satisfies(left, operand, right);
    };
    if a.kind != b.kind {
        return false;
    }
    let order = a.value.partial_cmp(&b.value);
    match operand {
        Operand::Equal => order.is_some_and(Ordering::is_eq),
        Operand::NotEqual => order.is_some_and(Ordering::is_ne),
        Operand::Less => order.is_some_and(Ordering::is_lt),
        Operand::LessOrEqual => order.is_some_and(Ordering::is_le),
        Operand::Greater => order.is_some_and(Ordering::is_gt),
        Operand::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        _ => satisfies(left, operand, right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_converted() {
        assert!(compare("11264 MiB", Operand::GreaterOrEqual, "11 GiB"));
        assert!(!compare("10GiB", Operand::GreaterOrEqual, "11 GiB"));
        assert!(compare("1.5 GHz", Operand::Equal, "1500 MHz") && compare("2", Operand::Less, "10"));
        assert!(!compare("1 GiB", Operand::Greater, "1 GHz") && !compare("1 GiB", Operand::NotEqual, "1"));
        assert!(compare("turing", Operand::Regexp, "^tur"));
    }
}
