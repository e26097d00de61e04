//! A bound and a first solution for large programs, by Lagrangian relaxation.
//!
//! With a price on each quota and on each use of a cloud, tasks have nothing to do with each other:
//! each is a covering knapsack, solved exactly. The sum is a proven bound, tighter than the linear
//! relaxation's, and what no solution as cheap as the best known can use is left out of the program.

mod choose;
mod cuts;
mod dive;
mod every;
mod grid;
mod knapsack;
mod master;
mod plans;
mod primal;
mod relaxed;
mod ruin;
mod settle;
mod sharpen;
mod thin;
mod tree;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rust_decimal::Decimal;

use crate::mip::{Budget, linear_egress};
use crate::program::{Program, float};
use crate::solution::Units;
use grid::steps;
pub(crate) use relaxed::ALONE;
use relaxed::{Node, Stop, least_with};
use ruin::{Until, rebuilt};
pub(crate) use tree::Means;

/// A program in which tasks only share quotas and clouds.
pub(crate) struct Split {
    pub tasks: Vec<Work>,
    /// By offer; infinite without one.
    pub quotas: Vec<f64>,
    /// By cloud.
    pub activation: Vec<f64>,
    pub columns: usize,
    /// By column, where its item is found.
    pub places: Vec<Place>,
    /// Most threads.
    pub threads: usize,
    /// What all moves away from where tasks run would cost; staying is taken off again.
    pub constant: f64,
}

/// Where the item of a column is found: its cloud among those of the task, and its place there.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    pub carrier: usize,
    pub item: usize,
}

/// One task.
pub(crate) struct Work {
    /// On the task's own grid.
    pub demand: usize,
    /// Whether amounts are exact on the grid.
    pub is_exact: bool,
    pub min_clouds: usize,
    /// By cloud, those without any item left out.
    pub clouds: Vec<Carrier>,
}

/// A cloud as one task sees it.
pub(crate) struct Carrier {
    pub cloud: usize,
    /// Egress, less what staying saves.
    pub fixed: f64,
    pub items: Vec<Item>,
}

/// Units of an offer for the task.
pub(crate) struct Item {
    pub column: usize,
    pub offer: usize,
    pub cost: f64,
    /// More units are not there.
    pub most: usize,
    /// What a unit covers: rounded up for the bound, exact for solutions.
    pub covers: usize,
    pub serves: f64,
}

/// What was found.
pub(crate) struct Relaxed {
    /// No solution costs less.
    pub bound: f64,
    /// The best solution found, and its cost.
    pub best: Option<(Units, f64)>,
    /// The bound of what has been cut off, and of that part of it in which nothing else was looked for.
    cut: f64,
    dropped: f64,
    /// Whether no other solution was found that costs as little.
    is_only: bool,
    /// By column, once all that costs as little has been looked for: whether it may use it.
    ties: Option<Vec<bool>>,
    /// What has not been cut off: what is settled about clouds, and prices; the lowest bound first.
    nodes: Vec<Node>,
    pool: plans::Pool,
    split: Arc<Split>,
}

/// How much is tried.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// For each task.
    pub tries: usize,
    /// Plans among which is chosen.
    pub plans: usize,
    pub seed: u64,
    /// Searches that are made side by side.
    pub searches: usize,
}

/// Part of the cost by which a solution is much better than another.
const MUCH: f64 = 0.005;

/// Steps of an ascent from nothing.
const STEPS: usize = 40;

/// Bounds and solves a program, if it is of the form that is needed.
pub(crate) fn relax(
    program: &Program<'_>,
    deadline: Instant,
    budget: Budget,
    known: Option<Units>,
) -> Option<Relaxed> {
    let split = Split::new(program, budget.threads)?;
    let known = known.map(|units| {
        let cost = split.cost(&units);
        (units, cost)
    });
    let stop = Stop { deadline, steps: STEPS, target: f64::INFINITY, max_gap: budget.max_gap };
    Some(relaxed::ascend(split, stop, known))
}

impl Relaxed {
    /// Whether the best solution is proven within the gap.
    pub(crate) fn is_close(&self, max_gap: f64) -> bool {
        let cost = self.best.as_ref().map(|(_, cost)| *cost);
        cost.is_some_and(|cost| cost - self.bound <= max_gap.max(1e-7) * cost.abs())
    }

    /// Makes the best solution better with so many tries for each task, until it is proven within
    /// the gap, while other work is done on another thread. Where that closes the gap, or finds something
    /// much better than the search began with, the search is ended, and what it has found is left: how far
    /// it came is a matter of chance then.
    pub(crate) fn improve(
        &mut self,
        effort: Effort,
        budget: Budget,
        beside: impl FnOnce(&mut Self),
    ) {
        let Some((units, cost)) = self.best.clone() else { return };
        let is_enough = AtomicBool::new(false);
        let until = Until {
            deadline: budget.deadline,
            is_enough: &is_enough,
            target: self.bound + budget.max_gap.max(1e-9) * cost.abs(),
            tries: effort.tries,
        };
        let split = Arc::clone(&self.split);
        let none = vec![0.0; split.quotas.len()];
        let prices = self.nodes.first().map_or(none, |node| node.point.quotas.clone());
        let found = std::thread::scope(|scope| {
            let search = || rebuilt(&split, &units, &prices, effort, until);
            if split.threads < 2 {
                let found = search();
                beside(self);
                return Some(found);
            }
            let other = scope.spawn(search);
            beside(self);
            let now = self.best.as_ref().map_or(cost, |(_, cost)| *cost);
            let is_late = self.is_close(budget.max_gap) || cost - now > MUCH * cost.abs();
            is_enough.store(is_late, Ordering::Relaxed);
            other.join().ok().filter(|_| !is_late)
        });
        let is_better =
            |found: &(Units, f64)| self.best.as_ref().is_none_or(|(_, cost)| found.1 < *cost);
        if let Some(found) = found.filter(is_better) {
            self.best = Some(found);
        }
    }

