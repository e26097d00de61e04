//! Parts of a problem that have nothing to do with each other.
//!
//! Two tasks belong together if they may use the same scarce thing: an offer with a quota, units that
//! are shared or reserved, a cloud that costs something to be in use or has quotas, egress with tiers,
//! or each other's company.

use std::collections::BTreeMap;

use crate::{Problem, Task, eligible};

/// The parts, each a problem of its own, in the order of their first tasks.
pub(crate) fn components(problem: &Problem) -> Vec<Problem> {
    let demanding: Vec<(&String, &Task)> =
        problem.tasks.iter().filter(|(_, task)| task.is_demanding()).collect();
    if demanding.len() < 2 {
        return vec![problem.clone()];
    }
    let mut sets = Sets { parent: (0..demanding.len()).collect() };
    for (cloud_name, cloud) in &problem.clouds {
        let mut of_cloud = None;
        let is_scarce = !cloud.activation_cost.is_zero() || !cloud.quotas.is_empty();
        for offer in cloud.offers.values() {
            let mut of_offer = None;
            for (index, (name, task)) in demanding.iter().enumerate() {
                if eligible(name, task, cloud_name, cloud, offer).is_err() {
                    continue;
                }
                if is_scarce {
                    sets.join(index, *of_cloud.get_or_insert(index));
                } else if offer.quota.is_some() || offer.shared || offer.reserved > 0 {
                    sets.join(index, *of_offer.get_or_insert(index));
                }
            }
        }
    }
    join_by_name(problem, &demanding, &mut sets);
    split(problem, &demanding, &mut sets)
}

fn join_by_name(problem: &Problem, demanding: &[(&String, &Task)], sets: &mut Sets) {
    let mut sources: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, (_, task)) in demanding.iter().enumerate() {
        for other in task.apart_from.iter().chain(&task.together_with) {
            if let Some(other) = demanding.iter().position(|(name, _)| *name == other) {
                sets.join(index, other);
            }
        }
        for data in task.data.iter().filter(|data| data.price_per_gib.is_none()) {
            if problem.egress.get(&data.cloud).is_some_and(|tiers| tiers.len() > 1) {
                sets.join(index, *sources.entry(&data.cloud).or_insert(index));
            }
        }
    }
}

fn split(problem: &Problem, demanding: &[(&String, &Task)], sets: &mut Sets) -> Vec<Problem> {
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..demanding.len() {
        let root = sets.root(index);
        parts.entry(root).or_default().push(index);
    }
    if parts.len() < 2 {
        return vec![problem.clone()];
    }
    let mut problems = Vec::with_capacity(parts.len());
    for members in parts.into_values() {
        let tasks: BTreeMap<String, Task> = members
            .iter()
            .map(|index| (demanding[*index].0.clone(), demanding[*index].1.clone()))
            .collect();
        problems.push(Problem {
            clouds: of_use(problem, &tasks),
            tasks,
            budget: None,
            switch_cost: problem.switch_cost,
            prior: problem.prior.clone(),
            egress: problem.egress.clone(),
        });
    }
    problems
}

/// Clouds with what some of the tasks can use; nothing else need be copied.
fn of_use(problem: &Problem, tasks: &BTreeMap<String, Task>) -> BTreeMap<String, crate::Cloud> {
    let mut clouds = BTreeMap::new();
    for (cloud_name, cloud) in &problem.clouds {
        let usable = cloud.offers.iter().filter(|(_, offer)| {
            tasks.iter().any(|(name, task)| eligible(name, task, cloud_name, cloud, offer).is_ok())
        });
        let offers: BTreeMap<_, _> =
            usable.map(|(name, offer)| (name.clone(), offer.clone())).collect();
        // Clouds that a task runs in now matter even if nothing there can be had.
        clouds.insert(cloud_name.clone(), crate::Cloud { offers, ..without_offers(cloud) });
    }
    clouds
}

fn without_offers(cloud: &crate::Cloud) -> crate::Cloud {
    crate::Cloud {
        region: cloud.region.clone(),
        residency: cloud.residency.clone(),
        activation_cost: cloud.activation_cost,
        quotas: cloud.quotas.clone(),
        latency_ms: cloud.latency_ms.clone(),
        offers: BTreeMap::new(),
    }
}

/// Disjoint sets; the root of a set is its smallest member.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn root(&mut self, mut index: usize) -> usize {
        while self.parent[index] != index {
            self.parent[index] = self.parent[self.parent[index]];
            index = self.parent[index];
        }
        index
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::{Cloud, Offer};

    fn parts(change: impl Fn(&mut Problem)) -> Vec<Vec<String>> {
        let task = Task { demand: Decimal::ONE, throughput: Some(Decimal::ONE), ..Task::default() };
        let cloud = |offer: &str| Cloud {
            offers: [(offer.to_owned(), Offer::default())].into(),
            ..Cloud::default()
        };
        let mut problem = Problem {
            clouds: [("a".to_owned(), cloud("x")), ("b".to_owned(), cloud("y"))].into(),
            tasks: ["t1", "t2", "t3"].map(|name| (name.to_owned(), task.clone())).into(),
            ..Problem::default()
        };
        change(&mut problem);
        let names = |part: Problem| part.tasks.into_keys().collect();
        components(&problem).into_iter().map(names).collect()
    }

    #[test]
    fn tasks_are_apart_unless_something_scarce_joins_them() {
        assert_eq!(parts(|_| ()), [["t1"], ["t2"], ["t3"]]);
        let task = |p: &mut Problem, name: &str, change: fn(&mut Task)| {
            change(p.tasks.get_mut(name).expect("a task"));
        };
        let with_quota = parts(|p| {
            let cloud = p.clouds.get_mut("a").expect("a cloud");
            cloud.offers.get_mut("x").expect("an offer").quota = Some(5);
            task(p, "t2", |t| t.clouds = Some(vec!["b".to_owned()]));
        });
        assert_eq!(with_quota, [vec!["t1", "t3"], vec!["t2"]]);
        let activated =
            parts(|p| p.clouds.get_mut("a").expect("a cloud").activation_cost = Decimal::TEN);
        assert_eq!(activated, [["t1", "t2", "t3"]]);
        let apart = parts(|p| task(p, "t3", |t| t.apart_from = vec!["t1".to_owned()]));
        assert_eq!(apart, [vec!["t1", "t3"], vec!["t2"]]);
    }
}
