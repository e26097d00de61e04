//! What data costs that leaves a cloud: a price for each carrier, or tiers for a cloud's volume.

use std::collections::BTreeMap;

use highs::Col;
use rust_decimal::Decimal;

use super::build::Rows;
use crate::Tier;
use crate::program::{Program, float};

/// Egress of a task's data into a cloud.
pub(crate) struct Egress {
    /// USD a month that do not depend on other tasks.
    pub linear: f64,
    /// Whether more is priced by tiers.
    pub tiered: bool,
}

pub(crate) fn linear_egress(program: &Program<'_>, task: usize, cloud: usize) -> Egress {
    let mut linear = Decimal::ZERO;
    let mut tiered = false;
    let name = program.clouds[cloud].0;
    for data in program.tasks[task].1.data.iter().filter(|data| data.cloud != name) {
        let flat = data.price_per_gib.or_else(|| match tiers(program, &data.cloud) {
            [] => Some(Decimal::ZERO),
            [only] => Some(only.price_per_gib),
            _ => None,
        });
        match flat {
            Some(price) => linear += data.gib_per_month * price,
            None => tiered = true,
        }
    }
    Egress { linear: float(linear), tiered }
}

fn tiers<'a>(program: &Program<'a>, cloud: &str) -> &'a [Tier] {
    program.problem.egress.get(cloud).map_or(&[], Vec::as_slice)
}

/// Volumes of clouds whose egress has tiers, filled from the first tier on.
pub(super) fn add_tiers(rows: &mut Rows, program: &Program<'_>) {
    let mut volumes: BTreeMap<&str, Vec<(Col, f64)>> = BTreeMap::new();
    for ((cloud, task), z) in &rows.z {
        for data in &program.tasks[*task].1.data {
            let leaves = data.cloud != program.clouds[*cloud].0 && data.price_per_gib.is_none();
            if leaves && tiers(program, &data.cloud).len() > 1 {
                volumes.entry(&data.cloud).or_default().push((*z, float(data.gib_per_month)));
            }
        }
    }
    for (cloud, volume) in volumes {
        let most: f64 = volume.iter().map(|(_, gib)| gib).sum();
        if most > 0.0 {
            add_volume(rows, tiers(program, cloud), &volume, most);
        }
    }
}

/// Volumes are in parts of the most there can be, so that tolerances mean the same everywhere.
fn add_volume(rows: &mut Rows, tiers: &[Tier], volume: &[(Col, f64)], most: f64) {
    let is_convex = tiers.windows(2).all(|pair| pair[0].price_per_gib <= pair[1].price_per_gib);
    let mut sum: Vec<(Col, f64)> = volume.iter().map(|(z, gib)| (*z, gib / most)).collect();
    let mut start = 0.0;
    let mut before: Option<(Col, f64)> = None;
    for (index, tier) in tiers.iter().enumerate() {
        let is_last = index + 1 == tiers.len();
        let end = tier.up_to_gib.filter(|_| !is_last).map_or(f64::MAX, float).min(most);
        let width = (end - start) / most;
        if width <= 0.0 {
            break;
        }
        let cost = float(tier.price_per_gib) * most;
        let part = rows.problem.add_column(cost, 0.0..=width);
        rows.costs.push((part, cost));
        sum.push((part, -1.0));
        // A later tier opens when the one before is full.
        if let Some((earlier, full)) = before
            && !is_convex
        {
            let open = rows.problem.add_integer_column(0.0, 0..=1);
            rows.problem.add_row(0.0.., [(earlier, 1.0), (open, -full)]);
            rows.problem.add_row(..=0.0, [(part, 1.0), (open, -width)]);
        }
        before = Some((part, width));
        start = end;
    }
    rows.problem.add_row(0.0..=0.0, sum);
}
