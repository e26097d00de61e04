//! Why a placement is as it is: what each task costs, what the next best would cost, at which price a
//! choice flips, and what each binding constraint costs. All by solving changed problems again.

mod flip;
mod shadow;
mod task_cost;

use std::collections::BTreeMap;
use std::time::Instant;

use rust_decimal::Decimal;

pub use shadow::{Less as ShadowLess, Shadow};
pub use task_cost::TaskCost;

use crate::mip::Budget;
use crate::side_by_side::side_by_side;
use crate::solve::{Decided, Decision, decide};
use crate::{Limits, Problem};

/// Why a placement is as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// What each task costs.
    pub costs: BTreeMap<String, TaskCost>,
    /// What else each task could have, by task, cloud and offer that is chosen.
    pub choices: BTreeMap<(String, String, String), Choice>,
    /// What binding constraints cost.
    pub shadows: Vec<Shadow>,
    /// Whether everything was found out within the time limit.
    pub complete: bool,
}

/// What there is beside a choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The cheapest placement without this offer for this task; none if there is none.
    pub next_best: Option<NextBest>,
    /// USD a unit and hour from which on another choice is cheaper.
    pub flips_at: Option<Decimal>,
}

/// The cheapest placement without a choice.
#[derive(Clone, Debug, PartialEq)]
pub struct NextBest {
    /// What the task would have then: units by cloud and offer.
    pub units: crate::UnitsByOffer,
    /// How much more a month costs, in USD.
    pub extra: Decimal,
}

/// More choices than that are not looked into.
const MOST_CHOICES: usize = 200;

/// Explains the best placement of a problem that has one.
pub fn explain(problem: &Problem, limits: &Limits) -> Option<Explanation> {
    let budget = Budget::new(Instant::now() + limits.time_limit, limits.max_gap);
    let unlimited = Problem { budget: None, ..problem.clone() };
    let Decision::Found(best) = decide(&unlimited, limits, budget) else { return None };
    let trial = Trial { problem: &unlimited, best: &best, budget };
    let keys: Vec<(String, String, String)> = best
        .verified
        .assignments
        .iter()
        .flat_map(|(task, own)| {
            own.keys().map(move |(cloud, offer)| (task.clone(), cloud.clone(), offer.clone()))
        })
        .collect();
    let asked = &keys[..keys.len().min(MOST_CHOICES)];
    let found = side_by_side(asked, limits.threads, |(task, cloud, offer)| {
        trial.choice(task, cloud, offer)
    });
    let mut complete = keys.len() == asked.len() && found.iter().all(Option::is_some);
    let choices = asked.iter().cloned().zip(found).filter_map(|(key, found)| Some((key, found?)));
    let choices = choices.collect();
    let (shadows, all) = shadow::shadows(&trial, limits.threads);
    complete &= all;
    Some(Explanation {
        costs: task_cost::task_costs(&unlimited, &best.verified),
        choices,
        shadows,
        complete,
    })
}

/// Changed problems are solved beside the best solution of the one asked about.
struct Trial<'a> {
    problem: &'a Problem,
    best: &'a Decided,
    budget: Budget,
}

/// What a changed problem costs.
enum Tried {
    Cost(Decided),
    Impossible,
    /// Time ran out.
    NotKnown,
}

impl Trial<'_> {
    /// What a changed problem costs; which of several solutions that cost as much is left to chance.
    fn cost_of(&self, problem: &Problem) -> Tried {
        self.solve(problem, Budget { settles_ties: false, ..self.budget })
    }

    fn decide(&self, problem: &Problem) -> Tried {
        self.solve(problem, self.budget)
    }

    fn solve(&self, problem: &Problem, budget: Budget) -> Tried {
        if budget.left().is_zero() {
            return Tried::NotKnown;
        }
        let limits = Limits { threads: 1, ..Limits::default() };
        match decide(problem, &limits, budget) {
            Decision::Found(decided) if decided.proven => Tried::Cost(decided),
            Decision::Infeasible => Tried::Impossible,
            _ => Tried::NotKnown,
        }
    }

    fn cost(&self) -> Decimal {
        self.best.verified.cost
    }

    fn choice(&self, task: &str, cloud: &str, offer: &str) -> Option<Choice> {
        let mut without = self.problem.clone();
        let own = without.clouds.get_mut(cloud)?.offers.get_mut(offer)?;
        own.barred.insert(task.to_owned());
        let is_shared = own.shared;
        let other = match self.decide(&without) {
            Tried::Cost(other) => other,
            Tried::Impossible => return Some(Choice { next_best: None, flips_at: None }),
            Tried::NotKnown => return None,
        };
        let extra = (other.verified.cost - self.cost()).max(Decimal::ZERO);
        let units = other.verified.assignments.get(task)?.iter();
        let units = units.map(|(key, own)| (key.clone(), own.units)).collect();
        // A shared unit stays for the others, whatever this task would do.
        let flips_at = if is_shared { None } else { flip::flips_at(self, cloud, offer, extra)? };
        let next_best = Some(NextBest { units, extra: extra.normalize() });
        Some(Choice { next_best, flips_at })
    }
}

#[cfg(test)]
mod tests;
