//! Templates: strip markers done, directives as parts.
//!
//! A strip marker trims the piece of text next to it. In quoted strings that piece is all the text
//! up to the next marker; in heredocs and template files it is one line (recorded behaviour).

use hcl_edit::template::{Directive, Element, Strip, Template};
use skyform_diag::Span;
use skyform_value::{Str, Value};

use super::ast::{Expr, ExprKind, Part};
use super::lower::Lower;

/// What a strip marker may trim.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// All text up to the next marker.
    Whole,
    /// The line next to it.
    Split,
}

pub(super) fn lower(lower: &mut Lower<'_>, template: &Template, span: Span, lines: Lines) -> Expr {
    lower_elements(lower, template.iter(), span, lines)
}

pub(super) fn lower_elements<'e>(
    lower: &mut Lower<'_>,
    elements: impl Iterator<Item = &'e Element>,
    span: Span,
    lines: Lines,
) -> Expr {
    let mut parts = parts(lower, elements, lines, Trim::default());
    match parts.as_slice() {
        [] => Expr::literal("", span),
        [Part::Literal(text)] => Expr::literal(Value::string(text.clone()), span),
        [Part::Interpolation(_)] => match parts.pop() {
            Some(Part::Interpolation(inner)) => Expr::new(ExprKind::Wrapped(inner), span),
            _ => Expr::literal("", span),
        },
        _ => Expr::new(ExprKind::Template(parts), span),
    }
}

/// Whether markers around a sequence of elements trim its ends.
#[derive(Clone, Copy, Default)]
struct Trim {
    start: bool,
    end: bool,
}

fn starts(strip: Strip) -> bool {
    matches!(strip, Strip::Start | Strip::Both)
}

fn ends(strip: Strip) -> bool {
    matches!(strip, Strip::End | Strip::Both)
}

/// Whether the element trims what stands before it, and what stands behind it.
fn outer(element: &Element) -> (bool, bool) {
    match element {
        Element::Literal(_) => (false, false),
        Element::Interpolation(inner) => (starts(inner.strip), ends(inner.strip)),
        Element::Directive(directive) => match &**directive {
            Directive::If(parsed) => (starts(parsed.if_expr.strip), ends(parsed.endif_expr.strip)),
            Directive::For(parsed) => {
                (starts(parsed.for_expr.strip), ends(parsed.endfor_expr.strip))
            }
        },
    }
}

fn parts<'e>(
    lower: &mut Lower<'_>,
    elements: impl Iterator<Item = &'e Element>,
    lines: Lines,
    trim: Trim,
) -> Vec<Part> {
    let elements: Vec<&Element> = elements.collect();
    let mut parts = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        match element {
            Element::Literal(text) => {
                let before = match index.checked_sub(1) {
                    Some(previous) => outer(elements[previous]).1,
                    None => trim.start,
                };
                let behind = match elements.get(index + 1) {
                    Some(next) => outer(next).0,
                    None => trim.end,
                };
                let mut text: &str = text;
                if before {
                    text = trim_start(text, lines);
                }
                if behind {
                    text = trim_end(text, lines);
                }
                push_literal(&mut parts, text);
            }
            Element::Interpolation(inner) => {
                parts.push(Part::Interpolation(lower.expression(&inner.expr)));
            }
            Element::Directive(directive) => parts.push(directive_part(lower, directive, lines)),
        }
    }
    parts
}

fn directive_part(lower: &mut Lower<'_>, directive: &Directive, lines: Lines) -> Part {
    match directive {
        Directive::If(parsed) => {
            let condition = lower.expression(&parsed.if_expr.cond_expr);
            let last = parsed.endif_expr.strip;
            let middle = parsed.else_expr.as_ref().map(|branch| branch.strip);
            let trim =
                Trim { start: ends(parsed.if_expr.strip), end: starts(middle.unwrap_or(last)) };
            let then = parts(lower, parsed.if_expr.template.iter(), lines, trim);
            let otherwise = parsed.else_expr.as_ref().map(|branch| {
                let trim = Trim { start: ends(branch.strip), end: starts(last) };
                parts(lower, branch.template.iter(), lines, trim)
            });
            Part::If { condition, then, otherwise: otherwise.unwrap_or_default() }
        }
        Directive::For(parsed) => {
            let intro = &parsed.for_expr;
            let trim = Trim { start: ends(intro.strip), end: starts(parsed.endfor_expr.strip) };
            Part::For {
                key: intro.key_var.as_ref().map(|name| name.as_str().into()),
                value: intro.value_var.as_str().into(),
                collection: lower.expression(&intro.collection_expr),
                body: parts(lower, intro.template.iter(), lines, trim),
            }
        }
    }
}

fn push_literal(parts: &mut Vec<Part>, text: &str) {
    if text.is_empty() {
        return;
    }
    match parts.last_mut() {
        Some(Part::Literal(before)) => before.push_str(text),
        _ => parts.push(Part::Literal(Str::from(text))),
    }
}

fn trim_start(text: &str, lines: Lines) -> &str {
    if lines == Lines::Whole {
        return text.trim_start();
    }
    let end = text.find('\n').map_or(text.len(), |at| at + 1);
    let line = &text[..end];
    &text[end - line.trim_start().len()..]
}

fn trim_end(text: &str, lines: Lines) -> &str {
    if lines == Lines::Whole {
        return text.trim_end();
    }
    let body = text.strip_suffix('\n').unwrap_or(text);
    let start = body.rfind('\n').map_or(0, |at| at + 1);
    &text[..start + text[start..].trim_end().len()]
}
