//! Branching on which clouds are in use: where that is settled, nobody has to pay for a part of a cloud's
//! activation, and the bound is much tighter. Most clouds are settled at once.

use std::time::Instant;

use super::Relaxed;
use super::master::{Enough, converge};
use super::relaxed::{Fate, Node, Stop, climb, safely};

/// Steps for a branch, and for a node whose mixture of plans would be too large a program.
const STEPS: usize = 6;
const MORE_STEPS: usize = 60;

/// Most uses of clouds that are priced in a mixture.
const MOST_USES: usize = 1_000;

impl Relaxed {
    /// Raises the bound, until it is within `max_gap` of the best solution, or clouds are settled and
    /// prices can prove no more.
    pub(crate) fn tighten(&mut self, deadline: Instant, max_gap: f64) {
        let Some((units, cost)) = self.best.clone() else { return };
        let target = cost - max_gap.max(1e-9) * cost.abs();
        let mut best = self.best.take();
        let mut pool = std::mem::take(&mut self.pool);
        pool.add_solution(&self.split, &units);
        let mut open: Vec<Node> = std::mem::take(&mut self.nodes);
        let mut master = None;
        let stop = Stop { deadline, steps: STEPS, target, max_gap: 0.0 };
        while Instant::now() < deadline {
            let lowest = open.iter().enumerate().min_by(|a, b| a.1.bound.total_cmp(&b.1.bound));
            let Some(index) = lowest.map(|(index, _)| index) else { break };
            if open[index].bound >= target {
                break;
            }
            if !open[index].is_settled {
                let node = &mut open[index];
                if self.uses(node) > MOST_USES {
                    let stop = Stop { steps: MORE_STEPS, ..stop };
                    climb(&self.split, node, stop, 0.3, &mut best, None);
                    node.is_settled = true;
                } else {
                    let enough = Enough { deadline, target };
                    node.is_settled = converge(&self.split, node, &mut pool, &mut master, enough);
                }
                continue;
            }
            let Some(cloud) = self.undecided(&open[index]) else { break };
            let node = open.swap_remove(index);
            for fate in [Fate::Out, Fate::In] {
                let mut child = Node { is_settled: false, ..node.clone() };
                child.fates[cloud] = fate;
                climb(&self.split, &mut child, stop, 0.3, &mut best, None);
                if child.bound >= target {
                    self.cut = self.cut.min(safely(child.bound));
                    self.dropped = self.dropped.min(child.bound);
                } else {
                    open.push(child);
                }
            }
        }
        open.sort_by(|a, b| a.bound.total_cmp(&b.bound));
        self.nodes = open;
        self.best = best;
        self.pool = pool;
        self.sum_up(cost);
    }

    /// How many uses of clouds by tasks are not settled.
    fn uses(&self, node: &Node) -> usize {
        let is_open =
            |cloud: usize| node.fates[cloud] == Fate::Open && self.split.activation[cloud] > 0.0;
        let carriers = self.split.tasks.iter().flat_map(|work| &work.clouds);
        carriers.filter(|carrier| is_open(carrier.cloud)).count()
    }

    /// The cloud to branch on: the dearest that is not settled.
    fn undecided(&self, node: &Node) -> Option<usize> {
        let open = (0..node.fates.len()).filter(|cloud| {
            node.fates[*cloud] == Fate::Open && self.split.activation[*cloud] > 0.0
        });
        open.max_by(|a, b| self.split.activation[*a].total_cmp(&self.split.activation[*b]))
    }

    /// The bound of what is still open and of what is cut off.
    pub(super) fn sum_up(&mut self, cost: f64) {
        let bound = self.nodes.iter().map(|node| safely(node.bound)).fold(self.cut, f64::min);
        self.bound = self.bound.max(bound.min(cost));
    }
}
