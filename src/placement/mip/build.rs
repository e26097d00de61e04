//! Rows and columns. Constraints as docs/reference/placement.md numbers them.
//!
//! `x` units of a column; `y` whether a cloud is in use; `z` whether a cloud carries a task. `y` and
//! `z` are made only where something depends on them.

use std::collections::BTreeMap;
use std::f64::consts::SQRT_2;

use highs::{Col, RowProblem};
use rust_decimal::Decimal;

use super::egress::{add_tiers, linear_egress};
use crate::program::{Program, float};
use crate::verify::amount;

/// What is to be least.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal<'a> {
    /// Money.
    Cost,
    /// Nothing: any solution is as good.
    Any,
    /// Of all that cost no more: fewest moves, then fewest clouds, then the smallest names.
    Ties {
        /// USD a month.
        most: f64,
    },
    /// The sum of units, each column's by its weight, whatever they cost.
    Weighted(&'a [f64]),
    /// Demand of a task that is missed, whatever the rest costs.
    Missed(usize),
}

/// The program in rows.
pub(crate) struct Rows {
    pub problem: RowProblem,
    pub x: Vec<Col>,
    pub y: BTreeMap<usize, Col>,
    /// By cloud and task.
    pub z: BTreeMap<(usize, usize), Col>,
    /// Columns with their cost in USD a month.
    pub costs: Vec<(Col, f64)>,
    /// Cost that no decision changes.
    pub constant: f64,
    /// The part of a demand that is missed, where that is the goal.
    pub missed: Option<Col>,
    /// Columns that follow from others, with the rule.
    pub derived: Vec<(Col, Derived)>,
}

/// How a column follows from others, to complete a solution.
#[derive(Clone, Debug)]
pub(crate) enum Derived {
    /// Whether any of these columns is above 0.
    Any(Vec<usize>),
}

/// Room for floating point in rows that say how much a solution costs; USD.
const CENT: f64 = 1e-6;

pub(crate) fn build(program: &Program<'_>, goal: Goal<'_>) -> Rows {
    let mut rows = Rows {
        problem: RowProblem::default(),
        x: Vec::with_capacity(program.columns.len()),
        y: BTreeMap::new(),
        z: BTreeMap::new(),
        costs: Vec::new(),
        constant: 0.0,
        missed: None,
        derived: Vec::new(),
    };
    add_units(&mut rows, program);
    add_carriers(&mut rows, program, goal);
    add_clouds(&mut rows, program, goal);
    add_quotas(&mut rows, program);
    for task in 0..program.tasks.len() {
        add_task(&mut rows, program, task, goal);
    }
    add_company(&mut rows, program);
    add_tiers(&mut rows, program);
    let limit = match goal {
        Goal::Ties { most } => Some(most),
        Goal::Cost => None,
        _ => program.problem.budget.map(float),
    };
    if let Some(limit) = limit {
        let costs = rows.costs.clone();
        rows.problem.add_row(..=limit - rows.constant + CENT, costs);
    }
    if !matches!(goal, Goal::Cost) {
        for (column, _) in rows.costs.clone() {
            rows.problem.change_column_cost(column, 0.0);
        }
        set_goal(&mut rows, program, goal);
    }
    rows
}

fn add_units(rows: &mut Rows, program: &Program<'_>) {
    for column in &program.columns {
        let cost = float(column.price);
        let x = rows.problem.add_integer_column(cost, 0.0..=column.most as f64);
        rows.x.push(x);
        rows.costs.push((x, cost));
    }
    for (offer, columns) in program.of_offer.iter().enumerate() {
        let reserved = program.offers[offer].offer.reserved;
        if reserved == 0 || columns.is_empty() {
            continue;
        }
        let mut all = Vec::new();
        for index in columns {
            let cost = -float(program.columns[*index].price);
            let free = rows.problem.add_column(cost, 0.0..=reserved as f64);
            rows.costs.push((free, cost));
            rows.problem.add_row(..=0.0, [(free, 1.0), (rows.x[*index], -1.0)]);
            all.push((free, 1.0));
        }
        rows.problem.add_row(..=reserved as f64, all);
    }
}

