//! Demands in whole steps: by the largest step of which all that units cover are multiples, so that most
//! tasks need few steps and lose nothing; else so fine that little is lost.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// Most steps of a demand that is cut exactly, and steps of one that is not.
const EXACT: u64 = 2_000;
const ROUGH: u64 = 600;

/// A demand in steps.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Steps {
    pub demand: usize,
    /// What a unit covers, by the order of the amounts: rounded up where it is not exact.
    pub covers: Vec<usize>,
    pub is_exact: bool,
}

/// Cuts a demand that is above 0 into steps.
pub(super) fn steps(demand: Decimal, amounts: &[Decimal]) -> Option<Steps> {
    exact(demand, amounts).or_else(|| rough(demand, amounts))
}

fn exact(demand: Decimal, amounts: &[Decimal]) -> Option<Steps> {
    let places = amounts.iter().map(|amount| amount.normalize().scale()).max()?;
    let power = Decimal::from(10_u64.checked_pow(places.min(20))?);
    // A unit never has to cover more than the demand.
    let whole = |amount: &Decimal| amount.checked_mul(power)?.to_u64();
    let wholes: Vec<u64> = amounts.iter().map(whole).collect::<Option<_>>()?;
    let step = wholes.iter().copied().fold(0, divisor);
    if step == 0 {
        return None;
    }
    let count = (demand.checked_mul(power)? / Decimal::from(step)).ceil().to_u64()?.max(1);
    if count > EXACT {
        return None;
    }
    let covers = wholes.iter().map(|whole| (whole / step).min(count) as usize).collect();
    Some(Steps { demand: usize::try_from(count).ok()?, covers, is_exact: true })
}

/// The demand is rounded down and what units cover is rounded up: a bound stays one.
fn rough(demand: Decimal, amounts: &[Decimal]) -> Option<Steps> {
    let most = Decimal::from(ROUGH);
    let covers = amounts.iter().map(|amount| {
        let part = if *amount >= demand { Decimal::ONE } else { *amount / demand };
        Some((part * most).ceil().to_usize()?.max(1))
    });
    let covers = covers.collect::<Option<_>>()?;
    Some(Steps { demand: most.to_usize()?, covers, is_exact: false })
}

fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(demand: &str, amounts: &[&str]) -> Steps {
        let number = |text: &str| text.parse::<Decimal>().expect("a number");
        let amounts: Vec<Decimal> = amounts.iter().map(|text| number(text)).collect();
        steps(number(demand), &amounts).expect("steps")
    }

    #[test]
    fn steps_are_as_large_as_they_can_be() {
        let exact =
            |demand, covers: &[usize]| Steps { demand, covers: covers.into(), is_exact: true };
        assert_eq!(cut("5000", &["120", "60", "300"]), exact(84, &[2, 1, 5]));
        assert_eq!(cut("7", &["2.5", "10"]), exact(3, &[1, 3]));
        assert_eq!(cut("0.3", &["0.1"]), exact(3, &[1]));
        assert_eq!(cut("12", &["5", "7"]), exact(12, &[5, 7]));
    }

    #[test]
    fn steps_that_are_not_exact_never_ask_for_more_than_there_is() {
        let cut = cut("100000", &["7", "33.3", "200000"]);
        assert!(!cut.is_exact);
        // 7 units a hundred thousandth of the demand each are less than a step, and count as one.
        assert_eq!((cut.demand, cut.covers), (600, vec![1, 1, 600]));
    }
}
