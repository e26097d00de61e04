//! One task alone: the cheapest whole units that cover its demand in enough clouds, no more of an offer
//! than its quota, exactly, by steps of demand. That other tasks want the same units is left out of
//! account: they have their prices.

use std::collections::BTreeMap;

use super::cuts::at;
use super::{Carrier, Work};

/// Prices that are added: by offer, and by cloud of the task; and by offer what so many units cost beyond
/// that, from 0 units on, which never falls.
pub(super) struct Prices<'a> {
    pub offers: &'a [f64],
    pub clouds: &'a [f64],
    pub beyond: &'a Beyond,
}

/// By offer: what 0, 1, 2, … units cost beyond their prices; nothing is added after the last.
pub(super) type Beyond = BTreeMap<usize, Vec<f64>>;

/// Nothing costs more than its price.
pub(super) static NOTHING: Beyond = BTreeMap::new();

/// Tables of a task, kept to be used again.
#[derive(Default)]
pub(super) struct Tables {
    /// Least cost by clouds used (the last: as many or more) and demand covered.
    pub best: Vec<Vec<f64>>,
    /// The same after each cloud, to find back what was chosen.
    stages: Vec<Stage>,
    /// Least cost from which a further unit of the cloud at hand is taken, and room to work in.
    from: Vec<f64>,
    next: Vec<f64>,
}

/// Tables behind one cloud.
#[derive(Default)]
struct Stage {
    /// For the first unit.
    fixed: f64,
    items: Vec<Kept>,
    /// By level and item: with a unit of this cloud, by this item or one before it.
    inside: Vec<Vec<Vec<f64>>>,
    /// Before this cloud.
    before: Vec<Vec<f64>>,
}

/// An item that none of the others makes superfluous at the prices.
#[derive(Clone)]
struct Kept {
    number: usize,
    /// Of a unit, and of so many beyond that; most items have nothing beyond.
    price: f64,
    beyond: Vec<f64>,
    covers: usize,
    /// More units are not there, or of no use.
    most: usize,
}

impl Kept {
    fn cost(&self, units: usize) -> f64 {
        self.price * units as f64 + at(&self.beyond, units)
    }
}

/// The least cost; infinite if it cannot be had.
pub(super) fn cheapest(work: &Work, prices: &Prices<'_>, tables: &mut Tables) -> f64 {
    let (levels, demand) = (work.min_clouds + 1, work.demand);
    tables.best.resize(levels, Vec::new());
    for (level, best) in tables.best.iter_mut().enumerate() {
        best.clear();
        best.resize(demand + 1, f64::INFINITY);
        if level == 0 {
            best[0] = 0.0;
        }
    }
    tables.stages.resize_with(work.clouds.len(), Stage::default);
    for (index, carrier) in work.clouds.iter().enumerate() {
        let stage = &mut tables.stages[index];
        stage.before.resize(levels, Vec::new());
        for (before, best) in stage.before.iter_mut().zip(&tables.best) {
            before.clone_from(best);
        }
        stage.fixed = carrier.fixed + prices.clouds[index];
        stage.items.clear();
        if stage.fixed == f64::INFINITY {
            continue;
        }
        keep_best(&mut stage.items, carrier, prices, demand);
        stage.inside.resize_with(levels, Vec::new);
        for level in 1..levels {
            // Coming from as many clouds already only counts where more make no difference.
            let fewer = &stage.before[level - 1];
            let as_many = &stage.before[if level + 1 == levels { level } else { level - 1 }];
            let start = fewer.iter().zip(as_many).map(|(a, b)| lesser(*a, *b) + stage.fixed);
            tables.from.clear();
            tables.from.extend(start);
            let inside = &mut stage.inside[level];
            inside.resize_with(stage.items.len(), Vec::new);
            for (place, item) in stage.items.iter().enumerate() {
                let (earlier, own) = inside.split_at_mut(place);
                let own = &mut own[0];
                match earlier.last() {
                    Some(last) => own.clone_from(last),
                    None => {
                        own.clear();
                        own.resize(demand + 1, f64::INFINITY);
                    }
                }
                take(item, own, &mut tables.from, &mut tables.next);
            }
            if let Some(last) = inside[..stage.items.len()].last() {
                for (best, last) in tables.best[level].iter_mut().zip(last) {
                    *best = lesser(*best, *last);
                }
            }
        }
    }
    tables.best[levels - 1][demand]
}

