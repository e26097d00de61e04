//! The least cost by trying everything, in whole numbers: it shares no code with the solver or with
//! what verifies its solutions.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::{Offer, Problem, Task};

/// All amounts in hundredths.
fn hundredths(amount: Decimal) -> i64 {
    let scaled = amount * Decimal::ONE_HUNDRED;
    assert!(scaled.fract().is_zero(), "{amount} has more than two places");
    scaled.to_i64().expect("small")
}

/// A count to be tried.
struct Slot<'a> {
    cloud: usize,
    offer_index: usize,
    offer: &'a Offer,
    /// Tasks with what a unit covers, in hundredths.
    serves: Vec<(usize, i64)>,
    headroom: bool,
    most: i64,
}

/// Everything in the form that is tried.
struct Oracle<'a> {
    problem: &'a Problem,
    clouds: Vec<&'a str>,
    tasks: Vec<(&'a str, &'a Task)>,
    slots: Vec<Slot<'a>>,
}

/// The least cost in hundredths of a cent; none if nothing is a solution.
pub(super) fn least_cost(problem: &Problem) -> Option<i64> {
    let oracle = Oracle::new(problem);
    let mut best: Option<i64> = None;
    let mut counts = vec![0_i64; oracle.slots.len()];
    loop {
        if let Some(cost) = oracle.cost(&counts) {
            best = Some(best.map_or(cost, |best| best.min(cost)));
        }
        let mut at = 0;
        loop {
            let Some(count) = counts.get_mut(at) else {
                let most = problem.budget.map(|budget| hundredths(budget) * 100);
                return best.filter(|best| most.is_none_or(|most| *best <= most));
            };
            if *count < oracle.slots[at].most {
                *count += 1;
                break;
            }
            *count = 0;
            at += 1;
        }
    }
}

/// How many combinations there are.
pub(super) fn combinations(problem: &Problem) -> u64 {
    let slots = Oracle::new(problem).slots;
    slots.iter().fold(1, |all, slot| all * (u64::try_from(slot.most).expect("small") + 1))
}

impl<'a> Oracle<'a> {
    fn new(problem: &'a Problem) -> Self {
        let clouds = problem.clouds.keys().map(String::as_str).collect();
        let needs = |task: &Task| {
            task.demand > Decimal::ZERO
                || task.max_demand.is_some_and(|most| most > Decimal::ZERO)
                || task.needs.values().any(|need| *need > Decimal::ZERO)
        };
        let tasks: Vec<(&str, &Task)> = problem
            .tasks
            .iter()
            .filter(|(_, task)| needs(task))
            .map(|(name, task)| (name.as_str(), task))
            .collect();
        let mut slots = Vec::new();
        let mut offer_index = 0;
        for (cloud, (cloud_name, own)) in problem.clouds.iter().enumerate() {
            for offer in own.offers.values() {
                let most = i64::try_from(offer.quota.expect("all have one")).expect("small");
                let fits = |(index, (name, task)): (usize, &(&str, &Task))| {
                    let serves = fits(name, task, cloud_name, own, offer)?;
                    Some((index, serves))
                };
                let serves: Vec<(usize, i64)> = tasks.iter().enumerate().filter_map(fits).collect();
                let slot =
                    |serves, headroom| Slot { cloud, offer_index, offer, serves, headroom, most };
                if offer.shared && !serves.is_empty() {
                    slots.push(slot(serves, false));
                } else {
                    for one in serves {
                        slots.push(slot(vec![one], false));
                        if tasks[one.0].1.max_demand.is_some() {
                            slots.push(slot(vec![one], true));
                        }
                    }
                }
                offer_index += 1;
            }
        }
        Self { problem, clouds, tasks, slots }
    }

