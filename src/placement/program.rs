//! A problem as indices and columns: what is eligible, without what is never better.
//!
//! A column is a whole number that the solver chooses: units of an offer for a task, units of a shared
//! offer for all, or units that are kept as headroom. Offers of a cloud that differ in nothing are one
//! here, and are told apart again when a solution is written down.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::eligibility::eligible;
use crate::{Cloud, HOURS_A_MONTH, Offer, Problem, Task};

/// A problem with its columns.
#[derive(Clone)]
pub(crate) struct Program<'a> {
    pub problem: &'a Problem,
    /// By name.
    pub clouds: Vec<(&'a str, &'a Cloud)>,
    /// Tasks that need something, by name.
    pub tasks: Vec<(&'a str, &'a Task)>,
    pub offers: Vec<OfferGroup<'a>>,
    pub columns: Vec<Column>,
    /// How many columns there were before any was left out.
    pub ranks: usize,
    /// Columns of each task, and of each offer group.
    pub of_task: Vec<Vec<usize>>,
    pub of_offer: Vec<Vec<usize>>,
    /// Clouds where each task could run, in order; also those whose columns have been left out since.
    could_run: Vec<Vec<usize>>,
}

/// Offers of one cloud that differ in nothing but their names.
#[derive(Clone)]
pub(crate) struct OfferGroup<'a> {
    pub cloud: usize,
    /// By name.
    pub members: Vec<(&'a str, &'a Offer)>,
    pub offer: &'a Offer,
    /// Most units of all members; none: no limit.
    pub quota: Option<u64>,
    /// USD a unit and month.
    pub price: Decimal,
}

/// A whole number to be chosen.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub offer: usize,
    pub cloud: usize,
    /// Tasks with what a unit covers of each.
    pub serves: Vec<(usize, Decimal)>,
    /// Whether the units are headroom, for which only a part of the price is paid.
    pub headroom: bool,
    /// USD a unit and month.
    pub price: Decimal,
    /// More units than that are never of use, or cannot be had.
    pub most: u64,
    /// More units than that are never of use.
    pub wanted: u64,
    /// Its place among all columns, by the names of cloud, offer and task.
    pub rank: usize,
}

/// A column by names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    cloud: String,
    offer: String,
    tasks: Vec<String>,
    headroom: bool,
}

/// Units where no limit makes sense of more.
const NO_LIMIT: u64 = 1 << 40;

/// How many times a balanced coverage may exceed the demand where shares are limited.
const SHARE_ROOM: i64 = 10;

impl<'a> Program<'a> {
    /// The program of a problem that has been checked.
    pub(crate) fn new(problem: &'a Problem) -> Self {
        let clouds: Vec<(&str, &Cloud)> =
            problem.clouds.iter().map(|(name, cloud)| (name.as_str(), cloud)).collect();
        let demanding = problem.tasks.iter().filter(|(_, task)| task.is_demanding());
        let tasks: Vec<(&str, &Task)> =
            demanding.map(|(name, task)| (name.as_str(), task)).collect();
        let mut program = Program {
            problem,
            clouds,
            offers: Vec::new(),
            columns: Vec::new(),
            ranks: 0,
            of_task: vec![Vec::new(); tasks.len()],
            of_offer: Vec::new(),
            could_run: Vec::new(),
            tasks,
        };
        let served = program.group_offers();
        let largest = program.largest(&served);
        for (offer, serves) in served.iter().enumerate() {
            program.add_columns(offer, serves, &largest);
        }
        for (rank, column) in program.columns.iter_mut().enumerate() {
            column.rank = rank;
        }
        program.ranks = program.columns.len();
        program.drop_dominated();
        program.index();
        program.could_run = (0..program.tasks.len()).map(|task| program.clouds(task)).collect();
        program
    }

