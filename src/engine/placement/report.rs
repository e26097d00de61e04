//! A decision as a value of the language, and as a report.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use skyform_placement::{Conflict, Outcome, Placed, Problem, Task, eligible};
use skyform_plan::{
    CloudCost, ConflictReport, OfferReport, PlacementReport, PlacementStatus, RemedyReport,
    TaskReport,
};
use skyform_state::PlacementState;
use skyform_value::{Number, Str, Type, Value};

use super::explanation::requirement;
use super::problem::PlacementInput;

/// Money as text: exact, with two places at least.
pub(super) fn money(amount: Decimal) -> String {
    let normal = amount.normalize();
    if normal.scale() < 2 { format!("{normal:.2}") } else { normal.to_string() }
}

fn number(amount: Decimal) -> Value {
    Number::parse(&amount.normalize().to_string()).map_or_else(Value::null, Value::from)
}

fn float(amount: f64) -> Value {
    Number::from_f64(amount).map_or_else(Value::null, Value::from)
}

/// The attributes that a placement's result adds to its block.
pub(crate) fn result_value(problem: &Problem, placed: &Placed) -> Vec<(&'static str, Value)> {
    let assignments = placed.assignments.iter().map(|(task, chosen)| {
        let entries = chosen.iter().map(|((cloud, offer), assignment)| {
            let entry = Value::object([
                ("cloud", Value::from(cloud.as_str())),
                ("region", Value::from(region(problem, cloud, offer).as_str())),
                ("offer", Value::from(offer.as_str())),
                ("units", Value::from(assignment.units)),
                ("headroom_units", Value::from(assignment.headroom_units)),
                ("covers", number(assignment.covers)),
                ("monthly_cost", number(assignment.monthly_cost)),
            ]);
            (format!("{cloud}/{offer}"), entry)
        });
        (Str::from(task.as_str()), Value::object(entries))
    });
    let names = placed.clouds_in_use().into_iter().map(Value::from).collect();
    vec![
        ("status", Value::from(if placed.optimal { "optimal" } else { "feasible" })),
        ("cost", number(placed.cost)),
        ("bound", number(placed.bound)),
        ("gap", float(placed.gap)),
        ("clouds", Value::list(Type::String, names)),
        ("assignments", Value::object(assignments)),
    ]
}

fn region(problem: &Problem, cloud: &str, offer: &str) -> String {
    let Some(cloud) = problem.clouds.get(cloud) else { return String::new() };
    let own = cloud.offers.get(offer).and_then(|offer| offer.region.clone());
    own.unwrap_or_else(|| cloud.region.clone())
}

/// What was considered and chosen.
pub(crate) fn report(
    address: String,
    name: &str,
    input: &PlacementInput<'_>,
    problem: &Problem,
    outcome: &Outcome,
) -> PlacementReport {
    let placed = match outcome {
        Outcome::Placed(placed) => Some(placed),
        _ => None,
    };
    let tasks = problem.tasks.iter().map(|(name, task)| {
        let offers = offers(input, problem, placed, name, task);
        TaskReport { name: name.clone(), demand: float_of(task.demand), offers }
    });
    let costs = placed.into_iter().flat_map(|placed| &placed.clouds);
    let costs = costs.map(|(cloud, cost)| CloudCost {
        cloud: cloud.clone(),
        activation: money(cost.activation),
        compute: money(cost.compute),
        egress: money(cost.egress),
        switching: money(cost.switching),
        total: money(cost.total()),
    });
    let conflicts = match outcome {
        Outcome::Infeasible(conflicts) => conflicts.as_slice(),
        _ => &[],
    };
    let in_use = |placed: &Placed| placed.clouds_in_use().into_iter().map(str::to_owned).collect();
    PlacementReport {
        address,
        name: name.to_owned(),
        span: Some(input.places.header),
        status: match outcome {
            Outcome::Placed(placed) if placed.optimal => PlacementStatus::Optimal,
            Outcome::Placed(_) => PlacementStatus::Feasible,
            Outcome::Infeasible(_) => PlacementStatus::Infeasible,
            Outcome::Unsolved { .. } => PlacementStatus::Unsolved,
        },
        cost: placed.map_or_else(String::new, |placed| money(placed.cost)),
        bound: match outcome {
            Outcome::Placed(placed) => money(placed.bound),
            Outcome::Unsolved { bound } => money(*bound),
            Outcome::Infeasible(_) => String::new(),
        },
        gap: placed.map_or(0.0, |placed| placed.gap),
        clouds: placed.map_or_else(Vec::new, in_use),
        tasks: tasks.collect(),
        costs: costs.collect(),
        previous_cost: input.prior.map(|prior| prior.monthly_cost.clone()),
        conflicts: conflicts.iter().map(|own| conflict(input, own)).collect(),
        explanation: None,
        notes: Vec::new(),
    }
}

/// Every offer as seen by a task.
fn offers(
    input: &PlacementInput<'_>,
    problem: &Problem,
    placed: Option<&Placed>,
    name: &str,
    task: &Task,
) -> Vec<OfferReport> {
    let chosen = placed.and_then(|placed| placed.assignments.get(name));
    let before = input.prior.and_then(|prior: &PlacementState| prior.units.get(name));
    let mut found = Vec::new();
    for (cloud_name, cloud) in &problem.clouds {
        for (offer_name, offer) in &cloud.offers {
            let key = (cloud_name.clone(), offer_name.clone());
            let own = chosen.and_then(|chosen| chosen.get(&key)).cloned().unwrap_or_default();
            let fate = eligible(name, task, cloud_name, cloud, offer);
            let before =
                before.and_then(|before| before.get(&format!("{cloud_name}/{offer_name}")));
            found.push(OfferReport {
                cloud: cloud_name.clone(),
                region: offer.region.clone().unwrap_or_else(|| cloud.region.clone()),
                offer: offer_name.clone(),
                price: offer.price.normalize().to_string(),
                quota: offer.quota,
                serves: float_of(fate.as_ref().copied().unwrap_or_default()),
                units: own.units,
                headroom_units: own.headroom_units,
                covers: float_of(own.covers),
                monthly_cost: money(own.monthly_cost),
                previous_units: before.copied(),
                ruled_out: fate.err().map(|reason| reason.reason()),
            });
        }
    }
    found
}

fn conflict(input: &PlacementInput<'_>, conflict: &Conflict) -> ConflictReport {
    ConflictReport {
        task: conflict.task.clone().unwrap_or_default(),
        kind: conflict.kind.name().to_owned(),
        asked: float_of(conflict.asked),
        available: float_of(conflict.available),
        shortfall: float_of((conflict.asked - conflict.available).abs()),
        message: conflict.message.clone(),
        requirements: conflict.requirements.iter().map(|own| requirement(input, own)).collect(),
        remedies: conflict
            .remedies
            .iter()
            .map(|remedy| RemedyReport {
                change: remedy.text.clone(),
                cost: remedy.cost.map(money),
            })
            .collect(),
    }
}

fn float_of(amount: Decimal) -> f64 {
    amount.to_f64().unwrap_or(f64::MAX)
}
