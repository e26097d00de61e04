//! A solution checked and added up in exact decimals: the solver is not taken at its word.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::problem::tiered;
use crate::solution::Chosen;
use crate::{Assignment, CloudCost, HOURS_A_MONTH, Offer, Problem, Task, eligible};

/// What a solution means, if it keeps every constraint.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    pub cost: Decimal,
    pub assignments: BTreeMap<String, BTreeMap<(String, String), Assignment>>,
    pub clouds: BTreeMap<String, CloudCost>,
}

/// Demand covered in each cloud, with and without headroom, and by units that are not taken back.
#[derive(Default)]
struct Carried {
    covers: Decimal,
    at_most: Decimal,
    on_demand: Decimal,
}

/// Checks and adds up; none if a constraint is broken.
pub(crate) fn verify(problem: &Problem, chosen: &[Chosen]) -> Option<Verified> {
    let assignments = assign(problem, chosen)?;
    within_quotas(problem, chosen)?;
    let mut clouds = compute_costs(problem, chosen, &assignments)?;
    let mut carriers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, task) in problem.tasks.iter().filter(|(_, task)| task.is_demanding()) {
        let own = carried(problem, name, task, &assignments[name])?;
        if !keeps(problem, name, task, &own, &assignments[name]) {
            return None;
        }
        carriers.insert(name, own.into_keys().collect());
    }
    together(problem, &carriers)?;
    add_egress(problem, &carriers, &mut clouds);
    for (name, before) in problem.prior.iter().flatten() {
        let Some(task) = problem.tasks.get(name) else { continue };
        let now = carriers.get(name.as_str());
        let left: BTreeSet<&String> = before
            .iter()
            .filter(|((cloud, _), units)| **units > 0 && problem.clouds.contains_key(cloud))
            .map(|((cloud, _), _)| cloud)
            .filter(|cloud| !now.is_some_and(|now| now.contains(cloud.as_str())))
            .collect();
        // A cloud that can serve a task no longer is left whatever is decided.
        for cloud in left.into_iter().filter(|cloud| can_run(problem, name, task, cloud)) {
            clouds.entry(cloud.clone()).or_default().switching += problem.switch_cost;
        }
    }
    let cost = clouds.values().map(CloudCost::total).sum::<Decimal>().normalize();
    if problem.budget.is_some_and(|budget| cost > budget) {
        return None;
    }
    Some(Verified { cost, assignments, clouds })
}

fn offer<'a>(problem: &'a Problem, cloud: &str, offer: &str) -> Option<&'a Offer> {
    problem.clouds.get(cloud)?.offers.get(offer)
}

fn can_run(problem: &Problem, name: &str, task: &Task, cloud_name: &str) -> bool {
    let Some(cloud) = problem.clouds.get(cloud_name) else { return false };
    task.is_demanding()
        && cloud.offers.values().any(|offer| eligible(name, task, cloud_name, cloud, offer).is_ok())
}

type Assignments = BTreeMap<String, BTreeMap<(String, String), Assignment>>;

fn assign(problem: &Problem, chosen: &[Chosen]) -> Option<Assignments> {
    let mut assignments: Assignments =
        problem.tasks.keys().map(|task| (task.clone(), BTreeMap::new())).collect();
    for part in chosen.iter().filter(|part| part.units > 0) {
        let cloud = problem.clouds.get(&part.cloud)?;
        let offer = cloud.offers.get(&part.offer)?;
        if (!offer.shared && part.tasks.len() > 1) || (offer.shared && part.headroom) {
            return None;
        }
        for name in &part.tasks {
            let task = problem.tasks.get(name)?;
            let serves = eligible(name, task, &part.cloud, cloud, offer).ok()?;
            let key = (part.cloud.clone(), part.offer.clone());
            let entry = assignments.get_mut(name)?.entry(key).or_default();
            if part.headroom {
                entry.headroom_units += part.units;
            } else {
                entry.units += part.units;
                entry.covers += serves * Decimal::from(part.units);
            }
        }
    }
    Some(assignments)
}

