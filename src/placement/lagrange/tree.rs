//! Branching on which clouds are in use: where that is settled, nobody has to pay for a part of a cloud's
//! activation, and the bound is much tighter. Most clouds are settled at once.

use std::time::Instant;

use super::master::{Enough, Master, converge};
use super::plans::Pool;
use super::relaxed::{Fate, Node, Stop, climb, safely};
use super::sharpen::sharpen;
use super::{Relaxed, Split};

/// Steps for a branch.
const STEPS: usize = 6;

/// Most uses of clouds that are priced in a mixture.
const MOST_USES: usize = 1_000;

/// How near bounds come to what mixtures cost: a fifth of the gap that is allowed, but within these.
const CLOSE: f64 = 1e-8;
const NEAR: f64 = 2e-5;

/// Cuts get this part of the time.
const PART: u32 = 4;

/// What a bound is raised by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    Prices,
    /// Cuts, too, where clouds are settled and prices can prove no more.
    Cuts,
}

impl Relaxed {
    /// Raises the bound, until it is within `max_gap` of the best solution, or clouds are settled and
    /// these means can prove no more.
    pub(crate) fn tighten(&mut self, deadline: Instant, max_gap: f64, means: Means) {
        let Some((units, cost)) = self.best.clone() else { return };
        let target = cost - max_gap.max(1e-9) * cost.abs();
        let mut best = self.best.take();
        let mut pool = std::mem::take(&mut self.pool);
        pool.add_solution(&self.split, &units);
        let mut open: Vec<Node> = std::mem::take(&mut self.nodes);
        for node in &mut open {
            node.is_cut = false;
        }
        let mut master = None;
        let enough = Enough { deadline, target, close: (max_gap / 5.0).clamp(CLOSE, NEAR) };
        let stop = Stop { deadline, steps: STEPS, target, max_gap: 0.0 };
        while Instant::now() < deadline {
            let lowest = open.iter().enumerate().min_by(|a, b| a.1.bound.total_cmp(&b.1.bound));
            let Some(index) = lowest.map(|(index, _)| index) else { break };
            if open[index].bound >= target {
                break;
            }
            let (split, node) = (&self.split, &mut open[index]);
            let is_large = uses(split, node) > MOST_USES;
            if !node.is_settled && !is_large {
                node.is_settled = converge(split, node, &mut pool, &mut master, enough);
                continue;
            }
            let Some(cloud) = undecided(split, node) else {
                if node.is_cut || means == Means::Prices {
                    break;
                }
                let now = Instant::now();
                let part = now + deadline.saturating_duration_since(now) / PART;
                let enough = Enough { deadline: part, ..enough };
                sharpen(split, node, &mut pool, &mut master, enough);
                node.is_cut = true;
                continue;
            };
            let node = open.swap_remove(index);
            let branches = if is_large {
                plunge(split, node, &mut pool, &mut master, enough)
            } else {
                vec![with(node.clone(), cloud, Fate::Out), with(node, cloud, Fate::In)]
            };
            for mut branch in branches {
                if !branch.is_settled {
                    climb(split, &mut branch, stop, 0.3, &mut best, None);
                }
                if branch.bound >= target {
                    self.cut = self.cut.min(safely(branch.bound));
                    self.dropped = self.dropped.min(branch.bound);
                } else {
                    open.push(branch);
                }
            }
        }
        open.sort_by(|a, b| a.bound.total_cmp(&b.bound));
        self.nodes = open;
        self.best = best;
        self.pool = pool;
        self.sum_up(cost);
    }

    /// The bound of what is still open and of what is cut off.
    pub(super) fn sum_up(&mut self, cost: f64) {
        let bound = self.nodes.iter().map(|node| safely(node.bound)).fold(self.cut, f64::min);
        self.bound = self.bound.max(bound.min(cost));
    }
}

/// The branch in which so many clouds are in use that the mixture of the rest is no too large program, and
/// those in which one of these is not. The first is brought to its end: its prices are good for the others.
fn plunge(
    split: &Split,
    node: Node,
    pool: &mut Pool,
    master: &mut Option<Master>,
    enough: Enough,
) -> Vec<Node> {
    let mut branches = Vec::new();
    let mut inside = node;
    while uses(split, &inside) > MOST_USES
        && let Some(cloud) = undecided(split, &inside)
    {
        branches.push(with(inside.clone(), cloud, Fate::Out));
        inside = with(inside, cloud, Fate::In);
    }
    inside.is_settled = converge(split, &mut inside, pool, master, enough);
    for branch in &mut branches {
        branch.point.quotas.clone_from(&inside.point.quotas);
    }
    branches.push(inside);
    branches
}

/// A branch of a node.
fn with(mut node: Node, cloud: usize, fate: Fate) -> Node {
    node.fates[cloud] = fate;
    node.is_settled = false;
    node
}

/// How many uses of clouds by tasks are not settled.
fn uses(split: &Split, node: &Node) -> usize {
    let is_open = |cloud: usize| node.fates[cloud] == Fate::Open && split.activation[cloud] > 0.0;
    let carriers = split.tasks.iter().flat_map(|work| &work.clouds);
    carriers.filter(|carrier| is_open(carrier.cloud)).count()
}

/// The cloud to branch on: the dearest that is not settled.
fn undecided(split: &Split, node: &Node) -> Option<usize> {
    let open = (0..node.fates.len())
        .filter(|cloud| node.fates[*cloud] == Fate::Open && split.activation[*cloud] > 0.0);
    open.max_by(|a, b| split.activation[*a].total_cmp(&split.activation[*b]))
}
