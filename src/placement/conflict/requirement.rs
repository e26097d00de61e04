//! Single requirements of a problem, each of which can be lifted.

use rust_decimal::Decimal;

use crate::{Offer, Problem, Task, eligible};

/// A requirement in a user's words, with where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The task that asks it.
    pub task: Option<String>,
    /// The cloud that sets it.
    pub cloud: Option<String>,
    /// The offer of the cloud.
    pub offer: Option<String>,
    /// The argument of the task, cloud or offer.
    pub argument: &'static str,
    /// What it says.
    pub text: String,
}

/// A requirement that can be lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Atom {
    OfTask(String, OfTask),
    Quota { cloud: String, offer: String },
    CloudQuota { cloud: String, resource: String },
}

/// A requirement of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OfTask {
    Demand,
    MaxDemand,
    Needs(String),
    Requires(String),
    MinClouds,
    MaxShare,
    Clouds,
    Regions,
    Residency,
    Latency,
    Interruption,
    OnDemand,
    Apart(String),
    Together(String),
}

/// All requirements of a problem, what is lifted with the least regret last.
pub(crate) fn atoms(problem: &Problem) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for (name, task) in problem.tasks.iter().filter(|(_, task)| task.is_demanding()) {
        atoms.extend(of_task(task).into_iter().map(|atom| Atom::OfTask(name.clone(), atom)));
    }
    for (cloud_name, cloud) in &problem.clouds {
        for resource in cloud.quotas.keys() {
            atoms.push(Atom::CloudQuota { cloud: cloud_name.clone(), resource: resource.clone() });
        }
        for (name, _) in cloud.offers.iter().filter(|(_, offer)| offer.quota.is_some()) {
            atoms.push(Atom::Quota { cloud: cloud_name.clone(), offer: name.clone() });
        }
    }
    atoms
}

fn of_task(task: &Task) -> Vec<OfTask> {
    let mut atoms = Vec::new();
    let mut add = |is_set: bool, atom: OfTask| {
        if is_set {
            atoms.push(atom);
        }
    };
    add(task.demand > Decimal::ZERO, OfTask::Demand);
    add(task.most_demand() > task.demand, OfTask::MaxDemand);
    for (resource, need) in &task.needs {
        add(*need > Decimal::ZERO, OfTask::Needs(resource.clone()));
    }
    for (resource, need) in &task.requires {
        add(*need > Decimal::ZERO, OfTask::Requires(resource.clone()));
    }
    add(task.min_clouds > 1, OfTask::MinClouds);
    add(task.max_share < Decimal::ONE, OfTask::MaxShare);
    add(task.clouds.is_some(), OfTask::Clouds);
    add(task.regions.is_some(), OfTask::Regions);
    add(task.residency.is_some(), OfTask::Residency);
    add(task.max_latency_ms.is_some(), OfTask::Latency);
    add(task.max_interruption < Decimal::ONE, OfTask::Interruption);
    add(task.min_on_demand > Decimal::ZERO, OfTask::OnDemand);
    for other in &task.apart_from {
        add(true, OfTask::Apart(other.clone()));
    }
    for other in &task.together_with {
        add(true, OfTask::Together(other.clone()));
    }
    atoms
}

impl Atom {
    /// Takes the requirement out of a problem.
    pub(crate) fn lift(&self, problem: &mut Problem) {
        match self {
            Atom::OfTask(name, atom) => {
                if let Some(task) = problem.tasks.get_mut(name) {
                    atom.lift(task);
                }
            }
            Atom::Quota { cloud, offer } => {
                if let Some(offer) = find(problem, cloud, offer) {
                    offer.quota = None;
                }
            }
            Atom::CloudQuota { cloud, resource } => {
                if let Some(cloud) = problem.clouds.get_mut(cloud) {
                    cloud.quotas.remove(resource);
                }
            }
        }
    }

    /// Whether there can be one unit less of it.
    pub(crate) fn has_units(&self) -> bool {
        match self {
            Atom::OfTask(_, own) => {
                matches!(own, OfTask::Demand | OfTask::MinClouds | OfTask::Needs(_))
            }
            Atom::Quota { .. } | Atom::CloudQuota { .. } => true,
        }
    }

