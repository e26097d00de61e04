//! Numbers as `terraform console` prints them.

use super::*;

fn number(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

fn check(result: &Number, expected: &str) {
    assert_eq!(result.to_string(), expected);
}

#[test]
fn text_reads_and_prints_the_same() {
    for (text, expected) in [
        ("0", "0"),
        ("-0", "-0"),
        ("+5", "5"),
        ("1p3", "8"),
        ("1.5P-1", "0.75"),
        ("-0.0e5", "-0"),
        ("Inf", "+Inf"),
        ("-inf", "-Inf"),
        ("12.50", "12.5"),
        ("1e-7", "0.0000001"),
        ("1E3", "1000"),
        ("0.1", "0.1"),
        ("-1.25", "-1.25"),
        ("9007199254740993", "9007199254740993"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551616", "18446744073709551616"),
        (
            "3.14159265358979323846264338327950288419716939937510582097494459",
            "3.14159265358979323846264338327950288419716939937510582097494459",
        ),
    ] {
        check(&number(text), expected);
    }
    for text in [
        "",
        "-",
        ".",
        "1e",
        "e1",
        "0x10",
        "1_000",
        "1 ",
        "NaN",
        "infinity",
        "--1",
        "1e2p2",
        "1e999999999",
    ] {
        assert!(Number::parse(text).is_none(), "{text}");
    }
}

#[test]
fn every_float_reads_and_prints_the_same() {
    // Nines at the front carry over into a new place when they are rounded up.
    for text in ["0.9", "0.95", "0.99", "0.999", "-0.91", "9.75", "99.9", "0.0994", "999.999"] {
        check(&number(text), text);
    }
    let mut state = 1_u64;
    for _ in 0..2000 {
        // A linear congruential generator: the same numbers in each run.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let float = (state >> 11) as f64 / (1_u64 << 53) as f64;
        let text = float.to_string();
        check(&number(&text), &text);
        assert_eq!(Number::from_f64(float).map(|exact| exact.to_f64()), Some(float));
    }
}

#[test]
fn arithmetic_rounds_to_512_bits() {
    let add = |left: &str, right: &str| number(left).add(&number(right)).expect("finite");
    let mul = |left: &str, right: &str| number(left).mul(&number(right)).expect("finite");
    let rem = |left: &str, right: &str| number(left).rem(&number(right)).expect("finite");
    check(&add("0.1", "0.2"), "0.3");
    let third = number("1").div(&number("3")).expect("finite");
    check(&third, &format!("0.{}5", "3".repeat(154)));
    check(&third.mul(&number("3")).expect("finite"), "1");
    check(&mul("1e400", "1e400"), &format!("1{}", "0".repeat(800)));
    check(&add("9223372036854775807", "1"), "9223372036854775808");
    check(&add("9223372036854775808", "-1"), "9223372036854775807");
    check(&rem("7", "3"), "1");
    check(&rem("-7", "3"), "-1");
    check(&rem("5.5", "2"), "1.5");
    check(&rem("5", "0"), "5");
}

/// Each operation with each pair of special numbers; `!` where it has no result.
#[test]
fn infinities_and_the_sign_of_zero() {
    type Operation = fn(&Number, &Number) -> Result<Number, Undefined>;
    let numbers = ["0", "-0", "5", "-5", "Inf", "-Inf"];
    let tables: [(Operation, &str); 4] = [
        (
            Number::add,
            "0 0 5 -5 +Inf -Inf | 0 -0 5 -5 +Inf -Inf | 5 5 10 0 +Inf -Inf | -5 -5 0 -10 +Inf -Inf | \
             +Inf +Inf +Inf +Inf +Inf ! | -Inf -Inf -Inf -Inf ! -Inf",
        ),
        (
            Number::sub,
            "0 0 -5 5 -Inf +Inf | -0 0 -5 5 -Inf +Inf | 5 5 0 10 -Inf +Inf | -5 -5 -10 0 -Inf +Inf | \
             +Inf +Inf +Inf +Inf ! +Inf | -Inf -Inf -Inf -Inf -Inf !",
        ),
        (
            Number::mul,
            "0 -0 0 -0 ! ! | -0 0 -0 0 ! ! | 0 -0 25 -25 +Inf -Inf | -0 0 -25 25 -Inf +Inf | \
             ! ! +Inf -Inf +Inf -Inf | ! ! -Inf +Inf -Inf +Inf",
        ),
        (
            Number::div,
            "! ! 0 -0 0 -0 | ! ! -0 0 -0 0 | +Inf -Inf 1 -1 0 -0 | -Inf +Inf -1 1 -0 0 | \
             +Inf -Inf +Inf -Inf ! ! | -Inf +Inf -Inf +Inf ! !",
        ),
    ];
    for (operation, table) in tables {
        for (left, row) in numbers.iter().zip(table.split('|')) {
            for (right, expected) in numbers.iter().zip(row.split_whitespace()) {
                let result = operation(&number(left), &number(right));
                let shown = result.map_or_else(|_| "!".to_owned(), |number| number.to_string());
                assert_eq!(shown, expected, "{left} with {right}");
            }
        }
    }
    for (left, right) in [("Inf", "2"), ("5", "Inf"), ("0", "-Inf")] {
        assert_eq!(number(left).rem(&number(right)), Err(Undefined::Remainder));
    }
    check(&number("Inf").rem(&Number::ZERO).expect("all of it"), "+Inf");
    assert_eq!(number("-0"), Number::ZERO);
    assert_eq!(number("Inf").cmp(&number("1e30")), std::cmp::Ordering::Greater);
    assert!(number("-Inf") < number("-1e30") && number("-Inf") < number("Inf"));
    check(&number("-Inf").floor(), "-Inf");
    assert_eq!(number("Inf").to_f64(), f64::INFINITY);
    assert_eq!(number("Inf").to_u64(), None);
    assert!(!number("Inf").is_integer());
}

#[test]
fn whole_parts() {
    for (text, floor, ceil, trunc) in [
        ("1.5", "1", "2", "1"),
        ("-1.5", "-2", "-1", "-1"),
        ("3", "3", "3", "3"),
        ("-0.1", "-1", "0", "0"),
    ] {
        check(&number(text).floor(), floor);
        check(&number(text).ceil(), ceil);
        check(&number(text).trunc(), trunc);
    }
}

#[test]
fn order_and_equality_agree_with_value() {
    let sorted =
        ["-1e30", "-2", "-1.5", "0", "1e-20", "1", "1.5", "2", "9223372036854775808", "1e30"];
    for (index, left) in sorted.iter().enumerate() {
        for (other, right) in sorted.iter().enumerate() {
            assert_eq!(number(left).cmp(&number(right)), index.cmp(&other), "{left} {right}");
        }
    }
    assert_eq!(number("2.0"), Number::from(2_i64));
    assert_eq!(Number::from(u64::MAX).to_string(), u64::MAX.to_string());
    assert_eq!(Number::from_f64(0.5), Some(number("0.5")));
    assert_eq!(Number::from_f64(0.1).map(|n| n.to_f64()), Some(0.1));
    assert_eq!(Number::from_f64(f64::NAN), None);
    assert_eq!(number("1.5").to_i64(), None);
    assert_eq!(number("-1").to_u64(), None);
    assert_eq!(Number::from(u64::MAX).to_u64(), Some(u64::MAX));
}
