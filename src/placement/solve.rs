//! Deciding a placement.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};

use crate::check::{InvalidProblem, check};
use crate::conflict::conflicts;
use crate::model::{Answer, Relax, Solution, least, settle_ties};
use crate::verify::{Verified, verify};
use crate::{Limits, Outcome, Placed, Problem};

/// Decides where tasks run, at least cost. The same problem gives the same decision.
///
/// ```
/// use skyform_placement::{Limits, Outcome, Problem, place};
///
/// let nothing = place(&Problem::default(), &Limits::default())?;
/// assert!(matches!(nothing, Outcome::Placed(placed) if placed.cost.is_zero()));
/// # Ok::<(), skyform_placement::InvalidProblem>(())
/// ```
///
/// # Errors
/// If a number or name in the problem is wrong.
pub fn place(problem: &Problem, limits: &Limits) -> Result<Outcome, InvalidProblem> {
    check(problem)?;
    let first = match least(problem, limits, Relax::default()) {
        Answer::Infeasible => return Ok(Outcome::Infeasible(conflicts(problem, limits))),
        Answer::Nothing { bound } => return Ok(Outcome::Unsolved { bound: cents(bound) }),
        Answer::Solved(solution) => solution,
    };
    let Some(found) = verify(problem, &first) else {
        // The solver's tolerance let something through that is not a solution.
        return Ok(Outcome::Infeasible(conflicts(problem, limits)));
    };
    let settled = match settle_ties(problem, limits, first.objective) {
        Answer::Solved(solution) if first.proven => {
            verify(problem, &solution).filter(|settled| settled.cost <= found.cost).unwrap_or(found)
        }
        _ => found,
    };
    Ok(Outcome::Placed(proven(settled, &first)))
}

fn proven(found: Verified, first: &Solution) -> Placed {
    let Verified { cost, assignments, clouds } = found;
    let bound = cents(first.bound).clamp(Decimal::ZERO, cost.max(Decimal::ZERO));
    let exact = cost.to_f64().unwrap_or(0.0);
    let open = exact - first.bound;
    let optimal = first.proven && open <= exact.abs().max(1.0) * 1e-6;
    let bound = if optimal { cost } else { bound };
    let gap = if optimal || exact <= 0.0 { 0.0 } else { (open / exact).max(0.0) };
    Placed { optimal, cost, bound, gap, assignments, clouds }
}

fn cents(amount: f64) -> Decimal {
    Decimal::from_f64(amount).unwrap_or_default().round_dp(2)
}

#[cfg(test)]
mod tests;
