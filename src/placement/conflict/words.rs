//! Conflicts in a user's words.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;

use super::requirement::{Atom, OfTask};
use super::{Conflict, ConflictKind, remedy};
use crate::mip::{Answer, Budget, Goal, build, solve};
use crate::program::Program;
use crate::{Limits, Problem, Task, eligible};

/// What a set of requirements says together.
pub(super) fn conflict(problem: &Problem, set: &[Atom], all: &[Atom], budget: Budget) -> Conflict {
    let requirements = set.iter().map(|atom| atom.requirement(problem)).collect();
    let (name, kind) = main(problem, set);
    let conflict = |asked: Decimal, available: Decimal, message: String| Conflict {
        task: Some(name.clone()).filter(|name| !name.is_empty()),
        kind,
        asked,
        available,
        message,
        requirements,
        remedies: Vec::new(),
    };
    let task = problem.tasks.get(&name).cloned().unwrap_or_default();
    let said = |atoms: &[Atom]| {
        let all: Vec<String> = atoms.iter().map(|atom| atom.requirement(problem).text).collect();
        all.join("; ")
    };
    match kind {
        ConflictKind::Requires => {
            let reasons = excluded(problem, &name, &task);
            let list = if reasons.is_empty() { "there is none".to_owned() } else { reasons };
            conflict(task.demand, Decimal::ZERO, format!("no offer can serve {name} ({list})"))
        }
        ConflictKind::MinClouds => {
            let clouds = Decimal::from(clouds_of(problem, &name, &task));
            let asked = Decimal::from(task.min_clouds);
            let message = if clouds < asked {
                format!("{name} asks for at least {asked} clouds, and {clouds} can serve it")
            } else {
                format!("these cannot be had together: {}", said(set))
            };
            conflict(asked, clouds, message)
        }
        ConflictKind::MaxShare => {
            let clouds = clouds_of(problem, &name, &task).max(1);
            let share = task.max_share.normalize();
            let least = (Decimal::ONE / Decimal::from(clouds)).round_dp(3);
            let message = if task.max_share * Decimal::from(clouds) < Decimal::ONE {
                format!(
                    "{name} lets a cloud carry at most {share} of the demand, and with {clouds} cloud{} one must carry at least {least}",
                    if clouds == 1 { "" } else { "s" }
                )
            } else {
                format!("these cannot be had together: {}", said(set))
            };
            conflict(least.max(share), share, message)
        }
        ConflictKind::Demand => {
            let available = available(problem, set, all, &name, budget);
            let asked = task.demand.normalize();
            let short = (asked - available).normalize();
            let is_plain = set
                .iter()
                .all(|atom| matches!(atom, Atom::OfTask(_, OfTask::Demand) | Atom::Quota { .. }));
            let message = if is_plain {
                format!(
                    "{name} asks for {asked} and all clouds together give {available}, {short} short"
                )
            } else {
                format!(
                    "{name} asks for {asked} and {available} can be had, {short} short: {}",
                    said(set)
                )
            };
            conflict(asked, available, message)
        }
        _ => {
            let available = available(problem, set, all, &name, budget);
            let asked = task.demand.normalize();
            conflict(asked, available, format!("these cannot be had together: {}", said(set)))
        }
    }
}

/// The task that a conflict is shown at, and its kind.
fn main(problem: &Problem, set: &[Atom]) -> (String, ConflictKind) {
    let mut tasks: Vec<&String> = set
        .iter()
        .filter_map(|atom| match atom {
            Atom::OfTask(name, _) => Some(name),
            _ => None,
        })
        .collect();
    tasks.dedup();
    let has = |wanted: &dyn Fn(&OfTask) -> bool| {
        set.iter().any(|atom| matches!(atom, Atom::OfTask(_, own) if wanted(own)))
    };
    let Some(name) = tasks.last().map(|name| (*name).clone()) else {
        return (String::new(), ConflictKind::Quota);
    };
    let task = problem.tasks.get(&name).cloned().unwrap_or_default();
    let kind = if has(&|own| matches!(own, OfTask::Apart(_) | OfTask::Together(_))) {
        ConflictKind::Company
    } else if tasks.len() > 1 {
        ConflictKind::Quota
    } else if clouds_of(problem, &name, &task) == 0 {
        ConflictKind::Requires
    } else if has(&|own| *own == OfTask::MinClouds) {
        ConflictKind::MinClouds
    } else if has(&|own| *own == OfTask::MaxShare) {
        ConflictKind::MaxShare
    } else {
        ConflictKind::Demand
    };
    (name, kind)
}

fn clouds_of(problem: &Problem, name: &str, task: &Task) -> usize {
    let can = problem.clouds.iter().filter(|(cloud_name, cloud)| {
        cloud.offers.values().any(|offer| eligible(name, task, cloud_name, cloud, offer).is_ok())
    });
    can.count()
}

/// Which requirement excludes which offer.
fn excluded(problem: &Problem, name: &str, task: &Task) -> String {
    let offers = problem.clouds.iter().flat_map(|(cloud_name, cloud)| {
        cloud.offers.iter().filter_map(move |(offer_name, offer)| {
            let reason = eligible(name, task, cloud_name, cloud, offer).err()?;
            Some(format!("{cloud_name}/{offer_name}: {}", reason.reason()))
        })
    });
    let mut reasons: Vec<String> = offers.collect();
    let more = reasons.len().saturating_sub(12);
    reasons.truncate(12);
    if more > 0 {
        reasons.push(format!("and {more} more"));
    }
    reasons.join("; ")
}

/// What can be had of a task's demand, if the set's other requirements are kept.
fn available(problem: &Problem, set: &[Atom], all: &[Atom], name: &str, budget: Budget) -> Decimal {
    let mut relaxed = problem.clone();
    for atom in all.iter().filter(|atom| !set.contains(atom)) {
        atom.lift(&mut relaxed);
    }
    most_demand(&relaxed, name, budget).unwrap_or_default()
}

/// The most demand of a task that can be covered, rounded down to millionths.
pub(super) fn most_demand(problem: &Problem, name: &str, budget: Budget) -> Option<Decimal> {
    let demand = problem.tasks.get(name)?.demand;
    let program = Program::new(problem);
    let index = program.tasks.iter().position(|(task, _)| *task == name)?;
    let Answer::Found(found) = solve(build(&program, Goal::Missed(index)), budget, None) else {
        return None;
    };
    let missed = Decimal::from_f64(found.objective.clamp(0.0, 1.0))?;
    Some((demand * (Decimal::ONE - missed)).round_dp(6).normalize())
}

/// Everything can be covered, but not for that money.
pub(super) fn over_budget(
    problem: &Problem,
    limits: &Limits,
    budget: Budget,
    least: Decimal,
    most: Decimal,
) -> Conflict {
    let over = (least - most).normalize();
    let (least, most) = (least.normalize(), most.normalize());
    let requirement = super::Requirement {
        task: None,
        cloud: None,
        offer: None,
        argument: "budget",
        text: format!("a month may cost {most} USD"),
    };
    Conflict {
        task: None,
        kind: ConflictKind::Budget,
        asked: least,
        available: most,
        message: format!(
            "the least that covers everything costs {least} USD a month, {over} over the budget of {most}"
        ),
        requirements: vec![requirement],
        remedies: remedy::for_budget(problem, limits, budget, least),
    }
}
