//! Decisions of placements for a terminal.

use std::fmt::Write as _;

use skyform_plan::{PlacementReport, PlacementStatus};

use crate::Style;

/// What a placement considered and chose.
pub fn placement_text(report: &PlacementReport, style: Style) -> String {
    let mut text = String::new();
    let status = match report.status {
        PlacementStatus::Optimal => "optimal",
        PlacementStatus::Feasible => "feasible",
        PlacementStatus::Infeasible => "infeasible",
        PlacementStatus::Unsolved => "not solved",
    };
    let has_cost = !report.cost.is_empty();
    let title = format!("Placement {}", report.address);
    let _ = write!(text, "{}: {status}", style.bold(&title));
    if has_cost {
        let _ = write!(text, ", {} a month", style.bold(&format!("{} USD", report.cost)));
        if let Some(before) = report.previous_cost.as_ref().filter(|before| **before != report.cost)
        {
            let _ = write!(text, " (before: {before})");
        }
        let _ = write!(
            text,
            " (proven: no less than {}, gap {:.2} %)",
            report.bound,
            report.gap * 100.0
        );
    }
    text.push('\n');
    let mut rows = vec![
        [
            "task",
            "cloud",
            "offer",
            "region",
            "USD/h",
            "quota",
            "serves",
            "units",
            "covers",
            "USD/month",
            "",
        ]
        .map(str::to_owned),
    ];
    for task in &report.tasks {
        for offer in &task.offers {
            let chosen = offer.units > 0;
            let number = |number: f64| format!("{number}");
            rows.push([
                format!("{} ({})", task.name, number(task.demand)),
                offer.cloud.clone(),
                offer.offer.clone(),
                offer.region.clone(),
                offer.price.clone(),
                offer.quota.map_or_else(|| "-".to_owned(), |quota| quota.to_string()),
                number(offer.serves),
                if chosen { offer.units.to_string() } else { "-".to_owned() },
                if chosen { number(offer.covers) } else { "-".to_owned() },
                if chosen { offer.monthly_cost.clone() } else { "-".to_owned() },
                match (&offer.ruled_out, chosen) {
                    (Some(reason), _) => format!("ruled out: {reason}"),
                    (None, true) => "chosen".to_owned(),
                    (None, false) => String::new(),
                },
            ]);
        }
    }
    text.push_str(&table(&rows, style));
    for cost in &report.costs {
        let parts = [
            ("activation", &cost.activation),
            ("compute", &cost.compute),
            ("egress", &cost.egress),
            ("switching", &cost.switching),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(_, amount)| !amount.trim_matches(['0', '.']).is_empty())
            .map(|(name, amount)| format!("{name} {amount}"))
            .collect();
        let _ =
            writeln!(text, "  {}: {} USD a month ({})", cost.cloud, cost.total, parts.join(", "));
    }
    text
}

fn table<const N: usize>(rows: &[[String; N]], style: Style) -> String {
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut text = String::new();
    let mut last_first = String::new();
    for (index, row) in rows.iter().enumerate() {
        let chosen = row.last().is_some_and(|note| note == "chosen");
        let ruled_out = row.last().is_some_and(|note| note.starts_with("ruled out"));
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(column, cell)| {
                let repeated = column == 0 && *cell == last_first;
                let cell = if repeated { "" } else { cell.as_str() };
                let is_number = (4..=9).contains(&column);
                if is_number {
                    format!("{cell:>width$}", width = widths[column])
                } else {
                    format!("{cell:width$}", width = widths[column])
                }
            })
            .collect();
        last_first.clone_from(&row[0]);
        let line = format!("  {}", cells.join("  "));
        let line = line.trim_end();
        let shown = if index == 0 || ruled_out {
            style.dim(line)
        } else if chosen {
            style.green(line)
        } else {
            line.to_owned()
        };
        text.push_str(&shown);
        text.push('\n');
    }
    text
}
