//! `-backend-config`: arguments of the backend that are not in the configuration.

use std::path::Path;

use serde_json::{Map, Value as Json};
use skyform_backends::{KINDS, check, known};
use skyform_diag::{Diagnostic, Diagnostics, Location, SourceMap};
use skyform_lang::config::load_variables_file;
use skyform_value::json;

use super::given::without_spans;
use crate::cli::context::Context;

/// The values that options give for a backend; later ones win.
pub(super) fn parse(
    context: &Context,
    options: &[String],
    kind: &str,
) -> Result<Map<String, Json>, Diagnostics> {
    let mut values = Map::new();
    let mut problems = Diagnostics::new();
    for option in options {
        let found = match option.split_once('=') {
            Some((name, text)) => Ok(vec![(name.trim().to_owned(), Json::from(text))]),
            None => file(context, Path::new(option)),
        };
        for (name, value) in problems.take(found).unwrap_or_default() {
            if let Some(problem) = wrong(kind, option, &name, &value) {
                problems.push(problem);
            }
            values.insert(name, value);
        }
    }
    problems.into_result(values)
}

fn file(context: &Context, path: &Path) -> Result<Vec<(String, Json)>, Diagnostics> {
    let mut sources = SourceMap::default();
    let (values, problems) = load_variables_file(&context.disk, path, &mut sources);
    if problems.has_errors() {
        return Err(without_spans(&problems, &sources));
    }
    let plain = values.into_iter().map(|(name, given)| {
        let value = serde_json::from_str(&json::to_plain(&given.value)).unwrap_or(Json::Null);
        (name.to_string(), value)
    });
    Ok(plain.collect())
}

fn wrong(kind: &str, option: &str, name: &str, value: &Json) -> Option<Diagnostic> {
    // What is given may be secret: the name is enough.
    let given = option.split_once('=').map_or(option, |(name, _)| name);
    let place = Location::input(format!("-backend-config={given}"));
    let (_, arguments) = KINDS.iter().find(|(known, _)| *known == kind)?;
    let Some(argument) = known(arguments, name) else {
        let detail = format!("The \"{kind}\" backend has no argument named \"{name}\".");
        let problem = Diagnostic::error(place, "Unsupported argument", detail);
        let names = arguments.iter().map(|argument| argument.name);
        return Some(problem.did_you_mean(name, names));
    };
    let message = check(argument, value)?;
    Some(Diagnostic::error(place, "Unsuitable backend argument", message))
}