fn within_quotas(problem: &Problem, chosen: &[Chosen]) -> Option<()> {
    let mut used: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for part in chosen {
        *used.entry((&part.cloud, &part.offer)).or_default() += part.units;
    }
    let mut of_cloud: BTreeMap<(&str, &str), Decimal> = BTreeMap::new();
    for ((cloud, name), count) in used {
        let offer = offer(problem, cloud, name)?;
        if offer.quota.is_some_and(|quota| count > quota) {
            return None;
        }
        for resource in problem.clouds.get(cloud)?.quotas.keys() {
            let each = amount(offer, resource);
            *of_cloud.entry((cloud, resource)).or_default() += each * Decimal::from(count);
        }
    }
    let fits = |((cloud, resource), used): (&(&str, &str), &Decimal)| {
        problem.clouds[*cloud].quotas.get(*resource).is_none_or(|quota| used <= quota)
    };
    of_cloud.iter().all(fits).then_some(())
}

/// What a unit takes of a cloud's quota.
pub(crate) fn amount(offer: &Offer, resource: &str) -> Decimal {
    match resource {
        "units" => Decimal::ONE,
        _ => offer.provides.get(resource).copied().unwrap_or_default(),
    }
}

/// Activation and units, where reserved units pay for the dearest use first.
fn compute_costs(
    problem: &Problem,
    chosen: &[Chosen],
    assignments: &Assignments,
) -> Option<BTreeMap<String, CloudCost>> {
    let mut clouds: BTreeMap<String, CloudCost> = BTreeMap::new();
    let mut uses: BTreeMap<(&str, &str), Vec<(Decimal, u64)>> = BTreeMap::new();
    for part in chosen.iter().filter(|part| part.units > 0) {
        let first = part.tasks.first()?;
        let share = if part.headroom { problem.tasks.get(first)?.headroom } else { Decimal::ONE };
        uses.entry((&part.cloud, &part.offer)).or_default().push((share, part.units));
    }
    for ((cloud_name, name), mut parts) in uses {
        let cloud = problem.clouds.get(cloud_name)?;
        let offer = cloud.offers.get(name)?;
        parts.sort_by_key(|(share, _)| std::cmp::Reverse(*share));
        let total = clouds.entry(cloud_name.to_owned()).or_insert_with(|| CloudCost {
            in_use: true,
            activation: cloud.activation_cost,
            ..CloudCost::default()
        });
        let mut free = offer.reserved;
        for (share, count) in parts {
            let paid = count - count.min(free);
            free -= count.min(free);
            total.compute += HOURS_A_MONTH * offer.price * share * Decimal::from(paid);
        }
    }
    debug_assert!(assignments.len() == problem.tasks.len());
    Some(clouds)
}

fn carried<'a>(
    problem: &Problem,
    name: &str,
    task: &Task,
    own: &'a BTreeMap<(String, String), Assignment>,
) -> Option<BTreeMap<&'a str, Carried>> {
    let mut by_cloud: BTreeMap<&str, Carried> = BTreeMap::new();
    for ((cloud_name, offer_name), assignment) in own {
        let cloud = problem.clouds.get(cloud_name)?;
        let offer = cloud.offers.get(offer_name)?;
        let serves = eligible(name, task, cloud_name, cloud, offer).ok()?;
        let carried = by_cloud.entry(cloud_name).or_default();
        carried.covers += assignment.covers;
        carried.at_most += assignment.covers + serves * Decimal::from(assignment.headroom_units);
        if !offer.spot {
            carried.on_demand += assignment.covers;
        }
    }
    Some(by_cloud)
}

