//! A bound and a first solution for large programs, by Lagrangian relaxation.
//!
//! With a price on each quota and on each use of a cloud, tasks have nothing to do with each other:
//! each is a covering knapsack, solved exactly. The sum is a proven bound, tighter than the linear
//! relaxation's, and what no solution as cheap as the best known can use is left out of the program.

mod knapsack;
mod primal;
mod relaxed;
mod ruin;
mod tree;

use std::time::Instant;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::mip::{Budget, linear_egress};
use crate::program::{Program, float};
use crate::solution::Units;
use relaxed::Stop;
use ruin::{Until, rebuilt};

/// A program in which tasks only share quotas and clouds.
pub(crate) struct Split {
    pub tasks: Vec<Work>,
    /// By offer; infinite without one.
    pub quotas: Vec<f64>,
    /// By cloud.
    pub activation: Vec<f64>,
    pub columns: usize,
    /// What all moves away from where tasks run would cost; staying is taken off again.
    pub constant: f64,
}

/// One task.
pub(crate) struct Work {
    /// On the task's own grid.
    pub demand: usize,
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
    /// The bound of what has not been cut off, and of what has.
    pub rest: f64,
    pub cut: f64,
    /// By column: how far above `rest` any better solution is that uses it; USD a month.
    pub extra: Vec<f64>,
    /// What is settled about clouds, with the prices that `bound` and `extra` come from.
    root: relaxed::Node,
    split: Split,
}

/// Demands are cut into at most that many steps.
const GRID: u64 = 600;

/// Steps of an ascent from nothing.
const STEPS: usize = 400;

/// Bounds and solves a program, if it is of the form that is needed.
pub(crate) fn relax(
    program: &Program<'_>,
    deadline: Instant,
    max_gap: f64,
    known: Option<Units>,
) -> Option<Relaxed> {
    let split = Split::new(program)?;
    let known = known.map(|units| {
        let cost = split.cost(&units);
        (units, cost)
    });
    let stop = Stop { deadline, steps: STEPS, target: f64::INFINITY, max_gap };
    Some(relaxed::ascend(split, stop, known))
}

impl Relaxed {
    /// Makes the best solution better, until it is proven within `max_gap` or the search has ended.
    pub(crate) fn improve(&mut self, seed: u64, budget: Budget) {
        if let Some((units, cost)) = self.best.take() {
            let target = self.bound + budget.max_gap * cost.abs();
            let until = Until { deadline: budget.deadline, target };
            let prices = self.root.prices();
            let found = rebuilt(&self.split, &units, prices, seed, budget.threads, until);
            self.best = Some(found);
        }
    }
}

impl Split {
    fn new(program: &Program<'_>) -> Option<Self> {
        let is_plain =
            program.offers.iter().all(|group| !group.offer.shared && group.offer.reserved == 0)
                && program.clouds.iter().all(|(_, cloud)| cloud.quotas.is_empty())
                && program.columns.iter().all(|column| !column.headroom);
        if !is_plain {
            return None;
        }
        let tasks = (0..program.tasks.len()).map(|task| Work::new(program, task));
        Some(Self {
            tasks: tasks.collect::<Option<_>>()?,
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
        let scale = grid(program, task, own.demand);
        let mut clouds: Vec<Carrier> = Vec::new();
        let switch = float(program.problem.switch_cost);
        for &column in &program.of_task[task] {
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
            let serves = of.serves[0].1;
            let covers = (serves * scale).min(Decimal::from(GRID * 10)).ceil().to_usize()?;
            let item = Item {
                column,
                offer: of.offer,
                cost: float(of.price),
                covers: covers.max(1),
                serves: float(serves / own.demand),
            };
            clouds.last_mut()?.items.push(item);
        }
        // Rounded down, as what units cover is rounded up: a bound stays one.
        let demand = (own.demand * scale).floor().to_usize()?.max(1);
        let min_clouds = usize::try_from(own.min_clouds.max(1)).ok()?;
        Some(Self { demand, min_clouds, clouds })
    }
}

fn moves(program: &Program<'_>) -> f64 {
    let ran = |task: usize| {
        program.clouds_of(task).iter().filter(|cloud| program.ran(task, **cloud)).count()
    };
    let count: usize = (0..program.tasks.len()).map(ran).sum();
    count as f64 * float(program.problem.switch_cost)
}

/// Steps per unit of demand: exact where the amounts are whole on a grid that is fine enough.
fn grid(program: &Program<'_>, task: usize, demand: Decimal) -> Decimal {
    let most = Decimal::from(GRID);
    for scale in [Decimal::ONE, Decimal::TEN, Decimal::ONE_HUNDRED] {
        let is_whole = |amount: Decimal| (amount * scale).fract().is_zero();
        let columns = program.of_task[task].iter();
        let mut amounts = columns.map(|column| program.columns[*column].serves[0].1);
        if demand * scale <= most && is_whole(demand) && amounts.all(is_whole) {
            return scale;
        }
    }
    most / demand
}

#[cfg(test)]
mod tests;
