//! Arithmetic: exact, then rounded once.

use std::sync::Arc;

use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, UBig};
use thiserror::Error;

use super::{Binary, Number, Repr, TEXT};

/// An operation with an infinity that no number is the result of.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Undefined {
    /// Infinities of different signs were added, or equal ones subtracted.
    #[error("can't subtract infinity from itself")]
    Difference,
    /// Zero times infinity.
    #[error("can't multiply zero by infinity")]
    Product,
    /// Zero by zero, or infinity by infinity.
    #[error("can't divide zero by zero or infinity by infinity")]
    Quotient,
    /// The rest of or by infinity.
    #[error("can't take the remainder of or by infinity")]
    Remainder,
}

impl Number {
    /// The sum.
    ///
    /// # Errors
    /// For infinities of different signs.
    pub fn add(&self, other: &Number) -> Result<Number, Undefined> {
        let precision = self.precision().max(other.precision());
        match (&self.0, &other.0) {
            (Repr::Small { whole: left, .. }, Repr::Small { whole: right, .. }) => {
                if let Some(sum) = left.checked_add(*right).filter(|sum| fits(*sum, precision)) {
                    return Ok(Self::small(sum, precision));
                }
            }
            (Repr::Infinite { negative: left }, Repr::Infinite { negative: right })
                if left != right =>
            {
                return Err(Undefined::Difference);
            }
            (Repr::Infinite { .. }, _) => return Ok(self.clone()),
            (_, Repr::Infinite { .. }) => return Ok(other.clone()),
            (Repr::NegativeZero { .. }, Repr::NegativeZero { .. }) => {
                return Ok(Self::zero(true, precision));
            }
            _ => {}
        }
        let ((left, left_exponent), (right, right_exponent)) = (self.parts(), other.parts());
        let exponent = left_exponent.min(right_exponent);
        let align = |mantissa: IBig, from: i64| {
            mantissa << usize::try_from(from - exponent).unwrap_or(usize::MAX >> 32)
        };
        let sum = align(left, left_exponent) + align(right, right_exponent);
        Ok(Self::rounded(sum, exponent, false, precision))
    }

    /// The difference.
    ///
    /// # Errors
    /// For equal infinities.
    pub fn sub(&self, other: &Number) -> Result<Number, Undefined> {
        self.add(&other.neg())
    }

    /// The product.
    ///
    /// # Errors
    /// For zero times infinity.
    pub fn mul(&self, other: &Number) -> Result<Number, Undefined> {
        let precision = self.precision().max(other.precision());
        let negative = self.is_negative() != other.is_negative();
        let (zero, infinite) =
            (self.is_zero() || other.is_zero(), !self.is_finite() || !other.is_finite());
        match (zero, infinite) {
            (true, true) => return Err(Undefined::Product),
            (true, false) => return Ok(Self::zero(negative, precision)),
            (false, true) => return Ok(Self::infinite(negative)),
            (false, false) => {}
        }
        if let (Repr::Small { whole: left, .. }, Repr::Small { whole: right, .. }) =
            (&self.0, &other.0)
            && let Some(product) = left.checked_mul(*right).filter(|whole| fits(*whole, precision))
        {
            return Ok(Self::small(product, precision));
        }
        let ((left, left_exponent), (right, right_exponent)) = (self.parts(), other.parts());
        let (product, exponent) = (left * right, left_exponent + right_exponent);
        // All bits of the product are kept, as far as text would have them.
        let magnitude = product.clone().unsigned_abs();
        let bits = magnitude.bit_len() - magnitude.trailing_zeros().unwrap_or(0);
        let bits = u16::try_from(bits).unwrap_or(TEXT).min(TEXT);
        Ok(Self::rounded(product, exponent, false, precision.max(bits)))
    }

    /// The quotient; by zero it is infinite.
    ///
    /// # Errors
    /// For zero by zero and infinity by infinity.
    pub fn div(&self, other: &Number) -> Result<Number, Undefined> {
        let precision = self.precision().max(other.precision());
        let negative = self.is_negative() != other.is_negative();
        match (self.is_finite(), other.is_finite()) {
            (false, false) => Err(Undefined::Quotient),
            (false, true) => Ok(Self::infinite(negative)),
            (true, false) => Ok(Self::zero(negative, precision)),
            (true, true) => match (self.is_zero(), other.is_zero()) {
                (true, true) => Err(Undefined::Quotient),
                (true, false) => Ok(Self::zero(negative, precision)),
                (false, true) => Ok(Self::infinite(negative)),
                (false, false) => Ok(Self::quotient(self.parts(), other.parts(), precision)),
            },
        }
    }

