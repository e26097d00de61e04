//! HiGHS run on the rows.

use std::time::{Duration, Instant};

use highs::{HighsModelStatus, HighsSolutionStatus, Sense};

use super::build::{Derived, Rows};
use crate::solution::Units;

/// What a run may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub deadline: Instant,
    pub max_gap: f64,
    /// Programs with as many columns are bounded by Lagrangian relaxation first.
    pub large: usize,
    /// Most threads, where work can be shared out.
    pub threads: usize,
    /// Whether equal costs are told apart, where that asks for solving once more.
    pub settles_ties: bool,
}

/// Smaller programs are solved as they are: HiGHS is done with them before a bound would be.
const LARGE: usize = 400;

/// What the solver said.
pub(crate) enum Answer {
    Found(Found),
    Infeasible,
    /// Nothing was found in time; none costs less.
    Nothing {
        bound: f64,
    },
}

/// A solution, and what is proven.
pub(crate) struct Found {
    pub units: Units,
    /// By the goal, with the constant.
    pub objective: f64,
    pub bound: f64,
    pub proven: bool,
}

impl Budget {
    pub(crate) fn new(deadline: Instant, max_gap: f64) -> Self {
        Self { deadline, max_gap, large: LARGE, threads: 1, settles_ties: true }
    }

    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// Solves the rows, from `start` if there is one.
pub(crate) fn solve(rows: Rows, budget: Budget, start: Option<&Units>) -> Answer {
    let Rows { problem, x, derived, constant, .. } = rows;
    if problem.num_cols() == 0 {
        return if problem.num_rows() == 0 { empty(constant) } else { Answer::Infeasible };
    }
    let columns = problem.num_cols();
    let mut model = match problem.try_optimise(Sense::Minimise) {
        Ok(model) => model,
        Err(_) => return Answer::Nothing { bound: f64::NEG_INFINITY },
    };
    model.make_quiet();
    model.set_option("time_limit", budget.left().as_secs_f64().max(0.001));
    model.set_option("mip_rel_gap", budget.max_gap.max(1e-9));
    model.set_option("mip_abs_gap", 1e-7);
    model.set_option("random_seed", 1);
    model.set_option("threads", 1);
    model.set_option("mip_feasibility_tolerance", 1e-9);
    if let Some(units) = start {
        let mut values = vec![0.0; columns];
        for (x, count) in x.iter().zip(units) {
            values[x.index()] = *count as f64;
        }
        for (column, Derived::Any(parts)) in &derived {
            let any = parts.iter().any(|part| units[*part] > 0);
            values[column.index()] = f64::from(u8::from(any));
        }
        // A start that does not fit is no error: the solver then begins from nothing.
        let _ = model.try_set_solution(Some(&values), None, None, None);
    }
    let Ok(solved) = model.try_solve() else {
        return Answer::Nothing { bound: f64::NEG_INFINITY };
    };
    let bound = solved.double_info_value(c"mip_dual_bound").unwrap_or(f64::NEG_INFINITY);
    let proven = match solved.status() {
        HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => {
            return Answer::Infeasible;
        }
        HighsModelStatus::ModelEmpty => return empty(constant),
        HighsModelStatus::Optimal => true,
        _ if solved.primal_solution_status() != HighsSolutionStatus::Feasible => {
            return Answer::Nothing { bound: bound + constant };
        }
        _ => false,
    };
    let solution = solved.get_solution();
    let values = solution.columns();
    let whole = |value: f64| if value > 0.0 { value.round() as u64 } else { 0 };
    Answer::Found(Found {
        units: x.iter().map(|x| whole(values[x.index()])).collect(),
        objective: solved.objective_value() + constant,
        bound: bound + constant,
        proven,
    })
}

fn empty(constant: f64) -> Answer {
    Answer::Found(Found { units: Vec::new(), objective: constant, bound: constant, proven: true })
}
