//! What each task costs of the whole.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::Problem;
use crate::verify::Verified;

/// What a task costs a month, in USD. What tasks pay together is shared out equally.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskCost {
    /// For units; a shared offer's are shared out.
    pub compute: Decimal,
    /// Its share of clouds being in use.
    pub activation: Decimal,
    /// For its data that leaves clouds, at the average price of what leaves them.
    pub egress: Decimal,
    /// For clouds that it leaves.
    pub switching: Decimal,
}

pub(super) fn task_costs(problem: &Problem, verified: &Verified) -> BTreeMap<String, TaskCost> {
    let mut costs: BTreeMap<String, TaskCost> = BTreeMap::new();
    let mut users: BTreeMap<&str, u64> = BTreeMap::new();
    let mut sharers: BTreeMap<&(String, String), u64> = BTreeMap::new();
    for own in verified.assignments.values() {
        let mut clouds: Vec<&str> = own.keys().map(|(cloud, _)| cloud.as_str()).collect();
        clouds.dedup();
        for cloud in clouds {
            *users.entry(cloud).or_default() += 1;
        }
        for key in own.keys() {
            *sharers.entry(key).or_default() += 1;
        }
    }
    for (name, own) in &verified.assignments {
        let cost = costs.entry(name.clone()).or_default();
        let mut clouds: Vec<&str> = own.keys().map(|(cloud, _)| cloud.as_str()).collect();
        clouds.dedup();
        for (key, assignment) in own {
            let offer = problem.clouds.get(&key.0).and_then(|cloud| cloud.offers.get(&key.1));
            let is_shared = offer.is_some_and(|offer| offer.shared);
            let among = if is_shared { sharers[key] } else { 1 };
            cost.compute += assignment.monthly_cost / Decimal::from(among);
        }
        for cloud in &clouds {
            let activation = verified.clouds.get(*cloud).map_or(Decimal::ZERO, |c| c.activation);
            cost.activation += activation / Decimal::from(users[cloud]);
        }
        cost.egress = egress(problem, verified, name, &clouds);
        let before = problem.prior.as_ref().and_then(|prior| prior.get(name));
        let mut left: Vec<&String> = before
            .into_iter()
            .flatten()
            .filter(|((cloud, _), units)| **units > 0 && !clouds.contains(&cloud.as_str()))
            .map(|((cloud, _), _)| cloud)
            .collect();
        left.dedup();
        let counted = left.iter().filter(|cloud| {
            verified.clouds.get(**cloud).is_some_and(|cost| !cost.switching.is_zero())
        });
        cost.switching = problem.switch_cost * Decimal::from(counted.count() as u64);
        for part in [&mut cost.compute, &mut cost.activation, &mut cost.egress] {
            *part = part.round_dp(6).normalize();
        }
    }
    costs
}

/// A task's part of what leaves each cloud.
fn egress(problem: &Problem, verified: &Verified, name: &str, clouds: &[&str]) -> Decimal {
    let mut cost = Decimal::ZERO;
    for data in problem.tasks.get(name).into_iter().flat_map(|task| &task.data) {
        let readers = clouds.iter().filter(|cloud| **cloud != data.cloud).count() as u64;
        let volume = data.gib_per_month * Decimal::from(readers);
        cost += match data.price_per_gib {
            Some(price) => volume * price,
            None => volume * average(problem, verified, &data.cloud),
        };
    }
    cost
}

/// USD a GiB, on average, of what leaves a cloud at the cloud's own prices.
fn average(problem: &Problem, verified: &Verified, cloud: &str) -> Decimal {
    let (mut volume, mut priced) = (Decimal::ZERO, Decimal::ZERO);
    for (name, own) in &verified.assignments {
        let mut clouds: Vec<&str> = own.keys().map(|(cloud, _)| cloud.as_str()).collect();
        clouds.dedup();
        let data = problem.tasks.get(name).into_iter().flat_map(|task| &task.data);
        for data in data.filter(|data| data.cloud == cloud) {
            let readers = clouds.iter().filter(|other| **other != cloud).count() as u64;
            let own = data.gib_per_month * Decimal::from(readers);
            match data.price_per_gib {
                Some(price) => priced += own * price,
                None => volume += own,
            }
        }
    }
    let paid = verified.clouds.get(cloud).map_or(Decimal::ZERO, |cost| cost.egress) - priced;
    if volume.is_zero() { Decimal::ZERO } else { paid / volume }
}
