//! A decision as a value of the language, and as a report.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_placement::{ConflictKind, Outcome, Placed, Problem, eligible};
use skyform_plan::{
    CloudCost, ConflictReport, OfferReport, PlacementReport, PlacementStatus, TaskReport,
};
use skyform_state::PlacementState;
use skyform_value::{Number, Str, Type, Value};

/// Money as text: exact, with two places at least.
fn money(amount: Decimal) -> String {
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
                ("covers", float(assignment.covers)),
                ("monthly_cost", number(assignment.monthly_cost)),
            ]);
            (format!("{cloud}/{offer}"), entry)
        });
        (Str::from(task.as_str()), Value::object(entries))
    });
    let names = placed.clouds.keys().map(|name| Value::from(name.as_str())).collect();
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
    span: Span,
    problem: &Problem,
    outcome: &Outcome,
    prior: Option<&PlacementState>,
) -> PlacementReport {
    let placed = match outcome {
        Outcome::Placed(placed) => Some(placed),
        _ => None,
    };
    let tasks = problem.tasks.iter().map(|(task_name, task)| {
        let offers = problem.clouds.iter().flat_map(|(cloud_name, cloud)| {
            cloud.offers.iter().map(move |(offer_name, offer)| {
                let key = (cloud_name.clone(), offer_name.clone());
                let chosen = placed
                    .and_then(|placed| placed.assignments.get(task_name))
                    .and_then(|chosen| chosen.get(&key));
                let fate = eligible(task_name, task, cloud_name, cloud, offer);
                let before = prior.and_then(|prior| prior.units.get(task_name));
                OfferReport {
                    cloud: cloud_name.clone(),
                    region: offer.region.clone().unwrap_or_else(|| cloud.region.clone()),
                    offer: offer_name.clone(),
                    price: offer.price.normalize().to_string(),
                    quota: offer.quota,
                    serves: fate.as_ref().copied().unwrap_or(0.0),
                    units: chosen.map_or(0, |chosen| chosen.units),
                    covers: chosen.map_or(0.0, |chosen| chosen.covers),
                    monthly_cost: chosen.map_or_else(|| "0".to_owned(), |c| money(c.monthly_cost)),
                    previous_units: before
                        .and_then(|before| before.get(&format!("{cloud_name}/{offer_name}")))
                        .copied(),
                    ruled_out: fate.err().map(|reason| reason.reason()),
                }
            })
        });
        TaskReport { name: task_name.clone(), demand: task.demand, offers: offers.collect() }
    });
    let costs =
        placed.into_iter().flat_map(|placed| &placed.clouds).map(|(cloud, cost)| CloudCost {
            cloud: cloud.clone(),
            activation: money(cost.activation),
            compute: money(cost.compute),
            egress: money(cost.egress),
            switching: "0".to_owned(),
            total: money(cost.activation + cost.compute + cost.egress),
        });
    let conflicts = match outcome {
        Outcome::Infeasible(conflicts) => conflicts.as_slice(),
        _ => &[],
    };
    PlacementReport {
        address,
        name: name.to_owned(),
        span: Some(span),
        status: match outcome {
            Outcome::Placed(placed) if placed.optimal => PlacementStatus::Optimal,
            Outcome::Placed(_) => PlacementStatus::Feasible,
            Outcome::Infeasible(_) => PlacementStatus::Infeasible,
            Outcome::Unsolved { .. } => PlacementStatus::Unsolved,
        },
        cost: placed.map_or_else(String::new, |placed| money(placed.cost)),
        bound: placed.map_or_else(String::new, |placed| money(placed.bound)),
        gap: placed.map_or(0.0, |placed| placed.gap),
        clouds: placed.map_or_else(Vec::new, |placed| placed.clouds.keys().cloned().collect()),
        tasks: tasks.collect(),
        costs: costs.collect(),
        previous_cost: prior.map(|prior| prior.monthly_cost.clone()),
        conflicts: conflicts
            .iter()
            .map(|conflict| ConflictReport {
                task: conflict.task.clone().unwrap_or_default(),
                kind: conflict.kind.name().to_owned(),
                asked: conflict.asked,
                available: conflict.available,
                shortfall: (conflict.asked - conflict.available).abs(),
                message: conflict.message.clone(),
                remedies: conflict.remedies.clone(),
            })
            .collect(),
    }
}

/// Errors for what cannot be had, each at its task's line.
pub(crate) fn conflicts(
    span: Span,
    outcome: &Outcome,
    tasks: &BTreeMap<String, Span>,
) -> Diagnostics {
    let Outcome::Infeasible(found) = outcome else {
        if let Outcome::Unsolved { bound } = outcome {
            return Diagnostic::error(
                span,
                "No placement found in time",
                format!("No solution was found within the time limit. None costs less than {bound} USD a month."),
            )
            .hint("Raise time_limit, or max_gap.")
            .into();
        }
        return Diagnostics::new();
    };
    found
        .iter()
        .map(|conflict| {
            let place = conflict.task.as_ref().and_then(|task| tasks.get(task)).copied();
            let summary = match conflict.kind {
                ConflictKind::Demand => "Demand cannot be covered",
                ConflictKind::Requires => "No offer fits the task",
                ConflictKind::MinClouds => "Too few clouds for the task",
                ConflictKind::MaxShare => "Demand cannot be shared out",
                ConflictKind::Quota => "Tasks compete for the same units",
                ConflictKind::Budget => "Placement is over its budget",
            };
            let mut message = conflict.message.clone();
            if let Some(first) = message.get_mut(..1)
                && conflict.task.is_none()
            {
                first.make_ascii_uppercase();
            }
            error_at!(place.unwrap_or(span), summary, "{message}.")
                .hint(format!("To mend it: {}.", conflict.remedies.join("; or ")))
        })
        .collect()
}
