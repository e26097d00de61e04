//! What is wrong with a placement, at the lines that are to blame.

use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_placement::{Conflict, ConflictKind, InvalidProblem, Mistake, Outcome, Remedy};

use super::problem::PlacementInput;
use super::report::money;

/// Numbers and names that are wrong.
pub(crate) fn invalid(input: &PlacementInput<'_>, error: &InvalidProblem) -> Diagnostics {
    let InvalidProblem(mistakes) = error;
    let diagnostic = |mistake: &Mistake| {
        let (task, cloud) = (mistake.task.as_deref(), mistake.cloud.as_deref());
        let place = input.place(task, cloud, mistake.offer.as_deref(), mistake.argument);
        error_at!(place, "Invalid number in a placement", "{}.", capital(&mistake.message))
    };
    mistakes.iter().map(diagnostic).collect()
}

/// Errors for what cannot be had, each at its task's line.
pub(crate) fn conflicts(input: &PlacementInput<'_>, outcome: &Outcome) -> Diagnostics {
    match outcome {
        Outcome::Placed(_) => Diagnostics::new(),
        Outcome::Unsolved { bound } => Diagnostic::error(
            input.places.header,
            "No placement found in time",
            format!(
                "No solution was found within the time limit. None costs less than {bound} USD a month."
            ),
        )
        .hint("Raise time_limit.")
        .into(),
        Outcome::Infeasible(found) => {
            found.iter().map(|conflict| diagnostic(input, conflict)).collect()
        }
    }
}

fn diagnostic(input: &PlacementInput<'_>, conflict: &Conflict) -> Diagnostic {
    let summary = match conflict.kind {
        ConflictKind::Demand => "Demand cannot be covered",
        ConflictKind::Requires => "No offer fits the task",
        ConflictKind::MinClouds => "Too few clouds for the task",
        ConflictKind::MaxShare => "Demand cannot be shared out",
        ConflictKind::Quota => "Tasks compete for the same units",
        ConflictKind::Company => "Tasks cannot be together or apart as asked",
        ConflictKind::Budget => "Placement is over its budget",
    };
    let message = match conflict.task {
        Some(_) => conflict.message.clone(),
        None => capital(&conflict.message),
    };
    let header = match conflict.kind {
        ConflictKind::Budget => input.places.argument("budget"),
        _ => input.header(conflict.task.as_deref()),
    };
    let mut diagnostic = error_at!(header, summary, "{message}.");
    for own in &conflict.requirements {
        let place = input.place(
            own.task.as_deref(),
            own.cloud.as_deref(),
            own.offer.as_deref(),
            own.argument,
        );
        if place != header {
            diagnostic = diagnostic.related(place, own.text.clone());
        }
    }
    if conflict.remedies.is_empty() {
        return diagnostic;
    }
    let remedies: Vec<String> = conflict.remedies.iter().map(remedy).collect();
    diagnostic.hint(format!("To mend it: {}.", remedies.join("; or ")))
}

fn remedy(remedy: &Remedy) -> String {
    match remedy.cost {
        Some(cost) => format!("{} ({} USD a month)", remedy.text, money(cost)),
        None => remedy.text.clone(),
    }
}

fn capital(message: &str) -> String {
    let mut message = message.to_owned();
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    message
}
