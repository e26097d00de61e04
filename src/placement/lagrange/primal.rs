//! Solutions: tasks take what is cheapest for them of what is left, one after another; then each in
//! turn is taken out and placed anew.

use super::knapsack::{NOTHING, Prices, Tables, cheapest, chosen};
use super::{Carrier, Item, Split, Work};
use crate::solution::Units;

/// What is taken so far.
pub(super) struct State<'a> {
    split: &'a Split,
    pub units: Units,
    left: Vec<f64>,
    /// How many tasks use each cloud.
    users: Vec<u32>,
    /// USD a month by task, without activation.
    costs: Vec<f64>,
    tables: Tables,
}

/// A solution by prices of quotas, in the given order of tasks; none if it does not come out.
pub(super) fn construct(
    split: &Split,
    order: &[usize],
    offers: &[f64],
    passes: usize,
) -> Option<(Units, f64)> {
    let mut state = State::new(split);
    for &task in order {
        let plan = state.plan(task, offers)?;
        state.take(task, &plan);
    }
    let none = vec![0.0; split.quotas.len()];
    for _ in 0..passes {
        let mut improved = false;
        for &task in order {
            improved |= state.improve(task, &none);
        }
        if !improved {
            break;
        }
    }
    let cost = split.cost(&state.units);
    Some((state.units, cost))
}

/// Units by column.
pub(super) type Plan = Vec<(usize, u64)>;

impl<'a> State<'a> {
    /// Nothing is taken.
    pub(super) fn new(split: &'a Split) -> Self {
        Self {
            split,
            units: vec![0; split.columns],
            left: split.quotas.clone(),
            users: vec![0; split.activation.len()],
            costs: vec![0.0; split.tasks.len()],
            tables: Tables::default(),
        }
    }

    /// A cloud that is in use whatever else is taken.
    pub(super) fn open(&mut self, cloud: usize) {
        self.users[cloud] += 1;
    }

    /// Whether what is left is enough for a plan.
    pub(super) fn fits(&self, plan: &Plan, task: usize) -> bool {
        let work = &self.split.tasks[task];
        plan.iter().all(|(column, count)| {
            let place = self.split.places[*column];
            let offer = work.clouds[place.carrier].items[place.item].offer;
            self.left[offer] >= *count as f64
        })
    }

    /// USD a month.
    pub(super) fn total(&self) -> f64 {
        let open = self.users.iter().zip(&self.split.activation).filter(|(users, _)| **users > 0);
        let activation: f64 = open.map(|(_, activation)| activation).sum();
        self.split.constant + activation + self.costs.iter().sum::<f64>()
    }

    /// The cheapest of what is left for a task. Where its best takes more of an offer than is left,
    /// that much is taken and the rest decided again.
    pub(super) fn plan(&mut self, task: usize, offers: &[f64]) -> Option<Plan> {
        let work = &self.split.tasks[task];
        let mut plan: Plan = Vec::new();
        let mut left = self.left.clone();
        let mut demand = work.demand;
        let mut covered = 0.0;
        let mut used: Vec<usize> = Vec::new();
        for _ in 0..64 {
            let rest = remaining(work, &left, demand, &used);
            let clouds: Vec<f64> = rest
                .clouds
                .iter()
                .map(|carrier| {
                    let is_open = self.users[carrier.cloud] > 0 || used.contains(&carrier.cloud);
                    if is_open { 0.0 } else { self.split.activation[carrier.cloud] }
                })
                .collect();
            let prices = Prices { offers, clouds: &clouds, beyond: &NOTHING };
            if !cheapest(&rest, &prices, &mut self.tables).is_finite() {
                return None;
            }
            let mut is_short = false;
            for (cloud, number) in chosen(&rest, &self.tables) {
                let carrier = &rest.clouds[cloud];
                let item = &carrier.items[number];
                if left[item.offer] < 1.0 {
                    is_short = true;
                    continue;
                }
                left[item.offer] -= 1.0;
                covered += item.serves;
                match plan.iter_mut().find(|(column, _)| *column == item.column) {
                    Some((_, count)) => *count += 1,
                    None => plan.push((item.column, 1)),
                }
                if !used.contains(&carrier.cloud) {
                    used.push(carrier.cloud);
                }
            }
            let open = 1.0 - covered;
            if open <= 1e-12 && used.len() >= work.min_clouds {
                return Some(trimmed(self.split, task, plan, covered));
            }
            let steps = (open.max(0.0) * work.demand as f64 - 1e-9).ceil().max(0.0) as usize;
            demand = steps.min(work.demand);
            if !is_short && demand == 0 && used.len() >= work.min_clouds {
                // Rounding left a little open: one step more.
                demand = 1;
            }
        }
        None
    }

    pub(super) fn take(&mut self, task: usize, plan: &Plan) {
        self.change(task, plan, true);
    }

