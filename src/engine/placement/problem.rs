//! Values of blocks to the numbers of a placement problem.

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_placement::{Cloud, Data, Limits, Offer, Problem, Task};
use skyform_state::PlacementState;
use skyform_value::{Number, Value};

/// Price of a GiB that leaves a cloud where a task does not say; USD. The usual list price of the
/// large clouds for the first terabytes (seen November 2026).
const EGRESS: &str = "0.09";

/// What a placement reads.
pub(crate) struct PlacementInput<'a> {
    /// The placement's own arguments.
    pub config: &'a Value,
    /// The block.
    pub span: Span,
    /// Values of all clouds by name, with their blocks.
    pub clouds: Vec<(String, Value, Span)>,
    /// Values of all tasks by name, with their blocks.
    pub tasks: Vec<(String, Value, Span)>,
    /// The last decision.
    pub prior: Option<&'a PlacementState>,
}

/// The problem and the limits that a placement sets.
///
/// # Errors
/// What is not known while planning, is not a number that makes sense, or names nothing.
pub(crate) fn read_problem(input: &PlacementInput<'_>) -> Result<(Problem, Limits), Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let all = [("clouds", &input.clouds), ("tasks", &input.tasks)];
    let mut chosen: BTreeMap<&str, Vec<&(String, Value, Span)>> = BTreeMap::new();
    if !input.config.is_wholly_known() {
        diagnostics.push(not_known(input.span, "placement"));
    }
    for (argument, known) in all {
        let names = input.config.get(argument).and_then(Value::as_slice);
        let Some(names) = names else {
            chosen.insert(argument, known.iter().collect());
            continue;
        };
        for name in names.iter().filter_map(Value::as_str) {
            match known.iter().find(|(known, ..)| known == name) {
                Some(found) => chosen.entry(argument).or_default().push(found),
                None => diagnostics.push(
                    error_at!(
                        input.span,
                        "Unknown name in placement",
                        "There is no {} named \"{name}\".",
                        argument.trim_end_matches('s')
                    )
                    .did_you_mean(name, known.iter().map(|(known, ..)| known.as_str())),
                ),
            }
        }
    }
    let mut problem = Problem::default();
    for (name, value, span) in chosen.get("tasks").into_iter().flatten() {
        match task(value) {
            Some(task) => {
                problem.tasks.insert(name.clone(), task);
            }
            None => diagnostics.push(not_known(*span, "task")),
        }
    }
    for (name, value, span) in chosen.get("clouds").into_iter().flatten() {
        match cloud(name, value) {
            Some(mut cloud) => {
                // A capacity for a task of another placement does not matter here.
                let declared = |task: &str| input.tasks.iter().any(|(name, ..)| name == task);
                for offer in cloud.offers.values_mut() {
                    let known = &problem.tasks;
                    offer.serves.retain(|task, _| known.contains_key(task) || !declared(task));
                }
                problem.clouds.insert(name.clone(), cloud);
            }
            None => diagnostics.push(not_known(*span, "cloud")),
        }
    }
    let amount = |name: &str| input.config.get(name).and_then(Value::as_number).map(decimal);
    problem.budget = amount("budget");
    problem.switch_cost = amount("switch_cost").unwrap_or_default();
    problem.prior = input.prior.map(|prior| {
        let tasks = prior.units.iter().map(|(task, offers)| {
            let mut clouds: Vec<String> = offers
                .keys()
                .filter_map(|key| key.split_once('/').map(|(cloud, _)| cloud.to_owned()))
                .collect();
            clouds.dedup();
            (task.clone(), clouds)
        });
        tasks.collect()
    });
    let mut limits = Limits::default();
    if let Some(gap) = input.config.get("max_gap").and_then(Value::as_number) {
        limits.max_gap = gap.to_f64();
    }
    if let Some(text) = input.config.get("time_limit").and_then(Value::as_str) {
        match seconds(text) {
            Some(time) => limits.time_limit = time,
            None => diagnostics.push(error_at!(
                input.span,
                "Invalid time limit",
                "\"{text}\" is not a duration.";
                hint: "Write a number with a unit, such as 10s or 2m."
            )),
        }
    }
    diagnostics.into_result((problem, limits))
}

