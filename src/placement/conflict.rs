//! Why there is no solution, in a user's words, with what would mend it.

mod minimal;
mod remedy;
mod requirement;
mod words;

use std::time::Instant;

use rust_decimal::Decimal;

pub use remedy::Remedy;
pub use requirement::Requirement;

use crate::mip::{Answer, Budget, Goal, build, solve};
use crate::program::Program;
use crate::{Limits, Problem, Task};
use minimal::minimal;
pub(crate) use requirement::{Atom, atoms};

/// Requirements that cannot be had together.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The task; none for the whole placement.
    pub task: Option<String>,
    /// What kind of requirement.
    pub kind: ConflictKind,
    /// What is asked for.
    pub asked: Decimal,
    /// What can be had.
    pub available: Decimal,
    /// In a user's words.
    pub message: String,
    /// The requirements: leave one out, and the rest can be had.
    pub requirements: Vec<Requirement>,
    /// What would mend it, the cheapest first.
    pub remedies: Vec<Remedy>,
}

/// Kinds of requirements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKind {
    /// All eligible offers together cover too little.
    Demand,
    /// No offer has what the task requires.
    Requires,
    /// Too few clouds are eligible.
    MinClouds,
    /// No cloud may carry as much as one has to.
    MaxShare,
    /// Tasks compete for the same units.
    Quota,
    /// Tasks that must run together or apart cannot.
    Company,
    /// Everything can be covered, but not for that money.
    Budget,
}

impl ConflictKind {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ConflictKind::Demand => "demand",
            ConflictKind::Requires => "requires",
            ConflictKind::MinClouds => "min_clouds",
            ConflictKind::MaxShare => "max_share",
            ConflictKind::Quota => "quota",
            ConflictKind::Company => "company",
            ConflictKind::Budget => "budget",
        }
    }
}

/// More conflicts than that are not looked into: they tell nothing new.
const MOST_CONFLICTS: usize = 10;

/// The requirements that cannot be had: each task's own, else those that tasks have together.
/// `least` is what a month costs at least, if only the budget stands in the way.
pub(crate) fn conflicts(
    problem: &Problem,
    limits: &Limits,
    least: Option<Decimal>,
) -> Vec<Conflict> {
    let deadline = Instant::now() + limits.time_limit;
    let budget = Budget::new(deadline, limits.max_gap);
    if let (Some(least), Some(most)) = (least, problem.budget) {
        return vec![words::over_budget(problem, limits, budget, least, most)];
    }
    let unlimited = Problem { budget: None, ..problem.clone() };
    let mut found = Vec::new();
    for name in unlimited.tasks.keys() {
        let alone = alone(&unlimited, name);
        if found.len() < MOST_CONFLICTS && !is_feasible(&alone, budget) {
            found.push(explained(&unlimited, &alone, limits, budget));
        }
    }
    if found.is_empty() {
        found.push(explained(&unlimited, &unlimited, limits, budget));
    }
    found
}

/// The problem as if there were no other task.
fn alone(problem: &Problem, name: &str) -> Problem {
    let mut alone = problem.clone();
    for (other, task) in &mut alone.tasks {
        if other != name {
            *task = Task::default();
        }
    }
    alone
}

fn explained(whole: &Problem, part: &Problem, limits: &Limits, budget: Budget) -> Conflict {
    let all = atoms(part);
    let set: Vec<Atom> = minimal(part, &all, budget);
    let mut conflict = words::conflict(part, &set, &all, budget);
    conflict.remedies = remedy::remedies(whole, part, &all, &set, limits, budget);
    conflict
}

/// Whether a problem has a solution at all; where time runs out, it counts as if it had.
fn is_feasible(problem: &Problem, budget: Budget) -> bool {
    let program = Program::new(problem);
    !matches!(solve(build(&program, Goal::Any), budget, None), Answer::Infeasible)
}

#[cfg(test)]
mod tests;