    /// Whether it only rules out offers, and each that it rules out is ruled out by another one too.
    pub(crate) fn excludes_nothing(&self, problem: &Problem) -> bool {
        let Atom::OfTask(name, own) = self else { return false };
        let rules_out = matches!(
            own,
            OfTask::Requires(_)
                | OfTask::Clouds
                | OfTask::Regions
                | OfTask::Residency
                | OfTask::Latency
                | OfTask::Interruption
        );
        let Some(task) = problem.tasks.get(name).filter(|_| rules_out) else { return false };
        let mut lifted = task.clone();
        own.lift(&mut lifted);
        problem.clouds.iter().all(|(cloud_name, cloud)| {
            cloud.offers.values().all(|offer| {
                let may = |task: &Task| eligible(name, task, cloud_name, cloud, offer).is_ok();
                may(task) == may(&lifted)
            })
        })
    }

    /// Asks for one unit more, or gives one less.
    pub(crate) fn tighten(&self, problem: &mut Problem) {
        self.shift(problem, true);
    }

    /// Asks for one unit less, or gives one more.
    pub(crate) fn loosen(&self, problem: &mut Problem) {
        self.shift(problem, false);
    }

    fn shift(&self, problem: &mut Problem, tighter: bool) {
        let more = |amount: &mut Decimal| *amount += Decimal::ONE;
        let less = |amount: &mut Decimal| *amount = (*amount - Decimal::ONE).max(Decimal::ZERO);
        let ask = |amount: &mut Decimal| if tighter { more(amount) } else { less(amount) };
        match self {
            Atom::OfTask(name, own) => {
                let Some(task) = problem.tasks.get_mut(name) else { return };
                match own {
                    OfTask::Demand => {
                        ask(&mut task.demand);
                        task.max_demand = task.max_demand.map(|most| most.max(task.demand));
                    }
                    OfTask::MinClouds if tighter => task.min_clouds += 1,
                    OfTask::MinClouds => task.min_clouds = task.min_clouds.saturating_sub(1),
                    OfTask::Needs(resource) => {
                        if let Some(need) = task.needs.get_mut(resource) {
                            ask(need);
                        }
                    }
                    _ => (),
                }
            }
            Atom::Quota { cloud, offer } => {
                let Some(offer) = find(problem, cloud, offer) else { return };
                offer.quota = offer.quota.map(|quota| match tighter {
                    true => quota.saturating_sub(1),
                    false => quota + 1,
                });
                offer.reserved = offer.reserved.min(offer.quota.unwrap_or(u64::MAX));
            }
            Atom::CloudQuota { cloud, resource } => {
                let own = problem.clouds.get_mut(cloud);
                if let Some(quota) = own.and_then(|own| own.quotas.get_mut(resource)) {
                    if tighter { less(quota) } else { more(quota) }
                }
            }
        }
    }

    /// What it says, in a user's words.
    pub(crate) fn requirement(&self, problem: &Problem) -> Requirement {
        let of_cloud = |cloud: &str, offer: Option<&str>, argument, text| Requirement {
            task: None,
            cloud: Some(cloud.to_owned()),
            offer: offer.map(str::to_owned),
            argument,
            text,
        };
        match self {
            Atom::OfTask(name, atom) => {
                let task = problem.tasks.get(name).cloned().unwrap_or_default();
                Requirement {
                    task: Some(name.clone()),
                    cloud: None,
                    offer: None,
                    argument: atom.argument(),
                    text: format!("{name} {}", atom.words(&task)),
                }
            }
            Atom::Quota { cloud, offer } => {
                let found = problem.clouds.get(cloud).and_then(|cloud| cloud.offers.get(offer));
                let quota = found.and_then(|found| found.quota).unwrap_or_default();
                if is_capacity(offer, found) {
                    let text = format!("cloud {cloud} has one capacity");
                    return of_cloud(cloud, None, "capacity", text);
                }
                let text = format!("the quota of offer {offer} in cloud {cloud} is {quota}");
                of_cloud(cloud, Some(offer), "quota", text)
            }
            Atom::CloudQuota { cloud, resource } => {
                let quota = problem.clouds.get(cloud).and_then(|own| own.quotas.get(resource));
                let quota = quota.copied().unwrap_or_default().normalize();
                let text = format!("cloud {cloud} has at most {quota} {resource} in all");
                of_cloud(cloud, None, "quotas", text)
            }
        }
    }
}

