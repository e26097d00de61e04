//! Explanations as a report.

use skyform_placement::{Explanation, Requirement, Shadow, ShadowLess, TaskCost};
use skyform_plan::{
    ChoiceReport, ExplanationReport, RequirementReport, ShadowReport, TaskCostReport,
};

use super::problem::PlacementInput;
use super::report::money;

/// An explanation with places and money as text.
pub(crate) fn explained(
    input: &PlacementInput<'_>,
    explanation: &Explanation,
) -> ExplanationReport {
    let choices = explanation.choices.iter().map(|((task, cloud, offer), choice)| ChoiceReport {
        task: task.clone(),
        cloud: cloud.clone(),
        offer: offer.clone(),
        next_best: choice.next_best.as_ref().map(|next| {
            let units = next.units.iter();
            units.map(|((cloud, offer), count)| (format!("{cloud}/{offer}"), *count)).collect()
        }),
        extra: choice.next_best.as_ref().map_or_else(String::new, |next| money(next.extra)),
        flips_at: choice.flips_at.map(|price| price.normalize().to_string()),
    });
    ExplanationReport {
        costs: explanation.costs.iter().map(|(task, cost)| task_cost(task, cost)).collect(),
        choices: choices.collect(),
        shadows: explanation.shadows.iter().map(|own| shadow(input, own)).collect(),
        complete: explanation.complete,
    }
}

fn task_cost(task: &str, cost: &TaskCost) -> TaskCostReport {
    TaskCostReport {
        task: task.to_owned(),
        compute: money(cost.compute),
        activation: money(cost.activation),
        egress: money(cost.egress),
        switching: money(cost.switching),
        total: money(cost.compute + cost.activation + cost.egress + cost.switching),
    }
}

fn shadow(input: &PlacementInput<'_>, shadow: &Shadow) -> ShadowReport {
    ShadowReport {
        requirement: requirement(input, &shadow.requirement),
        one_less_costs: match &shadow.less {
            ShadowLess::NoUnits => None,
            ShadowLess::Impossible => Some("impossible".to_owned()),
            ShadowLess::Costs(more) => Some(money(*more)),
        },
        saves: money(shadow.saves),
        without: shadow.without,
    }
}

/// A requirement with the place where it is written.
pub(super) fn requirement(input: &PlacementInput<'_>, own: &Requirement) -> RequirementReport {
    let (task, cloud) = (own.task.as_deref(), own.cloud.as_deref());
    RequirementReport {
        task: own.task.clone(),
        cloud: own.cloud.clone(),
        offer: own.offer.clone(),
        argument: own.argument.to_owned(),
        text: own.text.clone(),
        span: Some(input.place(task, cloud, own.offer.as_deref(), own.argument)),
    }
}
