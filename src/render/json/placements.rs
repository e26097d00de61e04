//! Decisions of placements.

use serde_json::{Value as Json, json};
use skyform_plan::{PlacementReport, PlacementStatus};

/// What `place -json` prints.
pub fn placements_json(reports: &[PlacementReport]) -> Json {
    let amount = |text: &str| serde_json::from_str::<Json>(text).unwrap_or(Json::Null);
    let exact = |number: f64| -> Json {
        if number.fract() == 0.0 && number.abs() < 1e15 {
            Json::from(number as i64)
        } else {
            Json::from(number)
        }
    };
    let placements = reports.iter().map(|report| {
        let status = match report.status {
            PlacementStatus::Optimal => "optimal",
            PlacementStatus::Feasible => "feasible",
            PlacementStatus::Infeasible => "infeasible",
            PlacementStatus::Unsolved => "unsolved",
        };
        let mut json = json!({"status": status});
        if !report.cost.is_empty() {
            json["cost"] = amount(&report.cost);
            json["bound"] = amount(&report.bound);
            json["gap"] = exact(report.gap);
            json["clouds"] = json!(report.clouds);
            let tasks = report.tasks.iter().map(|task| {
                let chosen = task.offers.iter().filter(|offer| offer.units > 0);
                let chosen = chosen.map(|offer| {
                    let entry = json!({
                        "cloud": offer.cloud,
                        "region": offer.region,
                        "offer": offer.offer,
                        "units": offer.units,
                        "covers": exact(offer.covers),
                        "monthly_cost": amount(&offer.monthly_cost),
                    });
                    (format!("{}/{}", offer.cloud, offer.offer), entry)
                });
                (task.name.clone(), Json::Object(chosen.collect()))
            });
            json["assignments"] = Json::Object(tasks.collect());
        }
        if !report.conflicts.is_empty() {
            json["conflicts"] = report
                .conflicts
                .iter()
                .map(|conflict| {
                    json!({
                        "task": conflict.task,
                        "kind": conflict.kind,
                        "asked": exact(conflict.asked),
                        "available": exact(conflict.available),
                        "shortfall": exact(conflict.shortfall),
                        "message": conflict.message,
                        "remedies": conflict.remedies,
                    })
                })
                .collect();
        }
        (report.name.clone(), json)
    });
    json!({"placements": Json::Object(placements.collect())})
}
