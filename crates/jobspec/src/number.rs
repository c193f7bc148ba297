//! Numbers: binary floating point with 512 bits, so that integers of any useful size and decimals read as written.

use std::cmp::Ordering;

use num_bigint::BigUint;

const PRECISION: u64 = 512;
/// Beyond this power of two a number counts as infinite, below its negative as zero.
const MAX_EXPONENT: i64 = 20_000;

/// `(-1)^negative · mantissa · 2^exponent`; the mantissa is odd or zero.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    negative: bool,
    mantissa: BigUint,
    exponent: i64,
    infinite: bool,
}

impl Number {
    pub(crate) fn zero() -> Self {
        Self { negative: false, mantissa: BigUint::ZERO, exponent: 0, infinite: false }
    }

    pub(crate) fn infinity(negative: bool) -> Self {
        Self { negative, mantissa: BigUint::ZERO, exponent: 0, infinite: true }
    }

    /// Rounds to the precision, half to even, and takes trailing zero bits off.
    fn build(negative: bool, mantissa: BigUint, exponent: i64) -> Self {
        let (mut mantissa, mut exponent) = (mantissa, exponent);
        let bits = mantissa.bits();
        if bits > PRECISION {
            let cut = bits - PRECISION;
            let half = BigUint::from(1u8) << (cut - 1);
            let kept = &mantissa >> cut;
            let dropped = &mantissa - (&kept << cut);
            let up = match dropped.cmp(&half) {
                Ordering::Greater => true,
                Ordering::Equal => kept.bit(0),
                Ordering::Less => false,
            };
            mantissa = kept + u8::from(up);
            exponent += i64::try_from(cut).unwrap_or(i64::MAX / 2);
        }
        let Some(zeros) = mantissa.trailing_zeros() else {
            return Self { negative, ..Self::zero() };
        };
        mantissa >>= zeros;
        exponent += i64::try_from(zeros).unwrap_or_default();
        let top = exponent + i64::try_from(mantissa.bits()).unwrap_or_default();
        if top > MAX_EXPONENT {
            return Self::infinity(negative);
        }
        if top < -MAX_EXPONENT {
            return Self { negative, ..Self::zero() };
        }
        Self { negative, mantissa, exponent, infinite: false }
    }

    pub(crate) fn from_i64(value: i64) -> Self {
        Self::build(value < 0, BigUint::from(value.unsigned_abs()), 0)
    }

    pub(crate) fn from_usize(value: usize) -> Self {
        Self::build(false, BigUint::from(value), 0)
    }

    pub(crate) fn from_big(negative: bool, value: BigUint) -> Self {
        Self::build(negative, value, 0)
    }

