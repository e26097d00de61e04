//! Puts actions in a line, each behind all that it waits for.

use std::collections::HashSet;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use skyform_plan::{Action, ActionId, ActionKind};

/// Adds soft edges (an action, and one that it waits for) to hard ones, but for those that would
/// make actions wait for one another in a circle.
pub(super) fn leave_out_circles(after: &mut [Vec<u32>], soft: &[(u32, u32)]) {
    let mut kept: Vec<(u32, u32)> = soft.to_vec();
    let circles = circles(after, &kept);
    if !circles.is_empty() {
        // First those that hard edges alone contradict; then, where several soft ones contradict
        // one another, all of them.
        kept.retain(|(action, need)| {
            !circles.iter().any(|circle| {
                circle.contains(action)
                    && circle.contains(need)
                    && waits_for(after, circle, *need, *action)
            })
        });
        let circles = self::circles(after, &kept);
        kept.retain(|(action, need)| {
            !circles.iter().any(|circle| circle.contains(action) && circle.contains(need))
        });
    }
    for (action, need) in kept {
        after[action as usize].push(need);
    }
}

/// Sets of actions that wait for one another.
fn circles(after: &[Vec<u32>], soft: &[(u32, u32)]) -> Vec<HashSet<u32>> {
    let mut graph = DiGraph::<(), ()>::with_capacity(after.len(), after.len());
    after.iter().for_each(|_| {
        graph.add_node(());
    });
    let hard = (0..).zip(after).flat_map(|(action, needs)| needs.iter().map(move |n| (action, *n)));
    for (action, need) in hard.chain(soft.iter().copied()) {
        graph.add_edge(NodeIndex::new(action as usize), NodeIndex::new(need as usize), ());
    }
    let several = tarjan_scc(&graph).into_iter().filter(|component| component.len() > 1);
    let number = |node: NodeIndex| u32::try_from(node.index()).unwrap_or(u32::MAX);
    several.map(|component| component.into_iter().map(number).collect()).collect()
}

/// Whether an action waits for another one by hard edges within a circle.
fn waits_for(after: &[Vec<u32>], circle: &HashSet<u32>, action: u32, wanted: u32) -> bool {
    let mut queue = vec![action];
    let mut seen = HashSet::from([action]);
    while let Some(next) = queue.pop() {
        if next == wanted {
            return true;
        }
        let needs = after[next as usize].iter().filter(|need| circle.contains(need));
        queue.extend(needs.copied().filter(|need| seen.insert(*need)));
    }
    false
}

/// The actions, each behind all that it waits for.
pub(super) fn sorted(kinds: Vec<ActionKind>, mut after: Vec<Vec<u32>>) -> Vec<Action> {
    let count = kinds.len();
    let mut followers: Vec<Vec<u32>> = vec![Vec::new(); count];
    for needs in &mut after {
        needs.sort_unstable();
        needs.dedup();
    }
    let mut waiting: Vec<usize> = after.iter().map(Vec::len).collect();
    for (action, needs) in (0..).zip(&after) {
        for need in needs {
            followers[*need as usize].push(action);
        }
    }
    let ready = (0..).zip(&waiting).filter(|(_, waiting)| **waiting == 0);
    let mut sorted: Vec<u32> = ready.map(|(id, _)| id).collect();
    let mut next = 0;
    while let Some(action) = sorted.get(next).copied() {
        next += 1;
        for follower in &followers[action as usize] {
            waiting[*follower as usize] -= 1;
            if waiting[*follower as usize] == 0 {
                sorted.push(*follower);
            }
        }
    }
    // A circle can only come from stale dependencies in state; its actions go last, in order.
    let mut placed = vec![false; count];
    sorted.iter().for_each(|action| placed[*action as usize] = true);
    sorted.extend((0..).zip(&placed).filter(|(_, placed)| !**placed).map(|(id, _)| id));
    let mut position = vec![0_u32; count];
    for (at, action) in (0..).zip(&sorted) {
        position[*action as usize] = at;
    }
    let mut kinds: Vec<Option<ActionKind>> = kinds.into_iter().map(Some).collect();
    let action = |(at, action): (usize, &u32)| {
        let needs = after[*action as usize].iter().map(|need| position[*need as usize]);
        let mut needs: Vec<u32> = needs.filter(|need| (*need as usize) < at).collect();
        needs.sort_unstable();
        let kind = kinds[*action as usize].take().unwrap_or(ActionKind::Join);
        Action { kind, after: needs.into_iter().map(ActionId).collect() }
    };
    sorted.iter().enumerate().map(action).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_edges_give_way_to_hard_ones_and_to_nothing_else() {
        for (hard, soft, expected) in [
            // Nothing contradicts it.
            (vec![vec![], vec![]], vec![(1, 0)], vec![vec![], vec![0]]),
            // The other way is needed.
            (vec![vec![1], vec![]], vec![(1, 0)], vec![vec![1], vec![]]),
            // By way of a third one; the other soft edge stays.
            (
                vec![vec![1], vec![2], vec![]],
                vec![(2, 0), (1, 2)],
                vec![vec![1], vec![2, 2], vec![]],
            ),
            // Two soft ones contradict each other.
            (vec![vec![], vec![]], vec![(0, 1), (1, 0)], vec![vec![], vec![]]),
        ] {
            let mut after = hard;
            leave_out_circles(&mut after, &soft);
            assert_eq!(after, expected, "{soft:?}");
        }
    }

    #[test]
    fn actions_stand_behind_what_they_wait_for() {
        let kinds = vec![ActionKind::Join; 4];
        let sorted = sorted(kinds, vec![vec![3, 2], vec![0], vec![3], vec![]]);
        let after: Vec<Vec<u32>> =
            sorted.iter().map(|action| action.after.iter().map(|id| id.0).collect()).collect();
        assert_eq!(after, [vec![], vec![0], vec![0, 1], vec![2]]);
    }
}