fn not_known(span: Span, kind: &str) -> Diagnostic {
    error_at!(
        span,
        "Value not known while planning",
        "A placement is decided while planning, and something in this {kind} is known only after apply.";
        hint: "Give it a value that does not come from a resource that is still to be made."
    )
}

fn numbers(value: Option<&Value>) -> BTreeMap<String, f64> {
    let table = value.and_then(Value::as_table).into_iter().flatten();
    let entries =
        table.filter_map(|(name, value)| Some((name.to_string(), value.as_number()?.to_f64())));
    entries.collect()
}

fn decimal(number: &Number) -> Decimal {
    let text = number.to_string();
    text.parse().ok().or_else(|| Decimal::from_f64(number.to_f64())).unwrap_or(Decimal::MAX)
}

fn cloud(name: &str, value: &Value) -> Option<Cloud> {
    if !value.is_wholly_known() {
        return None;
    }
    let money = |value: &Value, name: &str| value.get(name).and_then(Value::as_number).map(decimal);
    let mut cloud = Cloud {
        region: value.get("region").and_then(Value::as_str).unwrap_or(name).to_owned(),
        activation_cost: money(value, "activation_cost").unwrap_or_default(),
        offers: BTreeMap::new(),
    };
    for (offer_name, offer) in value.get("offer").and_then(Value::as_table).into_iter().flatten() {
        let offer = Offer {
            region: offer.get("region").and_then(Value::as_str).map(str::to_owned),
            price: money(offer, "price").unwrap_or_default(),
            quota: offer.get("quota").and_then(Value::as_number).map(|n| n.to_u64().unwrap_or(0)),
            provides: numbers(offer.get("provides")),
            serves: numbers(offer.get("serves")),
            shared: offer.get("shared").and_then(Value::as_bool).unwrap_or(false),
        };
        cloud.offers.insert(offer_name.to_string(), offer);
    }
    if let Some(capacity) = value.get("capacity").filter(|capacity| !capacity.is_null()) {
        let offer = Offer {
            quota: Some(1),
            shared: true,
            serves: numbers(Some(capacity)),
            ..Offer::default()
        };
        cloud.offers.insert("capacity".to_owned(), offer);
    }
    Some(cloud)
}

fn task(value: &Value) -> Option<Task> {
    if !value.is_wholly_known() {
        return None;
    }
    let float = |name: &str| value.get(name).and_then(Value::as_number).map(Number::to_f64);
    let names = |name: &str| -> Option<Vec<String>> {
        let items = value.get(name)?.as_slice()?.iter();
        Some(items.filter_map(|item| item.as_str().map(str::to_owned)).collect())
    };
    let data = value.get("data").and_then(Value::as_slice).unwrap_or_default().iter();
    Some(Task {
        demand: float("demand")?,
        requires: numbers(value.get("requires")),
        throughput: float("throughput"),
        min_clouds: value
            .get("min_clouds")
            .and_then(Value::as_number)
            .map_or(1, |number| number.to_u64().unwrap_or(u64::MAX)),
        max_share: float("max_share").unwrap_or(1.0),
        clouds: names("clouds"),
        regions: names("regions"),
        data: data
            .map(|data| Data {
                cloud: data.get("cloud").and_then(Value::as_str).unwrap_or_default().to_owned(),
                gib_per_month: data
                    .get("gib_per_month")
                    .and_then(Value::as_number)
                    .map(decimal)
                    .unwrap_or_default(),
                price_per_gib: data
                    .get("price_per_gib")
                    .and_then(Value::as_number)
                    .map(decimal)
                    .unwrap_or_else(|| EGRESS.parse().unwrap_or_default()),
            })
            .collect(),
    })
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
