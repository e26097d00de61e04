//! The ascent: prices of quotas and clouds are moved so that the bound rises.

use std::sync::Arc;
use std::time::Instant;

use super::knapsack::{Beyond, Prices, Tables, cheapest, chosen};
use super::plans::Pool;
use super::primal::construct;
use super::{Carrier, Relaxed, Split, Work};
use crate::side_by_side::side_by_side;
use crate::solution::Units;

/// Steps without a better bound before they are made smaller.
const PATIENCE: usize = 12;
/// A solution is tried for in every so many steps.
const TRY_EVERY: usize = 15;
/// Fewer tasks are not worth a second thread.
pub(crate) const ALONE: usize = 40;

/// Prices.
#[derive(Clone)]
pub(super) struct Point {
    /// By offer.
    pub quotas: Vec<f64>,
    /// By task and its clouds.
    pub clouds: Vec<Vec<f64>>,
    /// By task, what cuts make units cost beyond that; and what they let through at these prices.
    pub beyond: Vec<Beyond>,
    pub let_through: f64,
}

impl Point {
    /// Prices for a task, with those of its clouds.
    pub(super) fn prices<'a>(&'a self, task: usize, clouds: &'a [f64]) -> Prices<'a> {
        Prices { offers: &self.quotas, clouds, beyond: &self.beyond[task] }
    }
}

/// What the tasks choose by themselves at given prices.
pub(super) struct Answer {
    pub bound: f64,
    /// Units by offer.
    used: Vec<f64>,
    /// By task: cloud and item of it, once for each unit.
    pub plans: Vec<Vec<(usize, usize)>>,
}

/// What is settled about a cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing: those that use it pay for its activation.
    Open,
    /// It is in use and paid, whoever uses it.
    In,
    /// Nothing runs there.
    Out,
}

/// What is settled, with the prices that give the highest bound so far.
#[derive(Clone)]
pub(super) struct Node {
    pub fates: Vec<Fate>,
    pub bound: f64,
    pub point: Point,
    /// Whether its prices can prove no more, as far as is known.
    pub is_settled: bool,
    /// Whether cuts have been looked for since the bound was last to be raised.
    pub is_cut: bool,
}

/// When to stop.
#[derive(Clone, Copy)]
pub(super) struct Stop {
    pub deadline: Instant,
    pub steps: usize,
    /// A bound from here on is as good as any.
    pub target: f64,
    pub max_gap: f64,
}

pub(super) fn ascend(split: Split, stop: Stop, known: Option<(Units, f64)>) -> Relaxed {
    let mut node = Node {
        fates: vec![Fate::Open; split.activation.len()],
        bound: f64::NEG_INFINITY,
        point: start(&split),
        is_settled: false,
        is_cut: false,
    };
    let mut best = known;
    let order = order(&split);
    climb(&split, &mut node, stop, 1.0, &mut best, Some(&order));
    improve(&mut best, construct(&split, &order, &node.point.quotas, 6));
    let bound = safely(node.bound);
    let none = f64::INFINITY;
    let (nodes, pool, split) = (vec![node], Pool::default(), Arc::new(split));
    let (is_only, ties) = (true, None);
    Relaxed { bound, cut: none, dropped: none, is_only, ties, best, nodes, pool, split }
}

/// A bound that rounding does not make too high.
pub(super) fn safely(bound: f64) -> f64 {
    if bound.is_finite() { bound - 1e-9 * bound.abs() } else { bound }
}

/// Moves the prices of a node so that its bound rises. With `order` solutions are tried for on the way.
pub(super) fn climb(
    split: &Split,
    node: &mut Node,
    stop: Stop,
    length: f64,
    best: &mut Option<(Units, f64)>,
    order: Option<&[usize]>,
) {
    let mut point = node.point.clone();
    let mut direction = vec![0.0; split.quotas.len()];
    let (mut length, mut since) = (length, 0);
    for step in 0..stop.steps {
        let answer = evaluate(split, &node.fates, &point);
        if answer.bound == f64::INFINITY {
            // Without the clouds that are out there is no solution.
            if node.fates.contains(&Fate::Out) {
                node.bound = f64::INFINITY;
            }
            break;
        }
        if answer.bound > node.bound {
            node.bound = answer.bound;
            node.point.clone_from(&point);
            since = 0;
        } else {
            since += 1;
            if since >= PATIENCE {
                (length, since) = (length * 0.6, 0);
            }
        }
        if let Some(order) = order.filter(|_| step % TRY_EVERY == 0) {
            improve(best, construct(split, order, &point.quotas, 2));
        }
        let cost = best.as_ref().map_or(node.bound.abs() * 1.1 + 1.0, |(_, cost)| *cost);
        let is_close = cost - node.bound <= stop.max_gap.max(1e-9) * cost.abs();
        let is_enough = node.bound >= stop.target || (best.is_some() && is_close);
        if length < 0.004 || is_enough || Instant::now() >= stop.deadline {
            break;
        }
        let open = (cost - answer.bound).max(1e-4 * cost.abs());
        advance(split, &node.fates, &mut point, &answer, &mut direction, length * open);
    }
}

