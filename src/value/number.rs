//! Numbers with the semantics of a 512-bit binary float, rounded half to even.
//!
//! Whole numbers that fit into 64 bits, nearly all there are, take a short way; the rest is a
//! mantissa and a power of two. Display is the shortest decimal text that reads back the same.
//! Source: the language's documentation (numbers are arbitrary precision) and recorded results.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, UBig};

const PRECISION: usize = 512;
/// Decimal exponents beyond this are refused rather than computed.
const MAX_EXPONENT: i64 = 100_000;

/// A number.
#[derive(Clone, Debug)]
pub struct Number(Repr);

/// Either form; a value that fits `Small` is always `Small`.
#[derive(Clone, Debug)]
enum Repr {
    Small(i64),
    Big(Arc<Binary>),
}

/// `mantissa * 2^exponent`; the mantissa is odd and has at most 512 bits.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Binary {
    mantissa: IBig,
    exponent: i64,
}

impl Number {
    /// Zero.
    pub const ZERO: Number = Number(Repr::Small(0));
    /// One.
    pub const ONE: Number = Number(Repr::Small(1));

    /// The nearest number to decimal text such as `12`, `-1.5` or `1e-7`; none if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(small) = text.parse::<i64>()
            && !text.starts_with('+')
        {
            return Some(Number(Repr::Small(small)));
        }
        let (negative, body) = match text.strip_prefix('-') {
            Some(body) => (true, body),
            None => (false, text),
        };
        let (digits, exponent) = match body.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i64>().ok()?),
            None => (body, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) || whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        if exponent.abs() > MAX_EXPONENT || digits.len() > 1_000_000 {
            return None;
        }
        let magnitude = UBig::from_str_radix(&format!("{whole}{fraction}"), 10).ok()?;
        let power = UBig::from(10u8).pow(usize::try_from(exponent.unsigned_abs()).ok()?);
        let mantissa = IBig::from(magnitude);
        let mantissa = if negative { -mantissa } else { mantissa };
        Some(if exponent >= 0 {
            Self::rounded(mantissa * IBig::from(power), 0, false)
        } else {
            Self::quotient(mantissa, 0, IBig::from(power), 0)
        })
    }

    /// The number that `float` stands for exactly; none for infinities and not-a-number.
    pub fn from_f64(float: f64) -> Option<Self> {
        if !float.is_finite() {
            return None;
        }
        let bits = float.to_bits();
        let biased = i64::try_from(bits >> 52 & 0x7ff).ok()?;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) =
            if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
        let mantissa = IBig::from(mantissa);
        Some(Self::rounded(if float < 0.0 { -mantissa } else { mantissa }, exponent, false))
    }

    /// The nearest 64-bit float.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Small(small) => *small as f64,
            // Decimal text is exact enough, and the standard library rounds it properly.
            Repr::Big(_) => self.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    /// The whole number, if it is one and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Small(small) => Some(small),
            Repr::Big(_) => None,
        }
    }

    /// The whole number, if it is one and fits.
    pub fn to_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Small(small) => u64::try_from(*small).ok(),
            Repr::Big(_) => self.to_integer().and_then(|whole| u64::try_from(whole).ok()),
        }
    }

    /// The whole number, if it is one and fits.
    pub fn to_usize(&self) -> Option<usize> {
        self.to_u64().and_then(|whole| usize::try_from(whole).ok())
    }

    /// The whole number, of any size.
    pub fn to_integer(&self) -> Option<IBig> {
        let (mantissa, exponent) = self.parts();
        let shift = usize::try_from(exponent).ok()?;
        Some(mantissa << shift)
    }

    /// The number nearest to a whole number of any size.
    pub fn from_integer(whole: IBig) -> Self {
        Self::rounded(whole, 0, false)
    }

    /// Whether it is a whole number.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small(_) => true,
            Repr::Big(binary) => binary.exponent >= 0,
        }
    }

    /// -1, 0 or 1.
    pub fn signum(&self) -> i64 {
        match self.cmp(&Number::ZERO) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }
    }

    /// The sum.
    #[must_use]
    pub fn add(&self, other: &Number) -> Number {
        if let (Repr::Small(left), Repr::Small(right)) = (&self.0, &other.0)
            && let Some(sum) = left.checked_add(*right)
        {
            return Number(Repr::Small(sum));
        }
        let ((left, left_exponent), (right, right_exponent)) = (self.parts(), other.parts());
        let exponent = left_exponent.min(right_exponent);
        let align = |mantissa: IBig, from: i64| {
            mantissa << usize::try_from(from - exponent).unwrap_or(usize::MAX >> 32)
        };
        Self::rounded(align(left, left_exponent) + align(right, right_exponent), exponent, false)
    }

    /// The difference.
    #[must_use]
    pub fn sub(&self, other: &Number) -> Number {
        self.add(&other.neg())
    }

    /// The product.
    #[must_use]
    pub fn mul(&self, other: &Number) -> Number {
        if let (Repr::Small(left), Repr::Small(right)) = (&self.0, &other.0)
            && let Some(product) = left.checked_mul(*right)
        {
            return Number(Repr::Small(product));
        }
        let ((left, left_exponent), (right, right_exponent)) = (self.parts(), other.parts());
        Self::rounded(left * right, left_exponent + right_exponent, false)
    }

    /// The quotient; none for a divisor of zero.
    pub fn div(&self, other: &Number) -> Option<Number> {
        if other.signum() == 0 {
            return None;
        }
        let ((left, left_exponent), (right, right_exponent)) = (self.parts(), other.parts());
        Some(Self::quotient(left, left_exponent, right, right_exponent))
    }

    /// What is left of `self` after `other` is taken from it a whole number of times, with the sign
    /// of `self`; none for a divisor of zero.
    pub fn rem(&self, other: &Number) -> Option<Number> {
        if let (Repr::Small(left), Repr::Small(right)) = (&self.0, &other.0)
            && let Some(rest) = left.checked_rem(*right)
        {
            return Some(Number(Repr::Small(rest)));
        }
        Some(self.sub(&other.mul(&self.div(other)?.trunc())))
    }

    /// The negative.
    #[must_use]
    pub fn neg(&self) -> Number {
        let (mantissa, exponent) = self.parts();
        Self::rounded(-mantissa, exponent, false)
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(&self) -> Number {
        if self.signum() < 0 { self.neg() } else { self.clone() }
    }

    /// Towards zero to a whole number.
    #[must_use]
    pub fn trunc(&self) -> Number {
        match &self.0 {
            Repr::Big(binary) if binary.exponent < 0 => {
                let shift = usize::try_from(-binary.exponent).unwrap_or(usize::MAX);
                let magnitude = IBig::from(binary.mantissa.clone().unsigned_abs() >> shift);
                let negative = self.signum() < 0;
                Self::rounded(if negative { -magnitude } else { magnitude }, 0, false)
            }
            _ => self.clone(),
        }
    }

    /// Down to a whole number.
    #[must_use]
    pub fn floor(&self) -> Number {
        let whole = self.trunc();
        if whole > *self { whole.sub(&Number::ONE) } else { whole }
    }

    /// Up to a whole number.
    #[must_use]
    pub fn ceil(&self) -> Number {
        let whole = self.trunc();
        if whole < *self { whole.add(&Number::ONE) } else { whole }
    }

    fn parts(&self) -> (IBig, i64) {
        match &self.0 {
            Repr::Small(small) => (IBig::from(*small), 0),
            Repr::Big(binary) => (binary.mantissa.clone(), binary.exponent),
        }
    }

    /// `left / right`, computed to enough bits that the one rounding is right.
    fn quotient(left: IBig, left_exponent: i64, right: IBig, right_exponent: i64) -> Number {
        let bits = |number: &IBig| number.clone().unsigned_abs().bit_len();
        let shift = (PRECISION + 2 + bits(&right)).saturating_sub(bits(&left));
        let negative = (left < IBig::ZERO) != (right < IBig::ZERO);
        let (left, right) = (left.unsigned_abs() << shift, right.unsigned_abs());
        let (quotient, rest) = (&left / &right, &left % &right);
        let exponent = left_exponent - right_exponent - i64::try_from(shift).unwrap_or(i64::MAX);
        let quotient = IBig::from(quotient);
        let signed = if negative { -quotient } else { quotient };
        Self::rounded(signed, exponent, rest != UBig::ZERO)
    }

    /// `mantissa * 2^exponent`, and a little more away from zero if `sticky`, to 512 bits.
    fn rounded(mantissa: IBig, exponent: i64, sticky: bool) -> Number {
        let negative = mantissa < IBig::ZERO;
        let mut magnitude = mantissa.unsigned_abs();
        let mut exponent = exponent;
        let excess = magnitude.bit_len().saturating_sub(PRECISION);
        if excess > 0 {
            let half = magnitude.bit(excess - 1);
            let below =
                sticky || magnitude.trailing_zeros().is_some_and(|zeros| zeros < excess - 1);
            magnitude >>= excess;
            exponent += i64::try_from(excess).unwrap_or(i64::MAX);
            if half && (below || magnitude.bit(0)) {
                magnitude += UBig::ONE;
            }
        }
        let Some(zeros) = magnitude.trailing_zeros() else { return Number::ZERO };
        magnitude >>= zeros;
        exponent += i64::try_from(zeros).unwrap_or(i64::MAX);
        let mantissa = IBig::from(magnitude);
        let mantissa = if negative { -mantissa } else { mantissa };
        if (0..64).contains(&exponent)
            && let Ok(small) =
                i64::try_from(mantissa.clone() << usize::try_from(exponent).unwrap_or(0))
        {
            return Number(Repr::Small(small));
        }
        Number(Repr::Big(Arc::new(Binary { mantissa, exponent })))
    }
}

