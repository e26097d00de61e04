//! The mixed-integer program.
//!
//! Variables: `x` units of an exclusive offer for a task, or of a shared offer for all; `y` whether a
//! cloud is in use; `z` whether a cloud carries a task. Constraints as docs/reference/placement.md
//! numbers them.

use std::collections::BTreeMap;

use highs::{Col, HighsModelStatus, RowProblem, Sense, SolvedModel};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::eligibility::eligible;
use crate::{HOURS_A_MONTH, Limits, Problem, Task};

/// What may be relaxed, to find out what stands in the way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Relax {
    /// Leave the budget out.
    pub budget: bool,
    /// Leave `max_share` out.
    pub max_share: bool,
    /// Leave `min_clouds` out.
    pub min_clouds: bool,
    /// Let demand be missed, and minimise by how much.
    pub demand: bool,
}

/// Units of an offer: for one task, or shared by all.
#[derive(Clone, Debug)]
pub(crate) struct Units {
    pub cloud: String,
    pub offer: String,
    /// Tasks with what a unit covers of each.
    pub serves: Vec<(String, f64)>,
}

/// A solution in whole numbers.
#[derive(Clone, Debug)]
pub(crate) struct Solution {
    pub units: Vec<(Units, u64)>,
    /// Missed demand by task, where that was allowed.
    pub missed: BTreeMap<String, f64>,
    /// The solver's objective, and what it proves that none is below.
    pub objective: f64,
    pub bound: f64,
    pub proven: bool,
}

/// What the solver said.
pub(crate) enum Answer {
    Solved(Solution),
    Infeasible,
    Nothing { bound: f64 },
}

struct Model {
    rows: RowProblem,
    units: Vec<(Units, Col)>,
    y: BTreeMap<String, Col>,
    z: BTreeMap<(String, String), Col>,
    missed: BTreeMap<String, Col>,
    /// Objective coefficients of the real cost, for the second stage.
    costs: Vec<(Col, f64)>,
    /// Cost that no decision changes.
    constant: f64,
}

fn number(decimal: Decimal) -> f64 {
    decimal.to_f64().unwrap_or(f64::MAX)
}

/// More units than that are never useful: they cover the demand alone, whatever shares allow.
fn most_units(task: &Task, serves: f64, largest: f64) -> f64 {
    let share = task.max_share.min(1.0 - task.max_share);
    let needed = if task.max_share < 1.0 && share > 0.0 {
        (task.demand + largest) / share
    } else {
        task.demand
    };
    (needed / serves).ceil().max(1.0)
}

/// Solves the program for least cost, or for least missed demand.
pub(crate) fn least(problem: &Problem, limits: &Limits, relax: Relax) -> Answer {
    let model = build(problem, relax, &Stage::Cost);
    run(model, limits)
}

/// Of all solutions that cost no more than `cost`: the one with the fewest moves, then the fewest
/// clouds, then the smallest names. So equal costs do not leave the choice to chance.
pub(crate) fn settle_ties(problem: &Problem, limits: &Limits, cost: f64) -> Answer {
    let slack = cost.abs().max(1.0) * 1e-7;
    let model = build(problem, Relax::default(), &Stage::Ties { most: cost + slack });
    run(model, limits)
}

enum Stage {
    Cost,
    Ties { most: f64 },
}

fn build(problem: &Problem, relax: Relax, stage: &Stage) -> Model {
    let mut model = Model {
        rows: RowProblem::default(),
        units: Vec::new(),
        y: BTreeMap::new(),
        z: BTreeMap::new(),
        missed: BTreeMap::new(),
        costs: Vec::new(),
        constant: 0.0,
    };
    let pick = |cost: f64, tie: f64| match stage {
        _ if relax.demand => 0.0,
        Stage::Cost => cost,
        Stage::Ties { .. } => tie,
    };
    let demanding: BTreeMap<&String, &Task> =
        problem.tasks.iter().filter(|(_, task)| task.demand > 0.0).collect();
    let offers: usize = problem.clouds.values().map(|cloud| cloud.offers.len()).sum();
    let many = (offers * demanding.len().max(1) + 1) as f64;
    for (rank, (name, cloud)) in problem.clouds.iter().enumerate() {
        let cost = number(cloud.activation_cost);
        let tie = many * 100.0 + rank as f64;
        let column = model.rows.add_integer_column(pick(cost, tie), 0..=1);
        model.costs.push((column, cost));
        model.y.insert(name.clone(), column);
    }
    add_z(&mut model, problem, &demanding, &pick, many);
    add_units(&mut model, problem, &demanding, &pick);
    add_rows(&mut model, &demanding, relax);
    if let Some(budget) = problem.budget.filter(|_| !relax.budget && !relax.demand) {
        let most = number(budget) - model.constant + 1e-6;
        let row: Vec<(Col, f64)> = model.costs.clone();
        model.rows.add_row(..=most, row);
    }
    if let Stage::Ties { most } = stage {
        let row: Vec<(Col, f64)> = model.costs.clone();
        model.rows.add_row(..=(*most - model.constant), row);
    }
    model
}

