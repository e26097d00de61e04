//! Native syntax by hcl-edit, with its errors as diagnostics.

use hcl_edit::parser;
use skyform_diag::{Diagnostic, Diagnostics, SourceId, Span};

use super::lower::Lower;
use super::template;
use super::{Body, Expr};

/// Parses a file.
///
/// # Errors
/// The first mistake, at its place.
pub fn parse_body(source: SourceId, text: &str) -> Result<Body, Diagnostics> {
    check_text(source, text)?;
    let skipped = text.len() - text.trim_start_matches('\u{feff}').len();
    let body = parser::parse_body(&text[skipped..])
        .map_err(|error| syntax_error(source, text, skipped, &error))?;
    let mut lower = Lower::new(source, skipped, text);
    let body = lower.body(&body);
    lower.diagnostics.into_result(body)
}

/// Parses one expression; all of the text.
///
/// # Errors
/// The first mistake, at its place.
pub fn parse_expression(source: SourceId, text: &str) -> Result<Expr, Diagnostics> {
    check_text(source, text)?;
    // Line ends around an expression mean nothing where it stands alone.
    let trimmed = text.trim();
    let skipped = text.len() - text.trim_start().len();
    let expression =
        parser::parse_expr(trimmed).map_err(|error| syntax_error(source, text, skipped, &error))?;
    let mut lower = Lower::new(source, skipped, text);
    let expression = lower.expression(&expression);
    lower.diagnostics.into_result(expression)
}

/// Parses a template, as in files for `templatefile`; all of the text.
///
/// # Errors
/// The first mistake, at its place.
pub fn parse_template(source: SourceId, text: &str) -> Result<Expr, Diagnostics> {
    check_text(source, text)?;
    let parsed =
        parser::parse_template(text).map_err(|error| syntax_error(source, text, 0, &error))?;
    let mut lower = Lower::new(source, 0, text);
    let span = Span::new(source, 0, text.len());
    let expression = template::lower(&mut lower, &parsed, span, template::Lines::Split);
    lower.diagnostics.into_result(expression)
}

fn check_text(source: SourceId, text: &str) -> Result<(), Diagnostics> {
    match text.find('\0') {
        Some(at) => Err(Diagnostic::error(
            Span::new(source, at, at + 1),
            "Invalid character",
            "There is a NUL character in the file; it does not seem to be text.",
        )
        .into()),
        None => Ok(()),
    }
}

fn syntax_error(
    source: SourceId,
    text: &str,
    skipped: usize,
    error: &hcl_edit::parser::Error,
) -> Diagnostics {
    let at = (error.location().offset() + skipped).min(text.len());
    let width = text[at..].chars().next().map_or(0, char::len_utf8);
    let message = error.message().replace('\n', "; ");
    let detail = match text[at..].chars().next() {
        None => format!("The text ends too early: {message}."),
        Some('\n') => format!("The line ends too early: {message}."),
        Some(_) => format!("This does not belong here: {message}."),
    };
    Diagnostic::error(Span::new(source, at, at + width), "Invalid syntax", detail).into()
}