    /// Groups of offers that differ in nothing, each with what it serves.
    fn group_offers(&mut self) -> Vec<Vec<(usize, Decimal)>> {
        let mut served: Vec<Vec<(usize, Decimal)>> = Vec::new();
        for (cloud_index, &(cloud_name, cloud)) in self.clouds.iter().enumerate() {
            let mut groups: BTreeMap<String, usize> = BTreeMap::new();
            for (name, offer) in &cloud.offers {
                let tasks = self.tasks.iter().enumerate();
                let serves: Vec<(usize, Decimal)> = tasks
                    .filter_map(|(index, (task_name, task))| {
                        let serves = eligible(task_name, task, cloud_name, cloud, offer).ok()?;
                        Some((index, serves))
                    })
                    .collect();
                if serves.is_empty() {
                    continue;
                }
                let key = format!(
                    "{} {} {} {:?} {serves:?}",
                    offer.price.normalize(),
                    offer.shared,
                    offer.spot,
                    offer.provides
                );
                let same = groups.get(&key).copied().filter(|_| offer.reserved == 0);
                if let Some(index) = same {
                    let group: &mut OfferGroup<'_> = &mut self.offers[index];
                    group.members.push((name, offer));
                    group.quota = group.quota.zip(offer.quota).map(|(all, own)| all + own);
                    continue;
                }
                if offer.reserved == 0 {
                    groups.insert(key, self.offers.len());
                }
                self.offers.push(OfferGroup {
                    cloud: cloud_index,
                    members: vec![(name, offer)],
                    offer,
                    quota: offer.quota,
                    price: HOURS_A_MONTH * offer.price,
                });
                served.push(serves);
            }
        }
        served
    }

    /// What the largest unit covers of each task.
    fn largest(&self, served: &[Vec<(usize, Decimal)>]) -> Vec<Decimal> {
        let mut largest = vec![Decimal::ZERO; self.tasks.len()];
        for (task, serves) in served.iter().flatten() {
            largest[*task] = largest[*task].max(*serves);
        }
        largest
    }

    fn add_columns(&mut self, offer: usize, serves: &[(usize, Decimal)], largest: &[Decimal]) {
        let group = &self.offers[offer];
        let quota = group.quota.unwrap_or(NO_LIMIT);
        let most = |(task, serves): &(usize, Decimal), headroom: bool| {
            let task_of = self.tasks[*task].1;
            most_units(task_of, *serves, largest[*task], group.offer, headroom)
        };
        let column = |serves: Vec<(usize, Decimal)>, headroom: bool, share: Decimal| {
            // Units that are shared are there for growth as well.
            let grows = headroom || group.offer.shared;
            let wanted = serves.iter().map(|one| most(one, grows)).max().unwrap_or(0);
            let price = group.price * share;
            let (cloud, most) = (group.cloud, wanted.min(quota));
            Column { offer, cloud, serves, headroom, price, most, wanted, rank: 0 }
        };
        let mut columns = Vec::new();
        if group.offer.shared {
            columns.push(column(serves.to_vec(), false, Decimal::ONE));
        } else {
            for one in serves {
                let task = self.tasks[one.0].1;
                columns.push(column(vec![*one], false, Decimal::ONE));
                if task.most_demand() > task.demand && one.1 > Decimal::ZERO {
                    columns.push(column(vec![*one], true, task.headroom));
                }
            }
        }
        self.columns.extend(columns.into_iter().filter(|column| column.most > 0));
    }

    /// Leaves out columns beside which another in the same cloud costs no more, covers no less, and
    /// is never short.
    fn drop_dominated(&mut self) {
        let mut wanted = vec![0_u64; self.offers.len()];
        for column in &self.columns {
            wanted[column.offer] = wanted[column.offer].saturating_add(column.wanted);
        }
        let never_short =
            |offer: usize| self.offers[offer].quota.is_none_or(|quota| quota >= wanted[offer]);
        let mut plenty: BTreeMap<(usize, usize, bool), Vec<usize>> = BTreeMap::new();
        let key = |column: &Column| match column.serves.as_slice() {
            [(task, _)] if !self.offers[column.offer].offer.shared => {
                Some((*task, column.cloud, column.headroom))
            }
            _ => None,
        };
        for (index, column) in self.columns.iter().enumerate() {
            if let Some(key) = key(column)
                && never_short(column.offer)
            {
                plenty.entry(key).or_default().push(index);
            }
        }
        let is_dominated = |index: usize| {
            let column = &self.columns[index];
            let Some(key) = key(column) else { return false };
            let task = self.tasks[key.0].1;
            if task.max_share < Decimal::ONE {
                return false;
            }
            let rivals = plenty.get(&key).into_iter().flatten();
            rivals.copied().any(|rival| rival != index && self.is_better(rival, index, task))
        };
        let kept: Vec<bool> = (0..self.columns.len()).map(|index| !is_dominated(index)).collect();
        let mut kept = kept.into_iter();
        self.columns.retain(|_| kept.next().unwrap_or(true));
    }

