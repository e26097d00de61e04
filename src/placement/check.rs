//! Bad numbers are found before anything is solved.

use rust_decimal::Decimal;

use crate::{Cloud, Offer, Problem, Task, Tier};

/// What is wrong with a problem, in the order in which it is written down.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(|mistake| mistake.message.as_str()).collect::<Vec<_>>().join("; "))]
pub struct InvalidProblem(pub Vec<Mistake>);

/// One thing that is wrong, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistake {
    /// The cloud, if it is about one.
    pub cloud: Option<String>,
    /// The task, if it is about one.
    pub task: Option<String>,
    /// The cloud's offer, if it is about one.
    pub offer: Option<String>,
    /// The argument of the task, cloud, offer or placement.
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
/// Everything that is wrong.
pub fn check(problem: &Problem) -> Result<(), InvalidProblem> {
    let offers: usize = problem.clouds.values().map(|cloud| cloud.offers.len()).sum();
    let tasks = problem.tasks.len();
    let pairs = offers.saturating_mul(tasks);
    if pairs > MOST_PAIRS {
        let message = format!(
            "{tasks} tasks and {offers} offers are {pairs} pairs to decide about, and at most {MOST_PAIRS} are decided at once"
        );
        let mistake = Mistake { argument: "tasks", message, ..Mistake::default() };
        return Err(InvalidProblem(vec![mistake]));
    }
    let mut found = Vec::new();
    let of_placement =
        |Wrong(argument, message)| Mistake { argument, message, ..Mistake::default() };
    found.extend(wrong_in_placement(problem).into_iter().map(of_placement));
    for (name, cloud) in &problem.clouds {
        let of_cloud = |Wrong(argument, message)| Mistake {
            cloud: Some(name.clone()),
            argument,
            message,
            ..Mistake::default()
        };
        found.extend(wrong_in_cloud(problem, name, cloud).into_iter().map(of_cloud));
        for (offer_name, offer) in &cloud.offers {
            let of_offer = |Wrong(argument, message)| Mistake {
                offer: Some(offer_name.clone()),
                message: format!("offer \"{offer_name}\" of cloud \"{name}\": {message}"),
                ..of_cloud(Wrong(argument, String::new()))
            };
            found.extend(wrong_in_offer(problem, offer_name, offer).into_iter().map(of_offer));
        }
    }
    for (name, task) in &problem.tasks {
        let of_task = |Wrong(argument, message)| Mistake {
            task: Some(name.clone()),
            argument,
            message,
            ..Mistake::default()
        };
        found.extend(wrong_in_task(problem, name, task).into_iter().map(of_task));
    }
    if found.is_empty() { Ok(()) } else { Err(InvalidProblem(found)) }
}

