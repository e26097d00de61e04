//! Single changes that would make a problem feasible, the cheapest first.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};

use super::requirement::{Atom, OfTask, atoms, find, is_capacity};
use super::{is_feasible, words};
use crate::mip::{Answer, Budget, Goal, build, solve};
use crate::program::Program;
use crate::solve::{Decision, decide};
use crate::verify::amount;
use crate::{Ineligible, Limits, Problem, Task, eligible};

/// A change that would make the placement possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// What to do.
    pub text: String,
    /// What a month would cost then, in USD, where the rest can be had.
    pub cost: Option<Decimal>,
}

/// More changes than that are not shown.
const MOST_SHOWN: usize = 6;

/// A change under trial.
struct Change {
    text: String,
    edit: Box<dyn Fn(&mut Problem)>,
}

/// Changes of single requirements in `set`, tried on the part of the problem that they are about.
pub(super) fn remedies(
    whole: &Problem,
    part: &Problem,
    all: &[Atom],
    set: &[Atom],
    limits: &Limits,
    budget: Budget,
) -> Vec<Remedy> {
    let trial = Trial { part, budget };
    let mut changes: Vec<Change> = set.iter().flat_map(|atom| trial.changes(atom)).collect();
    if changes.is_empty() {
        // Time ran out before the set was small: nothing to say about single requirements.
        changes = all.iter().take(MOST_SHOWN).flat_map(|atom| trial.changes(atom)).collect();
    }
    priced(whole, changes, limits, budget)
}

/// Changes that bring the cost within the budget.
pub(super) fn for_budget(
    problem: &Problem,
    limits: &Limits,
    budget: Budget,
    least: Decimal,
) -> Vec<Remedy> {
    let raise = Remedy { text: format!("raise the budget to {least}"), cost: Some(least) };
    let lifted = atoms(problem).into_iter().filter(|atom| match atom {
        Atom::OfTask(_, own) => !matches!(own, OfTask::Demand | OfTask::Needs(_)),
        _ => false,
    });
    let changes = lifted.take(20).map(|atom| {
        let requirement = atom.requirement(problem);
        let name = requirement.task.unwrap_or_default();
        let text = format!("leave out {} of {name}", requirement.argument);
        Change { text, edit: Box::new(move |problem: &mut Problem| atom.lift(problem)) }
    });
    let mut found: Vec<Remedy> = priced(problem, changes.collect(), limits, budget)
        .into_iter()
        .filter(|remedy| remedy.cost.is_some())
        .collect();
    found.insert(0, raise);
    found
}

/// Changes with what a month costs then, cheapest first; those whose rest cannot be had come last.
fn priced(problem: &Problem, changes: Vec<Change>, limits: &Limits, budget: Budget) -> Vec<Remedy> {
    let mut found: Vec<Remedy> = Vec::new();
    // Only the cost matters.
    let budget = Budget { settles_ties: false, ..budget };
    for Change { text, edit } in changes {
        let mut changed = problem.clone();
        edit(&mut changed);
        let cost = match decide(&changed, limits, budget) {
            Decision::Found(decided) => Some(decided.verified.cost),
            _ => None,
        };
        if found.iter().all(|known| known.text != text) {
            found.push(Remedy { text, cost });
        }
    }
    // The sort is stable: at equal cost the order of the requirements stays.
    found.sort_by_key(|remedy| remedy.cost.unwrap_or(Decimal::MAX));
    found.truncate(MOST_SHOWN);
    found
}

struct Trial<'a> {
    part: &'a Problem,
    budget: Budget,
}

