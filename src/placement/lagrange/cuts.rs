//! Cuts: what a quota lets through in whole units. A mixture of plans can take seven tenths of one plan's
//! three units and half of another's four out of five; whole plans cannot. For each offer the cut is
//! sought that a mixture breaks most, among all that any whole use of the offer keeps.

use std::collections::BTreeMap;

use highs::{Col, HighsModelStatus, Model, RowProblem, Sense, SolvedModel};

use super::Split;
use super::plans::{Taken, offers};
use crate::side_by_side::side_by_side;

/// Quotas that are larger round little away.
const LARGEST: f64 = 200.0;

/// How far a mixture has to be beyond a cut, as a part of what it lets through.
const BROKEN: f64 = 1e-3;

/// Smaller parts of a plan in a mixture are none.
const PART: f64 = 1e-6;

/// A cut is taken that is broken by this part of the most that any could be.
const ENOUGH: f64 = 0.7;

/// Most rounds in the search for one cut, and uses of its offer that are looked at in each.
const ROUNDS: usize = 100;
const USES: usize = 4;

/// By task: the weight of 0, 1, 2, … units of an offer; more units never weigh less.
type Weights = BTreeMap<usize, Vec<f64>>;

/// The sum over tasks of the weights of their units of the offer is at most `most`, for all whole uses of
/// the offer within its quota.
pub(super) struct Cut {
    pub offer: usize,
    pub most: f64,
    pub weights: Weights,
}

impl Cut {
    /// The weight of a plan.
    pub(super) fn weight(&self, split: &Split, plan: &Taken) -> f64 {
        let Some(weights) = self.weights.get(&plan.task) else { return 0.0 };
        let units = offers(split, plan).find(|(offer, _)| *offer == self.offer);
        units.map_or(0.0, |(_, count)| at(weights, count as usize))
    }
}

/// What so many units weigh or cost, by a table of 0, 1, 2, … units that ends where more make no difference.
pub(super) fn at(table: &[f64], count: usize) -> f64 {
    table.get(count).or(table.last()).copied().unwrap_or(0.0)
}

/// By task: parts of a mixture by how many units of one offer they take.
type Parts = BTreeMap<usize, BTreeMap<usize, f64>>;

/// The cuts that a mixture breaks: for each offer the one that it breaks most.
pub(super) fn broken<'a>(
    split: &Split,
    mixture: impl Iterator<Item = (&'a Taken, f64)>,
) -> Vec<Cut> {
    let mut parts: BTreeMap<usize, Parts> = BTreeMap::new();
    for (plan, part) in mixture.filter(|(_, part)| *part > PART) {
        for (offer, count) in
            offers(split, plan).filter(|(offer, _)| split.quotas[*offer] <= LARGEST)
        {
            let own = parts.entry(offer).or_default().entry(plan.task).or_default();
            *own.entry(count as usize).or_default() += part;
        }
    }
    let parts: Vec<(usize, Parts)> = parts.into_iter().collect();
    let found =
        side_by_side(&parts, split.threads, |(offer, parts)| most_broken(split, *offer, parts));
    found.into_iter().flatten().collect()
}

/// Cuts of one offer are linear programs, too: the weights under which the mixture is heaviest, where no
/// whole use weighs more than 1. Uses that do are asked for one by one.
fn most_broken(split: &Split, offer: usize, parts: &Parts) -> Option<Cut> {
    let quota = split.quotas[offer] as usize;
    let most = |own: &BTreeMap<usize, f64>| own.keys().next_back().copied().unwrap_or(0);
    let is_mixed = parts.values().flat_map(BTreeMap::values).any(|part| *part < 1.0 - PART);
    if !is_mixed || parts.values().map(most).sum::<usize>() <= quota {
        return None;
    }
    let steps = steps(parts);
    let mut problem = RowProblem::default();
    let columns: Vec<Col> =
        steps.iter().map(|step| problem.add_column(step.part, 0.0..=1.0)).collect();
    let mut model = problem.try_optimise(Sense::Maximise).ok()?;
    model.make_quiet();
    model.set_option("threads", 1);
    model.set_option("presolve", "off");
    for _ in 0..ROUNDS {
        let (solved, heaviness) = solved(model)?;
        if heaviness <= 1.0 + BROKEN {
            return None;
        }
        let gains = solved.get_solution().columns().to_vec();
        let stairs = stairs(&steps, &gains);
        let (heaviest, uses) = heaviest(&stairs, quota);
        let heaviest = heaviest.max(1.0);
        if heaviness / heaviest - 1.0 >= ENOUGH * (heaviness - 1.0) {
            return Some(lifted(split, offer, &stairs, heaviest));
        }
        model = solved.into();
        for mut counts in uses {
            fill(&mut counts, &steps, quota);
            let taken =
                steps.iter().zip(&columns).filter(|(step, _)| counts[&step.task] >= step.count);
            model.try_add_row(..=1.0, taken.map(|(_, column)| (*column, 1.0))).ok()?;
        }
    }
    None
}

