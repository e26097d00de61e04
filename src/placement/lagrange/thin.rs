//! Plans that no cheapest choice needs are left out: a dearer plan of the same task that takes as much of
//! everything scarce as a cheaper one. Few offers are scarce in most stacks, so that few plans are left.

use std::collections::BTreeMap;

use super::Split;
use super::plans::{Taken, offers};
use super::relaxed::Fate;

/// More plans of one task are not compared with each other.
const MOST: usize = 2_000;

/// Costs that are nearer than that may be the same: both plans stay.
const SAME: f64 = 1e-6;

/// What a plan takes of what is scarce: offers, then clouds that somebody has to pay for.
type Needs = Vec<(usize, u64)>;

/// The plans that are left, in their order.
pub(super) fn thinned<'a>(split: &Split, fates: &[Fate], plans: &[&'a Taken]) -> Vec<&'a Taken> {
    let mut left = plans.to_vec();
    loop {
        let before = left.len();
        let scarce = scarce(split, &left);
        let mut of_task: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, plan) in left.iter().enumerate() {
            of_task.entry(plan.task).or_default().push(index);
        }
        let needs: Vec<Needs> =
            left.iter().map(|plan| needs(split, fates, &scarce, plan)).collect();
        let mut kept = vec![true; left.len()];
        for mut own in of_task.into_values().filter(|own| own.len() <= MOST) {
            own.sort_by(|a, b| left[*a].cost.total_cmp(&left[*b].cost));
            for (place, &index) in own.iter().enumerate() {
                let is_better = |rival: &&usize| {
                    let room = SAME + 1e-9 * left[index].cost.abs();
                    kept[**rival]
                        && left[**rival].cost + room < left[index].cost
                        && is_within(&needs[**rival], &needs[index])
                };
                kept[index] = !own[..place].iter().any(|rival| is_better(&rival));
            }
        }
        let mut kept = kept.into_iter();
        left.retain(|_| kept.next().unwrap_or(true));
        if left.len() == before {
            return left;
        }
    }
}

/// By offer: whether these plans together can ask for more than there is.
pub(super) fn scarce(split: &Split, plans: &[&Taken]) -> Vec<bool> {
    let mut most: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for plan in plans {
        for (offer, count) in offers(split, plan) {
            let most = most.entry((offer, plan.task)).or_default();
            *most = most.max(count as f64);
        }
    }
    let mut asked = vec![0.0; split.quotas.len()];
    for ((offer, _), most) in most {
        asked[offer] += most;
    }
    asked.iter().zip(&split.quotas).map(|(asked, quota)| asked > quota).collect()
}

fn needs(split: &Split, fates: &[Fate], scarce: &[bool], plan: &Taken) -> Needs {
    let work = &split.tasks[plan.task];
    let of_offers = offers(split, plan).filter(|(offer, _)| scarce[*offer]);
    let used = split.carriers(&plan.units).into_iter().map(|carrier| work.clouds[carrier].cloud);
    let paid = used.filter(|cloud| fates[*cloud] == Fate::Open && split.activation[*cloud] > 0.0);
    let mut needs: Needs = of_offers.chain(paid.map(|cloud| (scarce.len() + cloud, 1))).collect();
    needs.sort_unstable();
    needs
}

/// Whether the first needs no more of anything than the second; both in order.
fn is_within(first: &Needs, second: &Needs) -> bool {
    let mut second = second.iter();
    first.iter().all(|(what, count)| second.any(|(other, most)| other == what && count <= most))
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn needs_are_compared_one_by_one() {
        let all = vec![(1, 2), (4, 1), (9, 3)];
        assert!(is_within(&vec![], &all));
        assert!(is_within(&vec![(1, 2), (9, 1)], &all));
        assert!(!is_within(&vec![(1, 3)], &all));
        assert!(!is_within(&vec![(2, 1)], &all));
        assert!(!is_within(&all, &vec![(1, 2), (9, 3)]));
    }
}