/// `z`, where something depends on which clouds carry a task.
fn add_carriers(rows: &mut Rows, program: &Program<'_>, goal: Goal<'_>) {
    let apart: Vec<bool> = has_company(program);
    let switch = float(program.problem.switch_cost);
    for (task, (_, own)) in program.tasks.iter().enumerate() {
        for &cloud in program.clouds_of(task) {
            let ran = program.ran(task, cloud);
            let egress = linear_egress(program, task, cloud);
            let stays = if ran { switch } else { 0.0 };
            let is_needed = egress.linear != 0.0
                || egress.tiered
                || stays > 0.0
                || own.min_clouds > 1
                || apart[task]
                || own.most_demand() > own.demand
                || (ran && matches!(goal, Goal::Ties { .. }));
            rows.constant += stays;
            if !is_needed {
                continue;
            }
            let cost = egress.linear - stays;
            let z = rows.problem.add_integer_column(cost, 0..=1);
            rows.costs.push((z, cost));
            rows.z.insert((cloud, task), z);
            let here: Vec<usize> = program.of_task[task]
                .iter()
                .copied()
                .filter(|column| program.columns[*column].cloud == cloud)
                .collect();
            let base = here.iter().copied().filter(|column| !program.columns[*column].headroom);
            let base: Vec<usize> = base.collect();
            let is_wanted = stays > 0.0
                || own.min_clouds > 1
                || apart[task]
                || own.most_demand() > own.demand
                || matches!(goal, Goal::Ties { .. });
            if is_wanted {
                let mut row = vec![(z, 1.0)];
                row.extend(base.iter().map(|column| (rows.x[*column], -1.0)));
                rows.problem.add_row(..=0.0, row);
            }
            for column in &here {
                let most = program.columns[*column].most as f64;
                rows.problem.add_row(..=0.0, [(rows.x[*column], 1.0), (z, -most)]);
            }
            rows.derived.push((z, Derived::Any(base)));
        }
    }
}

/// Tasks that must or must not run where others do.
fn has_company(program: &Program<'_>) -> Vec<bool> {
    let mut has = vec![false; program.tasks.len()];
    for (index, (_, task)) in program.tasks.iter().enumerate() {
        for other in task.apart_from.iter().chain(&task.together_with) {
            if let Some(other) = program.tasks.iter().position(|(name, _)| name == other) {
                has[index] = true;
                has[other] = true;
            }
        }
    }
    has
}

/// `y`, where being in use costs something.
fn add_clouds(rows: &mut Rows, program: &Program<'_>, goal: Goal<'_>) {
    for (cloud, (_, own)) in program.clouds.iter().enumerate() {
        let cost = float(own.activation_cost);
        if cost <= 0.0 && !matches!(goal, Goal::Ties { .. }) {
            continue;
        }
        let here: Vec<usize> = (0..program.columns.len())
            .filter(|column| program.columns[*column].cloud == cloud)
            .collect();
        if here.is_empty() {
            continue;
        }
        let y = rows.problem.add_integer_column(cost, 0..=1);
        rows.costs.push((y, cost));
        rows.y.insert(cloud, y);
        for column in &here {
            let column = *column;
            let of = &program.columns[column];
            let carriers = of.serves.iter().map(|(task, _)| rows.z.get(&(cloud, *task)));
            // Units count through z where there is one.
            if carriers.clone().any(|z| z.is_some()) {
                continue;
            }
            rows.problem.add_row(..=0.0, [(rows.x[column], 1.0), (y, -(of.most as f64))]);
        }
        let carried: Vec<Col> = rows.z.range((cloud, 0)..(cloud + 1, 0)).map(|(_, z)| *z).collect();
        for z in carried {
            rows.problem.add_row(..=0.0, [(z, 1.0), (y, -1.0)]);
        }
        rows.derived.push((y, Derived::Any(here)));
    }
}

