//! Large programs: bounds and better solutions in turn, each time with more effort.
//!
//! Only where no first solution is found by prices the solver looks for one, among the columns near the
//! bound.

use std::time::{Duration, Instant};

use crate::lagrange::{ALONE, Effort, Means, Relaxed, relax};
use crate::mip::{Answer, Budget, Found, Goal, build, solve};
use crate::program::Program;
use crate::solution::{Chosen, Units, written_down};
use crate::solve::{Part, checked};
use crate::verify::verify;

/// Columns a task in the first, small program.
const NEAR: usize = 8;

/// Programs with more columns are not tried as a whole: that takes too much time and memory.
const EASY: usize = 20_000;

/// Time for it, where a sixteenth of what is left is less, and it is no more than a third.
const TRIAL: Duration = Duration::from_secs(1);

/// Most dives for a solution before others are tried, and tasks of all of them together.
const DIVES: usize = 24;
const DIVING: usize = 600;

/// Most plans of all tasks among which a proof is looked for, and before good ones have been tried.
const MANY: usize = 8_000;
const FEW: usize = 2_000;

/// Solves a large program, from `start` if there is one.
pub(crate) fn narrowed(program: &Program<'_>, start: Option<Units>, budget: Budget) -> Part {
    let start = start.filter(|units| is_good(program, units));
    let part = |share: u32| Instant::now() + budget.left() / share;
    let Some(relaxed) = relax(program, part(4), budget, start.clone()) else {
        return whole(program, start.as_ref(), budget, f64::NEG_INFINITY);
    };
    let mut search = Search { program, budget, relaxed, best: None };
    search.take_best();
    if search.best.is_none() {
        let near = search.near(program.tasks.len());
        search.within(&near, Budget { deadline: part(2), ..budget });
    }
    if search.best.is_none() {
        let bound = search.relaxed.bound;
        return whole(program, start.as_ref(), budget, bound);
    }
    search.give_best();
    search.go();
    if search.relaxed.is_close(budget.max_gap) {
        // Nobody asks for ties of what is not proven.
        search.relaxed.look_for_ties(budget.max_gap);
    }
    let (is_only, ties) = (search.relaxed.is_only(), search.relaxed.may_tie());
    search.take_best();
    search.known(is_only, ties)
}

/// Lets HiGHS try the whole program from the best solution: where a unit covers about a demand, so that
/// whole numbers change little, it is done in no time.
fn at_once(program: &Program<'_>, relaxed: &mut Relaxed, budget: Budget) {
    let Some((units, cost)) = relaxed.best.clone() else { return };
    let (best, bound) = better(program, Some(&units), cost, budget);
    relaxed.learn(best, bound);
}

/// A better solution than one of that cost, if HiGHS finds any from `start`; and what none costs less
/// than.
fn better(
    program: &Program<'_>,
    start: Option<&Units>,
    cost: f64,
    budget: Budget,
) -> (Option<(Units, f64)>, f64) {
    match solve(build(program, Goal::Cost), budget, start) {
        // Nothing is better than what is known.
        Answer::Infeasible => (None, cost),
        Answer::Nothing { bound } => (None, bound),
        Answer::Found(found) => {
            let is_better = found.objective < cost && is_good(program, &found.units);
            (is_better.then_some((found.units, found.objective)), found.bound)
        }
    }
}

fn is_good(program: &Program<'_>, units: &Units) -> bool {
    verify(program.problem, &written_down(program, units)).is_some()
}

fn whole(program: &Program<'_>, start: Option<&Units>, budget: Budget, bound: f64) -> Part {
    match solve(build(program, Goal::Cost), budget, start) {
        Answer::Infeasible => Part::Infeasible,
        Answer::Nothing { bound: own } => Part::Nothing { bound: own.max(bound) },
        Answer::Found(found) => checked(program, Found { bound: found.bound.max(bound), ..found }),
    }
}

struct Best {
    /// By column of the whole program.
    units: Units,
    cost: f64,
}

struct Search<'a> {
    program: &'a Program<'a>,
    budget: Budget,
    relaxed: Relaxed,
    best: Option<Best>,
}