impl Binary {
    /// Decimal digits and the position of the point behind the first `point` of them.
    fn shortest(&self) -> (Vec<u8>, i64) {
        let magnitude = self.mantissa.clone().unsigned_abs();
        let length = magnitude.bit_len();
        if self.exponent >= 0
            && length + usize::try_from(self.exponent).unwrap_or(usize::MAX / 2) <= PRECISION
        {
            let whole = magnitude << usize::try_from(self.exponent).unwrap_or(0);
            let digits = whole.to_string().into_bytes();
            let point = i64::try_from(digits.len()).unwrap_or(i64::MAX);
            return (digits, point);
        }
        // The number and the middles between it and its neighbours, all times 2^(1 - exponent).
        let widen = PRECISION - length;
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
        (shorten(&low, middle, &high), point)
    }
}

/// The fewest digits of `middle` that still lie strictly between `low` and `high`.
fn shorten(low: &[u8], middle: Vec<u8>, high: &[u8]) -> Vec<u8> {
    for index in 0..middle.len() {
        let keep = index + 1;
        let down = &middle[..keep];
        let mut up = down.to_vec();
        increment(&mut up);
        let above_low = down > &low[..keep];
        let below_high = up[..] < high[..keep]
            || up[..] == high[..keep] && high[keep..].iter().any(|digit| *digit != b'0');
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
        let binary = match &self.0 {
            Repr::Small(small) => return write!(f, "{small}"),
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

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Small(left), Repr::Small(right)) => left == right,
            (Repr::Big(left), Repr::Big(right)) => left == right,
            _ => false,
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Small(small) => small.hash(state),
            Repr::Big(binary) => binary.hash(state),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Small(left), Repr::Small(right)) = (&self.0, &other.0) {
            return left.cmp(right);
        }
        let ((left, left_exponent), (right, right_exponent)) = (self.parts(), other.parts());
        let exponent = left_exponent.min(right_exponent);
        let align =
            |mantissa: IBig, from: i64| mantissa << usize::try_from(from - exponent).unwrap_or(0);
        align(left, left_exponent).cmp(&align(right, right_exponent))
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Number(Repr::Small(number))
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self::from_integer(IBig::from(number))
    }
}

impl From<usize> for Number {
    fn from(number: usize) -> Self {
        Self::from_integer(IBig::from(number))
    }
}

#[cfg(test)]
mod tests;