fn solved(model: Model) -> Option<(SolvedModel, f64)> {
    let solved = model.try_solve().ok()?;
    let value = solved.objective_value();
    (solved.status() == HighsModelStatus::Optimal).then_some((solved, value))
}

/// So many units of a task or more, and the part of the mixture that takes them.
struct Step {
    task: usize,
    count: usize,
    part: f64,
}

fn steps(parts: &Parts) -> Vec<Step> {
    let of_task = parts.iter().flat_map(|(task, own)| {
        own.keys().map(|count| Step {
            task: *task,
            count: *count,
            part: own.range(count..).map(|(_, part)| part).sum(),
        })
    });
    of_task.collect()
}

/// By task: from how many units on they weigh how much, in order.
type Stairs = BTreeMap<usize, Vec<(usize, f64)>>;

fn stairs(steps: &[Step], gains: &[f64]) -> Stairs {
    let mut stairs = Stairs::new();
    for (step, gain) in steps.iter().zip(gains) {
        let own = stairs.entry(step.task).or_default();
        let before = own.last().map_or(0.0, |(_, weight)| *weight);
        own.push((step.count, before + gain.max(0.0)));
    }
    stairs
}

/// How many units each task has.
type Counts = BTreeMap<usize, usize>;

/// What is left of the quota goes to steps that come next, the largest parts of the mixture first.
fn fill(counts: &mut Counts, steps: &[Step], quota: usize) {
    let mut left = quota - counts.values().sum::<usize>();
    let mut order: Vec<&Step> = steps.iter().collect();
    order.sort_by(|a, b| b.part.total_cmp(&a.part));
    for step in order {
        let own = counts.entry(step.task).or_default();
        if step.count > *own && step.count - *own <= left {
            left -= step.count - *own;
            *own = step.count;
        }
    }
}

/// The most that all units of the offer can weigh, and uses that weigh more than 1, the heaviest first.
fn heaviest(stairs: &Stairs, quota: usize) -> (f64, Vec<Counts>) {
    let mut stages = vec![vec![0.0; quota + 1]];
    for own in stairs.values() {
        stages.push(with(&stages[stages.len() - 1], own.iter().copied()));
    }
    let last = &stages[stairs.len()];
    let mut uses = Vec::new();
    for units in (0..=quota).rev().take_while(|units| last[*units] > 1.0 + 1e-7) {
        if units < quota && last[units] >= last[units + 1] {
            continue;
        }
        uses.push(counts(stairs, &stages, units));
        if uses.len() == USES {
            break;
        }
    }
    (last[quota], uses)
}

/// A use of so many units that weighs the most.
fn counts(stairs: &Stairs, stages: &[Vec<f64>], units: usize) -> Counts {
    let mut left = units;
    let mut counts = Counts::new();
    for (index, (task, own)) in stairs.iter().enumerate().rev() {
        let before = &stages[index];
        let mut best = (before[left], 0);
        for (count, weight) in own.iter().filter(|(count, _)| *count <= left) {
            if before[left - count] + weight > best.0 {
                best = (before[left - count] + weight, *count);
            }
        }
        counts.insert(*task, best.1);
        left -= best.1;
    }
    counts
}

/// The most that 0, 1, 2, … units weigh, with one more task.
fn with(before: &[f64], weights: impl Iterator<Item = (usize, f64)>) -> Vec<f64> {
    let mut most = before.to_vec();
    for (count, weight) in weights.filter(|(count, _)| *count < before.len()) {
        for (most, before) in most[count..].iter_mut().zip(before) {
            *most = most.max(before + weight);
        }
    }
    most
}