fn improve(best: &mut Option<(Units, f64)>, found: Option<(Units, f64)>) {
    if let Some(found) = found
        && best.as_ref().is_none_or(|(_, cost)| found.1 < *cost)
    {
        *best = Some(found);
    }
}

/// Being in use costs each task its share of the activation; together that is no more than it costs.
fn start(split: &Split) -> Point {
    let mut users = vec![0.0; split.activation.len()];
    for carrier in split.tasks.iter().flat_map(|work| &work.clouds) {
        users[carrier.cloud] += 1.0;
    }
    let share = |cloud: usize| split.activation[cloud] / f64::max(users[cloud], 1.0);
    let clouds = split
        .tasks
        .iter()
        .map(|work| work.clouds.iter().map(|carrier| share(carrier.cloud)).collect());
    Point {
        quotas: vec![0.0; split.quotas.len()],
        clouds: clouds.collect(),
        beyond: vec![Beyond::new(); split.tasks.len()],
        let_through: 0.0,
    }
}

/// Tasks with few choices and much demand first.
fn order(split: &Split) -> Vec<usize> {
    let mut order: Vec<usize> = (0..split.tasks.len()).collect();
    let choices = |task: usize| {
        let clouds = &split.tasks[task].clouds;
        (clouds.len(), clouds.iter().map(|carrier| carrier.items.len()).sum::<usize>())
    };
    order.sort_by_key(|task| choices(*task));
    order
}

/// What each task chooses at given prices, and the bound that this proves.
pub(super) fn evaluate(split: &Split, fates: &[Fate], point: &Point) -> Answer {
    let tasks: Vec<usize> = (0..split.tasks.len()).collect();
    let threads = if tasks.len() < ALONE { 1 } else { split.threads };
    let chunks: Vec<&[usize]> = tasks.chunks(tasks.len().div_ceil(threads).max(1)).collect();
    let found = side_by_side(&chunks, threads, |chunk| {
        let mut tables = Tables::default();
        let mut least = 0.0;
        let mut plans = Vec::with_capacity(chunk.len());
        for &task in *chunk {
            let work = &split.tasks[task];
            let clouds = cloud_prices(work, fates, &point.clouds[task]);
            let prices = point.prices(task, &clouds);
            least += cheapest(work, &prices, &mut tables);
            plans.push(chosen(work, &tables));
        }
        (least, plans)
    });
    let mut answer = Answer {
        bound: common(split, fates, point),
        used: vec![0.0; split.quotas.len()],
        plans: Vec::with_capacity(tasks.len()),
    };
    for (least, plans) in found {
        answer.bound += least;
        answer.plans.extend(plans);
    }
    for (work, plan) in split.tasks.iter().zip(&answer.plans) {
        for (cloud, number) in plan {
            answer.used[work.clouds[*cloud].items[*number].offer] += 1.0;
        }
    }
    answer
}

/// What the bound has besides the tasks' own costs.
fn common(split: &Split, fates: &[Fate], point: &Point) -> f64 {
    let paid = fates.iter().zip(&split.activation).filter(|(fate, _)| **fate == Fate::In);
    let limited = point.quotas.iter().zip(&split.quotas).filter(|(_, quota)| quota.is_finite());
    split.constant + paid.map(|(_, cost)| cost).sum::<f64>()
        - overpaid(split, fates, point)
        - limited.map(|(price, quota)| price * quota).sum::<f64>()
        - point.let_through
}

