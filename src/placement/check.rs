//! Bad numbers are found before anything is solved.

use rust_decimal::Decimal;

use crate::{Cloud, Offer, Problem, Task, Tier};

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidProblem {
    /// The cloud, if it is about one.
    pub cloud: Option<String>,
    /// The task, if it is about one.
    pub task: Option<String>,
    /// The cloud's offer, if it is about one.
    pub offer: Option<String>,
    /// The argument of the task, cloud or offer.
    pub argument: &'static str,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
}

/// Larger numbers than that are taken for mistakes.
const MOST: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0); // 10^12

/// Finer numbers than that would not stay exact when multiplied.
const MOST_PLACES: u32 = 12;

/// More pairs of a task and an offer than that would not fit into memory.
pub const MOST_PAIRS: usize = 4_000_000;

/// Checks all numbers and names of a problem.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(problem: &Problem) -> Result<(), InvalidProblem> {
    let offers: usize = problem.clouds.values().map(|cloud| cloud.offers.len()).sum();
    let pairs = offers.saturating_mul(problem.tasks.len());
    if pairs > MOST_PAIRS {
        return Err(of_placement(
            "tasks",
            format!(
                "{} tasks and {offers} offers are {pairs} pairs to decide about, and at most {MOST_PAIRS} are decided at once",
                problem.tasks.len()
            ),
        ));
    }
    for (argument, amount) in
        [("budget", problem.budget), ("switch_cost", Some(problem.switch_cost))]
    {
        if let Some(wrong) = amount.and_then(wrong) {
            return Err(of_placement(argument, format!("{argument} {wrong}")));
        }
    }
    for (name, tiers) in &problem.egress {
        check_tiers(tiers).map_err(|message| {
            of_cloud(name, "egress", format!("egress of cloud \"{name}\": {message}"))
        })?;
    }
    for (name, cloud) in &problem.clouds {
        check_cloud(problem, name, cloud)?;
    }
    problem.tasks.iter().try_for_each(|(name, task)| check_task(problem, name, task))
}

fn of_placement(argument: &'static str, message: String) -> InvalidProblem {
    InvalidProblem { cloud: None, task: None, offer: None, argument, message }
}

fn of_cloud(name: &str, argument: &'static str, message: String) -> InvalidProblem {
    InvalidProblem { cloud: Some(name.to_owned()), task: None, offer: None, argument, message }
}

fn of_task(name: &str, argument: &'static str, message: String) -> InvalidProblem {
    InvalidProblem { cloud: None, task: Some(name.to_owned()), offer: None, argument, message }
}

/// What is wrong with an amount, as the end of a sentence.
fn wrong(amount: Decimal) -> Option<String> {
    let amount = amount.normalize();
    if amount < Decimal::ZERO {
        Some(format!("is {amount}; it must not be negative"))
    } else if amount > MOST {
        Some(format!("is {amount}; it must be at most {MOST}"))
    } else if amount.scale() > MOST_PLACES {
        Some(format!("is {amount}; it must have at most {MOST_PLACES} decimal places"))
    } else {
        None
    }
}

fn wrong_part(amount: Decimal) -> Option<String> {
    let above = (amount > Decimal::ONE)
        .then(|| format!("is {}; it must be from 0 to 1", amount.normalize()));
    above.or_else(|| wrong(amount))
}

fn check_tiers(tiers: &[Tier]) -> Result<(), String> {
    let mut start = Decimal::ZERO;
    for (index, tier) in tiers.iter().enumerate() {
        if let Some(wrong) = wrong(tier.price_per_gib) {
            return Err(format!("price_per_gib {wrong}"));
        }
        match tier.up_to_gib {
            Some(end) if end <= start => {
                return Err(format!(
                    "a tier that ends at {end} GiB does not come after {start} GiB"
                ));
            }
            Some(end) => {
                if let Some(wrong) = wrong(end) {
                    return Err(format!("up_to_gib {wrong}"));
                }
                start = end;
            }
            None if index + 1 < tiers.len() => {
                return Err("only the last tier may be without up_to_gib".to_owned());
            }
            None => (),
        }
    }
    Ok(())
}

fn check_cloud(problem: &Problem, name: &str, cloud: &Cloud) -> Result<(), InvalidProblem> {
    if let Some(wrong) = wrong(cloud.activation_cost) {
        let message = format!("the activation cost of cloud \"{name}\" {wrong}");
        return Err(of_cloud(name, "activation_cost", message));
    }
    for (argument, amounts) in [("quotas", &cloud.quotas), ("latency_ms", &cloud.latency_ms)] {
        for (what, amount) in amounts {
            if let Some(wrong) = wrong(*amount) {
                let message = format!("{argument} of \"{what}\" in cloud \"{name}\" {wrong}");
                return Err(of_cloud(name, argument, message));
            }
        }
    }
    cloud.offers.iter().try_for_each(|(offer_name, offer)| {
        check_offer(problem, offer_name, offer).map_err(|(argument, message)| {
            let message = format!("offer \"{offer_name}\" of cloud \"{name}\": {message}");
            InvalidProblem { offer: Some(offer_name.clone()), ..of_cloud(name, argument, message) }
        })
    })
}