/// The cut with as much weight as can be for the tasks that have none yet, one after another.
fn lifted(split: &Split, offer: usize, stairs: &Stairs, most: f64) -> Cut {
    let quota = split.quotas[offer] as usize;
    let mut room = vec![0.0; quota + 1];
    let mut weights = Weights::new();
    for (task, own) in stairs.iter().filter(|(_, own)| own.iter().any(|(_, weight)| *weight > 0.0))
    {
        room = with(&room, own.iter().copied());
        let mut table = vec![0.0; quota + 1];
        for (count, weight) in own.iter().filter(|(count, _)| *count <= quota) {
            table[*count..].fill(*weight);
        }
        weights.insert(*task, table);
    }
    for (task, work) in split.tasks.iter().enumerate() {
        let mut items = work.clouds.iter().flat_map(|carrier| &carrier.items);
        if weights.contains_key(&task) || !items.any(|item| item.offer == offer) {
            continue;
        }
        let own: Vec<f64> = room.iter().rev().map(|room| (most - room).max(0.0)).collect();
        if own[quota] > 1e-9 {
            room = with(&room, own.iter().copied().enumerate());
            weights.insert(task, own);
        }
    }
    Cut { offer, most, weights }
}

#[cfg(test)]
mod tests {
    use super::super::{Carrier, Item, Work, places};
    use super::*;

    /// One offer that four tasks can use.
    fn split(quota: usize) -> Split {
        let item =
            |column| Item { column, offer: 0, cost: 1.0, most: quota, covers: 1, serves: 0.1 };
        let work = |column| Work {
            demand: 10,
            is_exact: true,
            min_clouds: 1,
            clouds: vec![Carrier { cloud: 0, fixed: 0.0, items: vec![item(column)] }],
        };
        let tasks: Vec<Work> = (0..4).map(work).collect();
        Split {
            places: places(&tasks, 4),
            threads: 1,
            tasks,
            quotas: vec![quota as f64],
            activation: vec![0.0],
            columns: 4,
            constant: 0.0,
        }
    }

    fn weight(cut: &Cut, counts: [usize; 4]) -> f64 {
        (0..4).map(|task| cut.weights.get(&task).map_or(0.0, |own| at(own, counts[task]))).sum()
    }

    #[test]
    fn two_plans_that_exclude_each_other_have_one_part_together() {
        let taken = |task: usize, count| Taken { task, units: vec![(task, count)], cost: 0.0 };
        let mixture = [(taken(0, 3), 0.7), (taken(1, 4), 0.5)];
        let mixture = || mixture.iter().map(|(plan, part)| (plan, *part));
        let cuts = broken(&split(5), mixture());
        assert_eq!(cuts.len(), 1);
        assert!((weight(&cuts[0], [3, 0, 0, 0]) - cuts[0].most).abs() < 1e-6);
        assert!((weight(&cuts[0], [0, 4, 0, 0]) - cuts[0].most).abs() < 1e-6);
        // With seven units both can be had.
        assert!(broken(&split(7), mixture()).is_empty());
    }

    #[test]
    fn cuts_are_broken_by_the_mixture_and_kept_by_every_whole_use() {
        let mut seed = 3_u64;
        let mut below = |limit: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % limit
        };
        let mut found = 0;
        for round in 0..300 {
            let quota = 2 + below(6);
            let mut mixture = Vec::new();
            for task in 0..2 + below(3) {
                // Two plans and nothing, in tenths.
                let (first, second) = (1 + below(quota), 1 + below(quota));
                let part = below(11);
                let rest = below(11 - part);
                for (count, part) in [(first, part), (second, rest)] {
                    let plan = Taken { task, units: vec![(task, count as u64)], cost: 0.0 };
                    mixture.push((plan, part as f64 / 10.0));
                }
            }
            let split = split(quota);
            let Some(cut) = broken(&split, mixture.iter().map(|(p, part)| (p, *part))).pop() else {
                continue;
            };
            found += 1;
            let of_mixture: f64 =
                mixture.iter().map(|(plan, part)| part * cut.weight(&split, plan)).sum();
            assert!(of_mixture > cut.most * (1.0 + BROKEN / 2.0), "round {round}");
            for code in 0..(quota + 1).pow(4) {
                let digit = |place: u32| code / (quota + 1).pow(place) % (quota + 1);
                let counts = [digit(0), digit(1), digit(2), digit(3)];
                if counts.iter().sum::<usize>() <= quota {
                    let weight = weight(&cut, counts);
                    assert!(weight <= cut.most + 1e-9, "round {round}: {counts:?} {weight}");
                }
            }
        }
        assert!(found > 50, "{found}");
    }
}