    /// None for what is not a number.
    pub(crate) fn from_f64(value: f64) -> Option<Self> {
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Self::infinity(value < 0.0));
        }
        let bits = value.to_bits();
        let field = i64::try_from((bits >> 52) & 0x7ff).ok()?;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = match field {
            0 => (fraction, -1074),
            _ => (fraction | (1 << 52), field - 1075),
        };
        Some(Self::build(value.is_sign_negative(), BigUint::from(mantissa), exponent))
    }

    /// Reads `-12.5e3`. None when the text is no decimal number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent_of(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mantissa = BigUint::parse_bytes(all.as_bytes(), 10)?;
        let exponent = exponent - i64::try_from(fraction.len()).ok()?;
        if mantissa == BigUint::ZERO {
            return Some(Self { negative, ..Self::zero() });
        }
        if exponent > 6_100 {
            return Some(Self::infinity(negative));
        }
        if exponent >= 0 {
            let power = BigUint::from(10u8).pow(u32::try_from(exponent).ok()?);
            return Some(Self::build(negative, mantissa * power, 0));
        }
        if exponent < -200_000 {
            return Some(Self { negative, ..Self::zero() });
        }
        let divisor = BigUint::from(10u8).pow(u32::try_from(-exponent).ok()?);
        Some(Self::quotient(negative, &mantissa, &divisor, 0))
    }

    /// `left / right · 2^exponent`, rounded once.
    fn quotient(negative: bool, left: &BigUint, right: &BigUint, exponent: i64) -> Self {
        let shift = (PRECISION + 2 + right.bits()).saturating_sub(left.bits());
        let scaled = left << shift;
        let mut whole = &scaled / right;
        let exact = &whole * right == scaled;
        let mut exponent = exponent - i64::try_from(shift).unwrap_or_default();
        if !exact {
            // A sticky bit keeps the rounding right.
            whole = (whole << 1u8) + 1u8;
            exponent -= 1;
        }
        Self::build(negative, whole, exponent)
    }

    pub(crate) fn is_zero(&self) -> bool {
        !self.infinite && self.mantissa == BigUint::ZERO
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    pub(crate) fn is_infinite(&self) -> bool {
        self.infinite
    }

    pub(crate) fn is_integer(&self) -> bool {
        !self.infinite && (self.exponent >= 0 || self.is_zero())
    }

    /// The size without its sign, when it is a whole number.
    pub(crate) fn magnitude(&self) -> Option<BigUint> {
        if !self.is_integer() {
            return None;
        }
        Some(&self.mantissa << u64::try_from(self.exponent).unwrap_or_default())
    }

    pub(crate) fn to_i64(&self) -> Option<i64> {
        let size = u64::try_from(self.magnitude()?).ok()?;
        if self.negative { 0i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() }
    }

    pub(crate) fn to_u64(&self) -> Option<u64> {
        let size = u64::try_from(self.magnitude()?).ok()?;
        (!self.negative || size == 0).then_some(size)
    }

    pub(crate) fn to_usize(&self) -> Option<usize> {
        self.to_u64().and_then(|value| usize::try_from(value).ok())
    }

    pub(crate) fn to_f64(&self) -> f64 {
        let size =
            if self.infinite { f64::INFINITY } else { self.abs().text().parse().unwrap_or(f64::INFINITY) };
        if self.negative { -size } else { size }
    }

    pub(crate) fn negate(&self) -> Self {
        Self { negative: !self.negative, ..self.clone() }
    }

    pub(crate) fn abs(&self) -> Self {
        Self { negative: false, ..self.clone() }
    }

    /// None for opposing infinities.
    pub(crate) fn add(&self, other: &Self) -> Option<Self> {
        match (self.infinite, other.infinite) {
            (true, true) => return (self.negative == other.negative).then(|| self.clone()),
            (true, false) => return Some(self.clone()),
            (false, true) => return Some(other.clone()),
            _ => {}
        }
        let exponent = self.exponent.min(other.exponent);
        let widen =
            |number: &Self| &number.mantissa << u64::try_from(number.exponent - exponent).unwrap_or_default();
        let (left, right) = (widen(self), widen(other));
        if self.negative == other.negative {
            return Some(Self::build(self.negative, left + right, exponent));
        }
        Some(match left.cmp(&right) {
            Ordering::Greater => Self::build(self.negative, left - right, exponent),
            Ordering::Less => Self::build(other.negative, right - left, exponent),
            Ordering::Equal => Self::zero(),
        })
    }

    pub(crate) fn subtract(&self, other: &Self) -> Option<Self> {
        self.add(&other.negate())
    }

    /// None for zero times infinity.
    pub(crate) fn multiply(&self, other: &Self) -> Option<Self> {
        let negative = self.negative != other.negative;
        if self.infinite || other.infinite {
            return (!self.is_zero() && !other.is_zero()).then(|| Self::infinity(negative));
        }
        Some(Self::build(negative, &self.mantissa * &other.mantissa, self.exponent + other.exponent))
    }

    /// None for zero by zero and infinity by infinity.
    pub(crate) fn divide(&self, other: &Self) -> Option<Self> {
        let negative = self.negative != other.negative;
        match (self.infinite, other.infinite) {
            (true, true) => return None,
            (true, false) => return Some(Self::infinity(negative)),
            (false, true) => return Some(Self { negative, ..Self::zero() }),
            _ => {}
        }
        if other.is_zero() {
            return (!self.is_zero()).then(|| Self::infinity(negative));
        }
        Some(Self::quotient(negative, &self.mantissa, &other.mantissa, self.exponent - other.exponent))
    }

    /// What is left after taking `other` away as often as it goes in; the number itself for a divisor of zero.
    pub(crate) fn modulo(&self, other: &Self) -> Option<Self> {
        if other.is_zero() || self.infinite {
            return Some(self.clone());
        }
        if other.infinite {
            return Some(self.clone());
        }
        let times = self.divide(other)?.truncate();
        self.subtract(&times.multiply(other)?)
    }

    /// Without the fraction.
    pub(crate) fn truncate(&self) -> Self {
        if self.infinite || self.exponent >= 0 {
            return self.clone();
        }
        let cut = self.exponent.unsigned_abs();
        Self::build(self.negative, &self.mantissa >> cut, 0)
    }

    pub(crate) fn floor(&self) -> Self {
        let whole = self.truncate();
        let one = Self::from_i64(-1);
        if self.negative && !self.is_integer() { whole.add(&one).unwrap_or(whole) } else { whole }
    }

    pub(crate) fn ceil(&self) -> Self {
        self.negate().floor().negate()
    }

    /// As people write it: all digits that tell it from its neighbours, without an exponent.
    pub(crate) fn text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        if self.infinite {
            return format!("{}Inf", if self.negative { "-" } else { "+" });
        }
        match self.magnitude() {
            Some(size) => format!("{sign}{size}"),
            None => format!("{sign}{}", self.shortest()),
        }
    }

    fn shortest(&self) -> String {
        let bits = self.mantissa.bits();
        let lift = PRECISION.saturating_sub(bits) + 1;
        // In half units of the last place, so that the borders to the neighbours are whole numbers.
        let middle = &self.mantissa << lift;
        let exponent = self.exponent - i64::try_from(lift).unwrap_or_default();
        let places = exponent.unsigned_abs();
        let power = BigUint::from(5u8).pow(u32::try_from(places).unwrap_or_default());
        let digits = |number: BigUint| (number * &power).to_string();
        let inclusive = !(&self.mantissa << (lift - 1)).bit(0);
        let (lower, middle, upper) = (digits(&middle - 1u8), digits(middle.clone()), digits(middle + 1u8));
        let width = upper.len();
        let pad = |text: String| format!("{text:0>width$}");
        let short = shorten(&pad(lower), &pad(middle), &pad(upper), inclusive);
        place_point(
            &short,
            i64::try_from(width).unwrap_or_default() - i64::try_from(places).unwrap_or_default(),
        )
    }

    /// The number times ten to `places`, rounded to a whole one, half to even; for formatting.
    pub(crate) fn scaled(&self, places: i64) -> BigUint {
        let power = BigUint::from(10u8).pow(u32::try_from(places.unsigned_abs()).unwrap_or_default());
        let (mut top, mut bottom) = (self.mantissa.clone(), BigUint::from(1u8));
        if places >= 0 {
            top *= power
        } else {
            bottom *= power
        }
        if self.exponent >= 0 {
            top <<= self.exponent.unsigned_abs()
        } else {
            bottom <<= self.exponent.unsigned_abs()
        }
        let whole = &top / &bottom;
        let twice = (&top - &whole * &bottom) << 1u8;
        let up = match twice.cmp(&bottom) {
            Ordering::Greater => true,
            Ordering::Equal => whole.bit(0),
            Ordering::Less => false,
        };
        whole + u8::from(up)
    }
}

