//! What is parsed from the outside: files, expressions, templates.

use skyform_diag::{Diagnostic, Diagnostics, SourceId, Span};

use super::cursor::{Cursor, Parsed, Place};
use crate::syntax::tokens::{template_tokens, tokens};
use crate::syntax::{Body, Expr};

/// Parses a file.
///
/// # Errors
/// All mistakes that can be told apart, each at its place.
pub fn parse_body(source: SourceId, text: &str) -> Result<Body, Diagnostics> {
    check_text(source, text)?;
    let mut cursor = Cursor::new(text, tokens(text), Place { source, fixed: None }, true);
    let body = cursor.file();
    cursor.diagnostics.into_result(body)
}

/// Parses one expression; all of the text. Line ends in it mean nothing.
///
/// # Errors
/// The first mistake, at its place.
pub fn parse_expression(source: SourceId, text: &str) -> Result<Expr, Diagnostics> {
    check_text(source, text)?;
    let place = Place { source, fixed: None };
    finish(Cursor::new(text, tokens(text), place, false), Cursor::whole_expression)
}

/// Parses a template, as in files for `templatefile`; all of the text.
///
/// # Errors
/// The first mistake, at its place.
pub fn parse_template(source: SourceId, text: &str) -> Result<Expr, Diagnostics> {
    check_text(source, text)?;
    parse_embedded_template(Place { source, fixed: None }, text)
}

/// An expression in a string of another syntax.
pub(in crate::syntax) fn parse_embedded_expression(
    place: Place,
    text: &str,
) -> Result<Expr, Diagnostics> {
    finish(Cursor::new(text, tokens(text), place, false), Cursor::whole_expression)
}

/// An expression in a string, all of which is said to stand at `span`.
pub(crate) fn embedded_expression(span: Span, text: &str) -> Result<Expr, Diagnostics> {
    parse_embedded_expression(Place { source: span.source, fixed: Some(span) }, text)
}

/// A template in a string of another syntax.
pub(in crate::syntax) fn parse_embedded_template(
    place: Place,
    text: &str,
) -> Result<Expr, Diagnostics> {
    finish(Cursor::new(text, template_tokens(text), place, false), Cursor::whole_template)
}

fn finish<'t>(
    mut cursor: Cursor<'t>,
    parse: fn(&mut Cursor<'t>) -> Parsed<Expr>,
) -> Result<Expr, Diagnostics> {
    match parse(&mut cursor) {
        Ok(expr) => cursor.diagnostics.into_result(expr),
        Err(_) => Err(cursor.diagnostics),
    }
}

impl Cursor<'_> {
    fn whole_expression(&mut self) -> Parsed<Expr> {
        let expr = self.expression()?;
        if self.peek().is_some() {
            return Err(
                self.unexpected("Extra characters after expression", "the end of the expression")
            );
        }
        Ok(expr)
    }
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
