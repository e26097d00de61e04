//! Warnings in short: what each is about and where, without its detail.

use std::fmt::Write as _;

use skyform_diag::{Diagnostics, SourceMap};

use crate::Style;

/// Warnings as a list, a line or two each; nothing without any. Errors are never put in short: with
/// one among them, none of the diagnostics is.
pub fn compact_warnings_text(
    diagnostics: &Diagnostics,
    sources: &SourceMap,
    style: Style,
) -> Option<String> {
    if diagnostics.has_errors() {
        return None;
    }
    let mut sorted = diagnostics.clone();
    sorted.sort();
    let mut text = String::new();
    for warning in &sorted {
        if text.is_empty() {
            let _ = writeln!(text, "{}\n", style.bold(&style.yellow("Warnings:")));
        }
        let _ = writeln!(text, "- {}", warning.summary);
        let place = warning.span().and_then(|span| Some((span, sources.get(span.source)?)));
        if let Some((span, source)) = place {
            let line = source.position(span.start).line;
            let _ = writeln!(text, "  on {} line {line}", source.name);
        }
    }
    if !text.is_empty() {
        text.push_str("\nWithout -compact-warnings they are shown in full.\n\n");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use skyform_diag::{Diagnostic, Location};

    use super::*;

    #[test]
    fn only_warnings_are_put_in_short() {
        let plain = Style::default();
        let sources = SourceMap::default();
        let warning = || Diagnostic::warning(Location::input("x"), "Odd value", "All of it.");
        let error = || Diagnostic::error(Location::input("x"), "Wrong value", "All of it.");
        let short = |all: Vec<Diagnostic>| {
            compact_warnings_text(&all.into_iter().collect(), &sources, plain)
        };
        assert_eq!(short(vec![]).as_deref(), Some(""));
        assert_eq!(
            short(vec![warning()]).as_deref(),
            Some(
                "Warnings:\n\n- Odd value\n\nWithout -compact-warnings they are shown in full.\n\n"
            )
        );
        assert_eq!(short(vec![warning(), error()]), None);
    }
}