    /// What these counts cost, if they are a solution.
    fn cost(&self, counts: &[i64]) -> Option<i64> {
        let mut used: BTreeMap<usize, Used<'_>> = BTreeMap::new();
        let mut in_use = vec![false; self.clouds.len()];
        let mut of_cloud: BTreeMap<(usize, &str), i64> = BTreeMap::new();
        for (slot, count) in self.slots.iter().zip(counts).filter(|(_, count)| **count > 0) {
            in_use[slot.cloud] = true;
            let share = if slot.headroom {
                hundredths(self.tasks[slot.serves[0].0].1.headroom)
            } else {
                100
            };
            let entry = used.entry(slot.offer_index).or_insert((0, slot.offer, Vec::new()));
            entry.0 += count;
            entry.2.push((share, *count));
            for resource in self.problem.clouds[self.clouds[slot.cloud]].quotas.keys() {
                let each = if resource == "units" { 100 } else { has(slot.offer, resource) };
                *of_cloud.entry((slot.cloud, resource)).or_default() += each * count;
            }
        }
        if used.values().any(|(count, offer, _)| {
            offer.quota.is_some_and(|quota| *count > i64::try_from(quota).expect("small"))
        }) {
            return None;
        }
        for ((cloud, resource), amount) in of_cloud {
            if amount > hundredths(self.problem.clouds[self.clouds[cloud]].quotas[resource]) {
                return None;
            }
        }
        let mut cost = 0;
        for (cloud, _) in in_use.iter().enumerate().filter(|(_, used)| **used) {
            cost += hundredths(self.problem.clouds[self.clouds[cloud]].activation_cost) * 100;
        }
        for (_, offer, mut parts) in used.into_values() {
            parts.sort_unstable_by(|a, b| b.cmp(a));
            let mut free = i64::try_from(offer.reserved).expect("small");
            for (share, count) in parts {
                let paid = (count - free).max(0);
                free = (free - count).max(0);
                cost += paid * share * hundredths(offer.price) * 730;
            }
        }
        let carriers: Vec<BTreeSet<usize>> =
            (0..self.tasks.len()).map(|task| self.carried(task, counts)).collect::<Option<_>>()?;
        cost += self.company(&carriers)?;
        Some(cost + self.egress(&carriers))
    }

    /// The clouds that carry a task, if its own constraints are kept.
    fn carried(&self, task: usize, counts: &[i64]) -> Option<BTreeSet<usize>> {
        let own = self.tasks[task].1;
        let mut base = vec![0; self.clouds.len()];
        let mut all = vec![0; self.clouds.len()];
        let (mut firm, mut carriers, mut any) = (0, BTreeSet::new(), BTreeSet::new());
        let mut needs: BTreeMap<&str, i64> = BTreeMap::new();
        for (slot, count) in self.slots.iter().zip(counts).filter(|(_, count)| **count > 0) {
            let Some((_, serves)) = slot.serves.iter().find(|(other, _)| *other == task) else {
                continue;
            };
            any.insert(slot.cloud);
            all[slot.cloud] += serves * count;
            if slot.headroom {
                continue;
            }
            base[slot.cloud] += serves * count;
            carriers.insert(slot.cloud);
            firm += if slot.offer.spot { 0 } else { serves * count };
            for resource in own.needs.keys() {
                *needs.entry(resource).or_default() += has(slot.offer, resource) * count;
            }
        }
        let demand = hundredths(own.demand);
        let most = own.max_demand.map_or(demand, |most| hundredths(most).max(demand));
        let share = hundredths(own.max_share);
        let within = |parts: &[i64]| {
            let sum: i64 = parts.iter().sum();
            parts.iter().all(|part| part * 100 <= share * sum)
        };
        let good = base.iter().sum::<i64>() >= demand
            && all.iter().sum::<i64>() >= most
            && carriers == any
            && carriers.len() as u64 >= own.min_clouds
            && within(&base)
            && within(&all)
            && firm * 100 >= hundredths(own.min_on_demand) * demand
            && own.needs.iter().all(|(resource, need)| {
                needs.get(resource.as_str()).copied().unwrap_or(0) >= hundredths(*need)
            });
        good.then_some(carriers)
    }

