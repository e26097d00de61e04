//! Values of blocks to the numbers of a placement problem.

use std::collections::BTreeMap;
use std::time::Duration;

use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_placement::{Limits, Problem, Tier, UnitsByOffer};
use skyform_state::PlacementState;
use skyform_value::Value;

use super::cloud::cloud;
use super::places::Places;
use super::task::task;
use super::values::{amount, decimal};

/// Price of a GiB that leaves a cloud which does not say; USD, as digits and decimal places. The usual
/// list price of the large clouds for the first terabytes (seen November 2026).
const EGRESS: (i64, u32) = (9, 2);

/// A block's name, value and places.
pub(crate) type Named = (String, Value, Places);

/// What a placement reads.
pub(crate) struct PlacementInput<'a> {
    /// The placement's own arguments.
    pub config: &'a Value,
    /// Where they stand.
    pub places: &'a Places,
    /// All clouds by name.
    pub clouds: Vec<Named>,
    /// All tasks by name.
    pub tasks: Vec<Named>,
    /// The last decision.
    pub prior: Option<&'a PlacementState>,
}

impl PlacementInput<'_> {
    /// Where something is said: an argument of a task, of a cloud or its offer, or of the placement.
    pub(crate) fn place(
        &self,
        task: Option<&str>,
        cloud: Option<&str>,
        offer: Option<&str>,
        argument: &str,
    ) -> Span {
        let find = |named: &[Named], wanted: &str| {
            named.iter().find(|(name, ..)| name == wanted).map(|(.., places)| places.clone())
        };
        if let Some(places) = task.and_then(|task| find(&self.tasks, task)) {
            return places.argument(argument);
        }
        match (cloud.and_then(|cloud| find(&self.clouds, cloud)), offer) {
            (Some(places), Some(offer)) => places.of_offer(offer, argument),
            (Some(places), None) => places.argument(argument),
            (None, _) => self.places.argument(argument),
        }
    }

    /// The header of a task, or of the placement.
    pub(crate) fn header(&self, task: Option<&str>) -> Span {
        let task = task.and_then(|task| self.tasks.iter().find(|(name, ..)| name == task));
        task.map_or(self.places.header, |(.., places)| places.header)
    }
}

/// What a placement comes to.
pub(crate) struct ReadProblem {
    pub problem: Problem,
    pub limits: Limits,
    pub warnings: Diagnostics,
}

/// The problem and the limits that a placement sets.
///
/// # Errors
/// What is not known while planning, is not a number that makes sense, or names nothing.
pub(crate) fn read_problem(input: &PlacementInput<'_>) -> Result<ReadProblem, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let mut warnings = Diagnostics::new();
    if !input.config.is_wholly_known() {
        diagnostics.push(not_known(input.places.header, "placement"));
    }
    let tasks = chosen(input, "tasks", &input.tasks, &mut diagnostics);
    let clouds = chosen(input, "clouds", &input.clouds, &mut diagnostics);
    let mut problem = Problem::default();
    for (name, value, places) in tasks {
        match task(name, value, places) {
            Ok(task) => {
                problem.tasks.insert(name.clone(), task);
            }
            Err(found) => diagnostics.extend(found),
        }
    }
    for (name, value, places) in clouds {
        match cloud(name, value, places, &mut warnings) {
            Ok(mut cloud) => {
                // A capacity for a task of another placement does not matter here.
                let declared = |task: &str| input.tasks.iter().any(|(name, ..)| name == task);
                for offer in cloud.offers.values_mut() {
                    let known = &problem.tasks;
                    offer.serves.retain(|task, _| known.contains_key(task) || !declared(task));
                }
                problem.clouds.insert(name.clone(), cloud);
            }
            Err(found) => diagnostics.extend(found),
        }
    }
    for (name, value, _) in &input.clouds {
        problem.egress.insert(name.clone(), tiers(value));
    }
    problem.budget = amount(input.config, "budget");
    problem.switch_cost = amount(input.config, "switch_cost").unwrap_or_default();
    problem.prior = input.prior.map(|prior| {
        let tasks = prior.units.iter().map(|(task, units)| (task.clone(), by_offer(units)));
        tasks.collect()
    });
    let limits = limits(input, &mut diagnostics);
    diagnostics.into_result(ReadProblem { problem, limits, warnings })
}

/// The blocks that the placement names, or all.
fn chosen<'a>(
    input: &PlacementInput<'_>,
    argument: &str,
    known: &'a [Named],
    diagnostics: &mut Diagnostics,
) -> Vec<&'a Named> {
    let Some(names) = input.config.get(argument).and_then(Value::as_slice) else {
        return known.iter().collect();
    };
    let mut found = Vec::new();
    for name in names.iter().filter_map(Value::as_str) {
        match known.iter().find(|(known, ..)| known == name) {
            Some(named) => found.push(named),
            None => diagnostics.push(
                error_at!(
                    input.places.argument(argument),
                    "Unknown name in placement",
                    "There is no {} named \"{name}\".",
                    argument.trim_end_matches('s')
                )
                .did_you_mean(name, known.iter().map(|(known, ..)| known.as_str())),
            ),
        }
    }
    found
}

/// What data costs that leaves a cloud.
fn tiers(cloud: &Value) -> Vec<Tier> {
    let given = cloud.get("egress").and_then(Value::as_slice).unwrap_or_default();
    if given.is_empty() {
        let (mantissa, scale) = EGRESS;
        let price_per_gib = rust_decimal::Decimal::new(mantissa, scale);
        return vec![Tier { up_to_gib: None, price_per_gib }];
    }
    let tier = |tier: &Value| Tier {
        up_to_gib: amount(tier, "up_to_gib"),
        price_per_gib: amount(tier, "price_per_gib").unwrap_or_default(),
    };
    given.iter().map(tier).collect()
}

fn by_offer(units: &BTreeMap<String, u64>) -> UnitsByOffer {
    let parts = units.iter().filter_map(|(key, count)| {
        let (cloud, offer) = key.split_once('/')?;
        Some(((cloud.to_owned(), offer.to_owned()), *count))
    });
    parts.collect()
}

fn limits(input: &PlacementInput<'_>, diagnostics: &mut Diagnostics) -> Limits {
    let mut limits = Limits::default();
    if let Some(gap) = input.config.get("max_gap").and_then(Value::as_number) {
        if (0.0..=1.0).contains(&gap.to_f64()) {
            limits.max_gap = gap.to_f64();
        } else {
            diagnostics.push(error_at!(
                input.places.argument("max_gap"),
                "Invalid number in a placement",
                "max_gap is {}; it must be from 0 to 1.",
                decimal(gap).normalize()
            ));
        }
    }
    if let Some(text) = input.config.get("time_limit").and_then(Value::as_str) {
        match seconds(text) {
            Some(time) => limits.time_limit = time,
            None => diagnostics.push(error_at!(
                input.places.argument("time_limit"),
                "Invalid time limit",
                "\"{text}\" is not a duration.";
                hint: "Write a number with a unit, such as 10s or 2m."
            )),
        }
    }
    limits
}

pub(super) fn not_known(span: Span, kind: &str) -> Diagnostic {
    error_at!(
        span,
        "Value not known while planning",
        "A placement is decided while planning, and something in this {kind} is known only after apply.";
        hint: "Give it a value that does not come from a resource that is still to be made."
    )
}

fn seconds(text: &str) -> Option<Duration> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number: f64 = text[..end].parse().ok()?;
    let unit = match &text[end..] {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number * unit).ok()
}
