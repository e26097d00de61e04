//! Operations of which nobody knows what became.

use skyform_diag::{Diagnostics, Location};
use skyform_provider_sdk::{Problem, ProblemKind};

use super::action::Subject;
use super::walk::Apply;

impl Apply<'_> {
    /// An error if it is in doubt what has become of an operation: its intent stays open then, and
    /// the next plan looks the object up.
    pub(super) fn stays_open(
        &self,
        subject: &Subject<'_>,
        intent: Option<u64>,
        problems: &[Problem],
    ) -> Result<(), Diagnostics> {
        let in_doubt = problems.iter().any(|problem| problem.kind == ProblemKind::InDoubt);
        if intent.is_none() || !in_doubt {
            return Ok(());
        }
        let place =
            subject.block.map_or_else(|| Location::address(&subject.text), |(_, b)| b.span.into());
        let problems = problems.iter().cloned().map(|mut problem| {
            if problem.kind == ProblemKind::InDoubt {
                problem.detail.push_str(" Whether it was done is in doubt: the next plan looks it up, and so does \"skyform recover\".");
            }
            problem.into_diagnostic(place.clone(), &subject.text)
        });
        Err(problems.collect())
    }
}
