//! The `backend` block, checked, as plain values.

use std::path::Path;

use serde_json::{Map, Value as Json};
use skyform_backends::{KINDS, check, known};
use skyform_diag::{Diagnostic, Diagnostics, Location, SourceMap, error_at};
use skyform_lang::config::{Settings, load_settings};
use skyform_lang::eval::constant;
use skyform_value::json;

use crate::cli::context::Context;

/// A backend as the configuration has it.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Its type.
    pub kind: String,
    /// Its arguments.
    pub values: Map<String, Json>,
}

/// What is wrong in the `backend` block, at its lines.
pub(crate) fn problems(settings: &Settings) -> Diagnostics {
    read(settings).1
}

/// The backend of the configuration in this folder, with errors whose places are text. Files without
/// the word are not parsed: most stacks have none, and some are large.
pub(super) fn configured(context: &Context) -> Result<Option<Given>, Diagnostics> {
    if !mentions(Path::new("."), "backend") {
        return Ok(None);
    }
    let (settings, sources, mut problems) = load_settings(&context.disk, Path::new("."));
    let Some(settings) = settings else { return Ok(None) };
    let (given, more) = read(&settings);
    if given.is_some() || settings.backend.is_some() {
        problems = more;
    }
    match problems.has_errors() {
        true => Err(without_spans(&problems, &sources)),
        false => Ok(given),
    }
}

/// Whether a configuration file in a folder has a word in it.
pub(crate) fn mentions(folder: &Path, word: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    let endings = [".tf", ".hcl", ".tf.json", ".hcl.json"];
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files = paths.filter(|path| {
        path.to_str().is_some_and(|path| endings.iter().any(|ending| path.ends_with(ending)))
    });
    files.any(|path| std::fs::read_to_string(path).is_ok_and(|text| text.contains(word)))
}

/// The same messages with the names of files and lines instead of places in sources, for those who do
/// not have the sources.
pub(crate) fn without_spans(problems: &Diagnostics, sources: &SourceMap) -> Diagnostics {
    let plain = problems.iter().map(|problem| {
        let mut problem = problem.clone();
        if let Location::Span(span) = problem.location
            && let Some(source) = sources.get(span.source)
        {
            let line = source.position(span.start).line;
            problem.location = Location::input(format!("{}:{line}", source.name));
        }
        problem.related.clear();
        problem
    });
    plain.collect()
}

fn read(settings: &Settings) -> (Option<Given>, Diagnostics) {
    let mut problems = Diagnostics::new();
    let Some((kind, body, span)) = &settings.backend else { return (None, problems) };
    let Some((_, arguments)) = KINDS.iter().find(|(name, _)| *name == kind.as_str()) else {
        let names: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        problems.push(
            error_at!(
                *span,
                "Unsupported backend type",
                "There is no backend of the type \"{kind}\". There are: {}.",
                names.join(", ")
            )
            .did_you_mean(kind, names),
        );
        return (None, problems);
    };
    for block in &body.blocks {
        let hint = format!("Where it is an argument, write {} = {{ ... }}.", block.kind);
        problems.push(
            error_at!(
                block.kind_span,
                "Unsupported block type",
                "The \"{kind}\" backend has no blocks of the type \"{}\".",
                block.kind
            )
            .hint(hint),
        );
    }
    let mut values = Map::new();
    for attribute in body.attributes.values() {
        let name = attribute.name.as_str();
        let Some(argument) = known(arguments, name) else {
            problems.push(
                error_at!(
                    attribute.name_span,
                    "Unsupported argument",
                    "The \"{kind}\" backend has no argument named \"{name}\"."
                )
                .did_you_mean(name, arguments.iter().map(|argument| argument.name)),
            );
            continue;
        };
        let Some(value) = constant(&attribute.expr) else {
            problems.push(error_at!(
                attribute.expr.span,
                "Variables not allowed",
                "Arguments of a backend must be constant: they are needed before anything is evaluated.";
                hint: "Give it to \"skyform init\" instead: -backend-config=\"NAME=VALUE\"."
            ));
            continue;
        };
        let value = serde_json::from_str(&json::to_plain(&value)).unwrap_or(Json::Null);
        if let Some(message) = check(argument, &value) {
            let place = attribute.expr.span;
            problems.push(Diagnostic::error(place, "Unsuitable backend argument", message));
        }
        values.insert(name.to_owned(), value);
    }
    let given = Given { kind: kind.to_string(), values };
    (Some(given), problems)
}