    /// Whether a column is as good as another in every respect, and named first where in all alike.
    fn is_better(&self, rival: usize, other: usize, task: &Task) -> bool {
        let (a, b) = (&self.columns[rival], &self.columns[other]);
        let (own, rest) = (self.offers[a.offer].offer, self.offers[b.offer].offer);
        if rest.reserved > 0 || (own.spot && !rest.spot && task.min_on_demand > Decimal::ZERO) {
            return false;
        }
        let amount = |offer: &Offer, resource: &str| {
            if resource == "units" {
                return Decimal::ONE;
            }
            offer.provides.get(resource).copied().unwrap_or_default()
        };
        let quotas = &self.clouds[a.cloud].1.quotas;
        let takes_less = quotas.keys().all(|name| amount(own, name) <= amount(rest, name));
        let gives_more = task.needs.keys().all(|name| amount(own, name) >= amount(rest, name));
        let (serves, less) = (a.serves[0].1, b.serves[0].1);
        let as_good = a.price <= b.price && serves >= less && takes_less && gives_more;
        let same = a.price == b.price
            && serves == less
            && own.spot == rest.spot
            && quotas.keys().all(|name| amount(own, name) == amount(rest, name))
            && task.needs.keys().all(|name| amount(own, name) == amount(rest, name));
        as_good && (!same || rival < other)
    }

    /// Leaves out columns.
    pub(crate) fn keep(&mut self, kept: &[bool]) {
        let mut kept = kept.iter();
        self.columns.retain(|_| kept.next().copied().unwrap_or(true));
        self.index();
    }

    fn index(&mut self) {
        for own in &mut self.of_task {
            own.clear();
        }
        self.of_offer = vec![Vec::new(); self.offers.len()];
        for (index, column) in self.columns.iter().enumerate() {
            self.of_offer[column.offer].push(index);
            for (task, _) in &column.serves {
                self.of_task[*task].push(index);
            }
        }
    }

    /// What tells a column from all others, also in a part of the problem.
    pub(crate) fn identity(&self, column: &Column) -> Identity {
        let group = &self.offers[column.offer];
        Identity {
            cloud: self.clouds[column.cloud].0.to_owned(),
            offer: group.members[0].0.to_owned(),
            tasks: column.serves.iter().map(|(task, _)| self.tasks[*task].0.to_owned()).collect(),
            headroom: column.headroom,
        }
    }

    /// Whether a task ran in a cloud before.
    pub(crate) fn ran(&self, task: usize, cloud: usize) -> bool {
        let prior = self.problem.prior.as_ref().and_then(|prior| prior.get(self.tasks[task].0));
        prior.is_some_and(|units| {
            units.iter().any(|((name, _), count)| *count > 0 && name == self.clouds[cloud].0)
        })
    }

    /// Clouds where the task could run, in order.
    pub(crate) fn clouds_of(&self, task: usize) -> &[usize] {
        &self.could_run[task]
    }

    fn clouds(&self, task: usize) -> Vec<usize> {
        let mut clouds: Vec<usize> =
            self.of_task[task].iter().map(|column| self.columns[*column].cloud).collect();
        clouds.sort_unstable();
        clouds.dedup();
        clouds
    }
}

/// More units than that are never of use: they cover the demand and all needs alone.
fn most_units(
    task: &Task,
    serves: Decimal,
    largest: Decimal,
    offer: &Offer,
    headroom: bool,
) -> u64 {
    let demand = if headroom { task.most_demand() } else { task.demand };
    let reach = if task.max_share < Decimal::ONE {
        let share = task.max_share.min(Decimal::ONE - task.max_share);
        (task.most_demand() + largest) * Decimal::from(SHARE_ROOM) / share
    } else {
        demand
    };
    let units = |amount: Decimal, each: Decimal| {
        let exact = amount.checked_div(each).map(|units| units.ceil());
        exact.and_then(|units| units.to_u64()).unwrap_or(NO_LIMIT)
    };
    let of_needs = task.needs.iter().filter_map(|(resource, need)| {
        let each = offer.provides.get(resource).copied().unwrap_or_default();
        (each > Decimal::ZERO).then(|| units(*need, each))
    });
    let of_demand = if serves > Decimal::ZERO { units(reach, serves) } else { 1 };
    of_needs.max().unwrap_or(0).max(of_demand).clamp(1, NO_LIMIT)
}

/// A number for the solver.
pub(crate) fn float(amount: Decimal) -> f64 {
    amount.to_f64().unwrap_or(f64::MAX)
}

#[cfg(test)]
mod tests;