/// What the uses of clouds are priced at beyond the clouds' activation: a solution pays only that.
fn overpaid(split: &Split, fates: &[Fate], point: &Point) -> f64 {
    let mut sums = vec![0.0; split.activation.len()];
    for (work, prices) in split.tasks.iter().zip(&point.clouds) {
        for (carrier, price) in work.clouds.iter().zip(prices) {
            sums[carrier.cloud] += price;
        }
    }
    let open = (0..sums.len()).filter(|cloud| fates[*cloud] == Fate::Open);
    open.map(|cloud| (sums[cloud] - split.activation[cloud]).max(0.0)).sum()
}

/// What a task pays for using each of its clouds.
pub(super) fn cloud_prices(work: &Work, fates: &[Fate], prices: &[f64]) -> Vec<f64> {
    let own = work.clouds.iter().zip(prices);
    let price = |(carrier, price): (&Carrier, &f64)| match fates[carrier.cloud] {
        Fate::Open => *price,
        Fate::In => 0.0,
        Fate::Out => f64::INFINITY,
    };
    own.map(price).collect()
}

/// Prices of what is asked for too much rise; a cloud's activation is paid by those that use it.
fn advance(
    split: &Split,
    fates: &[Fate],
    point: &mut Point,
    answer: &Answer,
    direction: &mut [f64],
    open: f64,
) {
    let mut norm = 0.0;
    for (offer, quota) in split.quotas.iter().enumerate() {
        let excess = if quota.is_finite() { answer.used[offer] - quota } else { 0.0 };
        // What is priced at nothing and not used up has no say.
        let excess = if excess < 0.0 && point.quotas[offer] <= 0.0 { 0.0 } else { excess };
        direction[offer] = excess + 0.4 * direction[offer];
        norm += direction[offer] * direction[offer];
    }
    if norm > 0.0 {
        let step = open.max(0.0) / norm;
        for (price, direction) in point.quotas.iter_mut().zip(direction.iter()) {
            *price = (*price + step * direction).max(0.0);
        }
    }
    if !fates.contains(&Fate::Open) {
        return;
    }
    let carried = carried(split, &answer.plans);
    let used = carried.iter().flatten().filter(|used| **used).count() as f64;
    if used == 0.0 {
        return;
    }
    let mut sums = vec![0.0; split.activation.len()];
    for (task, carried) in carried.iter().enumerate() {
        for (index, is_used) in carried.iter().enumerate() {
            let cloud = split.tasks[task].clouds[index].cloud;
            let price = &mut point.clouds[task][index];
            let pull = if *is_used { 1.0 } else { 0.0 };
            *price += 0.1 * (pull * split.activation[cloud] / used.sqrt() - 0.5 * *price);
            *price = price.max(0.0);
            sums[cloud] += *price;
        }
    }
    for (task, work) in split.tasks.iter().enumerate() {
        for (index, carrier) in work.clouds.iter().enumerate() {
            if sums[carrier.cloud] > 0.0 {
                point.clouds[task][index] *= split.activation[carrier.cloud] / sums[carrier.cloud];
            }
        }
    }
}

/// By task: which of its clouds its plan uses.
fn carried(split: &Split, plans: &[Vec<(usize, usize)>]) -> Vec<Vec<bool>> {
    let own = split.tasks.iter().zip(plans).map(|(work, plan)| {
        let mut own = vec![false; work.clouds.len()];
        for (cloud, _) in plan {
            own[*cloud] = true;
        }
        own
    });
    own.collect()
}

/// By column: by the node's prices any solution that uses it costs at least that much.
pub(super) fn least_with(split: &Split, node: &Node) -> Vec<f64> {
    let point = &node.point;
    let mut extra = vec![0.0; split.columns];
    let mut all = common(split, &node.fates, point);
    let mut tables = Tables::default();
    for (task, work) in split.tasks.iter().enumerate() {
        let clouds = cloud_prices(work, &node.fates, &point.clouds[task]);
        let prices = point.prices(task, &clouds);
        let least = cheapest(work, &prices, &mut tables);
        all += least;
        let own = work.clouds.iter().flat_map(|own| own.items.iter().map(|item| (own.cloud, item)));
        for (cloud, item) in own {
            if node.fates[cloud] == Fate::Out {
                extra[item.column] = f64::INFINITY;
                continue;
            }
            let rest = work.demand.saturating_sub(item.covers);
            let levels = tables.best[work.min_clouds - 1..].iter();
            let rest = levels.map(|level| level[rest]).fold(f64::INFINITY, f64::min);
            extra[item.column] = item.cost + point.quotas[item.offer] + rest - least;
        }
    }
    extra.into_iter().map(|extra| all + extra).collect()
}
