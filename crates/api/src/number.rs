//! Floating point numbers as Go prints them, where they are part of a text.

/// Powers of ten from which on, and below which, a number is shown with an exponent.
const PLAIN: std::ops::Range<i32> = -4..6;

/// A number in the shortest form that reads back as itself: `0.1`, `1.5e+06`, `+Inf`.
pub fn shown(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let text = format!("{number:e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    if power.parse().is_ok_and(|power: i32| PLAIN.contains(&power)) {
        return number.to_string();
    }
    let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
    format!("{digits}e{sign}{power:0>2}")
}