    /// Switching, if tasks that must or must not be together are so.
    fn company(&self, carriers: &[BTreeSet<usize>]) -> Option<i64> {
        let mut left = 0;
        for (index, (name, task)) in self.tasks.iter().enumerate() {
            for (other, (other_name, _)) in self.tasks.iter().enumerate() {
                let is_in = |names: &[String]| names.iter().any(|name| name == other_name);
                let meets = carriers[index].intersection(&carriers[other]).next().is_some();
                if is_in(&task.apart_from) && meets
                    || is_in(&task.together_with) && carriers[index] != carriers[other]
                {
                    return None;
                }
            }
            let before = self.problem.prior.iter().flatten();
            let before = before.filter(|(prior, _)| prior == name).flat_map(|(_, units)| units);
            let clouds: BTreeSet<usize> = before
                .filter_map(|((cloud, _), _)| self.clouds.iter().position(|name| name == cloud))
                .filter(|cloud| {
                    self.slots.iter().any(|slot| {
                        slot.cloud == *cloud && slot.serves.iter().any(|(task, _)| *task == index)
                    })
                })
                .collect();
            left += clouds.difference(&carriers[index]).count();
        }
        Some(i64::try_from(left).expect("small") * hundredths(self.problem.switch_cost) * 100)
    }

    fn egress(&self, carriers: &[BTreeSet<usize>]) -> i64 {
        let mut volumes: BTreeMap<&str, i64> = BTreeMap::new();
        let mut cost = 0;
        for ((_, task), own) in self.tasks.iter().zip(carriers) {
            for data in &task.data {
                let readers = own.iter().filter(|cloud| self.clouds[**cloud] != data.cloud).count();
                let volume = hundredths(data.gib_per_month) * i64::try_from(readers).expect("few");
                match data.price_per_gib {
                    Some(price) => cost += volume * hundredths(price),
                    None => *volumes.entry(&data.cloud).or_default() += volume,
                }
            }
        }
        for (cloud, volume) in volumes {
            let tiers = self.problem.egress.get(cloud).map_or(&[][..], Vec::as_slice);
            let mut start = 0;
            for (index, tier) in tiers.iter().enumerate() {
                let last = index + 1 == tiers.len();
                let end = tier.up_to_gib.filter(|_| !last).map_or(i64::MAX, hundredths);
                cost += (volume.min(end) - start).max(0) * hundredths(tier.price_per_gib);
                start = end;
            }
        }
        cost
    }
}

fn has(offer: &Offer, resource: &str) -> i64 {
    offer.provides.get(resource).copied().map_or(0, hundredths)
}

/// What a unit covers, in hundredths, if the task may use the offer.
fn fits(
    name: &str,
    task: &Task,
    cloud_name: &str,
    cloud: &crate::Cloud,
    offer: &Offer,
) -> Option<i64> {
    let allowed = |list: &Option<Vec<String>>, value: &str| {
        list.as_ref().is_none_or(|list| list.iter().any(|one| one == value))
    };
    let region = offer.region.as_deref().unwrap_or(&cloud.region);
    let residency = offer.residency.as_deref().or(cloud.residency.as_deref());
    let near = match (&task.from, task.max_latency_ms) {
        (Some(from), Some(most)) => {
            let time = offer.latency_ms.get(from).or(cloud.latency_ms.get(from));
            time.is_some_and(|time| *time <= most) || (time.is_none() && from == region)
        }
        _ => true,
    };
    let good = allowed(&task.clouds, cloud_name)
        && allowed(&task.regions, region)
        && (task.residency.is_none() || allowed(&task.residency, residency.unwrap_or("nowhere")))
        && task.requires.iter().all(|(resource, least)| has(offer, resource) >= hundredths(*least))
        && near
        && offer.interruption_rate <= task.max_interruption
        && offer.quota != Some(0);
    let serves = offer.serves.get(name).copied().or(task.throughput).map_or(0, hundredths);
    let gives =
        task.needs.iter().any(|(resource, need)| *need > Decimal::ZERO && has(offer, resource) > 0);
    (good && (serves > 0 || gives)).then_some(serves)
}

/// An offer in use: its units, and of whose share how many.
type Used<'a> = (i64, &'a Offer, Vec<(i64, i64)>);