fn add_quotas(rows: &mut Rows, program: &Program<'_>) {
    for (offer, columns) in program.of_offer.iter().enumerate() {
        let group = &program.offers[offer];
        let Some(quota) = group.quota else { continue };
        let wanted: u64 =
            columns.iter().fold(0, |sum, column| sum.saturating_add(program.columns[*column].most));
        if wanted <= quota || columns.len() < 2 {
            continue;
        }
        let mut row: Vec<(Col, f64)> =
            columns.iter().map(|column| (rows.x[*column], 1.0)).collect();
        // Nothing of it can be had in a cloud that is not in use.
        match rows.y.get(&group.cloud) {
            Some(y) => {
                row.push((*y, -(quota as f64)));
                rows.problem.add_row(..=0.0, row);
            }
            None => {
                rows.problem.add_row(..=quota as f64, row);
            }
        }
    }
    for (cloud, (_, own)) in program.clouds.iter().enumerate() {
        for (resource, quota) in &own.quotas {
            let row: Vec<(Col, f64)> = program
                .columns
                .iter()
                .zip(&rows.x)
                .filter(|(column, _)| column.cloud == cloud)
                .map(|(column, x)| {
                    (*x, float(amount(program.offers[column.offer].offer, resource)))
                })
                .filter(|(_, each)| *each > 0.0)
                .collect();
            if !row.is_empty() {
                rows.problem.add_row(..=float(*quota), row);
            }
        }
    }
}

/// Demand, headroom, needs, shares and least clouds of a task.
fn add_task(rows: &mut Rows, program: &Program<'_>, task: usize, goal: Goal<'_>) {
    let own = program.tasks[task].1;
    let capacity = |wanted: &dyn Fn(usize) -> bool| -> Vec<(Col, Decimal)> {
        let columns = program.of_task[task].iter().copied().filter(|column| wanted(*column));
        columns
            .filter_map(|column| {
                let of = &program.columns[column];
                let serves = of.serves.iter().find(|(other, _)| *other == task)?.1;
                (serves > Decimal::ZERO).then_some((rows.x[column], serves))
            })
            .collect()
    };
    let is_base = |column: usize| !program.columns[column].headroom;
    let is_firm = |column: usize| {
        is_base(column) && !program.offers[program.columns[column].offer].offer.spot
    };
    let base = capacity(&is_base);
    let all = capacity(&|_| true);
    let firm = capacity(&is_firm);
    let missed = matches!(goal, Goal::Missed(wanted) if wanted == task)
        .then(|| rows.problem.add_column(0.0, 0.0..=1.0));
    rows.missed = rows.missed.or(missed);
    let problem = &mut rows.problem;
    cover(problem, &base, own.demand, missed);
    cover(problem, &firm, own.min_on_demand * own.demand, missed);
    if own.most_demand() > own.demand {
        cover(problem, &all, own.most_demand(), missed);
    }
    for (resource, need) in own.needs.iter().filter(|(_, need)| **need > Decimal::ZERO) {
        let row: Vec<(Col, f64)> = program.of_task[task]
            .iter()
            .filter(|column| is_base(**column))
            .map(|column| {
                let offer = program.offers[program.columns[*column].offer].offer;
                (rows.x[*column], float(amount(offer, resource)) / float(*need))
            })
            .filter(|(_, each)| *each > 0.0)
            .collect();
        problem.add_row(1.0.., row);
    }
    let clouds = program.clouds_of(task);
    if own.min_clouds > 1 {
        let row: Vec<(Col, f64)> =
            clouds.iter().filter_map(|cloud| Some((*rows.z.get(&(*cloud, task))?, 1.0))).collect();
        problem.add_row(own.min_clouds as f64.., row);
    }
    if own.max_share < Decimal::ONE {
        for &cloud in clouds {
            let here = |column: usize| program.columns[column].cloud == cloud;
            share(problem, own, &base, &capacity(&|c| here(c) && is_base(c)));
            if own.most_demand() > own.demand {
                share(problem, own, &all, &capacity(&here));
            }
        }
    }
}

