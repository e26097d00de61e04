//! What is left when clouds are settled: a choice among the plans that are best at the prices, and,
//! where the gap lets few plans through, a choice among all of them, which is a proof.

use std::time::Instant;

use super::choose::{Room, choose};
use super::dive::{Way, dive};
use super::every::every;
use super::knapsack::{Tables, cheapest};
use super::plans::{Pool, Taken};
use super::relaxed::{Node, cloud_prices, safely};
use super::{Relaxed, Split};

/// Most branches in which a choice is made among good plans, and nodes of the solver's search for it.
const BRANCHES: usize = 2;
const NODES: i32 = 100;

impl Relaxed {
    /// Dives for solutions in the branches with the lowest bounds, each time in another way.
    pub(crate) fn dive(&mut self, number: usize, deadline: Instant) {
        let Some((_, mut cost)) = self.best.clone() else { return };
        for node in self.nodes.iter().take(BRANCHES).filter(|node| node.is_settled) {
            let way = Way { number, cutoff: cost, deadline };
            let found = dive(&self.split, node, &mut self.pool, way);
            if let Some(best) = found.filter(|(_, own)| *own < cost) {
                cost = best.1;
                self.best = Some(best);
            }
        }
        self.sum_up(cost);
    }

    /// Dives for solutions in so many ways, until one is proven within the gap.
    pub(crate) fn dive_until(&mut self, max_gap: f64, ways: usize, deadline: Instant) {
        for number in 0..ways {
            if self.is_close(max_gap) {
                return;
            }
            self.dive(number, deadline);
        }
    }

    /// Looks for a better solution among about `count` plans that are best at the prices.
    pub(crate) fn pick(&mut self, count: usize, deadline: Instant, max_gap: f64) {
        let Some((units, mut cost)) = self.best.clone() else { return };
        self.pool.add_solution(&self.split, &units);
        for node in self.nodes.iter().take(BRANCHES) {
            let now = Instant::now();
            let deadline = now + deadline.saturating_duration_since(now) * 2 / 3;
            let Some(extra) = open(node, cost, max_gap) else { continue };
            if now >= deadline {
                break;
            }
            let plans = good(&self.split, node, extra, (count, deadline), &self.pool);
            let plans: Vec<&Taken> = plans.plans.iter().collect();
            let cutoff = cost - 1e-6;
            let room = Room {
                deadline,
                max_gap: max_gap / 2.0,
                cutoff,
                nodes: Some(NODES),
                other_than: None,
            };
            let picked = choose(&self.split, &node.fates, &plans, &self.pool.cuts, room);
            if let Some(best) = picked.best.filter(|(_, own)| *own < cost) {
                cost = best.1;
                self.best = Some(best);
            }
        }
        self.sum_up(cost);
    }

    /// Solves what is left, where the gap lets no more than `most` plans through; whether it did. So it
    /// is found out as well whether another solution costs as little.
    pub(crate) fn finish(&mut self, most: usize, deadline: Instant, max_gap: f64) -> bool {
        let Some((mut units, mut cost)) = self.best.clone() else { return false };
        let is_exact = self.split.tasks.iter().all(|work| work.is_exact);
        let mut left = Vec::new();
        let mut is_whole = true;
        for mut node in std::mem::take(&mut self.nodes) {
            let same = same(cost);
            // Where a gap is allowed it does not matter what else costs as little.
            let is_done = if max_gap > 0.0 {
                open(&node, cost, max_gap).is_none()
            } else {
                node.bound > cost + same
            };
            let extra = (cost - node.bound).max(0.0) + same;
            let plans = (is_exact && !is_done)
                .then(|| within(&self.split, &node, extra, most, deadline))
                .flatten();
            let Some(all) = plans else {
                is_whole &= is_done;
                left.push(node);
                continue;
            };
            let plans: Vec<&Taken> = all.plans.iter().collect();
            let picked = loop {
                let cutoff = if max_gap > 0.0 { cost - 1e-6 } else { cost + same };
                let other_than = Some(&units);
                let room = Room { deadline, max_gap, cutoff, nodes: None, other_than };
                let picked = choose(&self.split, &node.fates, &plans, &self.pool.cuts, room);
                let Some(best) = picked.best.as_ref().filter(|(_, own)| *own <= cost + same) else {
                    break picked;
                };
                let is_better = best.1 < cost - same;
                if best.1 < cost {
                    cost = best.1;
                    units.clone_from(&best.0);
                    self.best = Some(best.clone());
                }
                if !is_better || max_gap > 0.0 || open(&node, cost, max_gap).is_none() {
                    // Either it costs as little, or what costs as little as this one is not known.
                    self.is_only = false;
                    break picked;
                }
            };
            // A choice that has other plans costs more than what was known.
            node.bound = node.bound.max(picked.bound.min(cost));
            let is_proven = picked.bound > cost + same;
            if is_proven {
                self.cut = self.cut.min(safely(node.bound));
            } else {
                is_whole &= open(&node, cost, max_gap).is_none();
                left.push(node);
            }
        }
        self.nodes = left;
        self.sum_up(cost);
        is_whole
    }

