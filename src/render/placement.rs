//! Placements as text: a block for each task, narrow enough for 80 columns.

use std::fmt::Write as _;

use skyform_plan::{
    ChoiceReport, ExplanationReport, OfferReport, PlacementReport, PlacementStatus, TaskReport,
};

use crate::style::Style;

/// How much of a placement is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What was chosen, as a plan shows it.
    Short,
    /// Also what was not, and why.
    Full,
}

/// What a placement chose and considered.
pub fn placement_text(report: &PlacementReport, detail: Detail, style: Style) -> String {
    let mut text = headline(report, style);
    for note in &report.notes {
        let _ = writeln!(text, "  {}", style.yellow(note));
    }
    let solved = matches!(report.status, PlacementStatus::Optimal | PlacementStatus::Feasible);
    for task in &report.tasks {
        if detail == Detail::Full || solved {
            text.push_str(&task_text(report, task, detail, style));
        }
    }
    text.push_str(&clouds_text(report));
    if let Some(explanation) = report.explanation.as_ref().filter(|_| detail == Detail::Full) {
        text.push_str(&shadows_text(explanation));
    }
    text.push('\n');
    text
}

fn headline(report: &PlacementReport, style: Style) -> String {
    let title = style.bold(&format!("Placement {}", report.address));
    let status = match report.status {
        PlacementStatus::Optimal => "optimal",
        PlacementStatus::Feasible => "feasible",
        PlacementStatus::Infeasible => "infeasible",
        PlacementStatus::Unsolved => "no solution found within the time limit",
    };
    let mut text = format!("{title}: {status}");
    if !report.cost.is_empty() {
        let _ = write!(text, ", {} a month", style.bold(&format!("{} USD", report.cost)));
        let before = report.previous_cost.as_ref().filter(|before| **before != report.cost);
        if let Some(before) = before {
            let _ = write!(text, " (before: {before})");
        }
    }
    text.push('\n');
    if report.status == PlacementStatus::Optimal {
        let _ = writeln!(text, "  proven: nothing that keeps to all requirements costs less");
    } else if !report.bound.is_empty() {
        let gap = if report.cost.is_empty() {
            String::new()
        } else {
            format!(", gap {:.2} %", report.gap * 100.0)
        };
        let _ = writeln!(text, "  proven: no less than {} USD a month{gap}", report.bound);
    }
    text
}

fn task_text(report: &PlacementReport, task: &TaskReport, detail: Detail, style: Style) -> String {
    let covered: f64 = task.offers.iter().map(|offer| offer.covers).sum();
    let mut text = format!("\n  {} asks for {}", style.bold(&task.name), amount(task.demand));
    if covered > 0.0 {
        let _ = write!(text, ", {} covered", amount(covered));
    }
    text.push('\n');
    let explanation = report.explanation.as_ref();
    let cost = explanation.and_then(|why| why.costs.iter().find(|cost| cost.task == task.name));
    if let Some(cost) = cost.filter(|_| detail == Detail::Full) {
        let parts = [
            ("compute", &cost.compute),
            ("activation", &cost.activation),
            ("egress", &cost.egress),
            ("switching", &cost.switching),
        ];
        let _ = writeln!(text, "    {} USD a month: {}", cost.total, parts_text(&parts));
    }
    let is_shown = |offer: &&OfferReport| {
        detail == Detail::Full || taken(offer) || offer.previous_units.is_some_and(|n| n > 0)
    };
    let shown: Vec<&OfferReport> = task.offers.iter().filter(is_shown).collect();
    if !shown.is_empty() {
        text.push_str(&offers_text(explanation, task, &shown, detail, style));
    }
    let hidden = task.offers.len() - shown.len();
    if hidden > 0 {
        let ruled_out = task.offers.iter().filter(|offer| offer.ruled_out.is_some()).count();
        let line = format!("    {hidden} more considered, {ruled_out} of them ruled out");
        let _ = writeln!(text, "{}", style.dim(&line));
    }
    text
}

fn taken(offer: &OfferReport) -> bool {
    offer.units > 0 || offer.headroom_units > 0
}

