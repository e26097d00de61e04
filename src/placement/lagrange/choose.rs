//! One plan for each task, so that quotas are kept and all is cheapest: a mixed-integer program whose
//! linear relaxation is as tight as the best prices.

use std::time::Instant;

use highs::{ColProblem, Row};

use super::Split;
use super::cuts::Cut;
use super::plans::{Taken, offers};
use super::relaxed::Fate;
use super::thin::{scarce, thinned};
use crate::mip::{End, Matrix, Settings, run, whole};
use crate::solution::Units;

/// What was chosen.
pub(super) struct Picked {
    pub best: Option<(Units, f64)>,
    /// No choice among these plans costs less; infinite if none is below the cutoff.
    pub bound: f64,
}

/// What a choice may take.
#[derive(Clone, Copy)]
pub(super) struct Room<'a> {
    pub deadline: Instant,
    pub max_gap: f64,
    /// Dearer choices are of no use.
    pub cutoff: f64,
    /// Most nodes of the search.
    pub nodes: Option<i32>,
    /// A choice that is known already.
    pub other_than: Option<&'a Units>,
}

/// Chooses among plans, with what is settled about clouds.
pub(super) fn choose(
    split: &Split,
    fates: &[Fate],
    plans: &[&Taken],
    cuts: &[Cut],
    room: Room<'_>,
) -> Picked {
    let plans = &thinned(split, fates, plans)[..];
    let mut problem = ColProblem::default();
    let tasks: Vec<Row> = split.tasks.iter().map(|_| problem.add_row(1.0..=1.0)).collect();
    let scarce = scarce(split, plans);
    let quotas: Vec<Option<Row>> = (0..split.quotas.len())
        .map(|offer| scarce[offer].then(|| problem.add_row(..=split.quotas[offer])))
        .collect();
    let is_open = |cloud: usize| fates[cloud] == Fate::Open && split.activation[cloud] > 0.0;
    let mut by_cloud: Vec<Vec<(Row, f64)>> = vec![Vec::new(); fates.len()];
    let mut uses: Vec<Vec<Option<Row>>> = Vec::with_capacity(split.tasks.len());
    for work in &split.tasks {
        let mut own = Vec::with_capacity(work.clouds.len());
        for carrier in &work.clouds {
            let row = is_open(carrier.cloud).then(|| problem.add_row(..=0.0));
            by_cloud[carrier.cloud].extend(row.map(|row| (row, -1.0)));
            own.push(row);
        }
        uses.push(own);
    }
    // Not all plans of the known choice together.
    let known: Vec<bool> = plans
        .iter()
        .map(|plan| room.other_than.is_some_and(|units| is_of(split, plan, units)))
        .collect();
    let count = known.iter().filter(|known| **known).count();
    let other = (count == tasks.len()).then(|| problem.add_row(..=count as f64 - 1.0));
    let cuts: Vec<(&Cut, Row)> =
        cuts.iter().map(|cut| (cut, problem.add_row(..=cut.most))).collect();
    for (plan, is_known) in plans.iter().zip(known) {
        let mut rows = vec![(tasks[plan.task], 1.0)];
        rows.extend(other.filter(|_| is_known).map(|row| (row, 1.0)));
        for (offer, count) in offers(split, plan) {
            rows.extend(quotas[offer].map(|row| (row, count as f64)));
        }
        let used = split.carriers(&plan.units);
        rows.extend(used.iter().filter_map(|used| Some((uses[plan.task][*used]?, 1.0))));
        let weights = cuts.iter().map(|(cut, row)| (*row, cut.weight(split, plan)));
        rows.extend(weights.filter(|(_, weight)| *weight > 0.0));
        problem.add_integer_column(plan.cost, 0.0..=1.0, &rows);
    }
    for (cloud, rows) in by_cloud.iter().enumerate().filter(|(cloud, _)| is_open(*cloud)) {
        problem.add_integer_column(split.activation[cloud], 0.0..=1.0, rows);
    }
    let paid = fates.iter().zip(&split.activation).filter(|(fate, _)| **fate == Fate::In);
    let constant = split.constant + paid.map(|(_, cost)| cost).sum::<f64>();
    let settings = Settings {
        deadline: room.deadline,
        max_gap: room.max_gap,
        cutoff: room.cutoff.is_finite().then_some(room.cutoff - constant),
        nodes: room.nodes,
        is_tight: true,
    };
    let ran = run(Matrix::Columns(problem), None, settings);
    let best = (!ran.values.is_empty()).then(|| {
        let mut units = vec![0; split.columns];
        for (plan, value) in plans.iter().zip(&ran.values) {
            if whole(*value) > 0 {
                for (column, count) in &plan.units {
                    units[*column] = *count;
                }
            }
        }
        let cost = split.cost(&units);
        (units, cost)
    });
    let bound = match ran.end {
        End::None => f64::INFINITY,
        End::Best | End::Some | End::Open => ran.bound + constant,
    };
    Picked { best, bound }
}

/// Whether a solution has the plan.
fn is_of(split: &Split, plan: &Taken, units: &Units) -> bool {
    let items = split.tasks[plan.task].clouds.iter().flat_map(|carrier| &carrier.items);
    let used = items.filter(|item| units[item.column] > 0).count();
    used == plan.units.len() && plan.units.iter().all(|(column, count)| units[*column] == *count)
}
