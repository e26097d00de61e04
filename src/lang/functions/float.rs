//! Logarithms and powers of 64-bit floats, to the last bit as Terraform computes them: where more
//! than one float is near enough, `pow(10, 23)` has to choose the same.
//!
//! Source: FDLIBM's polynomial for the logarithm, repeated squaring of the mantissa for powers; both
//! checked against recorded results.

const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Coefficients of the even and the odd powers of `((x - 1) / (x + 1))^2`.
const ODD: [f64; 4] = [
    6.666_666_666_666_735e-1,
    2.857_142_874_366_239e-1,
    1.818_357_216_161_805e-1,
    1.479_819_860_511_658_6e-1,
];
const EVEN: [f64; 3] =
    [3.999_999_999_940_942e-1, 2.222_219_843_214_978_4e-1, 1.531_383_769_920_937_3e-1];

/// The natural logarithm.
pub(super) fn ln(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 || x.is_infinite() {
        return x.ln();
    }
    let (mut mantissa, mut exponent) = parts(x);
    if mantissa < std::f64::consts::FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        exponent -= 1;
    }
    let f = mantissa - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (ODD[0] + s4 * (ODD[1] + s4 * (ODD[2] + s4 * ODD[3])));
    let even = s4 * (EVEN[0] + s4 * (EVEN[1] + s4 * EVEN[2]));
    let half_square = 0.5 * f * f;
    k * LN_2_HIGH - ((half_square - (s * (half_square + (odd + even)) + k * LN_2_LOW)) - f)
}

/// `x` to the power of `y`.
pub(super) fn pow(x: f64, y: f64) -> f64 {
    let power = y.abs();
    let is_special = x == 0.0 || x == 1.0 || !x.is_finite() || !y.is_finite() || y == 0.0;
    // Beyond that everything but a one is infinite or nothing.
    if is_special || power >= 9e18 || x < 0.0 && power.fract() != 0.0 {
        return x.powf(y);
    }
    if power == 0.5 {
        return if y > 0.0 { x.sqrt() } else { 1.0 / x.sqrt() };
    }
    let (mut whole, mut fraction) = (power.trunc(), power.fract());
    let mut result = 1.0;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = (fraction * ln(x)).exp();
    }
    let (mut square, mut square_exponent) = parts(x);
    let mut exponent = 0_i32;
    let mut rest = whole as u64;
    while rest != 0 {
        if square_exponent.abs() > 1 << 12 {
            exponent += square_exponent;
            break;
        }
        if rest & 1 == 1 {
            result *= square;
            exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        rest >>= 1;
    }
    if y < 0.0 { scaled(1.0 / result, -exponent) } else { scaled(result, exponent) }
}

/// A mantissa of at least a half and less than one, with the sign, and the exponent of two.
fn parts(x: f64) -> (f64, i32) {
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 2_f64.powi(52), -52) } else { (x, 0) };
    let bits = x.to_bits();
    let biased = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0);
    let mantissa = f64::from_bits(bits & !(0x7ff << 52) | 0x3fe << 52);
    (mantissa, biased - 0x3fe + shift)
}

/// `x * 2^exponent`, rounded once.
fn scaled(x: f64, exponent: i32) -> f64 {
    let (mantissa, own) = parts(x);
    let exponent = exponent.saturating_add(own).clamp(-3000, 3000);
    // The first factor is exact, so only the last one rounds.
    let first = exponent.clamp(-1000, 1000);
    let second = (exponent - first).clamp(-1000, 1000);
    mantissa * 2_f64.powi(first) * 2_f64.powi(second) * 2_f64.powi(exponent - first - second)
}
