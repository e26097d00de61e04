//! A bound that prices of units cannot raise further is raised by cuts: those that the mixture of plans
//! breaks are added to its program, where their prices make the bound rise again, and so on.

use std::time::Instant;

use super::Split;
use super::cuts::broken;
use super::master::{Enough, Master, master_of, raise};
use super::plans::Pool;
use super::relaxed::Node;

/// Most rounds of cuts at once.
const ROUNDS: usize = 60;

/// A round brings little that raises the bound by less than this part of what all have, or closes less than
/// that part of what is open; so many end it.
const LITTLE: f64 = 0.03;
const LITTLE_OPEN: f64 = 0.003;
const PATIENCE: usize = 3;

/// Raises the bound of a node whose prices are settled by cuts.
pub(super) fn sharpen(
    split: &Split,
    node: &mut Node,
    pool: &mut Pool,
    kept: &mut Option<Master>,
    enough: Enough,
) {
    let Some(mut master) = master_of(split, &node.fates, pool, kept) else { return };
    let (begun, mut without) = (node.bound, 0);
    for _ in 0..ROUNDS {
        let Some(mixture) = master.solve(&pool.cuts, enough.deadline) else { return };
        let parts: Vec<f64> =
            (0..pool.plans.len()).map(|plan| master.part(&mixture, plan)).collect();
        let cuts = broken(split, pool.plans.iter().zip(parts));
        if cuts.is_empty() {
            break;
        }
        for cut in cuts {
            master.add_cut(split, &cut, &pool.plans);
            pool.cuts.push(cut);
        }
        let before = node.bound;
        let is_raised = raise(split, node, pool, &mut master, enough);
        if node.bound >= enough.target {
            break;
        }
        if !is_raised && Instant::now() >= enough.deadline {
            return;
        }
        let (all, open) = (node.bound - begun, enough.target - before);
        let is_little = node.bound - before <= f64::max(LITTLE * all, LITTLE_OPEN * open);
        without = if is_little { without + 1 } else { 0 };
        if without == PATIENCE {
            break;
        }
    }
    // Cuts without a say would only be in the way.
    let Some(mixture) = master.solve(&pool.cuts, enough.deadline) else { return };
    if mixture.has_a_say.contains(&false) {
        let mut has_a_say = mixture.has_a_say.into_iter();
        pool.cuts.retain(|_| has_a_say.next().unwrap_or(true));
    } else {
        *kept = Some(master);
    }
}
