//! A solution out of the best mixture of plans: the plans that have the largest part in it are taken, the
//! rest is mixed anew with what is left, and so on until every task has one.

use std::time::Instant;

use super::Split;
use super::master::{Master, Mixture};
use super::plans::Pool;
use super::primal::State;
use super::relaxed::{Fate, Node};
use crate::solution::Units;

/// A part in a mixture from which on a plan is taken with the largest: one after the other is tried.
const LARGE: [f64; 4] = [0.9, 0.6, 0.99, 0.75];

/// Of so many open tasks at least one gets its plan in each step.
const SLOW: usize = 64;

/// New plans are asked for so often after each step.
const ASKED: usize = 2;

/// One dive of many that go different ways.
#[derive(Clone, Copy)]
pub(super) struct Way {
    pub number: usize,
    /// Dearer solutions are of no use.
    pub cutoff: f64,
    pub deadline: Instant,
}

/// Dives for a solution by a node's mixture; plans that are met go to the pool.
pub(super) fn dive(split: &Split, node: &Node, pool: &mut Pool, way: Way) -> Option<(Units, f64)> {
    let Way { number, cutoff, deadline } = way;
    let (large, turn) = (LARGE[number % LARGE.len()], number / LARGE.len());
    let mut master = Master::new(split, &node.fates, pool)?;
    let mut state = State::new(split);
    for (cloud, fate) in node.fates.iter().enumerate() {
        if *fate == Fate::In {
            state.open(cloud);
        }
    }
    let mut open: Vec<bool> = vec![true; split.tasks.len()];
    let mut prices = None;
    while open.contains(&true) {
        let Some(mixture) = mixed(split, &mut master, &mut state, &open, pool, deadline) else {
            break;
        };
        if mixture.cost >= cutoff {
            return None;
        }
        // The largest parts first; those that no longer fit are left out from now on.
        let mut parts: Vec<(f64, usize)> = (0..pool.plans.len())
            .filter(|number| open[pool.plans[*number].task])
            .map(|number| (master.part(&mixture, number), number))
            .filter(|(part, _)| *part > 1e-6)
            .collect();
        parts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        if !open.contains(&false) {
            start_otherwise(&mut parts, turn);
        }
        let least = open.iter().filter(|open| **open).count().div_ceil(SLOW);
        let mut taken = 0;
        for (part, number) in parts {
            if taken >= least && part < large {
                break;
            }
            let plan = &pool.plans[number];
            if !open[plan.task] {
                continue;
            }
            if state.fits(&plan.units, plan.task) {
                state.take(plan.task, &plan.units);
                open[plan.task] = false;
                taken += 1;
                master.hold(number, 1.0);
            } else {
                master.hold(number, 0.0);
            }
        }
        if taken == 0 && !place_one(&mut state, &mut open, &mixture.prices.quotas) {
            return None;
        }
        prices = Some(mixture.prices.quotas);
    }
    // Where time is up before the end.
    let prices = prices?;
    while open.contains(&true) {
        if !place_one(&mut state, &mut open, &prices) {
            return None;
        }
    }
    let cost = split.cost(&state.units);
    Some((state.units, cost))
}

/// The best mixture for the tasks that are open, with plans that they come up with at its prices.
fn mixed(
    split: &Split,
    master: &mut Master,
    state: &mut State<'_>,
    open: &[bool],
    pool: &mut Pool,
    deadline: Instant,
) -> Option<Mixture> {
    let mut mixture = master.solve(&pool.cuts, deadline)?;
    for _ in 0..ASKED {
        let before = pool.plans.len();
        for task in (0..open.len()).filter(|task| open[*task]) {
            if let Some(mut plan) = state.plan(task, &mixture.prices.quotas) {
                plan.sort_unstable();
                pool.add(split, task, plan);
            }
        }
        let mut is_better = false;
        for plan in &pool.plans[before..] {
            is_better |= mixture.saves(split, plan);
            master.add(split, plan, &pool.cuts);
        }
        if !is_better {
            break;
        }
        mixture = master.solve(&pool.cuts, deadline)?;
    }
    Some(mixture)
}

/// The first choice of all that is not clear is made otherwise at each turn but the first.
fn start_otherwise(parts: &mut [(f64, usize)], turn: usize) {
    let clear = parts.iter().take_while(|(part, _)| *part >= 1.0 - 1e-6).count();
    if let Some(before) = turn.checked_sub(1).filter(|_| clear < parts.len()) {
        let other = clear + before % (parts.len() - clear);
        parts[..=other].rotate_right(1);
    }
}

/// Where the mixture has nothing that fits, the first task takes what is cheapest at the prices.
fn place_one(state: &mut State<'_>, open: &mut [bool], prices: &[f64]) -> bool {
    let Some(task) = open.iter().position(|open| *open) else { return false };
    let Some(plan) = state.plan(task, prices) else { return false };
    state.take(task, &plan);
    open[task] = false;
    true
}
