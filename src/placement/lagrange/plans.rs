//! Plans of tasks: what one task takes, and all that have been met.

use std::collections::BTreeSet;

use super::Split;
use super::cuts::Cut;
use crate::solution::Units;

/// What a task takes.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub task: usize,
    /// By column, in order.
    pub units: Vec<(usize, u64)>,
    /// USD a month, without activation.
    pub cost: f64,
}

/// What a plan takes, by offer.
pub(super) fn offers<'a>(
    split: &'a Split,
    plan: &'a Taken,
) -> impl Iterator<Item = (usize, u64)> + 'a {
    plan.units.iter().map(|(column, count)| {
        let place = split.places[*column];
        let offer = split.tasks[plan.task].clouds[place.carrier].items[place.item].offer;
        (offer, *count)
    })
}

/// Plans that have been met, each once, and cuts that mixtures of them have broken.
#[derive(Default)]
pub(super) struct Pool {
    pub plans: Vec<Taken>,
    pub cuts: Vec<Cut>,
    seen: BTreeSet<Vec<(usize, u64)>>,
}

impl Pool {
    /// Takes over a plan, if it is new and can be had.
    pub(super) fn add(&mut self, split: &Split, task: usize, units: Vec<(usize, u64)>) -> bool {
        if !split.covers(task, &units) || !self.seen.insert(units.clone()) {
            return false;
        }
        let cost = split.cost_of(task, &units);
        self.plans.push(Taken { task, units, cost });
        true
    }

    /// Takes over what each task has in a solution.
    pub(super) fn add_solution(&mut self, split: &Split, units: &Units) {
        for (task, work) in split.tasks.iter().enumerate() {
            let columns = work.clouds.iter().flat_map(|carrier| &carrier.items);
            let mut own: Vec<(usize, u64)> = columns
                .map(|item| (item.column, units[item.column]))
                .filter(|(_, count)| *count > 0)
                .collect();
            own.sort_unstable();
            self.add(split, task, own);
        }
    }
}

/// Cloud and item of the task, once for each unit, as units by column.
pub(super) fn counted(split: &Split, task: usize, chosen: &[(usize, usize)]) -> Vec<(usize, u64)> {
    let clouds = &split.tasks[task].clouds;
    let mut columns: Vec<usize> =
        chosen.iter().map(|(cloud, number)| clouds[*cloud].items[*number].column).collect();
    columns.sort_unstable();
    let mut units: Vec<(usize, u64)> = Vec::new();
    for column in columns {
        match units.last_mut() {
            Some((last, count)) if *last == column => *count += 1,
            _ => units.push((column, 1)),
        }
    }
    units
}

impl Split {
    /// Clouds of the task, by their places in its list, that units of these columns are in.
    pub(super) fn carriers(&self, units: &[(usize, u64)]) -> Vec<usize> {
        let mut used: Vec<usize> =
            units.iter().map(|(column, _)| self.places[*column].carrier).collect();
        used.sort_unstable();
        used.dedup();
        used
    }

    /// Whether the units are a solution for the task alone.
    fn covers(&self, task: usize, units: &[(usize, u64)]) -> bool {
        let work = &self.tasks[task];
        let mut covered = 0.0;
        for (column, count) in units {
            let place = self.places[*column];
            let item = &work.clouds[place.carrier].items[place.item];
            if *count as f64 > self.quotas[item.offer] {
                return false;
            }
            covered += item.serves * *count as f64;
        }
        covered >= 1.0 - 1e-12 && self.carriers(units).len() >= work.min_clouds
    }

    /// USD a month for a task's units, without activation.
    fn cost_of(&self, task: usize, units: &[(usize, u64)]) -> f64 {
        let work = &self.tasks[task];
        let items = units.iter().map(|(column, count)| {
            let place = self.places[*column];
            work.clouds[place.carrier].items[place.item].cost * *count as f64
        });
        let fixed = self.carriers(units).into_iter().map(|carrier| work.clouds[carrier].fixed);
        items.sum::<f64>() + fixed.sum::<f64>()
    }
}
