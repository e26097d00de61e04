//! Solutions made better: a few tasks that compete for the same offers are taken out and placed anew one
//! after another, at prices that vary; what is a little dearer is borne at first, and less and less so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::primal::{Plan, State};
use super::{Effort, Split};
use crate::side_by_side::side_by_side;
use crate::solution::Units;

/// Part of a task's average cost that a change may be dearer by at first.
const BORNE: f64 = 0.02;
/// Most tasks that are taken out together.
const MOST: usize = 7;

/// When the search ends.
#[derive(Clone, Copy)]
pub(super) struct Until<'a> {
    pub deadline: Instant,
    /// Set once nothing better is asked for.
    pub is_enough: &'a AtomicBool,
    /// A solution that costs no more is good enough.
    pub target: f64,
    /// For each task.
    pub tries: usize,
}

/// Searches from a solution in different ways, side by side; the best solution and its cost. The same
/// on every machine unless the deadline cuts it off.
pub(super) fn rebuilt(
    split: &Split,
    start: &Units,
    prices: &[f64],
    effort: Effort,
    until: Until<'_>,
) -> (Units, f64) {
    let count = effort.searches.max(1) as u64;
    let seeds: Vec<u64> = (0..count).map(|index| 1 + 2 * index + 64 * effort.seed).collect();
    let found = side_by_side(&seeds, split.threads, |seed| {
        Search::new(split, start, prices, *seed).run(until)
    });
    let known = (start.clone(), split.cost(start));
    found.into_iter().fold(known, |best, found| if found.1 < best.1 { found } else { best })
}

struct Search<'a> {
    split: &'a Split,
    prices: &'a [f64],
    state: State<'a>,
    plans: Vec<Plan>,
    /// By offer, the tasks that could use it; USD a unit and month.
    able: Vec<Vec<usize>>,
    costs: Vec<f64>,
    random: u64,
}

impl<'a> Search<'a> {
    fn new(split: &'a Split, start: &Units, prices: &'a [f64], seed: u64) -> Self {
        let mut state = State::new(split);
        let mut able = vec![Vec::new(); split.quotas.len()];
        let mut costs = vec![0.0; split.quotas.len()];
        let mut plans = Vec::with_capacity(split.tasks.len());
        for (task, work) in split.tasks.iter().enumerate() {
            let items = work.clouds.iter().flat_map(|carrier| &carrier.items);
            let mut plan = Plan::new();
            for item in items {
                able[item.offer].push(task);
                costs[item.offer] = item.cost;
                if start[item.column] > 0 {
                    plan.push((item.column, start[item.column]));
                }
            }
            state.take(task, &plan);
            plans.push(plan);
        }
        Self { split, prices, state, plans, able, costs, random: seed }
    }

    fn run(mut self, until: Until<'_>) -> (Units, f64) {
        let tasks = self.split.tasks.len();
        let rounds = until.tries * tasks;
        let mut cost = self.state.total();
        let mut best = (self.state.units.clone(), cost);
        for round in 0..rounds {
            let is_over =
                || Instant::now() >= until.deadline || until.is_enough.load(Ordering::Relaxed);
            if round % 16 == 0 && is_over() {
                break;
            }
            let left = 1.0 - round as f64 / rounds as f64;
            let borne = BORNE * cost / tasks as f64 * left * left;
            let picked = self.pick();
            let before: Vec<Plan> = picked.iter().map(|task| self.plans[*task].clone()).collect();
            for (task, plan) in picked.iter().zip(&before) {
                self.state.change(*task, plan, false);
            }
            let found = self.place(&picked);
            let now = self.state.total();
            if found && now < cost + borne {
                cost = now;
                if cost < best.1 - 1e-9 {
                    best = (self.state.units.clone(), cost);
                    if cost <= until.target {
                        break;
                    }
                }
                continue;
            }
            for (task, plan) in picked.iter().zip(before) {
                let own = std::mem::take(&mut self.plans[*task]);
                self.state.change(*task, &own, false);
                self.state.take(*task, &plan);
                self.plans[*task] = plan;
            }
        }
        let cost = self.split.cost(&best.0);
        (best.0, cost)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.random >> 33) as usize % limit.max(1)
    }

    /// A task, and some that use or could use what it could.
    fn pick(&mut self) -> Vec<usize> {
        let tasks = self.split.tasks.len();
        let size = (2 + self.below(MOST - 1)).min(tasks);
        let mut picked = vec![self.below(tasks)];
        for _ in 0..4 * size {
            if picked.len() >= size {
                break;
            }
            let from = picked[self.below(picked.len())];
            let carriers = &self.split.tasks[from].clouds;
            let (count, kind) = (carriers.len(), self.random >> 13 & 7);
            let carrier = &carriers[self.below(count)];
            let offer = carrier.items[self.below(carrier.items.len())].offer;
            let number = self.below(if kind == 0 { tasks } else { self.able[offer].len() });
            let other = if kind == 0 { number } else { self.able[offer][number] };
            // Whoever has nothing of what is scarce gives nothing.
            let uses =
                self.plans[other].iter().any(|(column, _)| self.offer_of(other, *column) == offer);
            if (uses || kind < 3) && !picked.contains(&other) {
                picked.push(other);
            }
        }
        picked
    }

    fn offer_of(&self, task: usize, column: usize) -> usize {
        let place = self.split.places[column];
        self.split.tasks[task].clouds[place.carrier].items[place.item].offer
    }

    /// Places tasks in a random order at varied prices; whether all could be. Those that could not have
    /// no plan.
    fn place(&mut self, picked: &[usize]) -> bool {
        let mut order = picked.to_vec();
        for index in (1..order.len()).rev() {
            let other = self.below(index + 1);
            order.swap(index, other);
        }
        let weight = self.below(5) as f64 / 4.0;
        let noise = [0.0, 0.01, 0.03, 0.1][self.below(4)];
        let mut offers: Vec<f64> = self.prices.iter().map(|price| price * weight).collect();
        if noise > 0.0 {
            let parts: Vec<f64> = offers.iter().map(|_| self.below(1024) as f64 / 1024.0).collect();
            for ((price, cost), part) in offers.iter_mut().zip(&self.costs).zip(parts) {
                *price += cost * noise * part;
            }
        }
        for task in &order {
            self.plans[*task] = Plan::new();
        }
        for task in order {
            let Some(plan) = self.state.plan(task, &offers) else { return false };
            self.state.take(task, &plan);
            self.plans[task] = plan;
        }
        true
    }
}