fn exponent_of(text: &str) -> Option<i64> {
    let digits = text.trim_start_matches(['+', '-']);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(1_000_000_000).min(1_000_000_000);
    Some(if text.starts_with('-') { -size } else { size })
}

/// The fewest digits that lie between the borders.
fn shorten(lower: &str, middle: &str, upper: &str, inclusive: bool) -> String {
    let end_of = |text: &str| text.trim_end_matches('0').len();
    let (lower_end, upper_end) = (end_of(lower), end_of(upper));
    let rows = lower.bytes().zip(middle.bytes()).zip(upper.bytes()).enumerate();
    for (index, ((low, digit), high)) in rows {
        let down = low != digit || (inclusive && index + 1 == lower_end);
        let up = digit != high && (inclusive || digit + 1 < high || index + 1 < upper_end);
        let head = middle.get(..=index).unwrap_or_default();
        let next = middle.as_bytes().get(index + 1).copied().unwrap_or(b'0');
        match (down, up) {
            (true, true) if next < b'5' => return head.to_owned(),
            (true, true) | (false, true) => return increment(head),
            (true, false) => return head.to_owned(),
            (false, false) => {}
        }
    }
    middle.to_owned()
}

fn increment(digits: &str) -> String {
    let width = digits.len();
    match BigUint::parse_bytes(digits.as_bytes(), 10) {
        Some(number) => format!("{:0>width$}", (number + 1u8).to_string()),
        None => digits.to_owned(),
    }
}

/// Puts the decimal point behind the first `whole` digits, which may be none or too many.
fn place_point(digits: &str, whole: i64) -> String {
    let digits_before = usize::try_from(whole).unwrap_or_default();
    if digits.len() <= digits_before {
        return format!("{digits:0<digits_before$}").trim_start_matches('0').to_owned();
    }
    let (head, tail) = digits.split_at(digits_before.min(digits.len()));
    let zeros = usize::try_from(-whole).unwrap_or_default();
    let tail = format!("{}{tail}", "0".repeat(zeros));
    let tail = tail.trim_end_matches('0');
    let head = head.trim_start_matches('0');
    let head = if head.is_empty() { "0" } else { head };
    if tail.is_empty() { head.to_owned() } else { format!("{head}.{tail}") }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.is_zero(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let (left, right) = (sign(self), sign(other));
        if left != right || left == 0 {
            return left.cmp(&right);
        }
        let size = match (self.infinite, other.infinite) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.magnitude_cmp(other),
        };
        if left < 0 { size.reverse() } else { size }
    }
}

impl Number {
    fn magnitude_cmp(&self, other: &Self) -> Ordering {
        let exponent = self.exponent.min(other.exponent);
        let widen =
            |number: &Self| &number.mantissa << u64::try_from(number.exponent - exponent).unwrap_or_default();
        widen(self).cmp(&widen(other))
    }
}