fn add_z(
    model: &mut Model,
    problem: &Problem,
    demanding: &BTreeMap<&String, &Task>,
    pick: &impl Fn(f64, f64) -> f64,
    many: f64,
) {
    for (task_name, task) in demanding {
        for (cloud_name, cloud) in &problem.clouds {
            let any = cloud
                .offers
                .values()
                .any(|offer| eligible(task_name, task, cloud_name, cloud, offer).is_ok());
            if !any {
                continue;
            }
            let runs_here = problem.prior.as_ref().and_then(|prior| prior.get(*task_name));
            let runs_here = runs_here.is_some_and(|clouds| clouds.contains(cloud_name));
            let stays = if runs_here { number(problem.switch_cost) } else { 0.0 };
            model.constant += stays;
            let cost = number(task.egress(cloud_name)) - stays;
            let tie = if runs_here { -many * 10_000.0 } else { 0.0 };
            let column = model.rows.add_integer_column(pick(cost, tie), 0..=1);
            model.costs.push((column, cost));
            model.z.insert((cloud_name.clone(), (*task_name).clone()), column);
        }
    }
}

fn add_units(
    model: &mut Model,
    problem: &Problem,
    demanding: &BTreeMap<&String, &Task>,
    pick: &impl Fn(f64, f64) -> f64,
) {
    let largest = |name: &str, task: &Task| {
        let all = problem.clouds.iter().flat_map(|(cloud_name, cloud)| {
            cloud
                .offers
                .values()
                .filter_map(move |offer| eligible(name, task, cloud_name, cloud, offer).ok())
        });
        all.fold(0.0_f64, f64::max)
    };
    let largest: BTreeMap<&String, f64> =
        demanding.iter().map(|(name, task)| (*name, largest(name, task))).collect();
    let mut rank = 0.0;
    for (cloud_name, cloud) in &problem.clouds {
        for (offer_name, offer) in &cloud.offers {
            rank += 1.0;
            let serves: Vec<(String, f64)> = demanding
                .iter()
                .filter_map(|(name, task)| {
                    let serves = eligible(name, task, cloud_name, cloud, offer).ok()?;
                    Some(((*name).clone(), serves))
                })
                .collect();
            let most = |(name, serves): &(String, f64)| {
                demanding.get(name).map_or(0.0, |task| most_units(task, *serves, largest[name]))
            };
            let quota = offer.quota.map_or(f64::MAX, |quota| quota as f64);
            let cost = number(HOURS_A_MONTH * offer.price);
            let groups: Vec<Vec<(String, f64)>> = if serves.is_empty() {
                Vec::new()
            } else if offer.shared {
                vec![serves]
            } else {
                serves.into_iter().map(|one| vec![one]).collect()
            };
            let mut columns = Vec::new();
            for serves in groups {
                let most = serves.iter().map(most).fold(0.0, f64::max).min(quota);
                let column = model.rows.add_integer_column(pick(cost, rank), 0.0..=most);
                model.costs.push((column, cost));
                columns.push((column, 1.0));
                // Units only where the cloud carries the task.
                for (task, _) in &serves {
                    if let Some(z) = model.z.get(&(cloud_name.clone(), task.clone())) {
                        model.rows.add_row(..=0.0, [(column, 1.0), (*z, -most)]);
                    }
                }
                let units = Units { cloud: cloud_name.clone(), offer: offer_name.clone(), serves };
                model.units.push((units, column));
            }
            if columns.len() > 1 && offer.quota.is_some() {
                model.rows.add_row(..=quota, columns);
            }
        }
    }
}

