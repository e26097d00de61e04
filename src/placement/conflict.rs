//! Why there is no solution, in a user's words, with what would mend it.

use rust_decimal::prelude::ToPrimitive as _;

use crate::eligibility::eligible;
use crate::model::{Answer, Relax, least};
use crate::verify::verify;
use crate::{Conflict, ConflictKind, Limits, Problem, Task};

/// The requirements that cannot be had: each task's own, else those that tasks have together.
pub(crate) fn conflicts(problem: &Problem, limits: &Limits) -> Vec<Conflict> {
    let demanding = problem.tasks.iter().filter(|(_, task)| task.demand > 0.0);
    let own: Vec<Conflict> =
        demanding.filter_map(|(name, task)| of_task(problem, name, task)).collect();
    if !own.is_empty() {
        return own;
    }
    if let Some(budget) = problem.budget {
        let free = Problem { budget: None, ..problem.clone() };
        if let Answer::Solved(solution) =
            least(&free, limits, Relax { budget: true, ..Relax::default() })
            && let Some(verified) = verify(&free, &solution)
        {
            let over = verified.cost - budget;
            return vec![Conflict {
                task: None,
                kind: ConflictKind::Budget,
                asked: verified.cost.to_f64().unwrap_or(f64::MAX),
                available: budget.to_f64().unwrap_or(0.0),
                message: format!(
                    "the least that covers everything costs {} USD a month, {over} over the budget of {budget}",
                    verified.cost
                ),
                remedies: vec![format!("raise the budget to {}", verified.cost)],
            }];
        }
    }
    together(problem, limits)
}

fn of_task(problem: &Problem, name: &str, task: &Task) -> Option<Conflict> {
    let mut available = 0.0;
    let mut clouds = 0;
    let mut excluded = Vec::new();
    let mut raise = Vec::new();
    for (cloud_name, cloud) in &problem.clouds {
        let mut any = false;
        for (offer_name, offer) in &cloud.offers {
            match eligible(name, task, cloud_name, cloud, offer) {
                Ok(serves) => {
                    any = true;
                    available += offer.quota.map_or(f64::INFINITY, |quota| serves * quota as f64);
                    raise.push((cloud_name, offer_name, serves));
                }
                Err(reason) => {
                    excluded.push(format!("{cloud_name}/{offer_name}: {}", reason.reason()));
                }
            }
        }
        clouds += u64::from(any);
    }
    let conflict = |kind: ConflictKind, asked: f64, available: f64, message: String, remedies| {
        Some(Conflict { task: Some(name.to_owned()), kind, asked, available, message, remedies })
    };
    if clouds == 0 {
        let message = format!("no offer can serve {name} ({})", excluded.join("; "));
        let remedies =
            vec![format!("lower what {name} requires"), "add an offer that has it".to_owned()];
        return conflict(ConflictKind::Requires, task.demand, 0.0, message, remedies);
    }
    if available < task.demand {
        let short = task.demand - available;
        let message = format!(
            "{name} asks for {} and all clouds together give {available}, {short} short",
            task.demand
        );
        let mut remedies = vec![format!("lower the demand of {name} to {available}")];
        for (cloud, offer, serves) in raise.iter().take(3) {
            let more = (short / serves).ceil();
            remedies.push(format!(
                "raise the quota of offer {offer} in cloud {cloud} by {more}, or what a unit of it covers by {short}"
            ));
        }
        remedies.push(format!("add a cloud or an offer that serves {name}"));
        return conflict(ConflictKind::Demand, task.demand, available, message, remedies);
    }
    if clouds < task.min_clouds {
        let message = format!(
            "{name} asks for at least {} clouds, and {clouds} can serve it",
            task.min_clouds
        );
        let remedies = vec![
            format!("lower min_clouds of {name} to {clouds}"),
            "add a cloud that can serve it".to_owned(),
        ];
        return conflict(
            ConflictKind::MinClouds,
            task.min_clouds as f64,
            clouds as f64,
            message,
            remedies,
        );
    }
    if task.max_share * (clouds as f64) < 1.0 - 1e-9 {
        let least = 1.0 / clouds as f64;
        let message = format!(
            "{name} lets a cloud carry at most {} of the demand, and with {clouds} cloud{} one must carry at least {least:.3}",
            task.max_share,
            if clouds == 1 { "" } else { "s" }
        );
        let remedies = vec![
            format!("raise max_share of {name} to {least:.3}"),
            "add a cloud that can serve it".to_owned(),
        ];
        return conflict(ConflictKind::MaxShare, least, task.max_share, message, remedies);
    }
    None
}

/// Each task could be covered alone, but not all of them.
fn together(problem: &Problem, limits: &Limits) -> Vec<Conflict> {
    let shares = Relax { max_share: true, ..Relax::default() };
    if problem.tasks.values().any(|task| task.max_share < 1.0)
        && let Answer::Solved(_) = least(problem, limits, shares)
    {
        let tight = problem.tasks.iter().filter(|(_, task)| task.max_share < 1.0);
        return tight
            .map(|(name, task)| Conflict {
                task: Some(name.clone()),
                kind: ConflictKind::MaxShare,
                asked: task.max_share,
                available: 1.0,
                message: format!("what the clouds can give does not split so that none carries more than {} of {name}", task.max_share),
                remedies: vec![format!("raise max_share of {name}"), "raise a quota in a cloud that carries less".to_owned()],
            })
            .collect();
    }
    let missing = Relax { demand: true, ..Relax::default() };
    let Answer::Solved(solution) = least(problem, limits, missing) else {
        return vec![Conflict {
            task: None,
            kind: ConflictKind::MinClouds,
            asked: 0.0,
            available: 0.0,
            message: "the tasks' min_clouds cannot be had together with the quotas".to_owned(),
            remedies: vec!["lower min_clouds of a task, or raise a quota".to_owned()],
        }];
    };
    let competing: Vec<String> = solution.missed.keys().cloned().collect();
    solution
        .missed
        .iter()
        .filter_map(|(name, short)| {
            let asked = problem.tasks.get(name)?.demand;
            let available = asked - short;
            Some(Conflict {
                task: Some(name.clone()),
                kind: ConflictKind::Quota,
                asked,
                available,
                message: format!(
                    "{name} asks for {asked}, and {available:.4} is left for it where tasks compete for the same quotas ({})",
                    competing.join(", ")
                ),
                remedies: vec![
                    format!("lower the demand of {name} by {short:.4}"),
                    "raise a quota that several tasks use".to_owned(),
                ],
            })
        })
        .collect()
}
