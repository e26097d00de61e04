//! A solution in whole numbers, checked and added up exactly: the solver is not taken at its word.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::model::Solution;
use crate::{Assignment, CloudCost, HOURS_A_MONTH, Problem};

/// What a solution means, if it keeps every constraint.
pub(crate) struct Verified {
    pub cost: Decimal,
    pub assignments: BTreeMap<String, BTreeMap<(String, String), Assignment>>,
    pub clouds: BTreeMap<String, CloudCost>,
}

/// Relative room for sums of decimal fractions in floating point.
const TOLERANCE: f64 = 1e-9;

/// Checks and adds up; none if a constraint is broken.
pub(crate) fn verify(problem: &Problem, solution: &Solution) -> Option<Verified> {
    let mut assignments: BTreeMap<String, BTreeMap<(String, String), Assignment>> =
        problem.tasks.keys().map(|task| (task.clone(), BTreeMap::new())).collect();
    let mut clouds: BTreeMap<String, CloudCost> = BTreeMap::new();
    let mut used: BTreeMap<(String, String), u64> = BTreeMap::new();
    for (units, count) in &solution.units {
        let cloud = problem.clouds.get(&units.cloud)?;
        let offer = cloud.offers.get(&units.offer)?;
        *used.entry((units.cloud.clone(), units.offer.clone())).or_default() += count;
        let monthly_cost = HOURS_A_MONTH * offer.price * Decimal::from(*count);
        let total = clouds.entry(units.cloud.clone()).or_insert_with(|| CloudCost {
            activation: cloud.activation_cost,
            ..CloudCost::default()
        });
        total.compute += monthly_cost;
        for (task, serves) in &units.serves {
            let assignment =
                Assignment { units: *count, covers: serves * *count as f64, monthly_cost };
            let key = (units.cloud.clone(), units.offer.clone());
            assignments.get_mut(task)?.insert(key, assignment);
        }
    }
    for ((cloud, offer), count) in &used {
        let quota = problem.clouds.get(cloud)?.offers.get(offer)?.quota;
        if quota.is_some_and(|quota| *count > quota) {
            return None;
        }
    }
    let mut switching = Decimal::ZERO;
    for (name, task) in &problem.tasks {
        let own = &assignments[name];
        let mut by_cloud: BTreeMap<&str, f64> = BTreeMap::new();
        for ((cloud, _), assignment) in own {
            *by_cloud.entry(cloud).or_default() += assignment.covers;
        }
        let covered: f64 = by_cloud.values().sum();
        let room = TOLERANCE * task.demand.max(1.0);
        let shares = by_cloud.values().all(|part| *part <= task.max_share * covered + room);
        let enough_clouds = by_cloud.len() as u64 >= task.min_clouds;
        if task.demand > 0.0 && !(covered + room >= task.demand && enough_clouds && shares) {
            return None;
        }
        for cloud in by_cloud.keys() {
            if let Some(total) = clouds.get_mut(*cloud) {
                total.egress += task.egress(cloud);
            }
        }
        let before = problem.prior.as_ref().and_then(|prior| prior.get(name));
        let left = before.into_iter().flatten().filter(|cloud| {
            problem.clouds.contains_key(*cloud) && !by_cloud.contains_key(cloud.as_str())
        });
        switching += problem.switch_cost * Decimal::from(left.count() as u64);
    }
    let parts = clouds.values().map(|cloud| cloud.activation + cloud.compute + cloud.egress);
    let cost = parts.sum::<Decimal>() + switching;
    if problem.budget.is_some_and(|budget| cost > budget) {
        return None;
    }
    Some(Verified { cost: cost.normalize(), assignments, clouds })
}