    pub(super) fn change(&mut self, task: usize, plan: &Plan, is_taken: bool) {
        let sign = if is_taken { 1.0 } else { -1.0 };
        let work = &self.split.tasks[task];
        for (column, count) in plan {
            let place = self.split.places[*column];
            let item = &work.clouds[place.carrier].items[place.item];
            self.left[item.offer] -= sign * *count as f64;
            self.units[*column] = if is_taken { *count } else { 0 };
        }
        for cloud in clouds(self.split, task, plan) {
            if is_taken {
                self.users[cloud] += 1;
            } else {
                self.users[cloud] -= 1;
            }
        }
        self.costs[task] = if is_taken { cost(self.split, task, plan) } else { 0.0 };
    }

    /// Takes a task out and places it anew, if that costs less.
    fn improve(&mut self, task: usize, none: &[f64]) -> bool {
        let work = &self.split.tasks[task];
        let items = work.clouds.iter().flat_map(|carrier| &carrier.items);
        let before: Plan = items
            .map(|item| (item.column, self.units[item.column]))
            .filter(|(_, count)| *count > 0)
            .collect();
        let paid = self.costs[task];
        self.change(task, &before, false);
        let opened = |state: &Self, plan: &Plan| {
            let fresh = clouds(state.split, task, plan).into_iter();
            let fresh = fresh.filter(|cloud| state.users[*cloud] == 0);
            fresh.map(|cloud| state.split.activation[cloud]).sum::<f64>()
        };
        let paid = paid + opened(self, &before);
        if let Some(plan) = self.plan(task, none) {
            let now = cost(self.split, task, &plan) + opened(self, &plan);
            if now < paid - 1e-9 {
                self.take(task, &plan);
                return true;
            }
        }
        self.take(task, &before);
        false
    }
}

/// Units that are not needed in the end, the dearest first.
fn trimmed(split: &Split, task: usize, mut plan: Plan, mut covered: f64) -> Plan {
    let work = &split.tasks[task];
    let mut order: Vec<(f64, usize, f64)> = plan
        .iter()
        .enumerate()
        .map(|(index, (column, _))| {
            let place = split.places[*column];
            let item = &work.clouds[place.carrier].items[place.item];
            (item.cost, index, item.serves)
        })
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, index, serves) in order {
        while plan[index].1 > 1 && covered - serves >= 1.0 - 1e-12 {
            plan[index].1 -= 1;
            covered -= serves;
        }
    }
    plan
}

/// The task with what is left of its offers and its demand.
fn remaining(work: &Work, left: &[f64], demand: usize, used: &[usize]) -> Work {
    let clouds = work.clouds.iter().filter_map(|carrier| {
        let items: Vec<Item> = carrier
            .items
            .iter()
            .filter(|item| left[item.offer] >= 1.0)
            .map(|item| Item {
                column: item.column,
                offer: item.offer,
                cost: item.cost,
                most: left[item.offer].min(item.most as f64) as usize,
                // Rounded down, so that what it says is covered is.
                covers: (item.serves * work.demand as f64 + 1e-9).floor() as usize,
                serves: item.serves,
            })
            .filter(|item| item.covers > 0)
            .collect();
        let fixed = if used.contains(&carrier.cloud) { 0.0 } else { carrier.fixed };
        (!items.is_empty()).then_some(Carrier { cloud: carrier.cloud, fixed, items })
    });
    let fresh: Vec<Carrier> = clouds.collect();
    let missing = work.min_clouds.saturating_sub(used.len());
    if missing > 0 {
        // Only clouds that are not used yet count towards the least number.
        let (own, mut others): (Vec<Carrier>, Vec<Carrier>) =
            fresh.into_iter().partition(|carrier| used.contains(&carrier.cloud));
        if others.is_empty() {
            others = own;
        }
        return Work { demand, is_exact: work.is_exact, min_clouds: missing, clouds: others };
    }
    Work { demand, is_exact: work.is_exact, min_clouds: 1, clouds: fresh }
}

/// Clouds of a task's plan, in order.
fn clouds(split: &Split, task: usize, plan: &Plan) -> Vec<usize> {
    let work = &split.tasks[task];
    let mut clouds: Vec<usize> =
        plan.iter().map(|(column, _)| work.clouds[split.places[*column].carrier].cloud).collect();
    clouds.sort_unstable();
    clouds.dedup();
    clouds
}

/// USD a month, without activation.
fn cost(split: &Split, task: usize, plan: &Plan) -> f64 {
    let work = &split.tasks[task];
    let mut used: Vec<usize> = Vec::with_capacity(4);
    let mut cost = 0.0;
    for (column, count) in plan {
        let place = split.places[*column];
        let carrier = &work.clouds[place.carrier];
        cost += carrier.items[place.item].cost * *count as f64;
        if !used.contains(&place.carrier) {
            used.push(place.carrier);
            cost += carrier.fixed;
        }
    }
    cost
}