    /// Takes over what was found elsewhere: a better solution, and a bound of all.
    pub(crate) fn learn(&mut self, best: Option<(Units, f64)>, bound: f64) {
        if let Some((units, _)) = best {
            let cost = self.split.cost(&units);
            self.best = Some((units, cost));
        }
        let cost = self.best.as_ref().map_or(f64::INFINITY, |(_, cost)| *cost);
        self.bound = self.bound.max(relaxed::safely(bound).min(cost));
    }

    /// By column: whether a solution that costs as little may use it; none if nothing is known.
    pub(crate) fn may_tie(&self) -> Option<Vec<bool>> {
        self.ties.clone()
    }

    /// By column: a solution that uses it costs at least that much.
    pub(crate) fn least(&self) -> Vec<f64> {
        self.least_of_nodes().into_iter().map(|least| least.min(self.cut)).collect()
    }

    /// The same of what has not been cut off.
    fn least_of_nodes(&self) -> Vec<f64> {
        let mut least = vec![f64::INFINITY; self.split.columns];
        for node in &self.nodes {
            for (least, own) in least.iter_mut().zip(least_with(&self.split, node)) {
                *least = least.min(own);
            }
        }
        least
    }
}

impl Split {
    fn new(program: &Program<'_>, threads: usize) -> Option<Self> {
        let is_plain =
            program.offers.iter().all(|group| !group.offer.shared && group.offer.reserved == 0)
                && program.clouds.iter().all(|(_, cloud)| cloud.quotas.is_empty())
                && program.columns.iter().all(|column| !column.headroom);
        if !is_plain {
            return None;
        }
        let tasks = (0..program.tasks.len()).map(|task| Work::new(program, task));
        let tasks: Vec<Work> = tasks.collect::<Option<_>>()?;
        Some(Self {
            places: places(&tasks, program.columns.len()),
            threads,
            tasks,
            quotas: program
                .offers
                .iter()
                .map(|group| group.quota.map_or(f64::INFINITY, |quota| quota as f64))
                .collect(),
            activation: program
                .clouds
                .iter()
                .map(|(_, cloud)| float(cloud.activation_cost))
                .collect(),
            columns: program.columns.len(),
            constant: moves(program),
        })
    }

    /// USD a month.
    pub(crate) fn cost(&self, units: &Units) -> f64 {
        let mut used = vec![false; self.activation.len()];
        let mut cost = self.constant;
        for work in &self.tasks {
            for carrier in &work.clouds {
                let count: u64 = carrier.items.iter().map(|item| units[item.column]).sum();
                if count > 0 {
                    used[carrier.cloud] = true;
                    cost += carrier.fixed;
                }
                let parts = carrier.items.iter();
                cost += parts.map(|item| item.cost * units[item.column] as f64).sum::<f64>();
            }
        }
        let open = self.activation.iter().zip(used).filter(|(_, used)| *used);
        cost + open.map(|(activation, _)| activation).sum::<f64>()
    }
}

impl Work {
    fn new(program: &Program<'_>, task: usize) -> Option<Self> {
        let own = program.tasks[task].1;
        let is_plain = own.max_share == Decimal::ONE
            && own.min_on_demand.is_zero()
            && own.needs.is_empty()
            && own.apart_from.is_empty()
            && own.together_with.is_empty()
            && own.demand > Decimal::ZERO
            && own.most_demand() == own.demand
            && own.min_clouds <= 4;
        if !is_plain {
            return None;
        }
        let columns = &program.of_task[task];
        let amounts: Vec<Decimal> =
            columns.iter().map(|column| program.columns[*column].serves[0].1).collect();
        let steps = steps(own.demand, &amounts)?;
        let mut clouds: Vec<Carrier> = Vec::new();
        let switch = float(program.problem.switch_cost);
        for ((&column, serves), covers) in columns.iter().zip(amounts).zip(steps.covers) {
            let of = &program.columns[column];
            let egress = linear_egress(program, task, of.cloud);
            if egress.tiered {
                return None;
            }
            if clouds.last().is_none_or(|last| last.cloud != of.cloud) {
                let stays = if program.ran(task, of.cloud) { switch } else { 0.0 };
                let fixed = egress.linear - stays;
                clouds.push(Carrier { cloud: of.cloud, fixed, items: Vec::new() });
            }
            let item = Item {
                column,
                offer: of.offer,
                cost: float(of.price),
                most: usize::try_from(of.most).unwrap_or(usize::MAX),
                covers,
                serves: float(serves / own.demand),
            };
            clouds.last_mut()?.items.push(item);
        }
        let min_clouds = usize::try_from(own.min_clouds.max(1)).ok()?;
        Some(Self { demand: steps.demand, is_exact: steps.is_exact, min_clouds, clouds })
    }
}

/// By column, where its item is found.
fn places(tasks: &[Work], columns: usize) -> Vec<Place> {
    let mut places = vec![Place::default(); columns];
    for work in tasks {
        for (carrier, own) in work.clouds.iter().enumerate() {
            for (item, of) in own.items.iter().enumerate() {
                places[of.column] = Place { carrier, item };
            }
        }
    }
    places
}

fn moves(program: &Program<'_>) -> f64 {
    let ran = |task: usize| {
        program.clouds_of(task).iter().filter(|cloud| program.ran(task, **cloud)).count()
    };
    let count: usize = (0..program.tasks.len()).map(ran).sum();
    count as f64 * float(program.problem.switch_cost)
}

#[cfg(test)]
mod tests;
