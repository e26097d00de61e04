//! Order and loss-free collection.

use super::*;
use crate::{SourceId, Span};

fn error(source: u32, start: usize, text: &str) -> Diagnostic {
    Diagnostic::error(Span::new(SourceId(source), start, start + 1), "Wrong", text)
}

#[test]
fn sorted_by_severity_file_and_place_without_repeats() {
    let warning = Diagnostic::warning(Span::new(SourceId(0), 0, 1), "Odd", "w");
    let addressed = Diagnostic::error(Location::address("a.b"), "Gone", "g");
    let mut all: Diagnostics = [
        warning,
        addressed,
        error(1, 0, "c"),
        error(0, 9, "b"),
        error(0, 2, "a"),
        error(0, 2, "a"),
    ]
    .into_iter()
    .collect();
    all.sort();
    let details: Vec<_> = all.iter().map(|diagnostic| diagnostic.detail.as_str()).collect();
    assert_eq!(details, ["a", "b", "c", "g", "w"]);
}

#[test]
fn only_errors_make_a_failure() {
    let warning = Diagnostic::warning(Location::input("-var"), "Odd", "");
    let mut all = Diagnostics::from(warning);
    assert!(!all.has_errors());
    assert_eq!(all.clone().into_result(7), Ok(7));
    assert_eq!(all.take::<u8>(Err(error(0, 0, "x").into())), None);
    assert_eq!(all.len(), 2);
    assert!(all.has_errors());
    assert!(all.into_result(()).is_err());
}

#[test]
fn the_first_address_stays() {
    let inner = error(0, 0, "x").for_address("module.a.r.x");
    let all = Diagnostics::from(inner).for_address("other");
    assert_eq!(all.iter().next().and_then(|d| d.address.as_deref()), Some("module.a.r.x"));
}
