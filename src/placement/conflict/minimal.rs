//! A smallest set of requirements that cannot be had together: halves are tried before single ones
//! (the QuickXplain method), so that a few among many are found in few tries.

use super::is_feasible;
use super::requirement::Atom;
use crate::Problem;
use crate::mip::Budget;

/// Requirements of `all` that cannot be had together; without any one of them the rest can. Where time
/// runs out the set may be larger.
pub(super) fn minimal(problem: &Problem, all: &[Atom], budget: Budget) -> Vec<Atom> {
    let search = Search { problem, all, budget };
    let every: Vec<usize> = (0..all.len()).collect();
    let mut found = search.explain(&[], false, &every);
    found.sort_unstable();
    found.into_iter().map(|index| all[index].clone()).collect()
}

struct Search<'a> {
    problem: &'a Problem,
    all: &'a [Atom],
    budget: Budget,
}

impl Search<'_> {
    /// Which of `open` are needed beside `kept` for a contradiction.
    fn explain(&self, kept: &[usize], is_new: bool, open: &[usize]) -> Vec<usize> {
        if is_new && self.is_contradiction(kept) {
            return Vec::new();
        }
        if open.len() < 2 {
            return open.to_vec();
        }
        let (first, second) = open.split_at(open.len() / 2);
        let with = |more: &[usize]| [kept, more].concat();
        let of_second = self.explain(&with(first), true, second);
        let of_first = self.explain(&with(&of_second), !of_second.is_empty(), first);
        [of_first, of_second].concat()
    }

    fn is_contradiction(&self, kept: &[usize]) -> bool {
        let mut problem = self.problem.clone();
        for (index, atom) in self.all.iter().enumerate() {
            if !kept.contains(&index) {
                atom.lift(&mut problem);
            }
        }
        !is_feasible(&problem, self.budget)
    }
}