    /// Finds out which columns can be in another solution that costs as little. What has been solved here
    /// before has none, unless a gap was allowed: then that was not looked for.
    pub(crate) fn look_for_ties(&mut self, max_gap: f64) {
        let Some((_, cost)) = self.best else { return };
        self.ties = (max_gap == 0.0 && self.dropped > cost + same(cost)).then(|| {
            let least = self.least_of_nodes();
            least.into_iter().map(|least| least <= cost + same(cost)).collect()
        });
    }

    /// Whether it is proven that no other solution costs as little.
    pub(crate) fn is_only(&self) -> bool {
        let Some((_, cost)) = self.best else { return false };
        let least = self.nodes.iter().map(|node| node.bound).fold(self.dropped, f64::min);
        self.is_only && least > cost + same(cost)
    }
}

/// Costs that are no more apart than that are taken to be the same until they are added up exactly.
fn same(cost: f64) -> f64 {
    1e-9 * cost.abs().max(1.0)
}

/// How far a node's bound is below the cost, if that is more than the gap.
fn open(node: &Node, cost: f64, max_gap: f64) -> Option<f64> {
    let open = cost - node.bound;
    (open > max_gap.max(1e-9) * cost.abs()).then_some(open)
}

/// About so many plans that are best at the node's prices, and those of the pool that are near them.
fn good(split: &Split, node: &Node, extra: f64, most: (usize, Instant), known: &Pool) -> Pool {
    let mut found = Pool::default();
    let mut near = extra;
    for _ in 0..12 {
        if let Some(pool) = within(split, node, near, most.0, most.1) {
            found = pool;
            break;
        }
        near *= 0.6;
    }
    for plan in &known.plans {
        let work = &split.tasks[plan.task];
        let out =
            |carrier: &usize| node.fates[work.clouds[*carrier].cloud] == super::relaxed::Fate::Out;
        if !split.carriers(&plan.units).iter().any(out) {
            found.add(split, plan.task, plan.units.clone());
        }
    }
    found.plans.sort_by_key(|plan| plan.task);
    found
}

/// All plans of a solution that is dearer by `extra` at most than the node's bound; none if they are
/// more than `most`, or time is up.
fn within(split: &Split, node: &Node, extra: f64, most: usize, deadline: Instant) -> Option<Pool> {
    let mut pool = Pool::default();
    let mut tables = Tables::default();
    for (task, work) in split.tasks.iter().enumerate() {
        if Instant::now() >= deadline {
            return None;
        }
        let clouds = cloud_prices(work, &node.fates, &node.point.clouds[task]);
        let prices = node.point.prices(task, &clouds);
        let least = cheapest(work, &prices, &mut tables);
        let dearest = least + extra + 1e-6;
        for units in every(split, task, &prices, dearest, most - pool.plans.len())? {
            pool.add(split, task, units);
        }
    }
    Some(pool)
}