/// Whether a task's own constraints are kept.
fn keeps(
    problem: &Problem,
    name: &str,
    task: &Task,
    by_cloud: &BTreeMap<&str, Carried>,
    own: &BTreeMap<(String, String), Assignment>,
) -> bool {
    let sum = |part: fn(&Carried) -> Decimal| by_cloud.values().map(part).sum::<Decimal>();
    let (covers, at_most) = (sum(|c| c.covers), sum(|c| c.at_most));
    // Headroom grows only where the task runs.
    let runs = |cloud: &str| {
        own.iter().any(|((name, _), assignment)| name == cloud && assignment.units > 0)
    };
    let has = |resource: &str| {
        let units = own.iter().filter_map(|((cloud, offer_name), assignment)| {
            let offer = offer(problem, cloud, offer_name)?;
            let each = offer.provides.get(resource).copied().unwrap_or_default();
            Some(each * Decimal::from(assignment.units))
        });
        units.sum::<Decimal>()
    };
    debug_assert!(problem.tasks.contains_key(name));
    covers >= task.demand
        && at_most >= task.most_demand()
        && by_cloud.len() as u64 >= task.min_clouds
        && by_cloud.keys().all(|cloud| runs(cloud))
        && by_cloud.values().all(|own| own.covers <= task.max_share * covers)
        && by_cloud.values().all(|own| own.at_most <= task.max_share * at_most)
        && sum(|c| c.on_demand) >= task.min_on_demand * task.demand
        && task.needs.iter().all(|(resource, need)| has(resource) >= *need)
}

fn together(problem: &Problem, carriers: &BTreeMap<&str, BTreeSet<&str>>) -> Option<()> {
    let keeps = |(name, own): (&&str, &BTreeSet<&str>)| {
        let task = &problem.tasks[*name];
        let of = |other: &String| carriers.get(other.as_str());
        let apart = task.apart_from.iter().filter_map(of).all(|other| own.is_disjoint(other));
        apart && task.together_with.iter().filter_map(of).all(|other| own == other)
    };
    carriers.iter().all(keeps).then_some(())
}

/// Data pays once for each other cloud that reads it.
fn add_egress(
    problem: &Problem,
    carriers: &BTreeMap<&str, BTreeSet<&str>>,
    clouds: &mut BTreeMap<String, CloudCost>,
) {
    let mut volumes: BTreeMap<&str, Decimal> = BTreeMap::new();
    for (name, own) in carriers {
        for data in &problem.tasks[*name].data {
            let readers = own.iter().filter(|cloud| **cloud != data.cloud).count() as u64;
            let volume = data.gib_per_month * Decimal::from(readers);
            match data.price_per_gib {
                Some(price) if readers > 0 => {
                    clouds.entry(data.cloud.clone()).or_default().egress += volume * price;
                }
                Some(_) => (),
                None => *volumes.entry(&data.cloud).or_default() += volume,
            }
        }
    }
    for (cloud, volume) in volumes {
        let tiers = problem.egress.get(cloud).map_or(&[][..], Vec::as_slice);
        let cost = tiered(tiers, volume);
        if !cost.is_zero() {
            clouds.entry(cloud.to_owned()).or_default().egress += cost;
        }
    }
}

/// What each task's units cost at full price, for the assignments.
pub(crate) fn price_assignments(problem: &Problem, verified: &mut Verified) {
    let mut free: BTreeMap<(String, String), u64> = BTreeMap::new();
    for (name, own) in &mut verified.assignments {
        for (key, assignment) in own.iter_mut() {
            let Some(offer) = offer(problem, &key.0, &key.1) else { continue };
            let free = free.entry(key.clone()).or_insert(offer.reserved);
            let paid = assignment.units - assignment.units.min(*free);
            // A shared unit is used by all its tasks; its reservation is not used up by the first.
            if !offer.shared {
                *free -= assignment.units.min(*free);
            }
            let month = HOURS_A_MONTH * offer.price;
            let share = problem.tasks[name].headroom;
            let spare = Decimal::from(assignment.headroom_units) * share;
            assignment.monthly_cost = (month * (Decimal::from(paid) + spare)).normalize();
        }
    }
}

#[cfg(test)]
mod tests;
