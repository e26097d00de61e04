//! Numbers as decimal text: read to the nearest, written as the shortest that reads back the same.

use std::cmp::Ordering;
use std::fmt;

use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, UBig};

use super::arithmetic::fits;
use super::{Binary, Number, Repr, TEXT};

/// Exponents beyond this are refused rather than computed.
const MAX_EXPONENT: i64 = 100_000;

impl Number {
    /// The nearest number to decimal text such as `12`, `-1.5`, `1e-7` (a power of ten), `1p3` (a
    /// power of two) or `-Inf`; none if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, body) = match text.strip_prefix('-') {
            Some(body) => (true, body),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if body.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(small) = text.parse::<i64>()
        {
            let zero = small == 0;
            return Some(if zero { Self::zero(negative, TEXT) } else { Self::small(small, TEXT) });
        }
        if matches!(body, "Inf" | "inf") {
            return Some(Self::infinite(negative));
        }
        let power = |mark: &[char]| {
            body.split_once(mark).map(|(digits, power)| (digits, power.parse::<i64>()))
        };
        let (digits, ten, two) = match (power(&['e', 'E']), power(&['p', 'P'])) {
            (Some((digits, exponent)), None) => (digits, exponent.ok()?, 0),
            (None, Some((digits, exponent))) => (digits, 0, exponent.ok()?),
            (None, None) => (body, 0, 0),
            (Some(_), Some(_)) => return None,
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) || whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let ten = ten.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        if ten.abs() > MAX_EXPONENT || two.abs() > MAX_EXPONENT || digits.len() > 1_000_000 {
            return None;
        }
        let magnitude = UBig::from_str_radix(&format!("{whole}{fraction}"), 10).ok()?;
        let power = UBig::from(10u8).pow(usize::try_from(ten.unsigned_abs()).ok()?);
        if magnitude == UBig::ZERO {
            return Some(Self::zero(negative, TEXT));
        }
        let mantissa = IBig::from(magnitude);
        let mantissa = if negative { -mantissa } else { mantissa };
        Some(if ten >= 0 {
            Self::rounded(mantissa * IBig::from(power), two, false, TEXT)
        } else {
            Self::quotient((mantissa, two), (IBig::from(power), 0), TEXT)
        })
    }
}

impl Binary {
    /// Decimal digits and the position of the point behind the first `point` of them.
    fn shortest(&self) -> (Vec<u8>, i64) {
        let magnitude = self.mantissa.clone().unsigned_abs();
        let length = magnitude.bit_len();
        let precision = usize::from(self.precision);
        if self.exponent >= 0
            && length + usize::try_from(self.exponent).unwrap_or(usize::MAX / 2) <= precision
        {
            let whole = magnitude << usize::try_from(self.exponent).unwrap_or(0);
            let digits = whole.to_string().into_bytes();
            let point = i64::try_from(digits.len()).unwrap_or(i64::MAX);
            return (digits, point);
        }
        // The number and the middles between it and its neighbours, all times 2^(1 - exponent).
        let widen = precision - length;
        let exponent = self.exponent - i64::try_from(widen).unwrap_or(0) - 1;
        let middle = magnitude << (widen + 1);
        let (low, high) = (&middle - UBig::ONE, &middle + UBig::ONE);
        let scale = |number: UBig| match usize::try_from(exponent) {
            Ok(shift) => number << shift,
            Err(_) => {
                let fives = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
                number * UBig::from(5u8).pow(fives)
            }
        };
        let texts = [low, middle, high].map(|number| scale(number).to_string().into_bytes());
        // One place more than any of them takes, for what rounding up carries over.
        let width = texts.iter().map(Vec::len).max().unwrap_or_default() + 1;
        let [low, middle, high] = texts.map(|text| {
            let mut padded = vec![b'0'; width - text.len()];
            padded.extend(text);
            padded
        });
        let point = i64::try_from(width).unwrap_or(i64::MAX) + exponent.min(0);
        // A tie between neighbours goes to the even one, which this one is if its last bit is zero.
        (shorten(&low, middle, &high, widen > 0), point)
    }
}

/// The fewest digits of `middle` that still lie between `low` and `high`, or on them if `inclusive`.
fn shorten(low: &[u8], middle: Vec<u8>, high: &[u8], inclusive: bool) -> Vec<u8> {
    for index in 0..middle.len() {
        let keep = index + 1;
        let down = &middle[..keep];
        let mut up = down.to_vec();
        increment(&mut up);
        let ends = |digits: &[u8]| digits[keep..].iter().all(|digit| *digit == b'0');
        let above_low = down > &low[..keep] || inclusive && down == &low[..keep] && ends(low);
        let below_high =
            up[..] < high[..keep] || up[..] == high[..keep] && (inclusive || !ends(high));
        let rest = &middle[keep..];
        let exact = rest.iter().all(|digit| *digit == b'0');
        if exact {
            return down.to_vec();
        }
        let half = match rest.first() {
            Some(b'5') if rest[1..].iter().all(|digit| *digit == b'0') => Ordering::Equal,
            Some(digit) if *digit >= b'5' => Ordering::Greater,
            _ => Ordering::Less,
        };
        let nearer_up = half == Ordering::Greater
            || half == Ordering::Equal && down.last().is_some_and(|digit| digit % 2 == 1);
        match (above_low, below_high) {
            (true, true) => return if nearer_up { up } else { down.to_vec() },
            (true, false) => return down.to_vec(),
            (false, true) => return up,
            (false, false) => {}
        }
    }
    middle
}

fn increment(digits: &mut [u8]) {
    for digit in digits.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return;
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let small: Binary;
        let binary = match &self.0 {
            Repr::Small { whole, precision } if fits(*whole, *precision) => {
                return write!(f, "{whole}");
            }
            Repr::Small { whole, precision } => {
                let zeros = whole.trailing_zeros();
                small = Binary {
                    mantissa: IBig::from(*whole >> zeros),
                    exponent: i64::from(zeros),
                    precision: *precision,
                };
                &small
            }
            Repr::NegativeZero { .. } => return f.write_str("-0"),
            Repr::Infinite { negative: false } => return f.write_str("+Inf"),
            Repr::Infinite { negative: true } => return f.write_str("-Inf"),
            Repr::Big(binary) => binary,
        };
        let (mut digits, mut point) = binary.shortest();
        let leading = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..leading);
        point -= i64::try_from(leading).unwrap_or(0);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if binary.mantissa < IBig::ZERO {
            f.write_str("-")?;
        }
        let digits = String::from_utf8_lossy(&digits);
        let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let zeros = |number: i64| "0".repeat(usize::try_from(number).unwrap_or(0));
        if point <= 0 {
            write!(f, "0.{}{digits}", zeros(-point))
        } else if point >= count {
            write!(f, "{digits}{}", zeros(point - count))
        } else {
            let split = usize::try_from(point).unwrap_or(0);
            write!(f, "{}.{}", &digits[..split], &digits[split..])
        }
    }
}
