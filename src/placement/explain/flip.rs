//! The price at which a choice flips.
//!
//! What a month costs is a concave, piecewise linear function of one price: the least over all
//! solutions of a line each. The choice flips where its line stops being the lowest. From a price that
//! is too high the search goes down to where the line meets that of the solution found there, until
//! none is lower.

use rust_decimal::Decimal;

use super::{Trial, Tried};
use crate::HOURS_A_MONTH;
use crate::Problem;
use crate::solve::Decided;
use crate::verify::verify;

/// More steps than that are not taken.
const MOST_STEPS: usize = 12;

/// USD a unit and hour from which on another choice is cheaper than the best; none if there is no such
/// price. The outer is none where time runs out.
pub(super) fn flips_at(
    trial: &Trial<'_>,
    cloud: &str,
    offer: &str,
    extra: Decimal,
) -> Option<Option<Decimal>> {
    let price = trial.problem.clouds.get(cloud)?.offers.get(offer)?.price;
    let own = hours(trial.problem, trial.best, cloud, offer)?;
    if own.is_zero() {
        // Its units cost nothing, whatever the price.
        return Some(None);
    }
    let mut at = price + extra / own;
    for _ in 0..MOST_STEPS {
        let changed = with_price(trial.problem, cloud, offer, at)?;
        let kept = trial.cost() + own * (at - price);
        let other = match trial.cost_of(&changed) {
            Tried::Cost(other) => other,
            Tried::Impossible | Tried::NotKnown => return None,
        };
        if other.verified.cost >= kept - Decimal::new(1, 6) {
            break;
        }
        let fewer = hours(&changed, &other, cloud, offer)?;
        let lost = own - fewer;
        if lost <= Decimal::ZERO {
            break;
        }
        // Both lines cost the same where the dearer fixed part is made up for.
        let fixed = other.verified.cost - fewer * (at - price);
        let next = price + (fixed - trial.cost()) / lost;
        if next >= at {
            break;
        }
        at = next.max(price);
    }
    Some(Some(at.round_dp(6).normalize()))
}

fn with_price(problem: &Problem, cloud: &str, offer: &str, price: Decimal) -> Option<Problem> {
    let mut changed = problem.clone();
    changed.clouds.get_mut(cloud)?.offers.get_mut(offer)?.price = price.round_dp(9);
    Some(changed)
}

/// Paid hours a month of an offer: what a month costs more if an hour costs 1 USD more.
fn hours(problem: &Problem, decided: &Decided, cloud: &str, offer: &str) -> Option<Decimal> {
    let price = problem.clouds.get(cloud)?.offers.get(offer)?.price;
    let dearer = with_price(problem, cloud, offer, price + Decimal::ONE)?;
    let unlimited = Problem { budget: None, ..dearer };
    let more = verify(&unlimited, &decided.chosen)?.cost;
    let hours = more - decided.verified.cost;
    debug_assert!(hours <= HOURS_A_MONTH * Decimal::from(u64::MAX));
    Some(hours)
}
