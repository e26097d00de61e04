//! What it costs once to move bytes out of a cloud.

use rust_decimal::{Decimal, RoundingStrategy};
use skyform_value::Value;

/// USD a GiB where a cloud says nothing, as in placements.
const USUAL: (i64, u32) = (9, 2);

/// What a cloud asks for the first GiB that leaves it, in USD; `cloud` is its block's value.
pub(crate) fn price_per_gib(cloud: &Value) -> Decimal {
    let tiers = cloud.get("egress").and_then(Value::as_slice).unwrap_or_default();
    let price = tiers.first().and_then(|tier| tier.get("price_per_gib")?.as_number());
    let price = price.and_then(|price| price.to_string().parse().ok());
    price.unwrap_or_else(|| Decimal::new(USUAL.0, USUAL.1))
}

/// The cost of so many bytes in words: `1.35 USD of egress`; none if nothing is asked.
pub(crate) fn in_words(bytes: u64, price_per_gib: Decimal) -> Option<String> {
    let cost = Decimal::from(bytes) / Decimal::from(1_u64 << 30) * price_per_gib;
    let cent = Decimal::new(1, 2);
    if cost.is_zero() {
        None
    } else if cost < cent {
        Some(format!("under {cent} USD of egress"))
    } else {
        let cost = cost.round_dp_with_strategy(2, RoundingStrategy::AwayFromZero);
        Some(format!("{cost:.2} USD of egress"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_those_of_the_first_tier() {
        let tier = |price: Decimal| {
            Value::object([("price_per_gib", Value::from(price.to_string().as_str()))])
        };
        let usual = price_per_gib(&Value::object([("driver", Value::from("local"))]));
        assert_eq!(usual, Decimal::new(9, 2));
        // A text is no number: what cannot be read is taken as usual.
        let odd = Value::object([(
            "egress",
            Value::list(tier(usual).ty(), vec![tier(Decimal::new(5, 1))]),
        )]);
        assert_eq!(price_per_gib(&odd), usual);
        let number = Value::object([("price_per_gib", Value::from(2_u64))]);
        let asked = Value::object([("egress", Value::list(number.ty(), vec![number]))]);
        assert_eq!(price_per_gib(&asked), Decimal::from(2));
    }

    #[test]
    fn amounts_are_money() {
        let price = Decimal::new(9, 2);
        for (bytes, expected) in [
            (0, None),
            (2662, Some("under 0.01 USD of egress")),
            (15 << 30, Some("1.35 USD of egress")),
            ((1 << 30) + 1, Some("0.10 USD of egress")),
        ] {
            assert_eq!(in_words(bytes, price).as_deref(), expected);
        }
        assert_eq!(in_words(1 << 30, Decimal::ZERO), None);
    }
}
