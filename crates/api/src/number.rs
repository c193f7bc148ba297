//! Floating point numbers as Go programs write them. There are three ways, and each is right in its place.

/// Powers of ten from which on, and below which, a number in a text is shown with an exponent.
const PLAIN: std::ops::Range<i32> = -4..6;
/// Numbers that JSON shows with an exponent: smaller or not smaller than these.
const JSON: std::ops::Range<f64> = 1e-6..1e21;

/// A number within a text, in the shortest form that reads back as itself: `0.1`, `1.5e+06`, `+Inf`.
pub fn shown(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let (digits, power) = parts(number);
    if PLAIN.contains(&power) { number.to_string() } else { scientific(&digits, power) }
}

/// A number in the answer of a server, which shows even whole ones with a fraction: `1.0`, `0.25`, `1e-07`.
pub fn answered(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !JSON.contains(&size) {
        let (digits, power) = parts(number);
        return scientific(&digits, power);
    }
    if number.fract() == 0.0 { format!("{number:.1}") } else { number.to_string() }
}

/// A number in the JSON that programs print: `1`, `0.25`, `1e-7`.
pub fn printed(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !JSON.contains(&size) {
        let (digits, power) = parts(number);
        return if power < 0 { format!("{digits}e{power}") } else { scientific(&digits, power) };
    }
    number.to_string()
}

/// The shortest digits of a number, and the power of ten that they are multiplied with.
fn parts(number: f64) -> (String, i32) {
    let text = format!("{number:e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    (digits.to_owned(), power.parse().unwrap_or(0))
}

fn scientific(digits: &str, power: i32) -> String {
    let sign = if power < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", power.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_number_is_gos() {
        let cases: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("../../../tests/vectors/gofmt_float.json")).unwrap();
        assert!(cases.len() > 100);
        // `json_float32` has no counterpart: nothing in the interface is as short as that.
        let known = ["bits", "f", "g", "e", "f2", "print", "json", "json_error", "json_float32"];
        for case in cases {
            let strange: Vec<_> =
                case.as_object().unwrap().keys().filter(|key| !known.contains(&&***key)).collect();
            assert!(strange.is_empty(), "columns that nothing tests: {strange:?}");
            let number = f64::from_bits(u64::from_str_radix(case["bits"].as_str().unwrap(), 16).unwrap());
            assert_eq!(shown(number), case["print"], "{case}");
            assert_eq!(shown(number), case["g"], "{case}");
            let Some(json) = case["json"].as_str() else {
                assert!(case["json_error"].is_string() && !number.is_finite(), "{case}");
                continue;
            };
            assert_eq!(printed(number), json, "{case}");
            assert_eq!(number.to_string(), case["f"], "{case}");
            assert_eq!(format!("{number:.2}"), case["f2"], "{case}");
            let (digits, power) = parts(number);
            assert_eq!(scientific(&digits, power), case["e"], "{case}");
            assert_eq!(answered(number).parse(), Ok(number), "{case}");
        }
    }

    #[test]
    fn servers_answer_whole_numbers_with_a_fraction() {
        let forms =
            [(0.0, "0.0"), (-0.0, "-0.0"), (1.0, "1.0"), (0.1, "0.1"), (1e20, "100000000000000000000.0")];
        let ends = [(1e21, "1e+21"), (1e-6, "0.000001"), (1.5e-7, "1.5e-07"), (-8080.0, "-8080.0")];
        for (number, text) in forms.into_iter().chain(ends) {
            assert_eq!(answered(number), text);
        }
    }
}
