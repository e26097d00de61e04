//! Placement decisions as JSON and back.

use serde_json::{Value as Json, json};

use super::fields::{Fields, word_of};
use super::span::{decode_span, encode_span};
use crate::{CloudCost, OfferReport, PlacementReport, PlacementStatus, TaskReport};

const STATUSES: [(PlacementStatus, &str); 4] = [
    (PlacementStatus::Optimal, "optimal"),
    (PlacementStatus::Feasible, "feasible"),
    (PlacementStatus::Infeasible, "infeasible"),
    (PlacementStatus::Unsolved, "unsolved"),
];

/// Conflicts are left out: a plan with any is never saved. So are explanations, which plans have none of.
pub(super) fn encode_placement(report: &PlacementReport) -> Json {
    let tasks = report.tasks.iter().map(|task| {
        let offers = task.offers.iter().map(|o| {
            json!([
                o.cloud,
                o.region,
                o.offer,
                o.price,
                o.quota,
                o.serves,
                o.units,
                o.covers,
                o.monthly_cost,
                o.previous_units,
                o.ruled_out,
                o.headroom_units
            ])
        });
        json!({"name": task.name, "demand": task.demand, "offers": offers.collect::<Vec<_>>()})
    });
    let costs = report.costs.iter().map(|cost| {
        json!([cost.cloud, cost.activation, cost.compute, cost.egress, cost.switching, cost.total])
    });
    json!({
        "address": report.address,
        "name": report.name,
        "span": encode_span(report.span),
        "status": word_of(&report.status, &STATUSES),
        "cost": report.cost,
        "bound": report.bound,
        "gap": report.gap,
        "clouds": report.clouds,
        "tasks": tasks.collect::<Vec<_>>(),
        "costs": costs.collect::<Vec<_>>(),
        "previous_cost": report.previous_cost,
        "notes": report.notes,
    })
}

pub(super) fn decode_placement(json: &Json) -> Result<PlacementReport, String> {
    let fields = Fields::of("a placement", json);
    Ok(PlacementReport {
        address: fields.text("address")?,
        name: fields.text("name")?,
        span: decode_span(fields.any("span")?)?,
        status: fields.word("status", &STATUSES)?,
        cost: fields.text("cost")?,
        bound: fields.text("bound")?,
        gap: fields.number("gap")?,
        clouds: fields.texts("clouds")?,
        tasks: fields.list("tasks", decode_task)?,
        costs: fields.list("costs", decode_cost)?,
        previous_cost: fields.optional_text("previous_cost")?,
        conflicts: Vec::new(),
        explanation: None,
        notes: fields.texts("notes")?,
    })
}

fn decode_task(json: &Json) -> Result<TaskReport, String> {
    let fields = Fields::of("a task", json);
    Ok(TaskReport {
        name: fields.text("name")?,
        demand: fields.number("demand")?,
        offers: fields.list("offers", decode_offer)?,
    })
}

fn decode_offer(json: &Json) -> Result<OfferReport, String> {
    let row = Fields::of("an offer", json);
    Ok(OfferReport {
        cloud: row.text(0)?,
        region: row.text(1)?,
        offer: row.text(2)?,
        price: row.text(3)?,
        quota: row.optional_count(4)?,
        serves: row.number(5)?,
        units: row.count(6)?,
        covers: row.number(7)?,
        monthly_cost: row.text(8)?,
        previous_units: row.optional_count(9)?,
        ruled_out: row.optional_text(10)?,
        headroom_units: row.count(11)?,
    })
}

fn decode_cost(json: &Json) -> Result<CloudCost, String> {
    let row = Fields::of("a cloud's cost", json);
    Ok(CloudCost {
        cloud: row.text(0)?,
        activation: row.text(1)?,
        compute: row.text(2)?,
        egress: row.text(3)?,
        switching: row.text(4)?,
        total: row.text(5)?,
    })
}
