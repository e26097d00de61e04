//! Deciding a placement.

use std::collections::BTreeSet;
use std::time::Instant;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};

use crate::check::{InvalidProblem, check};
use crate::component::components;
use crate::conflict::conflicts;
use crate::mip::{Answer, Budget, Found, Goal, build, solve};
use crate::narrow::narrowed;
use crate::program::{Identity, Program};
use crate::side_by_side::side_by_side;
use crate::solution::{Chosen, Units, from_state, written_down};
use crate::verify::{Verified, price_assignments, verify};
use crate::{Limits, Outcome, Placed, Problem};

/// Larger programs are not solved a second time to settle ties between all their tasks.
const TIES_MOST: usize = 1500;

/// Nodes of the search that settles ties.
const TIES_NODES: i32 = 500;

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
    let budget = Budget::new(Instant::now() + limits.time_limit, limits.max_gap);
    Ok(match decide(problem, limits, budget) {
        Decision::Found(decided) => Outcome::Placed(decided.placed()),
        Decision::Infeasible => Outcome::Infeasible(conflicts(problem, limits, None)),
        Decision::OverBudget(least) => {
            Outcome::Infeasible(conflicts(problem, limits, Some(least.verified.cost)))
        }
        Decision::Nothing { bound } => Outcome::Unsolved { bound: cents(bound) },
    })
}

/// What was decided.
pub(crate) enum Decision {
    Found(Decided),
    Infeasible,
    /// Everything is covered, and it is proven that no solution keeps to the budget.
    OverBudget(Decided),
    Nothing {
        bound: f64,
    },
}

/// A decision with what is proven about it.
pub(crate) struct Decided {
    pub chosen: Vec<Chosen>,
    pub verified: Verified,
    pub bound: f64,
    pub proven: bool,
}

/// Decides: parts that have nothing to do with each other are solved apart, side by side.
pub(crate) fn decide(problem: &Problem, limits: &Limits, budget: Budget) -> Decision {
    // The budget is about the sum that is minimised, so it only matters in the end.
    let unlimited = Problem { budget: None, ..problem.clone() };
    let parts = components(&unlimited);
    let threads = (limits.threads / parts.len().max(1)).max(1);
    let budget = Budget { threads, ..budget };
    let answers = side_by_side(&parts, limits.threads, |part| least(part, budget));
    let mut chosen: Vec<Chosen> = Vec::new();
    let (mut bound, mut proven, mut missing) = (0.0, true, false);
    let (mut is_only, mut out) = (true, BTreeSet::new());
    for answer in answers {
        match answer {
            Part::Found {
                chosen: own,
                bound: least,
                proven: sure,
                is_only: alone,
                ties_without,
            } => {
                is_only &= alone;
                out.extend(ties_without);
                chosen.extend(own);
                bound += least;
                proven &= sure;
            }
            Part::Infeasible => return Decision::Infeasible,
            Part::Nothing { bound: least } => {
                bound += least;
                missing = true;
            }
        }
    }
    if missing {
        return Decision::Nothing { bound };
    }
    let Some(mut verified) = verify(&unlimited, &chosen) else {
        return Decision::Nothing { bound };
    };
    if proven
        && !is_only
        && budget.settles_ties
        && let Some((settled, other)) = settle_ties(&unlimited, budget, &chosen, &verified, &out)
    {
        (verified, chosen) = (settled, other);
    }
    price_assignments(problem, &mut verified);
    let over = problem.budget.is_some_and(|most| verified.cost > most);
    let decided = Decided { chosen, verified, bound, proven };
    match problem.budget {
        Some(most) if over && (proven || bound > most.to_f64().unwrap_or(f64::MAX)) => {
            Decision::OverBudget(decided)
        }
        Some(_) if over => Decision::Nothing { bound },
        _ => Decision::Found(decided),
    }
}

/// What was found for one part.
pub(crate) enum Part {
    Found {
        chosen: Vec<Chosen>,
        bound: f64,
        proven: bool,
        /// Whether it is known that nothing else costs as little.
        is_only: bool,
        /// Columns that are in nothing else that costs as little.
        ties_without: Vec<Identity>,
    },
    Infeasible,
    Nothing {
        bound: f64,
    },
}