    /// What is left of `self` after `other` is taken from it a whole number of times, with the sign
    /// of `self`; all of it for an `other` of zero.
    ///
    /// # Errors
    /// For infinities, except by zero.
    pub fn rem(&self, other: &Number) -> Result<Number, Undefined> {
        if other.is_zero() {
            return Ok(self.clone());
        }
        if !self.is_finite() || !other.is_finite() {
            return Err(Undefined::Remainder);
        }
        if let (Repr::Small { whole: left, .. }, Repr::Small { whole: right, .. }) =
            (&self.0, &other.0)
            && let Some(rest) = left.checked_rem(*right)
        {
            return Ok(Self::small(rest, self.precision().max(other.precision())));
        }
        self.sub(&other.mul(&self.div(other)?.trunc())?)
    }

    /// The negative.
    #[must_use]
    pub fn neg(&self) -> Number {
        match &self.0 {
            Repr::Small { whole: 0, precision } => Self::zero(true, *precision),
            Repr::NegativeZero { precision } => Self::zero(false, *precision),
            Repr::Infinite { negative } => Self::infinite(!negative),
            Repr::Small { .. } | Repr::Big(_) => {
                let (mantissa, exponent) = self.parts();
                Self::rounded(-mantissa, exponent, false, self.precision())
            }
        }
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(&self) -> Number {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    /// Towards zero to a whole number.
    #[must_use]
    pub fn trunc(&self) -> Number {
        match &self.0 {
            Repr::Big(binary) if binary.exponent < 0 => {
                let shift = usize::try_from(-binary.exponent).unwrap_or(usize::MAX);
                let magnitude = IBig::from(binary.mantissa.clone().unsigned_abs() >> shift);
                let whole = if self.is_negative() { -magnitude } else { magnitude };
                Self::rounded(whole, 0, false, binary.precision)
            }
            Repr::NegativeZero { precision } => Self::zero(false, *precision),
            _ => self.clone(),
        }
    }

    /// Down to a whole number.
    #[must_use]
    pub fn floor(&self) -> Number {
        self.trunc_and(*self < self.trunc(), -1)
    }

    /// Up to a whole number.
    #[must_use]
    pub fn ceil(&self) -> Number {
        self.trunc_and(*self > self.trunc(), 1)
    }

    fn trunc_and(&self, more: bool, step: i64) -> Number {
        let whole = self.trunc();
        let step = IBig::from(step);
        match more.then(|| whole.to_integer()).flatten() {
            Some(integer) => Self::rounded(integer + step, 0, false, self.precision()),
            None => whole,
        }
    }

    /// `left / right`, each a mantissa and an exponent, computed to enough bits that the one rounding
    /// is right.
    pub(super) fn quotient(left: (IBig, i64), right: (IBig, i64), precision: u16) -> Number {
        let ((left, left_exponent), (right, right_exponent)) = (left, right);
        let bits = |number: &IBig| number.clone().unsigned_abs().bit_len();
        let shift = (usize::from(precision) + 2 + bits(&right)).saturating_sub(bits(&left));
        let negative = (left < IBig::ZERO) != (right < IBig::ZERO);
        let (left, right) = (left.unsigned_abs() << shift, right.unsigned_abs());
        let (quotient, rest) = (&left / &right, &left % &right);
        let exponent = left_exponent - right_exponent - i64::try_from(shift).unwrap_or(i64::MAX);
        let quotient = IBig::from(quotient);
        let signed = if negative { -quotient } else { quotient };
        Self::rounded(signed, exponent, rest != UBig::ZERO, precision)
    }

    /// `mantissa * 2^exponent`, and a little more away from zero if `sticky`, to so many bits.
    pub(super) fn rounded(mantissa: IBig, exponent: i64, sticky: bool, precision: u16) -> Number {
        let negative = mantissa < IBig::ZERO;
        let mut magnitude = mantissa.unsigned_abs();
        let mut exponent = exponent;
        let excess = magnitude.bit_len().saturating_sub(usize::from(precision));
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
        let Some(zeros) = magnitude.trailing_zeros() else { return Self::zero(false, precision) };
        magnitude >>= zeros;
        exponent += i64::try_from(zeros).unwrap_or(i64::MAX);
        let mantissa = IBig::from(magnitude);
        let mantissa = if negative { -mantissa } else { mantissa };
        if (0..64).contains(&exponent)
            && let Ok(small) =
                i64::try_from(mantissa.clone() << usize::try_from(exponent).unwrap_or(0))
        {
            return Self::small(small, precision);
        }
        Number(Repr::Big(Arc::new(Binary { mantissa, exponent, precision })))
    }
}

/// Whether a whole number is exact in so many bits.
pub(super) fn fits(whole: i64, precision: u16) -> bool {
    let bits = u64::BITS - whole.unsigned_abs().leading_zeros();
    bits <= u32::from(precision)
}