/// The argument that is wrong, and how.
struct Wrong(&'static str, String);

/// What is wrong with an amount, as the end of a sentence.
fn wrong(amount: Decimal) -> Option<String> {
    let amount = amount.normalize();
    if amount < Decimal::ZERO {
        Some(format!("is {amount}; it must not be negative"))
    } else if amount > MOST {
        // What it was may have been larger than any decimal.
        Some(format!("is too large; it must be at most {MOST}"))
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

fn wrong_in_placement(problem: &Problem) -> Vec<Wrong> {
    let amounts = [("budget", problem.budget), ("switch_cost", Some(problem.switch_cost))];
    let wrong = |(argument, amount): (&'static str, Option<Decimal>)| {
        Some(Wrong(argument, format!("{argument} {}", wrong(amount?)?)))
    };
    amounts.into_iter().filter_map(wrong).collect()
}

fn wrong_in_cloud(problem: &Problem, name: &str, cloud: &Cloud) -> Vec<Wrong> {
    let mut found = Vec::new();
    if let Some(wrong) = wrong(cloud.activation_cost) {
        let message = format!("the activation cost of cloud \"{name}\" {wrong}");
        found.push(Wrong("activation_cost", message));
    }
    for (argument, amounts) in [("quotas", &cloud.quotas), ("latency_ms", &cloud.latency_ms)] {
        for (what, amount) in amounts {
            if let Some(wrong) = wrong(*amount) {
                let message = format!("{argument} of \"{what}\" in cloud \"{name}\" {wrong}");
                found.push(Wrong(argument, message));
            }
        }
    }
    let tiers = problem.egress.get(name).into_iter().flat_map(|tiers| wrong_in_tiers(tiers));
    let of_cloud = |message| Wrong("egress", format!("egress of cloud \"{name}\": {message}"));
    found.extend(tiers.map(of_cloud));
    found
}

fn wrong_in_tiers(tiers: &[Tier]) -> Vec<String> {
    let mut found = Vec::new();
    let mut start = Decimal::ZERO;
    for (index, tier) in tiers.iter().enumerate() {
        found.extend(wrong(tier.price_per_gib).map(|wrong| format!("price_per_gib {wrong}")));
        match tier.up_to_gib {
            Some(end) if end <= start => {
                found.push(format!("a tier that ends at {end} GiB does not come after {start} GiB"))
            }
            Some(end) => {
                found.extend(wrong(end).map(|wrong| format!("up_to_gib {wrong}")));
                start = end;
            }
            None if index + 1 < tiers.len() => {
                found.push("only the last tier may be without up_to_gib".to_owned());
            }
            None => (),
        }
    }
    found
}

fn wrong_in_offer(problem: &Problem, name: &str, offer: &Offer) -> Vec<Wrong> {
    let mut found = Vec::new();
    found.extend(wrong(offer.price).map(|wrong| Wrong("price", format!("the price {wrong}"))));
    if let Some(wrong) = wrong_part(offer.interruption_rate) {
        found.push(Wrong("interruption_rate", format!("interruption_rate {wrong}")));
    }
    for (argument, amounts) in [
        ("provides", &offer.provides),
        ("serves", &offer.serves),
        ("latency_ms", &offer.latency_ms),
    ] {
        for (what, amount) in amounts {
            if let Some(wrong) = wrong(*amount) {
                found.push(Wrong(argument, format!("{argument} of \"{what}\" {wrong}")));
            }
        }
    }
    let most = offer.quota.unwrap_or_default().max(offer.reserved);
    if let Some(wrong) = wrong(Decimal::from(most)) {
        found.push(Wrong("quota", format!("the quota {wrong}")));
    }
    if offer.quota.is_some_and(|quota| offer.reserved > quota) {
        let message = format!("{} units are reserved, over the quota", offer.reserved);
        found.push(Wrong("reserved", message));
    }
    for unknown in offer.serves.keys().filter(|task| !problem.tasks.contains_key(*task)) {
        let what = if name == "capacity" { "it has a capacity for" } else { "it serves" };
        let message = format!("{what} \"{unknown}\", and there is no task of that name");
        found.push(Wrong("serves", message));
    }
    found
}

fn wrong_in_task(problem: &Problem, name: &str, task: &Task) -> Vec<Wrong> {
    let mut found = wrong_amounts_in_task(name, task);
    if task.max_share.is_zero() {
        let message = format!("max_share of task \"{name}\" is 0; it must be above 0");
        found.push(Wrong("max_share", message));
    }
    if let Some(most) = task.max_demand.filter(|most| *most < task.demand) {
        let message =
            format!("max_demand of task \"{name}\" is {most}, below its demand of {}", task.demand);
        found.push(Wrong("max_demand", message));
    }
    if task.max_latency_ms.is_some() != task.from.is_some() {
        let message = format!(
            "task \"{name}\" must say both where its callers are (from) and how far they may be (max_latency_ms)"
        );
        found.push(Wrong("max_latency_ms", message));
    }
    for (argument, others) in
        [("apart_from", &task.apart_from), ("together_with", &task.together_with)]
    {
        for other in others {
            let unknown = !problem.tasks.contains_key(other);
            if unknown || other == name {
                let what = if unknown { "is not a task of this placement" } else { "is itself" };
                let message = format!("{argument} of task \"{name}\": \"{other}\" {what}");
                found.push(Wrong(argument, message));
            }
        }
    }
    found
}

fn wrong_amounts_in_task(name: &str, task: &Task) -> Vec<Wrong> {
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
    let amounts = amounts.into_iter().filter_map(|(argument, amount)| {
        let wrong = wrong(amount?)?;
        Some(Wrong(argument, format!("{argument} of task \"{name}\" {wrong}")))
    });
    let parts = parts.into_iter().filter_map(|(argument, part)| {
        Some(Wrong(argument, format!("{argument} of task \"{name}\" {}", wrong_part(part)?)))
    });
    let mut found: Vec<Wrong> = amounts.chain(parts).collect();
    for (argument, amounts) in [("requires", &task.requires), ("needs", &task.needs)] {
        for (what, amount) in amounts {
            if let Some(wrong) = wrong(*amount) {
                let message = format!("{argument} of \"{what}\" in task \"{name}\" {wrong}");
                found.push(Wrong(argument, message));
            }
        }
    }
    for data in &task.data {
        for (what, amount) in
            [("gib_per_month", Some(data.gib_per_month)), ("price_per_gib", data.price_per_gib)]
        {
            if let Some(wrong) = amount.and_then(wrong) {
                found.push(Wrong("data", format!("{what} of task \"{name}\" {wrong}")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
