//! All plans of a task that cost at most so much at given prices.

use super::cuts::at;
use super::knapsack::Prices;
use super::{Split, Work};

/// An offer of the task, with what a unit costs and takes.
struct Choice<'a> {
    carrier: usize,
    column: usize,
    price: f64,
    /// What 0, 1, 2, … units cost beyond that; empty for most.
    beyond: &'a [f64],
    /// For the first unit in its cloud.
    fixed: f64,
    /// Whether being there is worth something.
    is_worth: bool,
    covers: usize,
    most: u64,
}

impl Choice<'_> {
    fn cost(&self, units: u64) -> f64 {
        self.price * units as f64 + at(self.beyond, units as usize)
    }
}

/// Least costs of what is still open, by choice, whether its cloud is used already, clouds that are
/// missing and demand that is left.
struct Rest {
    costs: Vec<f64>,
    levels: usize,
    demand: usize,
}

impl Rest {
    fn at(&self, choice: usize, is_used: bool, missing: usize, open: usize) -> usize {
        ((2 * choice + usize::from(is_used)) * self.levels + missing) * (self.demand + 1) + open
    }

    /// With one unit or more of a choice, where the next is in the same cloud or not.
    fn taken(&self, index: usize, choice: &Choice<'_>, same: bool, rest: (usize, usize)) -> f64 {
        let (missing, open) = rest;
        let each = (1..=choice.most).map(|units| {
            let left = open.saturating_sub(choice.covers * units as usize);
            choice.cost(units) + self.costs[self.at(index + 1, same, missing, left)]
        });
        each.fold(f64::INFINITY, f64::min)
    }

    fn new(work: &Work, choices: &[Choice<'_>]) -> Self {
        let (levels, demand) = (work.min_clouds + 1, work.demand);
        let size = 2 * (choices.len() + 1) * levels * (demand + 1);
        let mut rest = Self { costs: vec![f64::INFINITY; size], levels, demand };
        for is_used in [false, true] {
            let done = rest.at(choices.len(), is_used, 0, 0);
            rest.costs[done] = 0.0;
        }
        for (index, choice) in choices.iter().enumerate().rev() {
            let next = choices.get(index + 1);
            let same = next.is_some_and(|next| next.carrier == choice.carrier);
            for missing in 0..levels {
                for open in 0..=demand {
                    let left = open.saturating_sub(choice.covers);
                    let skip = rest.costs[rest.at(index + 1, same, missing, open)];
                    let more = if !choice.beyond.is_empty() {
                        rest.taken(index, choice, same, (missing, open))
                    } else if open > 0 {
                        choice.price + rest.costs[rest.at(index, true, missing, left)]
                    } else {
                        f64::INFINITY
                    };
                    let own = rest.at(index, true, missing, open);
                    rest.costs[own] = skip.min(more);
                }
            }
            for missing in 0..levels {
                for open in 0..=demand {
                    let left = open.saturating_sub(choice.covers);
                    let skip = rest.costs[rest.at(index + 1, false, missing, open)];
                    let fewer = missing.saturating_sub(1);
                    let taken = if choice.beyond.is_empty() {
                        choice.price + rest.costs[rest.at(index, true, fewer, left)]
                    } else {
                        rest.taken(index, choice, same, (fewer, open))
                    };
                    let first = choice.fixed + taken;
                    let own = rest.at(index, false, missing, open);
                    rest.costs[own] = skip.min(first);
                }
            }
        }
        rest
    }
}

struct Walk<'a> {
    work: &'a Work,
    choices: &'a [Choice<'a>],
    rest: &'a Rest,
    limit: f64,
    taken: Vec<(usize, u64)>,
    found: Vec<Vec<(usize, u64)>>,
    most: usize,
}

/// Every plan that costs no more than `dearest` at the prices and from which no unit can be left out, as
/// units by column; none if there are more than `most`.
pub(super) fn every(
    split: &Split,
    task: usize,
    prices: &Prices<'_>,
    dearest: f64,
    most: usize,
) -> Option<Vec<Vec<(usize, u64)>>> {
    let work = &split.tasks[task];
    let mut choices = Vec::new();
    for (carrier, own) in work.clouds.iter().enumerate() {
        let fixed = own.fixed + prices.clouds[carrier];
        if fixed == f64::INFINITY {
            continue;
        }
        for item in &own.items {
            choices.push(Choice {
                carrier,
                column: item.column,
                price: item.cost + prices.offers[item.offer],
                beyond: prices.beyond.get(&item.offer).map_or(&[], Vec::as_slice),
                fixed,
                is_worth: own.fixed < 0.0,
                covers: item.covers,
                most: item.most as u64,
            });
        }
    }
    let rest = Rest::new(work, &choices);
    let mut walk = Walk {
        work,
        choices: &choices,
        rest: &rest,
        limit: dearest + 1e-9 * dearest.abs(),
        taken: Vec::new(),
        found: Vec::new(),
        most,
    };
    let is_whole = walk.go(0, false, work.min_clouds, work.demand, 0.0);
    let mut found = walk.found;
    for units in &mut found {
        units.sort_unstable();
    }
    is_whole.then_some(found)
}

impl Walk<'_> {
    /// Whether there were not too many.
    fn go(&mut self, at: usize, is_used: bool, missing: usize, open: usize, paid: f64) -> bool {
        if paid + self.rest.costs[self.rest.at(at, is_used, missing, open)] > self.limit {
            return true;
        }
        let Some(choice) = self.choices.get(at) else {
            if self.is_least() {
                let units = self.taken.iter();
                let units = units.map(|(index, count)| (self.choices[*index].column, *count));
                self.found.push(units.collect());
            }
            return self.found.len() <= self.most;
        };
        let same = self.choices.get(at + 1).is_some_and(|next| next.carrier == choice.carrier);
        if !self.go(at + 1, same && is_used, missing, open, paid) {
            return false;
        }
        let (mut missing, mut open) = (missing, open);
        let before = if is_used { paid } else { paid + choice.fixed };
        self.taken.push((at, 0));
        for count in 1..=choice.most {
            if count == 1 && !is_used {
                missing = missing.saturating_sub(1);
            } else if open == 0 {
                break;
            }
            let paid = before + choice.cost(count);
            open = open.saturating_sub(choice.covers);
            let is_linear = choice.beyond.is_empty();
            let rest = self.rest.costs[self.rest.at(at, true, missing, open)];
            if is_linear && paid + rest > self.limit {
                // More units cost more; beyond their price a second can cost less than a first.
                break;
            }
            if let Some(last) = self.taken.last_mut() {
                last.1 = count;
            }
            if !self.go(at + 1, same, missing, open, paid) {
                return false;
            }
        }
        self.taken.pop();
        true
    }

    /// Whether no unit can be left out.
    fn is_least(&self) -> bool {
        let mut here = vec![0; self.work.clouds.len()];
        let mut covered = 0;
        for (index, count) in &self.taken {
            here[self.choices[*index].carrier] += count;
            covered += self.choices[*index].covers * *count as usize;
        }
        let used = here.iter().filter(|count| **count > 0).count();
        self.taken.iter().all(|(index, _)| {
            let choice = &self.choices[*index];
            let is_needed_there =
                here[choice.carrier] == 1 && (used <= self.work.min_clouds || choice.is_worth);
            covered < self.work.demand + choice.covers || is_needed_there
        })
    }
}
