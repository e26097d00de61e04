//! Branching on which clouds are in use: where that is settled, nobody has to pay for a part of a cloud's
//! activation, and the bound is much tighter. Most clouds are settled at once.

use std::time::Instant;

use super::Relaxed;
use super::relaxed::{Fate, Node, Stop, climb, extra_costs, safely};

/// Steps for a branch, and for the last one that is left.
const STEPS: usize = 60;
const LAST_STEPS: usize = 300;

impl Relaxed {
    /// Raises the bound, until it is within `max_gap` of the best solution.
    pub(crate) fn tighten(&mut self, deadline: Instant, max_gap: f64) {
        let Some((_, cost)) = self.best else { return };
        let target = cost - max_gap.max(1e-9) * cost.abs();
        let mut best = self.best.take();
        let mut open: Vec<Node> = vec![self.root.clone()];
        let stop = Stop { deadline, steps: STEPS, target, max_gap: 0.0 };
        while Instant::now() < deadline {
            let lowest = open.iter().enumerate().min_by(|a, b| a.1.bound.total_cmp(&b.1.bound));
            let Some(index) = lowest.map(|(index, _)| index) else { break };
            let Some(cloud) = self.undecided(&open[index]) else { break };
            let node = open.swap_remove(index);
            for fate in [Fate::Out, Fate::In] {
                let mut child = node.clone();
                child.fates[cloud] = fate;
                climb(&self.split, &mut child, stop, 0.3, &mut best, None);
                if child.bound >= target {
                    self.cut = self.cut.min(safely(child.bound));
                } else {
                    open.push(child);
                }
            }
        }
        if let [last] = open.as_mut_slice() {
            let stop = Stop { steps: LAST_STEPS, ..stop };
            climb(&self.split, last, stop, 0.3, &mut best, None);
        }
        self.best = best;
        let bound = open.iter().map(|node| node.bound).fold(self.cut, f64::min);
        if let Ok([last]) = <[Node; 1]>::try_from(open) {
            // What costs too much beside this bound can only be in solutions that are no better.
            self.extra = extra_costs(&self.split, &last);
            self.rest = safely(last.bound);
            self.root = last;
        }
        self.bound = self.bound.max(safely(bound.min(cost)));
    }

    /// The cloud to branch on: the dearest that is not settled.
    fn undecided(&self, node: &Node) -> Option<usize> {
        let open = (0..node.fates.len()).filter(|cloud| {
            node.fates[*cloud] == Fate::Open && self.split.activation[*cloud] > 0.0
        });
        open.max_by(|a, b| self.split.activation[*a].total_cmp(&self.split.activation[*b]))
    }
}
