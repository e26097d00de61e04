//! Diagnostics with the lines that they are about.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use skyform_diag::{Diagnostic, Diagnostics, Location, Severity, Source, SourceMap, Span};
use skyform_lang::syntax::Block;

use crate::Style;

/// All diagnostics as text, errors first, each followed by an empty line.
pub fn diagnostics_text(diagnostics: &Diagnostics, sources: &SourceMap, style: Style) -> String {
    let mut sorted = diagnostics.clone();
    sorted.sort();
    let mut text = String::new();
    for diagnostic in &sorted {
        text.push_str(&one(diagnostic, sources, style));
        text.push_str("\n\n");
    }
    text
}

fn one(diagnostic: &Diagnostic, sources: &SourceMap, style: Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR.with_name("Error"),
        Severity::Warning => Level::WARNING.with_name("Warning"),
    };
    let mut group = Group::with_title(level.primary_title(diagnostic.summary.to_string()));
    let mut files: Vec<skyform_diag::SourceId> = Vec::new();
    let mut places: Vec<(Span, AnnotationKind, Option<&str>)> = Vec::new();
    if let Some(span) = diagnostic.span() {
        places.push((span, AnnotationKind::Primary, diagnostic.label.as_deref()));
    }
    for related in &diagnostic.related {
        places.push((related.span, AnnotationKind::Context, Some(&related.text)));
    }
    for (span, ..) in &places {
        if !files.contains(&span.source) {
            files.push(span.source);
        }
    }
    for file in files {
        let Some(source) = sources.get(file) else { continue };
        let mut snippet = Snippet::source(source.text.to_string()).path(source.name.to_string());
        for (span, kind, label) in places.iter().filter(|(span, ..)| span.source == file) {
            let range = clamp(&source.text, *span);
            let annotation = kind.span(range);
            snippet = snippet.annotation(match label {
                Some(label) => annotation.label(label.to_string()),
                None => annotation,
            });
        }
        group = group.element(snippet);
    }
    let mut detail = diagnostic.detail.clone();
    match &diagnostic.location {
        Location::Address { address, attribute } => {
            let place = match attribute {
                Some(attribute) => format!("{address}, {attribute}"),
                None => address.clone(),
            };
            detail = format!("{place}: {detail}");
        }
        Location::Input(name) => detail = format!("{name}: {detail}"),
        Location::Span(_) => {
            if let Some(address) = &diagnostic.address {
                detail = format!("{detail}\nwith {address}");
            }
        }
    }
    if !detail.is_empty() {
        group = group.element(Level::NOTE.no_name().message(detail));
    }
    for (expression, value) in &diagnostic.values {
        group = group
            .element(Level::NOTE.with_name("value").message(format!("{expression} is {value}")));
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.with_name("hint").message(hint.clone()));
    }
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The span's range in the text, cut to it and to whole characters; one line at most.
fn clamp(text: &str, span: Span) -> std::ops::Range<usize> {
    let floor = |at: usize| {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start as usize);
    let end = floor(span.end as usize).max(start);
    let line_end = text[start..end].find('\n').map_or(end, |at| start + at);
    start..line_end
}

/// A diagnostic in the JSON form that machines read: severity, summary, detail, range, snippet.
pub fn diagnostic_json(diagnostic: &Diagnostic, sources: &SourceMap) -> serde_json::Value {
    let mut json = serde_json::json!({
        "severity": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
    });
    if let Some(address) = &diagnostic.address {
        json["address"] = address.as_str().into();
    }
    if let Some(hint) = &diagnostic.hint {
        json["hint"] = hint.as_str().into();
    }
    if let Some((span, source)) =
        diagnostic.span().and_then(|span| Some((span, sources.get(span.source)?)))
    {
        let place = |offset: u32| {
            let position = source.position(offset);
            serde_json::json!({"line": position.line, "column": position.column, "byte": offset})
        };
        json["range"] = serde_json::json!({
            "filename": &*source.name,
            "start": place(span.start),
            "end": place(span.end),
        });
        json["snippet"] = snippet_json(diagnostic, span, source);
    }
    json
}

/// The lines that a diagnostic is about, and the block that they stand in.
fn snippet_json(diagnostic: &Diagnostic, span: Span, source: &Source) -> serde_json::Value {
    let (start, end) = (span.start as usize, span.end as usize);
    let text: &str = &source.text;
    let first = text[..start.min(text.len())].rfind('\n').map_or(0, |at| at + 1);
    let end = end.min(text.len());
    let last = text.get(end..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| end + at);
    let values = diagnostic.values.iter().map(|(expression, value)| {
        serde_json::json!({"traversal": expression, "statement": format!("is {value}")})
    });
    serde_json::json!({
        "context": context_of(span, source),
        "code": text.get(first..last).unwrap_or_default(),
        "start_line": source.position(span.start).line,
        "highlight_start_offset": start - first.min(start),
        "highlight_end_offset": end - first.min(end),
        "values": values.collect::<Vec<_>>(),
    })
}

/// The header of the outermost block that a place lies inside of.
fn context_of(span: Span, source: &Source) -> Option<String> {
    if source.name.ends_with(".json") {
        return None;
    }
    let body = skyform_lang::syntax::parse_body(span.source, &source.text).ok()?;
    let inside = |block: &&Block| block.span.end <= span.start && span.end <= block.body.span.end;
    let block = body.blocks.iter().find(inside)?;
    let labels = block.labels.iter().map(|(label, _)| format!(" \"{label}\""));
    Some(labels.fold(block.kind.to_string(), |header, label| header + &label))
}