fn lesser(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// Lets units of an item be taken, 1, 2, 4, … at once: each number up to the most is a sum of these. Where
/// units cost more than their prices each number is one by itself.
fn take(item: &Kept, inside: &mut [f64], from: &mut [f64], next: &mut Vec<f64>) {
    if !item.beyond.is_empty() {
        let before = from.to_vec();
        for units in 1..=item.most {
            take_at_once(item, units, &before, next);
            keep_less(inside, from, next);
        }
        return;
    }
    let mut left = item.most;
    let mut count = 1;
    while left > 0 {
        let units = count.min(left);
        left -= units;
        count *= 2;
        take_at_once(item, units, from, next);
        keep_less(inside, from, next);
    }
}

/// What it costs if so many units are taken.
fn take_at_once(item: &Kept, units: usize, from: &[f64], next: &mut Vec<f64>) {
    let cost = item.cost(units);
    let covers = (item.covers * units).min(from.len() - 1);
    next.clear();
    // From here the units cover all that is left.
    next.resize(covers, from[0] + cost);
    next.extend(from[..from.len() - covers].iter().map(|from| from + cost));
}

fn keep_less(inside: &mut [f64], from: &mut [f64], next: &[f64]) {
    for ((inside, from), next) in inside.iter_mut().zip(from.iter_mut()).zip(next) {
        *inside = lesser(*inside, *next);
        *from = lesser(*from, *next);
    }
}

/// Items in the order of their costs, without those beside which others that are no dearer and cover no
/// less are enough for the whole demand.
fn keep_best(kept: &mut Vec<Kept>, carrier: &Carrier, prices: &Prices<'_>, demand: usize) {
    let items = carrier.items.iter().enumerate().map(|(number, item)| Kept {
        number,
        price: item.cost + prices.offers[item.offer],
        beyond: prices.beyond.get(&item.offer).cloned().unwrap_or_default(),
        covers: item.covers,
        most: item.most.min(demand.div_ceil(item.covers).max(1)),
    });
    let mut all: Vec<Kept> = items.collect();
    all.sort_by(|a, b| {
        a.price.total_cmp(&b.price).then(b.covers.cmp(&a.covers)).then(a.number.cmp(&b.number))
    });
    for item in all {
        let mut better = 0;
        for other in kept.iter().filter(|other| other.beyond.is_empty()) {
            let instead = item.covers.div_ceil(other.covers);
            if instead as f64 * other.price <= item.price && other.most >= instead {
                better += (other.most + 1 - instead) * other.covers;
            }
        }
        if better < demand.max(1) {
            kept.push(item);
        }
    }
}

/// What was chosen: cloud and item of the task, once for each unit.
pub(super) fn chosen(work: &Work, tables: &Tables) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut level, mut covered) = (work.min_clouds, work.demand);
    let mut index = work.clouds.len();
    let mut value = tables.best[level][covered];
    while index > 0 && (level > 0 || covered > 0) {
        index -= 1;
        let stage = &tables.stages[index];
        if stage.before[level][covered] <= value || stage.items.is_empty() {
            continue;
        }
        let mut inside = value;
        for place in (0..stage.items.len()).rev() {
            let without = place.checked_sub(1).map(|last| stage.inside[level][last][covered]);
            if without.is_some_and(|without| without <= inside) {
                continue;
            }
            let item = &stage.items[place];
            let Some(step) = stage.step(level, covered, inside, place) else { return found };
            for _ in 0..step.count {
                found.push((index, item.number));
            }
            covered = covered.saturating_sub(item.covers * step.count);
            if let Some(before) = step.before {
                level = before;
                break;
            }
            inside = step.value;
        }
        value = stage.before[level][covered];
    }
    found
}

/// Units of one item.
struct Step {
    count: usize,
    /// What was there before costs that much.
    value: f64,
    /// If they are the cloud's first: how many clouds before them.
    before: Option<usize>,
}

impl Stage {
    /// Which units of an item led to a value.
    fn step(&self, level: usize, covered: usize, value: f64, place: usize) -> Option<Step> {
        let is_last = level + 1 == self.inside.len();
        let item = &self.items[place];
        let mut nearest: Option<(f64, Step)> = None;
        // Sums come out the same up to rounding only.
        let mut offer = |start: f64, count: usize, before: Option<usize>| {
            let away = (start + item.cost(count) - value).abs();
            if start.is_finite() && nearest.as_ref().is_none_or(|(known, _)| away < *known) {
                nearest = Some((away, Step { count, value: start, before }));
            }
        };
        for count in 1..=item.most {
            let from = covered.saturating_sub(item.covers * count);
            offer(self.before[level - 1][from] + self.fixed, count, Some(level - 1));
            if is_last {
                offer(self.before[level][from] + self.fixed, count, Some(level));
            }
            if place > 0 {
                offer(self.inside[level][place - 1][from], count, None);
            }
            if from == 0 {
                break;
            }
        }
        nearest.map(|(_, step)| step)
    }
}