impl Trial<'_> {
    fn works(&self, edit: &dyn Fn(&mut Problem)) -> bool {
        let mut problem = self.part.clone();
        edit(&mut problem);
        is_feasible(&problem, self.budget)
    }

    fn checked(&self, text: String, edit: impl Fn(&mut Problem) + 'static) -> Option<Change> {
        self.works(&edit).then(|| Change { text, edit: Box::new(edit) })
    }

    fn changes(&self, atom: &Atom) -> Vec<Change> {
        match atom {
            Atom::OfTask(name, own) => match self.part.tasks.get(name) {
                Some(task) => self.of_task(name, task, own),
                None => Vec::new(),
            },
            Atom::Quota { cloud, offer } => self.quota(cloud, offer),
            Atom::CloudQuota { cloud, resource } => {
                self.cloud_quota(cloud, resource).into_iter().collect()
            }
        }
    }

    fn of_task(&self, name: &str, task: &Task, own: &OfTask) -> Vec<Change> {
        let owned = name.to_owned();
        let edit = |change: Box<dyn Fn(&mut Task)>| {
            let name = owned.clone();
            move |problem: &mut Problem| {
                if let Some(task) = problem.tasks.get_mut(&name) {
                    change(task);
                }
            }
        };
        let one = |text: String, change: Box<dyn Fn(&mut Task)>| {
            self.checked(text, edit(change)).into_iter().collect::<Vec<_>>()
        };
        match own {
            OfTask::Demand => self.demand(name, task),
            OfTask::MaxDemand => {
                let least = task.demand;
                let text = format!("lower max_demand of {name} to {}", least.normalize());
                one(text, Box::new(move |task| task.max_demand = Some(least)))
            }
            OfTask::MinClouds => (1..task.min_clouds)
                .rev()
                .find_map(|fewer| {
                    let text = format!("lower min_clouds of {name} to {fewer}");
                    self.checked(text, edit(Box::new(move |task| task.min_clouds = fewer)))
                })
                .into_iter()
                .collect(),
            OfTask::MaxShare => {
                let least = |share| edit(Box::new(move |task: &mut Task| task.max_share = share));
                let share = self.least_that_works(task.max_share, Decimal::ONE, &least);
                let text = |share: Decimal| format!("raise max_share of {name} to {share}");
                let found = share.and_then(|share| self.checked(text(share), least(share)));
                found.into_iter().collect()
            }
            OfTask::OnDemand => {
                let text = format!("leave out min_on_demand of {name}");
                one(text, Box::new(|task| task.min_on_demand = Decimal::ZERO))
            }
            OfTask::Needs(resource) => {
                let resource = resource.clone();
                let text = format!("lower the {resource} that {name} needs");
                one(text, Box::new(move |task| task.needs.retain(|name, _| *name != resource)))
            }
            OfTask::Apart(other) => {
                let other = other.clone();
                let text = format!("let {name} run where {other} does");
                one(text, Box::new(move |task| task.apart_from.retain(|name| *name != other)))
            }
            OfTask::Together(other) => {
                let other = other.clone();
                let text = format!("let {name} run without {other}");
                one(text, Box::new(move |task| task.together_with.retain(|name| *name != other)))
            }
            _ => self.eligibility(name, task, own),
        }
    }

    fn demand(&self, name: &str, task: &Task) -> Vec<Change> {
        let Some(most) = words::most_demand(self.part, name, self.budget) else {
            return Vec::new();
        };
        if most <= Decimal::ZERO || most >= task.demand {
            return Vec::new();
        }
        let text = format!("lower the demand of {name} to {most}");
        let owned = name.to_owned();
        let edit = move |problem: &mut Problem| {
            if let Some(task) = problem.tasks.get_mut(&owned) {
                task.demand = most;
            }
        };
        self.checked(text, edit).into_iter().collect()
    }

    /// What each offer asks of the task that is ruled out by this requirement alone, least first.
    fn eligibility(&self, name: &str, task: &Task, own: &OfTask) -> Vec<Change> {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut changes = Vec::new();
        for (cloud_name, cloud) in &self.part.clouds {
            for offer in cloud.offers.values() {
                let Err(reason) = eligible(name, task, cloud_name, cloud, offer) else { continue };
                let Some((text, change)) = permit(name, cloud_name, own, reason) else { continue };
                if !seen.insert(text.clone()) {
                    continue;
                }
                let owned = name.to_owned();
                let edit = move |problem: &mut Problem| {
                    if let Some(task) = problem.tasks.get_mut(&owned) {
                        change(task);
                    }
                };
                changes.extend(self.checked(text, edit));
            }
        }
        changes
    }

    fn quota(&self, cloud: &str, offer: &str) -> Vec<Change> {
        let Some(own) = self.part.clouds.get(cloud).and_then(|own| own.offers.get(offer)) else {
            return Vec::new();
        };
        let (cloud, offer) = (cloud.to_owned(), offer.to_owned());
        if is_capacity(&offer, Some(own)) {
            return self.capacity(&cloud, &offer);
        }
        let mut lifted = self.part.clone();
        if let Some(own) = find(&mut lifted, &cloud, &offer) {
            own.quota = None;
        }
        let weigh = |program: &Program<'_>, column: usize| {
            let group = &program.offers[program.columns[column].offer];
            let is_own = program.clouds[group.cloud].0 == cloud
                && group.members.iter().any(|(name, _)| *name == offer);
            f64::from(u8::from(is_own))
        };
        let others = |program: &Program<'_>| {
            let groups = program.offers.iter().filter(|group| {
                program.clouds[group.cloud].0 == cloud
                    && group.members.iter().any(|(name, _)| *name == offer)
            });
            let members = groups.flat_map(|group| &group.members);
            let quotas = members.filter(|(name, _)| *name != offer).filter_map(|(_, o)| o.quota);
            quotas.sum::<u64>()
        };
        let Some((least, beside)) = self.least_weight(&lifted, &weigh, &others) else {
            return Vec::new();
        };
        let needed = (least.round().to_u64().unwrap_or(u64::MAX)).saturating_sub(beside);
        let before = own.quota.unwrap_or_default();
        let text = format!(
            "raise the quota of offer {offer} in cloud {cloud} by {} to {needed}",
            needed.saturating_sub(before)
        );
        let edit = move |problem: &mut Problem| {
            if let Some(own) = find(problem, &cloud, &offer) {
                own.quota = Some(needed);
            }
        };
        self.checked(text, edit).into_iter().collect()
    }

    /// A cloud's capacity for a task that would have to be larger.
    fn capacity(&self, cloud: &str, offer: &str) -> Vec<Change> {
        let mut changes = Vec::new();
        for (name, task) in self.part.tasks.iter().filter(|(_, task)| task.is_demanding()) {
            let Some(most) = words::most_demand(self.part, name, self.budget) else { continue };
            let short = (task.demand - most).normalize();
            let own = self.part.clouds.get(cloud).and_then(|own| own.offers.get(offer));
            let now = own.and_then(|own| own.serves.get(name)).copied().unwrap_or_default();
            let wanted = (now + short).normalize();
            let text = format!(
                "raise the capacity of cloud {cloud} for {name} from {} to {wanted}",
                now.normalize()
            );
            let (cloud, offer, name) = (cloud.to_owned(), offer.to_owned(), name.clone());
            let edit = move |problem: &mut Problem| {
                if let Some(own) = find(problem, &cloud, &offer) {
                    own.serves.insert(name.clone(), wanted);
                }
            };
            changes.extend(self.checked(text, edit));
        }
        changes
    }

    fn cloud_quota(&self, cloud: &str, resource: &str) -> Option<Change> {
        let mut lifted = self.part.clone();
        let before = lifted.clouds.get_mut(cloud)?.quotas.remove(resource)?;
        let weigh = |program: &Program<'_>, column: usize| {
            let group = &program.offers[program.columns[column].offer];
            if program.clouds[group.cloud].0 != cloud {
                return 0.0;
            }
            amount(group.offer, resource).to_f64().unwrap_or(0.0)
        };
        let (least, ()) = self.least_weight(&lifted, &weigh, &|_| ())?;
        let needed = Decimal::from_f64(least)?.round_dp(6).normalize();
        let more = (needed - before).normalize();
        let text = format!("raise the quota of {resource} in cloud {cloud} by {more} to {needed}");
        let (cloud, resource) = (cloud.to_owned(), resource.to_owned());
        let edit = move |problem: &mut Problem| {
            if let Some(own) = problem.clouds.get_mut(&cloud) {
                own.quotas.insert(resource.clone(), needed);
            }
        };
        self.checked(text, edit)
    }

    fn least_weight<T>(
        &self,
        problem: &Problem,
        weigh: &dyn Fn(&Program<'_>, usize) -> f64,
        also: &dyn Fn(&Program<'_>) -> T,
    ) -> Option<(f64, T)> {
        let program = Program::new(problem);
        let weights: Vec<f64> =
            (0..program.columns.len()).map(|column| weigh(&program, column)).collect();
        let budget = Budget { max_gap: 0.0, ..self.budget };
        match solve(build(&program, Goal::Weighted(&weights)), budget, None) {
            Answer::Found(found) => {
                let units = found.units.iter().zip(&weights);
                Some((units.map(|(count, weight)| *count as f64 * weight).sum(), also(&program)))
            }
            _ => None,
        }
    }

    /// The least value that works, in thousandths; halves are tried.
    fn least_that_works<E: Fn(&mut Problem)>(
        &self,
        bad: Decimal,
        good: Decimal,
        edit: &dyn Fn(Decimal) -> E,
    ) -> Option<Decimal> {
        if !self.works(&edit(good)) {
            return None;
        }
        let step = Decimal::new(1, 3);
        let (mut bad, mut good) = (bad, good);
        while good - bad > step {
            let middle = ((bad + good) / Decimal::TWO)
                .round_dp_with_strategy(3, rust_decimal::RoundingStrategy::AwayFromZero);
            if middle >= good {
                break;
            }
            if self.works(&edit(middle)) { good = middle } else { bad = middle }
        }
        Some(good.normalize())
    }
}

/// A change of one requirement that no longer rules out an offer for this reason.
type Permit = (String, Box<dyn Fn(&mut Task)>);

fn permit(name: &str, cloud: &str, own: &OfTask, reason: Ineligible) -> Option<Permit> {
    match (own, reason) {
        (OfTask::Clouds, Ineligible::Cloud) => {
            let cloud = cloud.to_owned();
            let text = format!("allow cloud {cloud} for {name}");
            let allow =
                move |task: &mut Task| task.clouds.get_or_insert_default().push(cloud.clone());
            Some((text, Box::new(allow)))
        }
        (OfTask::Regions, Ineligible::Region { region }) => {
            let text = format!("allow region {region} for {name}");
            let allow =
                move |task: &mut Task| task.regions.get_or_insert_default().push(region.clone());
            Some((text, Box::new(allow)))
        }
        (OfTask::Residency, Ineligible::Residency { has: Some(has) }) => {
            let text = format!("allow residency {has} for {name}");
            let allow =
                move |task: &mut Task| task.residency.get_or_insert_default().push(has.clone());
            Some((text, Box::new(allow)))
        }
        (OfTask::Requires(wanted), Ineligible::Requires { resource, has, .. })
            if *wanted == resource =>
        {
            let text = format!("lower the {resource} that {name} requires to {}", has.normalize());
            let lower = move |task: &mut Task| {
                task.requires.insert(resource.clone(), has);
            };
            Some((text, Box::new(lower)))
        }
        (OfTask::Latency, Ineligible::Latency { has: Some(has), .. }) => {
            let text = format!("raise max_latency_ms of {name} to {}", has.normalize());
            Some((text, Box::new(move |task: &mut Task| task.max_latency_ms = Some(has))))
        }
        (OfTask::Interruption, Ineligible::Interruption { has, .. }) => {
            let text = format!("raise max_interruption of {name} to {}", has.normalize());
            Some((text, Box::new(move |task: &mut Task| task.max_interruption = has)))
        }
        _ => None,
    }
}
