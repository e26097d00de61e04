//! Numbers with the semantics of binary floats that each have a precision, rounded half to even.
//!
//! What is written as text has 512 bits, a count 64 and the result of a 64-bit function 53; the
//! result of an operation has the larger precision of its operands, a product as many bits as it
//! takes if that is more. So `1/3` has more digits than
//! `length("a") / length("abc")`, and a number is shown by the fewest digits that tell it from its
//! neighbours of the same precision.
//!
//! Whole numbers that fit into 64 bits, nearly all there are, take a short way; the rest is a
//! mantissa and a power of two, an infinity, or the zero below zero.
//! Source: the language's documentation (numbers are arbitrary precision) and recorded results.

mod arithmetic;
mod text;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use dashu_int::IBig;
use dashu_int::ops::{BitTest as _, UnsignedAbs as _};

pub use arithmetic::Undefined;

/// Bits of what is read from text.
const TEXT: u16 = 512;
/// Bits of a count.
const COUNT: u16 = 64;
/// Bits of a 64-bit float.
const FLOAT: u16 = 53;

/// A number.
#[derive(Clone, Debug)]
pub struct Number(Repr);

/// One of the forms; a value that fits `Small` is always `Small`.
#[derive(Clone, Debug)]
enum Repr {
    Small {
        precision: u16,
        whole: i64,
    },
    Big(Arc<Binary>),
    /// Equal to zero, but shown with its sign, which a division by it keeps.
    NegativeZero {
        precision: u16,
    },
    Infinite {
        negative: bool,
    },
}

/// `mantissa * 2^exponent`; the mantissa is odd and has at most as many bits as the precision.
#[derive(Debug)]
struct Binary {
    mantissa: IBig,
    exponent: i64,
    precision: u16,
}

impl Number {
    /// Zero.
    pub const ZERO: Number = Number::small(0, COUNT);
    /// One.
    pub const ONE: Number = Number::small(1, COUNT);

    const fn small(whole: i64, precision: u16) -> Number {
        Number(Repr::Small { precision, whole })
    }

    const fn infinite(negative: bool) -> Number {
        Number(Repr::Infinite { negative })
    }

    const fn zero(negative: bool, precision: u16) -> Number {
        if negative { Number(Repr::NegativeZero { precision }) } else { Self::small(0, precision) }
    }

    fn precision(&self) -> u16 {
        match &self.0 {
            Repr::Small { precision, .. } | Repr::NegativeZero { precision } => *precision,
            Repr::Big(binary) => binary.precision,
            Repr::Infinite { .. } => TEXT,
        }
    }

    /// The number that `float` stands for exactly; none for not-a-number.
    pub fn from_f64(float: f64) -> Option<Self> {
        if float.is_nan() {
            return None;
        }
        if float.is_infinite() {
            return Some(Self::infinite(float < 0.0));
        }
        if float == 0.0 {
            return Some(Self::zero(float.is_sign_negative(), FLOAT));
        }
        let bits = float.to_bits();
        let biased = i64::try_from(bits >> 52 & 0x7ff).ok()?;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) =
            if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
        let mantissa = IBig::from(mantissa);
        let mantissa = if float < 0.0 { -mantissa } else { mantissa };
        Some(Self::rounded(mantissa, exponent, false, FLOAT))
    }

    /// The nearest 64-bit float.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Small { whole, .. } => *whole as f64,
            // Decimal text is exact enough, and the standard library rounds it properly.
            Repr::Big(_) => self.to_string().parse().unwrap_or(f64::NAN),
            Repr::NegativeZero { .. } => -0.0,
            Repr::Infinite { negative: false } => f64::INFINITY,
            Repr::Infinite { negative: true } => f64::NEG_INFINITY,
        }
    }

    /// The whole number, if it is one and fits.
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Small { whole, .. } => Some(whole),
            Repr::NegativeZero { .. } => Some(0),
            Repr::Big(_) | Repr::Infinite { .. } => None,
        }
    }

    /// The whole number, if it is one and fits.
    pub fn to_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Small { whole, .. } => u64::try_from(*whole).ok(),
            _ => self.to_integer().and_then(|whole| u64::try_from(whole).ok()),
        }
    }

    /// The whole number, if it is one and fits.
    pub fn to_usize(&self) -> Option<usize> {
        self.to_u64().and_then(|whole| usize::try_from(whole).ok())
    }

    /// The whole number, of any size.
    pub fn to_integer(&self) -> Option<IBig> {
        if !self.is_finite() {
            return None;
        }
        let (mantissa, exponent) = self.parts();
        let shift = usize::try_from(exponent).ok()?;
        Some(mantissa << shift)
    }

    /// A whole number of any size.
    pub fn from_integer(whole: IBig) -> Self {
        let bits = u16::try_from(whole.clone().unsigned_abs().bit_len()).unwrap_or(u16::MAX);
        Self::rounded(whole, 0, false, bits.max(COUNT))
    }

    /// Whether it is a whole number.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small { .. } | Repr::NegativeZero { .. } => true,
            Repr::Big(binary) => binary.exponent >= 0,
            Repr::Infinite { .. } => false,
        }
    }

    /// Whether it is not an infinity.
    pub fn is_finite(&self) -> bool {
        !matches!(self.0, Repr::Infinite { .. })
    }

    /// Whether it is zero, of either sign.
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Small { whole: 0, .. } | Repr::NegativeZero { .. })
    }

    /// Whether it has a minus sign: also the zero below zero.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small { whole, .. } => *whole < 0,
            Repr::Big(binary) => binary.mantissa < IBig::ZERO,
            Repr::NegativeZero { .. } => true,
            Repr::Infinite { negative } => *negative,
        }
    }

    /// -1, 0 or 1.
    pub fn signum(&self) -> i64 {
        match (self.is_zero(), self.is_negative()) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    /// Mantissa and exponent of a finite number.
    fn parts(&self) -> (IBig, i64) {
        match &self.0 {
            Repr::Small { whole, .. } => (IBig::from(*whole), 0),
            Repr::Big(binary) => (binary.mantissa.clone(), binary.exponent),
            Repr::NegativeZero { .. } | Repr::Infinite { .. } => (IBig::ZERO, 0),
        }
    }
}

/// Whole numbers are equal if they are the same, others if they are shown the same: what was written
/// down and read again, with more precision, is still what it was.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Small { whole: left, .. }, Repr::Small { whole: right, .. }) => left == right,
            (Repr::Big(left), Repr::Big(right)) => {
                let same = left.exponent == right.exponent && left.mantissa == right.mantissa;
                let apart = left.precision == right.precision
                    || self.is_integer()
                    || other.is_integer()
                    || self.is_negative() != other.is_negative();
                same || !apart && self.to_string() == other.to_string()
            }
            (Repr::Infinite { negative: left }, Repr::Infinite { negative: right }) => {
                left == right
            }
            _ => self.is_zero() && other.is_zero(),
        }
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Small { whole, .. } => whole.hash(state),
            Repr::NegativeZero { .. } => 0_i64.hash(state),
            // Read from the text, so the same for all that are shown the same.
            Repr::Big(_) | Repr::Infinite { .. } => self.to_f64().to_bits().hash(state),
        }
    }
}

/// By exact value.
impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Small { whole: left, .. }, Repr::Small { whole: right, .. }) =
            (&self.0, &other.0)
        {
            return left.cmp(right);
        }
        if !self.is_finite() || !other.is_finite() {
            let rank = |number: &Number| if number.is_finite() { 0 } else { number.signum() };
            return rank(self).cmp(&rank(other));
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
        Number::small(number, COUNT)
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
