//! The rows solved, and the answer in units.

use std::time::{Duration, Instant};

use super::build::{Derived, Rows};
use super::run::{End, Matrix, Settings, run};
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
    /// Most nodes of a search: what is cut off by them, not by time, is the same in every run.
    pub nodes: Option<i32>,
    /// Whether equal costs are told apart, where that asks for solving once more.
    pub settles_ties: bool,
}

/// Smaller programs are solved as they are: HiGHS is done with them before a bound would be.
const LARGE: usize = 60;

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
        Self { deadline, max_gap, large: LARGE, threads: 1, nodes: None, settles_ties: true }
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
    let start = start.map(|units| {
        let mut values = vec![0.0; columns];
        for (x, count) in x.iter().zip(units) {
            values[x.index()] = *count as f64;
        }
        for (column, Derived::Any(parts)) in &derived {
            let any = parts.iter().any(|part| units[*part] > 0);
            values[column.index()] = f64::from(u8::from(any));
        }
        values
    });
    let settings = Settings {
        deadline: budget.deadline,
        max_gap: budget.max_gap,
        cutoff: None,
        nodes: budget.nodes,
        is_tight: false,
    };
    let ran = run(Matrix::Rows(problem), start, settings);
    match ran.end {
        End::None => Answer::Infeasible,
        End::Open => Answer::Nothing { bound: ran.bound + constant },
        End::Best | End::Some => Answer::Found(Found {
            units: x.iter().map(|x| whole(ran.values[x.index()])).collect(),
            objective: ran.objective + constant,
            bound: ran.bound + constant,
            proven: ran.end == End::Best,
        }),
    }
}

/// A whole number that the solver chose, within its tolerance.
pub(crate) fn whole(value: f64) -> u64 {
    if value > 0.0 { value.round() as u64 } else { 0 }
}

fn empty(constant: f64) -> Answer {
    Answer::Found(Found { units: Vec::new(), objective: constant, bound: constant, proven: true })
}
