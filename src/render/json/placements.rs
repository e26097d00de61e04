//! Placements as JSON: the shape of DESIGN's `place -json`, with explanations beside it.

use serde_json::{Value as Json, json};
use skyform_plan::{
    ConflictReport, ExplanationReport, PlacementReport, PlacementStatus, RequirementReport,
    TaskReport,
};

/// What `place -json` prints.
pub fn placements_json(reports: &[PlacementReport]) -> Json {
    let placements = reports.iter().map(|report| (report.name.clone(), placement(report)));
    json!({"placements": Json::Object(placements.collect())})
}

fn placement(report: &PlacementReport) -> Json {
    let status = match report.status {
        PlacementStatus::Optimal => "optimal",
        PlacementStatus::Feasible => "feasible",
        PlacementStatus::Infeasible => "infeasible",
        PlacementStatus::Unsolved => "unsolved",
    };
    let mut json = json!({"status": status});
    if !report.bound.is_empty() {
        json["bound"] = money(&report.bound);
    }
    if !report.cost.is_empty() {
        json["cost"] = money(&report.cost);
        json["gap"] = number(report.gap);
        json["clouds"] = json!(report.clouds);
        let tasks = report.tasks.iter().map(|task| (task.name.clone(), assignments(task)));
        json["assignments"] = Json::Object(tasks.collect());
        let costs = report.costs.iter().map(|cost| {
            let parts = json!({
                "activation": money(&cost.activation),
                "compute": money(&cost.compute),
                "egress": money(&cost.egress),
                "switching": money(&cost.switching),
                "total": money(&cost.total),
            });
            (cost.cloud.clone(), parts)
        });
        json["costs"] = Json::Object(costs.collect());
    }
    if let Some(explanation) = &report.explanation {
        json["explanation"] = explained(report, explanation);
    }
    if !report.conflicts.is_empty() {
        json["conflicts"] = report.conflicts.iter().map(conflict).collect();
    }
    if !report.notes.is_empty() {
        json["notes"] = json!(report.notes);
    }
    json
}

fn assignments(task: &TaskReport) -> Json {
    let chosen = task.offers.iter().filter(|offer| offer.units > 0 || offer.headroom_units > 0);
    let chosen = chosen.map(|offer| {
        let mut entry = json!({
            "cloud": offer.cloud,
            "region": offer.region,
            "offer": offer.offer,
            "units": offer.units,
            "covers": number(offer.covers),
            "monthly_cost": money(&offer.monthly_cost),
        });
        if offer.headroom_units > 0 {
            entry["headroom_units"] = Json::from(offer.headroom_units);
        }
        (format!("{}/{}", offer.cloud, offer.offer), entry)
    });
    Json::Object(chosen.collect())
}

fn explained(report: &PlacementReport, explanation: &ExplanationReport) -> Json {
    let tasks = report.tasks.iter().map(|task| {
        let considered = task.offers.iter().map(|offer| {
            let entry = json!({
                "price": money(&offer.price),
                "quota": offer.quota,
                "serves": number(offer.serves),
                "ruled_out": offer.ruled_out,
            });
            (format!("{}/{}", offer.cloud, offer.offer), entry)
        });
        let choices = explanation.choices.iter().filter(|choice| choice.task == task.name);
        let choices = choices.map(|choice| {
            let next = choice.next_best.as_ref().map(|units| {
                let units = units.iter().map(|(offer, count)| (offer.clone(), json!(count)));
                json!({
                    "units": Json::Object(units.collect()),
                    "extra_cost": money(&choice.extra),
                })
            });
            let flips_at = choice.flips_at.as_ref().map(|price| money(price));
            let entry = json!({"next_best": next, "flips_at": flips_at});
            (format!("{}/{}", choice.cloud, choice.offer), entry)
        });
        let cost = explanation.costs.iter().find(|cost| cost.task == task.name).map(|cost| {
            json!({
                "compute": money(&cost.compute),
                "activation": money(&cost.activation),
                "egress": money(&cost.egress),
                "switching": money(&cost.switching),
                "total": money(&cost.total),
            })
        });
        let entry = json!({
            "demand": number(task.demand),
            "cost": cost,
            "considered": Json::Object(considered.collect()),
            "choices": Json::Object(choices.collect()),
        });
        (task.name.clone(), entry)
    });
    let shadows = explanation.shadows.iter().map(|shadow| {
        let mut json = requirement(&shadow.requirement);
        json["one_less_costs"] = match shadow.one_less_costs.as_deref() {
            Some("impossible") => json!("impossible"),
            Some(costs) => money(costs),
            None => Json::Null,
        };
        json["saves"] = money(&shadow.saves);
        json["without"] = json!(shadow.without);
        json
    });
    json!({
        "tasks": Json::Object(tasks.collect()),
        "binding": shadows.collect::<Vec<_>>(),
        "complete": explanation.complete,
    })
}

fn requirement(own: &RequirementReport) -> Json {
    json!({
        "task": own.task,
        "cloud": own.cloud,
        "offer": own.offer,
        "argument": own.argument,
        "text": own.text,
    })
}

fn conflict(conflict: &ConflictReport) -> Json {
    let remedies = conflict.remedies.iter().map(|remedy| {
        json!({"change": remedy.change, "cost": remedy.cost.as_ref().map(|cost| money(cost))})
    });
    json!({
        "task": conflict.task,
        "kind": conflict.kind,
        "asked": number(conflict.asked),
        "available": number(conflict.available),
        "shortfall": number(conflict.shortfall),
        "message": conflict.message,
        "requirements": conflict.requirements.iter().map(requirement).collect::<Vec<_>>(),
        "remedies": remedies.collect::<Vec<_>>(),
    })
}

/// Exact decimal text as a JSON number.
fn money(text: &str) -> Json {
    serde_json::from_str::<Json>(text).unwrap_or(Json::Null)
}

fn number(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        Json::from(number as i64)
    } else {
        Json::from(number)
    }
}