fn least(problem: &Problem, budget: Budget) -> Part {
    let program = Program::new(problem);
    let start = from_state(&program);
    if program.columns.len() >= budget.large {
        return narrowed(&program, start, budget);
    }
    match solve(build(&program, Goal::Cost), budget, start.as_ref()) {
        Answer::Infeasible => Part::Infeasible,
        Answer::Nothing { bound } => Part::Nothing { bound },
        Answer::Found(found) => checked(&program, found),
    }
}

pub(crate) fn checked(program: &Program<'_>, found: Found) -> Part {
    let Found { units, objective, bound, proven } = found;
    let chosen = written_down(program, &units);
    if verify(program.problem, &chosen).is_none() {
        // The solver's tolerance let something through that is not a solution.
        return Part::Nothing { bound };
    }
    let open = objective - bound;
    let proven = proven && open <= objective.abs().max(1.0) * 1e-6;
    Part::Found { chosen, bound, proven, is_only: false, ties_without: Vec::new() }
}

/// Of all solutions that cost no more: the one with the fewest moves, then the fewest clouds, then the
/// smallest names. So equal costs do not leave the choice to chance.
fn settle_ties(
    problem: &Problem,
    budget: Budget,
    chosen: &[Chosen],
    verified: &Verified,
    without: &BTreeSet<Identity>,
) -> Option<(Verified, Vec<Chosen>)> {
    let mut program = Program::new(problem);
    if !without.is_empty() {
        let columns = program.columns.iter();
        let kept: Vec<bool> =
            columns.map(|column| !without.contains(&program.identity(column))).collect();
        program.keep(&kept);
    }
    if program.columns.is_empty() || program.columns.len() > TIES_MOST {
        return None;
    }
    let cost = verified.cost.to_f64()?;
    let most = cost + cost.abs().max(1.0) * 1e-9;
    let start = columns_of(&program, chosen);
    let budget = Budget { max_gap: 0.0, nodes: Some(TIES_NODES), ..budget };
    let Answer::Found(found) = solve(build(&program, Goal::Ties { most }), budget, start.as_ref())
    else {
        return None;
    };
    let chosen = written_down(&program, &found.units);
    let settled = verify(problem, &chosen)?;
    (settled.cost <= verified.cost).then_some((settled, chosen))
}

/// Chosen units as units of columns; none if one of them has no column.
fn columns_of(program: &Program<'_>, chosen: &[Chosen]) -> Option<Units> {
    let mut units = vec![0; program.columns.len()];
    for part in chosen {
        let index = program.columns.iter().position(|column| {
            let group = &program.offers[column.offer];
            program.clouds[column.cloud].0 == part.cloud
                && group.members.iter().any(|(name, _)| *name == part.offer)
                && column.headroom == part.headroom
                && column
                    .serves
                    .iter()
                    .any(|(task, _)| part.tasks.contains(&program.tasks[*task].0.to_owned()))
        })?;
        units[index] += part.units;
    }
    Some(units)
}

impl Decided {
    /// The decision for the caller.
    pub(crate) fn placed(self) -> Placed {
        let Verified { cost, assignments, clouds } = self.verified;
        let exact = cost.to_f64().unwrap_or(0.0);
        let open = exact - self.bound;
        let optimal = self.proven && open <= exact.abs().max(1.0) * 1e-6;
        let bound = if optimal { cost } else { cents(self.bound).min(cost) };
        let gap = if optimal || exact <= 0.0 { 0.0 } else { (open / exact).max(0.0) };
        Placed { optimal, cost, bound, gap, assignments, clouds }
    }
}

/// Money, rounded down to cents: a bound must not claim more than is proven.
fn cents(amount: f64) -> Decimal {
    let exact = Decimal::from_f64(amount).unwrap_or_default().max(Decimal::ZERO);
    exact.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::ToZero)
}

#[cfg(test)]
mod tests;