/// Rows are about parts of the demand, so that tolerances mean the same for all.
fn cover(problem: &mut RowProblem, row: &[(Col, Decimal)], least: Decimal, missed: Option<Col>) {
    if least <= Decimal::ZERO {
        return;
    }
    let part = |serves: &Decimal| float(*serves) / float(least);
    let row = row.iter().map(|(x, serves)| (*x, part(serves)));
    let row: Vec<(Col, f64)> = row.chain(missed.map(|missed| (missed, 1.0))).collect();
    problem.add_row(1.0.., row);
}

fn share(
    problem: &mut RowProblem,
    task: &crate::Task,
    all: &[(Col, Decimal)],
    here: &[(Col, Decimal)],
) {
    let scale = float(task.most_demand()).max(1.0);
    let mut row: BTreeMap<usize, (Col, f64)> = BTreeMap::new();
    for (x, serves) in all {
        row.insert(x.index(), (*x, -float(task.max_share * *serves) / scale));
    }
    for (x, serves) in here {
        row.insert(x.index(), (*x, float((Decimal::ONE - task.max_share) * *serves) / scale));
    }
    problem.add_row(..=0.0, row.into_values().collect::<Vec<_>>());
}

/// Tasks that must run in the same clouds, or must not.
fn add_company(rows: &mut Rows, program: &Program<'_>) {
    for (index, (_, task)) in program.tasks.iter().enumerate() {
        let find = |name: &String| program.tasks.iter().position(|(other, _)| other == name);
        for cloud in 0..program.clouds.len() {
            let own = rows.z.get(&(cloud, index)).copied();
            for other in task.apart_from.iter().filter_map(find) {
                if let (Some(own), Some(other)) = (own, rows.z.get(&(cloud, other))) {
                    rows.problem.add_row(..=1.0, [(own, 1.0), (*other, 1.0)]);
                }
            }
            for other in task.together_with.iter().filter_map(find) {
                let other = rows.z.get(&(cloud, other)).copied();
                let row: Vec<(Col, f64)> = own
                    .map(|own| (own, 1.0))
                    .into_iter()
                    .chain(other.map(|other| (other, -1.0)))
                    .collect();
                if !row.is_empty() {
                    rows.problem.add_row(0.0..=0.0, row);
                }
            }
        }
    }
}

fn set_goal(rows: &mut Rows, program: &Program<'_>, goal: Goal<'_>) {
    match goal {
        Goal::Cost | Goal::Any => (),
        Goal::Weighted(weights) => {
            for (x, weight) in rows.x.iter().zip(weights) {
                rows.problem.change_column_cost(*x, *weight);
            }
        }
        Goal::Missed(_) => {
            if let Some(missed) = rows.missed {
                rows.problem.change_column_cost(missed, 1.0);
            }
        }
        Goal::Ties { .. } => {
            // A cloud counts more than all names, and a move more than all clouds.
            let cloud: f64 = program
                .columns
                .iter()
                .map(|column| column.most.min(1000) as f64)
                .sum::<f64>()
                .max(1.0);
            let stays = cloud * (program.clouds.len() as f64 + 1.0);
            for ((cloud, task), z) in &rows.z {
                if program.ran(*task, *cloud) {
                    rows.problem.change_column_cost(*z, -stays);
                }
            }
            for y in rows.y.values() {
                rows.problem.change_column_cost(*y, cloud);
            }
            // Sums of such roots are hardly ever the same, so that nothing is left to the solver's way.
            for (column, x) in program.columns.iter().zip(&rows.x) {
                let rank = (column.rank as f64 + SQRT_2) / (program.ranks as f64 + SQRT_2);
                rows.problem.change_column_cost(*x, rank.sqrt());
            }
        }
    }
}