/// The argument that is wrong, and how.
type Wrong = (&'static str, String);

fn check_offer(problem: &Problem, name: &str, offer: &Offer) -> Result<(), Wrong> {
    if let Some(wrong) = wrong(offer.price) {
        return Err(("price", format!("the price {wrong}")));
    }
    if let Some(wrong) = wrong_part(offer.interruption_rate) {
        return Err(("interruption_rate", format!("interruption_rate {wrong}")));
    }
    for (argument, amounts) in [
        ("provides", &offer.provides),
        ("serves", &offer.serves),
        ("latency_ms", &offer.latency_ms),
    ] {
        for (what, amount) in amounts {
            if let Some(wrong) = wrong(*amount) {
                return Err((argument, format!("{argument} of \"{what}\" {wrong}")));
            }
        }
    }
    let most = offer.quota.unwrap_or_default().max(offer.reserved);
    if let Some(wrong) = wrong(Decimal::from(most)) {
        return Err(("quota", format!("the quota {wrong}")));
    }
    if offer.quota.is_some_and(|quota| offer.reserved > quota) {
        let message = format!("{} units are reserved, over the quota", offer.reserved);
        return Err(("reserved", message));
    }
    if let Some(unknown) = offer.serves.keys().find(|task| !problem.tasks.contains_key(*task)) {
        let what = if name == "capacity" { "it has a capacity for" } else { "it serves" };
        let message = format!("{what} \"{unknown}\", and there is no task of that name");
        return Err(("serves", message));
    }
    Ok(())
}

fn check_task(problem: &Problem, name: &str, task: &Task) -> Result<(), InvalidProblem> {
    let amounts = [
        ("demand", Some(task.demand)),
        ("max_demand", task.max_demand),
        ("throughput", task.throughput),
        ("max_latency_ms", task.max_latency_ms),
    ];
    let parts = [
        ("headroom", task.headroom),
        ("max_share", task.max_share),
        ("max_interruption", task.max_interruption),
        ("min_on_demand", task.min_on_demand),
    ];
    let amounts = amounts
        .into_iter()
        .filter_map(|(argument, amount)| Some((argument, amount.and_then(wrong)?)));
    let parts =
        parts.into_iter().filter_map(|(argument, part)| Some((argument, wrong_part(part)?)));
    if let Some((argument, wrong)) = amounts.chain(parts).next() {
        return Err(of_task(name, argument, format!("{argument} of task \"{name}\" {wrong}")));
    }
    if task.max_share.is_zero() {
        let message = format!("max_share of task \"{name}\" is 0; it must be above 0");
        return Err(of_task(name, "max_share", message));
    }
    if let Some(most) = task.max_demand.filter(|most| *most < task.demand) {
        let message =
            format!("max_demand of task \"{name}\" is {most}, below its demand of {}", task.demand);
        return Err(of_task(name, "max_demand", message));
    }
    if task.max_latency_ms.is_some() != task.from.is_some() {
        let message = format!(
            "task \"{name}\" must say both where its callers are (from) and how far they may be (max_latency_ms)"
        );
        return Err(of_task(name, "max_latency_ms", message));
    }
    for (argument, amounts) in [("requires", &task.requires), ("needs", &task.needs)] {
        for (what, amount) in amounts {
            if let Some(wrong) = wrong(*amount) {
                let message = format!("{argument} of \"{what}\" in task \"{name}\" {wrong}");
                return Err(of_task(name, argument, message));
            }
        }
    }
    for (argument, others) in
        [("apart_from", &task.apart_from), ("together_with", &task.together_with)]
    {
        for other in others {
            let unknown = !problem.tasks.contains_key(other);
            if unknown || other == name {
                let what = if unknown { "is not a task of this placement" } else { "is itself" };
                let message = format!("{argument} of task \"{name}\": \"{other}\" {what}");
                return Err(of_task(name, argument, message));
            }
        }
    }
    for data in &task.data {
        for (what, amount) in
            [("gib_per_month", Some(data.gib_per_month)), ("price_per_gib", data.price_per_gib)]
        {
            if let Some(wrong) = amount.and_then(wrong) {
                return Err(of_task(name, "data", format!("{what} of task \"{name}\" {wrong}")));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