fn add_rows(model: &mut Model, demanding: &BTreeMap<&String, &Task>, relax: Relax) {
    // A cloud that carries anything is in use; and carries a task only with at least one unit.
    let carried: Vec<((String, String), Col)> =
        model.z.iter().map(|(key, column)| (key.clone(), *column)).collect();
    for ((cloud, task), z) in &carried {
        if let Some(y) = model.y.get(cloud) {
            model.rows.add_row(..=0.0, [(*z, 1.0), (*y, -1.0)]);
        }
        let mut row: Vec<(Col, f64)> = vec![(*z, 1.0)];
        let own = model.units.iter().filter(|(units, _)| {
            units.cloud == *cloud && units.serves.iter().any(|(name, _)| name == task)
        });
        row.extend(own.map(|(_, column)| (*column, -1.0)));
        model.rows.add_row(..=0.0, row);
    }
    for (name, task) in demanding {
        let capacity = |cloud: Option<&str>| -> Vec<(Col, f64)> {
            let own =
                model.units.iter().filter(|(units, _)| cloud.is_none_or(|c| units.cloud == c));
            own.filter_map(|(units, column)| {
                let found = units.serves.iter().find(|(task, _)| task == *name)?;
                Some((*column, found.1))
            })
            .collect()
        };
        let all = capacity(None);
        let mut row = all.clone();
        if relax.demand {
            let missed = model.rows.add_column(1.0, 0.0..);
            model.missed.insert((*name).clone(), missed);
            row.push((missed, 1.0));
        }
        model.rows.add_row(task.demand.., row);
        let clouds: Vec<(&String, Col)> = carried
            .iter()
            .filter(|((_, task), _)| task == *name)
            .map(|((cloud, _), column)| (cloud, *column))
            .collect();
        if task.min_clouds > 1 && !relax.min_clouds {
            let row: Vec<(Col, f64)> = clouds.iter().map(|(_, column)| (*column, 1.0)).collect();
            model.rows.add_row(task.min_clouds as f64.., row);
        }
        if task.max_share < 1.0 && !relax.max_share {
            for (cloud, _) in &clouds {
                let mut row: BTreeMap<usize, (Col, f64)> = BTreeMap::new();
                for (column, serves) in &all {
                    row.insert(column.index(), (*column, -task.max_share * serves));
                }
                for (column, serves) in capacity(Some(cloud)) {
                    row.insert(column.index(), (column, (1.0 - task.max_share) * serves));
                }
                model.rows.add_row(..=0.0, row.into_values().collect::<Vec<_>>());
            }
        }
    }
}

fn run(model: Model, limits: &Limits) -> Answer {
    let mut highs = model.rows.clone().optimise(Sense::Minimise);
    highs.make_quiet();
    highs.set_option("time_limit", limits.time_limit.as_secs_f64());
    highs.set_option("mip_rel_gap", limits.max_gap.max(1e-9));
    highs.set_option("mip_abs_gap", 1e-7);
    highs.set_option("random_seed", 1);
    highs.set_option("threads", 1);
    highs.set_option("mip_feasibility_tolerance", 1e-9);
    let Ok(solved) = highs.try_solve() else { return Answer::Infeasible };
    let bound = solved.double_info_value(c"mip_dual_bound").unwrap_or(f64::NEG_INFINITY);
    match solved.status() {
        HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => {
            Answer::Infeasible
        }
        HighsModelStatus::ModelEmpty => Answer::Solved(Solution {
            units: Vec::new(),
            missed: BTreeMap::new(),
            objective: model.constant,
            bound: model.constant,
            proven: true,
        }),
        HighsModelStatus::Optimal => Answer::Solved(read(&model, &solved, bound, true)),
        _ if !has_solution(&solved) => Answer::Nothing { bound: bound + model.constant },
        _ => Answer::Solved(read(&model, &solved, bound, false)),
    }
}

fn has_solution(solved: &SolvedModel) -> bool {
    solved.primal_solution_status() == highs::HighsSolutionStatus::Feasible
}

fn read(model: &Model, solved: &SolvedModel, bound: f64, proven: bool) -> Solution {
    let solution = solved.get_solution();
    let values = solution.columns();
    let whole = |column: &Col| values.get(column.index()).copied().unwrap_or(0.0).round() as u64;
    let units = model.units.iter().map(|(units, column)| (units.clone(), whole(column)));
    let missed = model
        .missed
        .iter()
        .map(|(task, column)| (task.clone(), values.get(column.index()).copied().unwrap_or(0.0)));
    Solution {
        units: units.filter(|(_, count)| *count > 0).collect(),
        missed: missed.filter(|(_, amount)| *amount > 1e-6).collect(),
        objective: solved.objective_value() + model.constant,
        bound: bound + model.constant,
        proven,
    }
}