/// Whether an offer stands for a cloud's `capacity`.
pub(super) fn is_capacity(name: &str, offer: Option<&Offer>) -> bool {
    name == "capacity"
        && offer
            .is_some_and(|offer| offer.shared && offer.quota == Some(1) && offer.price.is_zero())
}

pub(super) fn find<'a>(
    problem: &'a mut Problem,
    cloud: &str,
    offer: &str,
) -> Option<&'a mut Offer> {
    problem.clouds.get_mut(cloud)?.offers.get_mut(offer)
}

impl OfTask {
    fn lift(&self, task: &mut Task) {
        match self {
            OfTask::Demand => {
                task.max_demand = None;
                task.demand = Decimal::ZERO;
            }
            OfTask::MaxDemand => task.max_demand = None,
            OfTask::Needs(resource) => task.needs.retain(|name, _| name != resource),
            OfTask::Requires(resource) => task.requires.retain(|name, _| name != resource),
            OfTask::MinClouds => task.min_clouds = 1,
            OfTask::MaxShare => task.max_share = Decimal::ONE,
            OfTask::Clouds => task.clouds = None,
            OfTask::Regions => task.regions = None,
            OfTask::Residency => task.residency = None,
            OfTask::Latency => (task.from, task.max_latency_ms) = (None, None),
            OfTask::Interruption => task.max_interruption = Decimal::ONE,
            OfTask::OnDemand => task.min_on_demand = Decimal::ZERO,
            OfTask::Apart(other) => task.apart_from.retain(|name| name != other),
            OfTask::Together(other) => task.together_with.retain(|name| name != other),
        }
    }

    fn argument(&self) -> &'static str {
        match self {
            OfTask::Demand => "demand",
            OfTask::MaxDemand => "max_demand",
            OfTask::Needs(_) => "needs",
            OfTask::Requires(_) => "requires",
            OfTask::MinClouds => "min_clouds",
            OfTask::MaxShare => "max_share",
            OfTask::Clouds => "clouds",
            OfTask::Regions => "regions",
            OfTask::Residency => "residency",
            OfTask::Latency => "max_latency_ms",
            OfTask::Interruption => "max_interruption",
            OfTask::OnDemand => "min_on_demand",
            OfTask::Apart(_) => "apart_from",
            OfTask::Together(_) => "together_with",
        }
    }

    fn words(&self, task: &Task) -> String {
        let amount = |amount: Decimal| amount.normalize();
        let list = |names: &Option<Vec<String>>| names.clone().unwrap_or_default().join(", ");
        let of = |amounts: &std::collections::BTreeMap<String, Decimal>, name: &str| {
            amounts.get(name).copied().unwrap_or_default().normalize()
        };
        match self {
            OfTask::Demand => format!("asks for {}", amount(task.demand)),
            OfTask::MaxDemand => format!("may grow to {}", amount(task.most_demand())),
            OfTask::Needs(name) => format!("needs {} {name} in all", of(&task.needs, name)),
            OfTask::Requires(name) => {
                format!("requires {} {name} in each unit", of(&task.requires, name))
            }
            OfTask::MinClouds => format!("asks for at least {} clouds", task.min_clouds),
            OfTask::MaxShare => {
                format!("lets a cloud carry at most {} of it", amount(task.max_share))
            }
            OfTask::Clouds => format!("may run in {} only", list(&task.clouds)),
            OfTask::Regions => format!("may run in regions {} only", list(&task.regions)),
            OfTask::Residency => format!("keeps its data in {}", list(&task.residency)),
            OfTask::Latency => format!(
                "must be at most {} ms from {}",
                amount(task.max_latency_ms.unwrap_or_default()),
                task.from.as_deref().unwrap_or_default()
            ),
            OfTask::Interruption => {
                format!("bears an interruption rate of {}", amount(task.max_interruption))
            }
            OfTask::OnDemand => {
                format!("wants {} of its demand on demand", amount(task.min_on_demand))
            }
            OfTask::Apart(other) => format!("must not run where {other} does"),
            OfTask::Together(other) => format!("must run where {other} does"),
        }
    }
}