fn offers_text(
    explanation: Option<&ExplanationReport>,
    task: &TaskReport,
    shown: &[&OfferReport],
    detail: Detail,
    style: Style,
) -> String {
    let name = |offer: &OfferReport| format!("{}/{}", offer.cloud, offer.offer);
    let widest = shown.iter().map(|offer| name(offer).chars().count()).max().unwrap_or(0);
    let width = widest.max("offer".len());
    let header = format!(
        "    {:width$}  {:>9}  {:>8}  {:>9}  {:>10}",
        "offer", "units", "covers", "USD/h", "USD/month"
    );
    let mut text = format!("{}\n", style.dim(&header));
    for offer in shown {
        let sign = if taken(offer) { "+" } else { " " };
        let or_dash = |shown: String| if taken(offer) { shown } else { "-".to_owned() };
        let line = format!(
            "  {sign} {:width$}  {:>9}  {:>8}  {:>9}  {:>10}  {}",
            name(offer),
            units(offer),
            or_dash(amount(offer.covers)),
            offer.price,
            or_dash(offer.monthly_cost.clone()),
            fate(offer)
        );
        let line = line.trim_end();
        let painted = match (taken(offer), &offer.ruled_out) {
            (true, _) => style.green(line),
            (false, Some(_)) => style.dim(line),
            (false, None) => line.to_owned(),
        };
        let _ = writeln!(text, "{painted}");
        let choice = explanation.into_iter().flat_map(|why| &why.choices).find(|choice| {
            choice.task == task.name && choice.cloud == offer.cloud && choice.offer == offer.offer
        });
        if let Some(choice) = choice.filter(|_| detail == Detail::Full) {
            let _ = writeln!(text, "      {}", choice_text(choice));
        }
    }
    text
}

/// Units of the quota, with headroom behind a plus sign.
fn units(offer: &OfferReport) -> String {
    let count = match (offer.units, offer.headroom_units) {
        (0, 0) => "-".to_owned(),
        (units, 0) => units.to_string(),
        (units, spare) => format!("{units}+{spare}"),
    };
    match offer.quota {
        Some(quota) => format!("{count}/{quota}"),
        None => count,
    }
}

fn fate(offer: &OfferReport) -> String {
    if let Some(reason) = &offer.ruled_out {
        return format!("ruled out: {reason}");
    }
    match offer.previous_units {
        Some(before) if before != offer.units => format!("before: {before}"),
        _ => String::new(),
    }
}

fn choice_text(choice: &ChoiceReport) -> String {
    let Some(next) = &choice.next_best else {
        return "nothing else can be had in its place".to_owned();
    };
    let units: Vec<String> = next.iter().map(|(offer, count)| format!("{count} {offer}")).collect();
    let flips = match &choice.flips_at {
        Some(price) => format!("; flips at {price} USD/h"),
        None => String::new(),
    };
    format!("without it: {} USD more ({}){flips}", choice.extra, units.join(", "))
}

fn parts_text(parts: &[(&str, &String)]) -> String {
    let is_some = |amount: &str| !amount.trim_matches(['0', '.']).is_empty();
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, amount)| is_some(amount))
        .map(|(name, amount)| format!("{name} {amount}"))
        .collect();
    if parts.is_empty() { "nothing to pay".to_owned() } else { parts.join(", ") }
}

fn clouds_text(report: &PlacementReport) -> String {
    let mut text = String::new();
    if !report.costs.is_empty() {
        text.push('\n');
    }
    for cost in &report.costs {
        let parts = [
            ("activation", &cost.activation),
            ("compute", &cost.compute),
            ("egress", &cost.egress),
            ("switching", &cost.switching),
        ];
        let _ =
            writeln!(text, "  {}: {} USD a month ({})", cost.cloud, cost.total, parts_text(&parts));
    }
    text
}

fn shadows_text(explanation: &ExplanationReport) -> String {
    let mut text = String::new();
    if !explanation.shadows.is_empty() {
        text.push_str("\n  What requirements cost, in USD a month:\n");
    }
    for shadow in &explanation.shadows {
        let is_zero = shadow.saves.trim_matches(['0', '.']).is_empty();
        let (asks, more, less) = match shadow.requirement.argument.as_str() {
            "quota" | "quotas" | "capacity" => (false, "one more saves", "one less costs"),
            _ => (true, "one less saves", "one more costs"),
        };
        let mut said = Vec::new();
        match shadow.one_less_costs.as_deref() {
            Some("impossible") if asks => said.push("one more cannot be had".to_owned()),
            Some("impossible") => said.push("it cannot do with one less".to_owned()),
            Some(costs) => said.push(format!("{less} {costs}")),
            None => (),
        }
        if !is_zero {
            let what = if shadow.without { "without it saves" } else { more };
            said.push(format!("{what} {}", shadow.saves));
        }
        let _ = writeln!(text, "    {}\n      {}", shadow.requirement.text, said.join(", "));
    }
    if !explanation.complete {
        text.push_str("\n  Not every alternative was priced within the time limit.\n");
    }
    text
}

fn amount(number: f64) -> String {
    let rounded = (number * 1e6).round() / 1e6;
    format!("{rounded}")
}

#[cfg(test)]
mod tests;