impl Search<'_> {
    /// Better solutions and bounds in turn, each time with more effort. While bounds are raised on one
    /// thread, better solutions are looked for on another.
    fn go(&mut self) {
        let gap = self.budget.max_gap;
        let is_small = self.program.tasks.len() < ALONE;
        let searches = if is_small { 1 } else { 2 };
        let dives = (DIVING / self.program.tasks.len().max(1)).clamp(1, DIVES);
        let mut effort = Effort { tries: 8, plans: 1_000, seed: 0, searches };
        let begun = self.budget;
        let part = move |share: u32| Instant::now() + begun.left() / share;
        if is_small {
            self.relaxed.improve(effort, Budget { deadline: part(3), ..begun }, |_| ());
        }
        if self.relaxed.is_close(gap) {
            return;
        }
        let raise = |relaxed: &mut Relaxed| {
            if relaxed.is_close(gap) {
                return;
            }
            relaxed.tighten(part(2), gap, Means::Prices);
            relaxed.dive_until(gap, 1, part(3));
            relaxed.tighten(part(2), gap, Means::Cuts);
            relaxed.dive_until(gap, dives, part(3));
        };
        effort = Effort { tries: 32, searches: 1, ..effort };
        if is_small {
            raise(&mut self.relaxed);
        } else {
            let program = self.program;
            self.relaxed.improve(effort, Budget { deadline: part(2), ..begun }, |relaxed| {
                if program.columns.len() <= EASY {
                    let trial = part(16).max(Instant::now() + TRIAL).min(part(3));
                    at_once(program, relaxed, Budget { deadline: trial, ..begun });
                }
                raise(relaxed);
            });
        }
        // Among few plans the best is found at once; and whether others cost as little.
        if gap == 0.0 && !self.relaxed.is_close(gap) {
            self.relaxed.finish(FEW, part(4), gap);
        }
        while !self.relaxed.is_close(gap) && !begun.left().is_zero() {
            let budget = Budget { deadline: part(2), ..begun };
            self.relaxed.improve(effort, budget, |relaxed| {
                if effort.seed > 0 {
                    relaxed.dive(dives - 1 + effort.seed as usize, part(3));
                }
                relaxed.pick(effort.plans, part(2), gap);
                relaxed.tighten(part(2), gap, Means::Cuts);
            });
            if !self.relaxed.is_close(gap) {
                self.relaxed.finish(MANY, part(2), gap);
            }
            effort.tries *= 2;
            effort.plans *= 2;
            effort.seed += 1;
        }
    }

    /// Hands the best solution to what looks for better ones.
    fn give_best(&mut self) {
        self.relaxed.best = self.best.as_ref().map(|best| (best.units.clone(), best.cost));
    }

    /// Takes over what was found, if it is better and keeps every constraint.
    fn take_best(&mut self) {
        let found = self.relaxed.best.take();
        let better =
            found.filter(|(units, cost)| *cost < self.cost() && is_good(self.program, units));
        if let Some((units, cost)) = better {
            self.best = Some(Best { units, cost });
        }
    }

    fn cost(&self) -> f64 {
        self.best.as_ref().map_or(f64::INFINITY, |best| best.cost)
    }

    fn used(&self, column: usize) -> bool {
        self.best.as_ref().is_some_and(|best| best.units[column] > 0)
    }

    /// The columns nearest to the bound, and those of the best solution.
    fn near(&self, tasks: usize) -> Vec<bool> {
        let extra = self.relaxed.least();
        let mut order: Vec<usize> = (0..extra.len()).collect();
        order.sort_by(|a, b| extra[*a].total_cmp(&extra[*b]).then(a.cmp(b)));
        let mut near = vec![false; extra.len()];
        for column in order.into_iter().take(NEAR * tasks) {
            near[column] = true;
        }
        (0..near.len()).map(|column| near[column] || self.used(column)).collect()
    }

    /// Looks for a better solution among some columns.
    fn within(&mut self, kept: &[bool], budget: Budget) {
        let mut program = self.program.clone();
        program.keep(kept);
        let start: Option<Units> = self.best.as_ref().map(|best| {
            let units = best.units.iter().zip(kept);
            units.filter(|(_, kept)| **kept).map(|(units, _)| *units).collect()
        });
        if let (Some((own, cost)), _) = better(&program, start.as_ref(), self.cost(), budget) {
            let mut own = own.into_iter();
            let units = kept.iter().map(|kept| if *kept { own.next().unwrap_or(0) } else { 0 });
            self.best = Some(Best { units: units.collect(), cost });
        }
    }

    fn known(self, is_only: bool, ties: Option<Vec<bool>>) -> Part {
        let Some(best) = self.best else { return Part::Nothing { bound: self.relaxed.bound } };
        let chosen: Vec<Chosen> = written_down(self.program, &best.units);
        let bound = self.relaxed.bound.min(best.cost);
        let proven = best.cost - bound <= best.cost.abs().max(1.0) * 1e-6;
        let out = ties.map(|ties| {
            let columns = self.program.columns.iter().zip(ties).enumerate();
            columns
                .filter(|(index, (_, may_tie))| !may_tie && best.units[*index] == 0)
                .map(|(_, (column, _))| self.program.identity(column))
                .collect()
        });
        Part::Found { chosen, bound, proven, is_only, ties_without: out.unwrap_or_default() }
    }
}
