//! The ascent: prices of quotas and clouds are moved so that the bound rises.

use std::time::Instant;

use super::knapsack::{Prices, Tables, cheapest, chosen};
use super::primal::construct;
use super::{Relaxed, Split};
use crate::side_by_side::side_by_side;
use crate::solution::Units;

/// Steps of the ascent.
const STEPS: usize = 400;
/// Steps without a better bound before they are made smaller.
const PATIENCE: usize = 12;
/// A solution is tried for in every so many steps.
const TRY_EVERY: usize = 15;

/// Prices, and what they lead to.
struct Point {
    /// By offer.
    quotas: Vec<f64>,
    /// By task and its clouds.
    clouds: Vec<Vec<f64>>,
}

/// What the tasks choose by themselves at given prices.
struct Answer {
    bound: f64,
    /// Units by offer.
    used: Vec<f64>,
    /// By task: which of its clouds it uses.
    carried: Vec<Vec<bool>>,
}

pub(super) fn ascend(
    split: &Split,
    deadline: Instant,
    max_gap: f64,
    known: Option<(Units, f64)>,
) -> Relaxed {
    let mut point = start(split);
    let mut best_point = Point { quotas: point.quotas.clone(), clouds: point.clouds.clone() };
    let (mut bound, mut best) = (f64::NEG_INFINITY, known);
    let mut direction = vec![0.0; split.quotas.len()];
    let (mut length, mut since) = (1.0, 0);
    let order = order(split);
    for step in 0..STEPS {
        let answer = evaluate(split, &point);
        if answer.bound == f64::INFINITY {
            break;
        }
        if answer.bound > bound {
            bound = answer.bound;
            best_point = Point { quotas: point.quotas.clone(), clouds: point.clouds.clone() };
            since = 0;
        } else {
            since += 1;
            if since >= PATIENCE {
                (length, since) = (length * 0.6, 0);
            }
        }
        if step % TRY_EVERY == 0 {
            improve(&mut best, construct(split, &order, &point.quotas, 2));
        }
        let cost = best.as_ref().map_or(bound.abs() * 1.1 + 1.0, |(_, cost)| *cost);
        let is_close = cost - bound <= max_gap.max(1e-9) * cost.abs();
        if length < 0.004 || (best.is_some() && is_close) || Instant::now() >= deadline {
            break;
        }
        advance(split, &mut point, &answer, &mut direction, length * (cost - answer.bound));
    }
    improve(&mut best, construct(split, &order, &best_point.quotas, 6));
    let extra = extra_costs(split, &best_point);
    Relaxed { bound: bound - 1e-9 * bound.abs(), best, extra }
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
    Point { quotas: vec![0.0; split.quotas.len()], clouds: clouds.collect() }
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

fn evaluate(split: &Split, point: &Point) -> Answer {
    let tasks: Vec<usize> = (0..split.tasks.len()).collect();
    let chunks: Vec<&[usize]> = tasks.chunks(tasks.len().div_ceil(2).max(1)).collect();
    let found = side_by_side(&chunks, 2, |chunk| {
        let mut tables = Tables::default();
        let mut least = 0.0;
        let mut used = vec![0.0; split.quotas.len()];
        let mut carried = Vec::with_capacity(chunk.len());
        for &task in *chunk {
            let work = &split.tasks[task];
            let prices = Prices { offers: &point.quotas, clouds: &point.clouds[task] };
            least += cheapest(work, &prices, &mut tables);
            let mut own = vec![false; work.clouds.len()];
            for (cloud, number) in chosen(work, &tables) {
                own[cloud] = true;
                used[work.clouds[cloud].items[number].offer] += 1.0;
            }
            carried.push(own);
        }
        (least, used, carried)
    });
    let mut answer =
        Answer { bound: split.constant, used: vec![0.0; split.quotas.len()], carried: Vec::new() };
    for (least, used, carried) in found {
        answer.bound += least;
        for (sum, own) in answer.used.iter_mut().zip(used) {
            *sum += own;
        }
        answer.carried.extend(carried);
    }
    let limited = point.quotas.iter().zip(&split.quotas).filter(|(_, quota)| quota.is_finite());
    answer.bound -= limited.map(|(price, quota)| price * quota).sum::<f64>();
    answer
}

/// Prices of what is asked for too much rise; a cloud's activation is paid by those that use it.
fn advance(split: &Split, point: &mut Point, answer: &Answer, direction: &mut [f64], open: f64) {
    let mut norm = 0.0;
    for (offer, quota) in split.quotas.iter().enumerate() {
        let excess = if quota.is_finite() { answer.used[offer] - quota } else { 0.0 };
        // What is priced at nothing and not used up has no say.
        let excess = if excess < 0.0 && point.quotas[offer] <= 0.0 { 0.0 } else { excess };
        direction[offer] = excess + 0.4 * direction[offer];
        norm += direction[offer] * direction[offer];
    }
    let used = answer.carried.iter().flatten().filter(|used| **used).count() as f64;
    if norm > 0.0 {
        let step = open.max(0.0) / norm;
        for (price, direction) in point.quotas.iter_mut().zip(direction.iter()) {
            *price = (*price + step * direction).max(0.0);
        }
    }
    if used == 0.0 {
        return;
    }
    let mut sums = vec![0.0; split.activation.len()];
    for (task, carried) in answer.carried.iter().enumerate() {
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

/// By column: how far above the bound any solution is that uses it.
fn extra_costs(split: &Split, point: &Point) -> Vec<f64> {
    let mut extra = vec![0.0; split.columns];
    let mut tables = Tables::default();
    for (task, work) in split.tasks.iter().enumerate() {
        let prices = Prices { offers: &point.quotas, clouds: &point.clouds[task] };
        let least = cheapest(work, &prices, &mut tables);
        for item in work.clouds.iter().flat_map(|carrier| &carrier.items) {
            let rest = work.demand.saturating_sub(item.covers);
            let levels = tables.best[work.min_clouds - 1..].iter();
            let rest = levels.map(|level| level[rest]).fold(f64::INFINITY, f64::min);
            extra[item.column] = item.cost + point.quotas[item.offer] + rest - least;
        }
    }
    extra
}
